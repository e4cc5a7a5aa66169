// SPDX-License-Identifier: MIT
// The outside world as main.cc built it, and the surroundings that it read once at start.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "host/clock.h"
#include "host/interrupt.h"
#include "host/process_runner.h"
#include "http/http_client.h"
#include "run/network_check.h"
#include "run/seams.h"

namespace lastgood {

struct Surroundings {
  std::string version;
  std::filesystem::path state_directory;          // the default for this user
  std::filesystem::path configuration_directory;  // the administrator's: policy.toml, keys/
  std::vector<std::filesystem::path>
      data_directories;  // with manifests/ and recipes/, searched in order
  std::vector<std::filesystem::path> stub_directories;  // searched in order
  std::vector<std::string> mirrors;                     // LASTGOOD_MIRRORS
  std::string invoker;    // the user on whose behalf; empty when it can not be known
  std::string program;    // this program's own path
  bool terminal = false;  // standard output is one
  int terminal_width = 80;
  bool colour = false;
  NetworkSurroundings network;
};

struct Toolbox {
  Surroundings surroundings;
  Clock& clock;
  Interrupt& interrupt;
  ProcessRunner& process_runner;
  HttpClient& http;
  BoardConnector& connector;
  std::function<std::uint32_t()> random;
  std::FILE* out = stdout;
  std::FILE* err = stderr;
};

}  // namespace lastgood
