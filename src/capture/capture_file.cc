// SPDX-License-Identifier: MIT
#include "capture/capture_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "host/write_all.h"

namespace lastgood {
namespace {

// Shorter than any pause that a health check takes for silence (20 ms).
constexpr std::chrono::milliseconds kSameLine{10};

}  // namespace

Result<CaptureFile> CaptureFile::Create(const std::filesystem::path& path,
                                        const std::vector<CaptureFact>& head) {
  Descriptor file(RetryOnInterrupt([&path] {
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  }));
  if (!file && errno == EEXIST)
    return Fail(ExitCode::kUsage, fmt::format("'{}' exists already", path.string()),
                "give a name for a new file: a recording never replaces one");
  if (!file)
    return Fail(ExitCode::kUsage,
                fmt::format("cannot record to '{}': {}", path.string(), ErrnoText(errno)));
  CaptureFile capture(std::move(file), path);
  capture.Write(FormatCaptureHead(head));
  return capture;
}

void CaptureFile::Add(WireEvent event) {
  has_events_ = true;
  if (event.kind == WireEventKind::kHeard) {
    Hear(std::move(event));
    return;
  }
  WriteHeard();
  Write(FormatWireEvent(event));
}

void CaptureFile::Hear(WireEvent event) {
  if (event.at - heard_last_ > kSameLine) WriteHeard();
  heard_last_ = event.at;
  if (heard_.octets.empty()) heard_.at = event.at;
  Append(heard_.octets, event.octets);
  WriteLinesOfHeard();
}

// What is left is not a line yet.
void CaptureFile::WriteLinesOfHeard() {
  std::string lines;
  while (!heard_.octets.empty()) {
    const std::size_t size = CaptureLineSize(heard_.octets);
    if (size < kCaptureLineMax && heard_.octets[size - 1] != '\n') break;
    WireEvent rest = heard_;
    rest.at = heard_last_;
    rest.octets.erase(rest.octets.begin(), rest.octets.begin() + static_cast<std::ptrdiff_t>(size));
    heard_.octets.resize(size);
    lines += FormatWireEvent(std::exchange(heard_, std::move(rest)));
  }
  if (!lines.empty()) Write(lines);
}

void CaptureFile::WriteHeard() {
  if (!heard_.octets.empty()) Write(FormatWireEvent(std::exchange(heard_, {})));
}

void CaptureFile::Write(const std::string& text) {
  if (!file_) return;
  if (const int error = WriteAll(file_, AsBytes(text)); error != 0) {
    trouble_ = fmt::format("the recording ends early: {}", ErrnoText(error));
    file_.Reset();
  }
}

std::optional<std::string> CaptureFile::Close() {
  WriteHeard();
  if (!has_events_) {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    trouble_ = "no board was asked, so there is no recording";
  }
  file_.Reset();
  return trouble_;
}

}  // namespace lastgood
