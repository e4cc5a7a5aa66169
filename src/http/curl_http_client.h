// SPDX-License-Identifier: MIT
// HttpClient over libcurl. Connections are kept between requests, so that a probe's TLS handshake
// serves the download too. Certificates are always verified. Proxies come from the environment, as
// libcurl reads it.
#pragma once

#include <filesystem>
#include <memory>

#include "http/http_client.h"

namespace lastgood {

class CurlConnections;

struct CurlSettings {
  std::filesystem::path ca_file;  // PEM, instead of the system's trusted certificates; or empty
};

// For one thread at a time.
class CurlHttpClient final : public HttpClient {
 public:
  explicit CurlHttpClient(CurlSettings settings = {});
  ~CurlHttpClient() override;

  Result<HttpResponse> Get(const HttpRequest& request, HttpSink& sink,
                           const Interrupt& interrupt) override;
  HttpTrouble LastTrouble() const override { return trouble_; }
  std::unique_ptr<HttpClient> Another() const override;

 private:
  Result<HttpResponse> GetWeb(const HttpRequest& request, HttpSink& sink,
                              const Interrupt& interrupt);
  Result<HttpResponse> GetFile(const HttpRequest& request, HttpSink& sink,
                               const Interrupt& interrupt);
  tl::unexpected<Error> FailWith(HttpTrouble trouble, const std::string& where, std::string cause,
                                 std::string hint = {});

  CurlSettings settings_;
  std::unique_ptr<CurlConnections> connections_;
  HttpTrouble trouble_ = HttpTrouble::kNone;
};

}  // namespace lastgood
