// SPDX-License-Identifier: MIT
// Walks the write steps of images with the ESP8266's ROM. It cannot resend a block: it has already
// moved on when it finds the checksum wrong, and a block whose acknowledgement was lost may or may
// not be in the flash. So whatever goes wrong with one step, its image is erased and written again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "flash/esp_loader.h"
#include "flash/loader_session.h"
#include "flash/write_steps.h"

namespace lastgood {

class ImageWriter {
 public:
  // `attempts`: the failure that ends it, counted over everything; 0 and less count as 1.
  ImageWriter(LoaderSession& session, int attempts)
      : session_(session), link_(session.link()), attempts_(attempts) {}

  // In order of offset: what the ROM erases beyond a single-sector image is written afterwards.
  Result<WriteSummary> Write(std::span<const FlashableImage> images, const WriteProgress& progress);
  Result<void> Erase(std::uint32_t offset, std::uint32_t size_bytes);

 private:
  using AfterStep = std::function<void(const WriteStep&)>;

  Result<void> WriteImage(const FlashableImage& image, const AfterStep& after_step);
  Result<Failure> Walk(const std::vector<WriteStep>& steps, const AfterStep& after_step);
  Result<Failure> Perform(const WriteStep& step);
  // Fails when that was the last attempt or the loader can not be found again.
  Result<void> PrepareRetry(const std::string& what, const std::string& failure);

  LoaderSession& session_;
  LoaderLink& link_;
  int attempts_;
  int failures_ = 0;
  WriteSummary summary_;
};

}  // namespace lastgood
