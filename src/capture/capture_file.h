// SPDX-License-Identifier: MIT
// A capture that is written while it happens: in bounded memory, and never in the way of a run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "capture/capture_text.h"
#include "capture/wire_event.h"
#include "host/descriptor.h"

namespace lastgood {

// Octets that are heard one after the other without a pause are put together to lines. What was
// heard is lost with the process for less than a line.
class CaptureFile final : public WireLog {
 public:
  // A new file that nobody else may read. kUsage when there is something of that name, or when it
  // can not be written.
  static Result<CaptureFile> Create(const std::filesystem::path& path,
                                    const std::vector<CaptureFact>& head);
  CaptureFile(CaptureFile&& other) noexcept = default;
  CaptureFile& operator=(CaptureFile&&) = delete;

  void Add(WireEvent event) override;
  // Writes what is left. A remark when the recording is not whole, and when there is none since
  // nothing was to be recorded: then the file is gone again.
  std::optional<std::string> Close();

 private:
  CaptureFile(Descriptor file, std::filesystem::path path)
      : file_(std::move(file)), path_(std::move(path)) {}
  void Hear(WireEvent event);
  void WriteLinesOfHeard();
  void WriteHeard();
  void Write(const std::string& text);

  Descriptor file_;  // closed when nothing can be written any more
  std::filesystem::path path_;
  bool has_events_ = false;
  std::optional<std::string> trouble_;
  WireEvent heard_;  // the line that has begun; without octets: none
  std::chrono::microseconds heard_last_{0};
};

}  // namespace lastgood
