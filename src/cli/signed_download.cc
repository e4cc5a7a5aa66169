// SPDX-License-Identifier: MIT
#include "cli/signed_download.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "cli/locate.h"
#include "http/http_client.h"
#include "trust/index.h"

namespace lastgood {
namespace {

constexpr std::chrono::seconds kTotalTimeout{60};
constexpr std::uint64_t kSignatureBytesMax = 16384;
constexpr int kHttpOk = 200;
constexpr int kHttpNotFound = 404;
constexpr int kHttpGone = 410;

class TextSink final : public HttpSink {
 public:
  TextSink(const std::string& url, std::uint64_t size_max) : url_(url), size_max_(size_max) {}

  Result<void> OnResponse(const HttpResponse& response) override {
    status_ = response.status;
    text_.clear();
    return {};
  }
  Result<void> OnBody(ByteSpan piece) override {
    // The server's error page, which may be endless: its status says it all.
    if (status_ != kHttpOk) return Fail(ExitCode::kCannotDownload, url_ + " is not there");
    if (piece.size() > size_max_ - text_.size())
      return Fail(ExitCode::kNotTrusted,
                  fmt::format("'{}' is larger than {} bytes", url_, size_max_));
    text_ += AsText(piece);
    return {};
  }
  int status() const { return status_; }  // 0: no response yet
  std::string TakeText() { return std::move(text_); }

 private:
  const std::string& url_;
  std::uint64_t size_max_;
  int status_ = 0;
  std::string text_;
};

// nullopt: there is no such file on the server.
Result<std::optional<std::string>> Download(const std::string& url, std::uint64_t size_max,
                                            Toolbox& tools) {
  const SignalWatch watch(tools.interrupt);
  HttpRequest request;
  request.url = url;
  request.total_timeout = kTotalTimeout;
  TextSink sink(url, size_max);
  const Result<HttpResponse> response = tools.http.Get(request, sink, tools.interrupt);
  const bool refused = sink.status() != 0 && sink.status() != kHttpOk;
  if (!response && (!refused || response.error().code == ExitCode::kInterrupted)) {
    if (url.starts_with("file://") && tools.http.LastTrouble() == HttpTrouble::kLocal)
      return std::nullopt;
    Error error = response.error();
    if (error.code == ExitCode::kCannotDownload && error.hint.empty())
      error.hint = fmt::format("what is wrong with the network: lastgood doctor network {}", url);
    return Fail(std::move(error));
  }
  if (!refused) return std::optional(sink.TakeText());
  if (sink.status() == kHttpNotFound || sink.status() == kHttpGone) return std::nullopt;
  return Fail(ExitCode::kCannotDownload,
              fmt::format("cannot download '{}': the server answered {}", url, sink.status()));
}

}  // namespace

Result<std::string> DownloadText(const std::string& url, std::uint64_t size_max, Toolbox& tools) {
  TRY(std::optional<std::string> text, Download(url, size_max, tools));
  if (text) return *std::move(text);
  return Fail(ExitCode::kCannotDownload,
              fmt::format("cannot download '{}': there is no such file", url));
}

Result<SignedText> DownloadSigned(const std::string& url, Toolbox& tools) {
  SignedText signed_text;
  signed_text.name = url;
  TRY(signed_text.text, DownloadText(url, kDescriptionBytesMax, tools));
  TRY(std::optional<std::string> signature, Download(url + ".minisig", kSignatureBytesMax, tools));
  signed_text.signature = std::move(signature).value_or("");
  return signed_text;
}

Result<SignedText> ReadSigned(const std::string& name, Toolbox& tools) {
  return IsUrl(name) ? DownloadSigned(name, tools) : ReadSignedFile(name);
}

}  // namespace lastgood
