// SPDX-License-Identifier: MIT
// Real web servers for tests, on loopback and on a tcp_port of their own.
#pragma once

#include <filesystem>
#include <string>

#include "support/server_process.h"

namespace lastgood::test {

// nginx serving a directory: ranges, ETag, If-Range, 404; /redirect/NAME, /circle.
class HttpServer : public ServerProcess {
 public:
  explicit HttpServer(const std::filesystem::path& directory)
      : ServerProcess({LASTGOOD_SOURCE_DIR "/tests/support/serve-directory", directory.string()}) {}
};

// Misbehaves as the URL says: Url("cut/1000/a.bin"). The list of faults heads fault_server.py.
class FaultServer : public ServerProcess {
 public:
  explicit FaultServer(const std::filesystem::path& directory)
      : ServerProcess({LASTGOOD_SOURCE_DIR "/tests/support/fault_server.py", directory.string()}) {}
  // HTTPS with a certificate that is "good", "expired", "future", "self-signed" or for an
  // "other-name"; the authority's certificate is DIRECTORY/ca.pem.
  FaultServer(const std::filesystem::path& directory, const std::string& certificate_kind)
      : ServerProcess({LASTGOOD_SOURCE_DIR "/tests/support/fault_server.py", directory.string(),
                       "--tls", certificate_kind}) {}
};

// Means harm as the URL says: the list of attacks heads hostile_server.py.
class HostileServer : public ServerProcess {
 public:
  explicit HostileServer(const std::filesystem::path& directory)
      : ServerProcess(
            {LASTGOOD_SOURCE_DIR "/tests/support/hostile_server.py", directory.string()}) {}
  // HTTPS in no later version of TLS than `tls_version`, such as "1.1"; the authority's certificate
  // is DIRECTORY/ca.pem.
  HostileServer(const std::filesystem::path& directory, const std::string& tls_version)
      : ServerProcess({LASTGOOD_SOURCE_DIR "/tests/support/hostile_server.py", directory.string(),
                       "--tls", tls_version}) {}
};

}  // namespace lastgood::test
