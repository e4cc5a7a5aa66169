// SPDX-License-Identifier: MIT
// Requests and answers through libcurl, one at a time, redirects not followed: what libcurl's
// answer was, as values. Connections are kept for the next request. Private to http/.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "host/interrupt.h"
#include "http/http_client.h"
#include "http/transfer_trouble.h"

namespace lastgood {

enum class TransferEnd {
  kComplete,
  kRedirected,  // `location` says where to; its body is not passed on
  kStopped,     // by the sink or the interrupt: `stop_reason`
  kNonsense,    // the answer breaks the rules: `nonsense` says how
  kFailed,      // `facts` say why
};

struct TransferOutcome {
  TransferEnd end = TransferEnd::kFailed;
  HttpResponse response;
  Error stop_reason;
  std::string nonsense;
  std::string location;  // absolute; empty when it makes no sense
  TransferFacts facts;
};

class CurlConnections {
 public:
  // `ca_file`: PEM, instead of the system's trusted certificates; or empty.
  explicit CurlConnections(std::string ca_file);
  ~CurlConnections();

  // http and https only. `spent` is what earlier redirects took of the total limit.
  TransferOutcome Perform(const HttpRequest& request, std::chrono::milliseconds spent,
                          HttpSink& sink, const Interrupt& interrupt);

 private:
  struct Multi;
  std::string ca_file_;
  std::unique_ptr<Multi> multi_;
};

}  // namespace lastgood
