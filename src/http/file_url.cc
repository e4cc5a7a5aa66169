// SPDX-License-Identifier: MIT
#include "http/file_url.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>

#include "host/descriptor.h"
#include "http/answer.h"

namespace lastgood {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

tl::unexpected<Error> FailFile(const std::string& url, std::string_view why) {
  return Fail(ExitCode::kCannotDownload, fmt::format("{}: {}", UrlForPeople(url), why));
}

// One octet of "%41"; nullopt unless two hex digits follow the sign.
std::optional<char> Unescape(std::string_view escape) {
  if (escape.size() < 3) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(escape.data() + 1, escape.data() + 3, value, 16);
  if (error != std::errc() || end != escape.data() + 3 || value == 0) return std::nullopt;
  return static_cast<char>(value);
}

// O_NONBLOCK: opening a FIFO would wait for a writer that never comes.
Result<Descriptor> OpenRegular(const std::string& url, std::uint64_t& size_bytes) {
  const auto path = PathOfFileUrl(url);
  if (!path) return FailFile(url, "not a file URL of this computer");
  Descriptor file(
      RetryOnInterrupt([&] { return ::open(path->c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); }));
  if (!file) return FailFile(url, ErrnoText(errno));
  struct stat status = {};
  if (::fstat(file.Get(), &status) != 0) return FailFile(url, ErrnoText(errno));
  if (!S_ISREG(status.st_mode)) return FailFile(url, "not a file");
  size_bytes = static_cast<std::uint64_t>(status.st_size);
  return file;
}

struct Span {
  std::uint64_t from;
  std::uint64_t end;
};

Result<void> Stream(const Descriptor& file, const std::string& url, Span span, HttpSink& sink,
                    const Interrupt& interrupt) {
  Bytes piece(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, span.end - span.from)));
  while (span.from < span.end) {
    TRY_DO(interrupt.Check());
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), span.end - span.from));
    const ssize_t got = RetryOnInterrupt(
        [&] { return ::pread(file.Get(), piece.data(), wanted, static_cast<off_t>(span.from)); });
    if (got < 0) return FailFile(url, ErrnoText(errno));
    if (got == 0) return FailFile(url, "the file became shorter while it was read");
    TRY_DO(sink.OnBody(ByteSpan(piece.data(), static_cast<std::size_t>(got))));
    span.from += static_cast<std::uint64_t>(got);
  }
  return {};
}

}  // namespace

std::string FileUrlOf(const std::filesystem::path& path) {
  constexpr std::string_view kAsItIs = "/-._~";
  std::string url = "file://";
  for (const char c : std::filesystem::absolute(path).lexically_normal().string()) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       kAsItIs.find(c) != std::string_view::npos;
    url += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

std::optional<std::filesystem::path> PathOfFileUrl(std::string_view url) {
  if (UrlScheme(url) != "file") return std::nullopt;
  const std::string host = UrlHost(url);
  if (!host.empty() && host != "localhost") return std::nullopt;
  std::string_view rest = url.substr(std::string_view("file://").size() + host.size());
  if (!rest.starts_with('/')) return std::nullopt;
  std::string path;
  while (!rest.empty()) {
    if (rest.front() == '\0') return std::nullopt;
    if (rest.front() != '%') {
      path += rest.front();
      rest.remove_prefix(1);
      continue;
    }
    const auto octet = Unescape(rest);
    if (!octet) return std::nullopt;
    path += *octet;
    rest.remove_prefix(3);
  }
  return path;
}

Result<HttpResponse> GetFileUrl(const HttpRequest& request, HttpSink& sink,
                                const Interrupt& interrupt) {
  TRY_DO(interrupt.Check());
  std::uint64_t size_bytes = 0;
  TRY(const Descriptor file, OpenRegular(request.url, size_bytes));
  HttpResponse response;
  response.effective_url = request.url;
  const bool ranged = request.range_from > 0 || request.range_to.has_value();
  if (ranged && request.range_from >= size_bytes) {
    response.status = 416;
    response.content_length = 0;
    TRY_DO(sink.OnResponse(response));
    return response;
  }
  Span span{request.range_from, size_bytes};
  if (request.range_to && *request.range_to < size_bytes) span.end = *request.range_to + 1;
  if (span.end < span.from) return FailFile(request.url, "a range that ends before it begins");
  response.status = ranged ? 206 : 200;
  response.content_length = span.end - span.from;
  TRY_DO(sink.OnResponse(response));
  TRY_DO(Stream(file, request.url, span, sink, interrupt));
  return response;
}

}  // namespace lastgood
