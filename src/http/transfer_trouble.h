// SPDX-License-Identifier: MIT
// Why a transfer failed, from libcurl's code and what else is known of it, in words that name the
// cause instead of "no internet" (codes and verify results as measured with libcurl 7.88).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "http/http_client.h"

namespace lastgood {

struct TransferFacts {
  int curl_code = 0;      // CURLcode
  int os_errno = 0;       // of the last connect; 0 when unknown
  long tls_verified = 0;  // X509_V_ERR_… of OpenSSL
  int proxy_status = 0;   // a proxy's answer to CONNECT; 0 when none was asked
  bool name_resolved = false;
  bool connected = false;                // TLS included
  std::chrono::milliseconds elapsed{0};  // all redirects included
  std::uint64_t first_octet = 0;         // of a range; the counts below go from the file's start
  std::uint64_t body_bytes = 0;          // received
  std::optional<std::uint64_t> content_length;  // announced for this answer
};

struct TransferDiagnosis {
  HttpTrouble trouble = HttpTrouble::kProtocol;
  std::string cause;  // follows "URL: "
  std::string hint;
};

// `request` is for its limits. Precondition: facts.curl_code is not CURLE_OK.
TransferDiagnosis DiagnoseTransfer(const TransferFacts& facts, const HttpRequest& request);

}  // namespace lastgood
