// SPDX-License-Identifier: MIT
// Any octets as a web server's answer, through libcurl: headers, redirects, ranges, ETags. The
// server is every host's proxy, so that no redirect leads away from here.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>

#include "http/answer.h"
#include "http/curl_http_client.h"

namespace {

using namespace lastgood;

void Require(bool what) {
  if (!what) std::abort();
}

// Answers every connection with the same octets, and closes it.
class Answerer {
 public:
  Answerer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    Require(bind(listener_, generic, size) == 0 && listen(listener_, 16) == 0 &&
            getsockname(listener_, generic, &size) == 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    std::thread([this] { Serve(); }).detach();
  }
  const std::string& url() const { return url_; }
  // Until the next call. A client that gave up may leave a connection behind.
  void SetAnswer(std::string answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }

 private:
  std::string Answer() {
    const std::lock_guard lock(mutex_);
    return answer_;
  }

  [[noreturn]] void Serve() {
    for (;;) {
      const int connection = accept(listener_, nullptr, nullptr);
      std::string request;
      char piece[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t count = read(connection, piece, sizeof(piece));
        if (count <= 0) break;
        request.append(piece, static_cast<std::size_t>(count));
      }
      const std::string answer = Answer();
      send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
      close(connection);
    }
  }

  int listener_;
  std::string url_;
  std::mutex mutex_;
  std::string answer_;
};

class CheckingSink final : public HttpSink {
 public:
  Result<void> OnResponse(const HttpResponse& response) override {
    Require(!responded_);
    responded_ = true;
    const std::string scheme = UrlScheme(response.effective_url);
    Require(scheme == "http" || scheme == "https");
    return {};
  }
  Result<void> OnBody(ByteSpan piece) override {
    Require(responded_ && piece.size() <= 65536);
    return {};
  }

 private:
  bool responded_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto* const answerer = new Answerer;
  static auto* const client = new CurlHttpClient;
  if (size == 0) return 0;
  answerer->SetAnswer(std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  HttpRequest request;
  request.url = "http://firmware.invalid/a/b.bin?c";
  request.proxy = answerer->url();
  request.redirects_max = 2;
  request.total_timeout = std::chrono::milliseconds(5000);
  if (data[0] % 2 == 1) request.range_from = 100;
  CheckingSink sink;
  const Interrupt interrupt;
  const auto response = client->Get(request, sink, interrupt);
  if (response) {
    Require(client->LastTrouble() == HttpTrouble::kNone);
    Require(response->status != 206 || request.range_from > 0);
    StatusForPeople(response->status);
  } else {
    Require(response.error().code == ExitCode::kCannotDownload);
    Require(client->LastTrouble() != HttpTrouble::kNone);
  }
  const std::string_view text = AsText(ByteSpan(data, size));
  Require(UrlForPeople(text).size() <= 210);
  Require(UrlHost(text).size() <= size && UrlScheme(text).size() <= size);
  LooksLikeHtml(ByteSpan(data, size));
  Require(QuoteStart(ByteSpan(data, size)).size() <= 64 * 4 + 5);
  return 0;
}
