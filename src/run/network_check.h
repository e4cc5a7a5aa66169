// SPDX-License-Identifier: MIT
// Whether a download can begin, and what of this host has to be known to say why not: its proxies,
// its clock, the known URLs of network.toml.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connectivity/connectivity.h"
#include "connectivity/network_settings.h"
#include "connectivity/proxy_settings.h"
#include "connectivity/verdict.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "http/http_client.h"
#include "report/reporter.h"

namespace lastgood {

struct StoreSeams;  // run/seams.h

struct NetworkSurroundings {
  // Below it: etc/lastgood/network.toml, etc/environment, etc/apt, etc/resolv.conf.
  std::filesystem::path root = "/";
  std::filesystem::path configuration{};  // instead of root/etc/lastgood; empty: that
  ProxyVariables environment{};           // of this process
  WallTime build_date{};                  // of this program: no right clock is behind it
  const Clock* wall_clock = nullptr;      // that certificates are judged by; nullptr: the run's own
  std::function<bool()> clock_is_synchronised{};  // empty: no use waiting for that
};

struct NetworkSeams {
  HttpClient& http;
  Clock& clock;
  const Interrupt& interrupt;
  const NetworkSurroundings& around;
};

// network.toml; the defaults when there is none. kInvalidManifest with every mistake's place.
Result<NetworkSettings> ReadNetworkSettings(const NetworkSurroundings& around);

struct NetworkReport {
  ConnectivityVerdict verdict;
  std::vector<Probe> probes;       // the last that were asked
  std::vector<std::string> notes;  // what happened on the way, one line each
};

// Asks `urls` in order until one answers, and when none does finds out why, as long as
// connectivity/connectivity.h says. With a wrong clock it waits at most 30 s for the host's time
// service and asks again; a network.toml with mistakes is a note, and the defaults take its place.
// Fails only with kInterrupted.
Result<NetworkReport> CheckNetwork(const NetworkSeams& seams, const std::vector<std::string>& urls);

// The same on the way to the store; `seams.proxy` is not asked.
Result<NetworkReport> CheckNetwork(const StoreSeams& seams, const std::vector<std::string>& urls);

// As a run tells it: the notes, then the verdict; what was asked is news only when it failed.
std::vector<StageEvent> StagesOf(const NetworkReport& report);

// Asks as CheckNetwork() does, and then everything, also when a URL answers; without URLs the known
// ones alone. Does not wait for the clock.
// Fails with kInterrupted, or as ReadNetworkSettings() does.
Result<NetworkReport> ExamineNetwork(const NetworkSeams& seams,
                                     const std::vector<std::string>& urls);

}  // namespace lastgood
