// SPDX-License-Identifier: MIT
// A connected loader: which one it is, and how it is brought back after trouble.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/digest_value.h"
#include "base/result.h"
#include "device/board_lines.h"
#include "flash/chip_table.h"
#include "flash/esp_loader.h"
#include "flash/identify.h"
#include "flash/loader_link.h"

namespace lastgood {

// What went wrong and is worth another attempt; nullopt when nothing did.
using Failure = std::optional<std::string>;

class LoaderSession {
 public:
  LoaderSession(LoaderLink link, BoardLines& lines, const LoaderSettings& settings)
      : link_(std::move(link)), lines_(lines), settings_(settings) {}

  // Into the loader, chip known, stub running if there shall be one, at the working rate.
  Result<void> Connect();
  // After trouble: the same loader listens again, with its flash attached. Asks it first, and
  // resets the board when it does not answer.
  Result<void> Recover();

  Chip chip() const { return detected_->chip; }
  const ChipRow& row() const { return RowOf(chip()); }
  const ChipSecurity& security() const { return detected_->security; }
  bool stub() const { return generation_ != 0; }
  int generation() const { return generation_; }  // of the stub; 0: the ROM's loader
  const std::string& why_no_stub() const { return why_no_stub_; }
  // The ESP8266's ROM has none of these.
  bool can_digest() const { return !locked() && (stub() || IsEsp32Family(chip())); }
  bool can_deflate() const { return can_digest(); }
  // Secure download mode: most commands are refused.
  bool locked() const { return detected_->security.secure_download; }

  // Attaches the flash, once a session.
  Result<void> PrepareFlash();
  Result<std::uint32_t> FlashId();
  // Unknown sizes count as what the ESP8266's ROM takes every flash for.
  Result<std::uint32_t> FlashSize();

  // nullopt when there is no good answer after some tries. Precondition: can_digest().
  Result<std::optional<Md5Digest>> Digest(std::uint32_t offset, std::uint32_t size_bytes);
  // One request and whether it was done; `what` begins the failure.
  Result<Failure> Ask(const LoaderRequest& request, std::chrono::milliseconds timeout,
                      const std::string& what);

  LoaderLink& link() { return link_; }
  const LoaderLink& link() const { return link_; }
  BoardLines& lines() { return lines_; }

 private:
  Result<void> Enter();
  Result<void> AdoptStub();
  Result<void> TryStub();
  Result<Failure> UploadStub();
  Result<void> GoOnWithoutStub(const std::string& why);
  Result<void> ReachWorkingRate();
  Result<bool> ChangeRate(std::uint32_t baud);

  LoaderLink link_;
  BoardLines& lines_;
  LoaderSettings settings_;
  std::optional<DetectedChip> detected_;
  std::optional<StubImage> stub_image_;
  int generation_ = 0;
  std::string why_no_stub_;
  bool without_stub_ = false;  // decided for the session
  bool follows_ = true;        // the chip, to the working rate
  bool prepared_ = false;
  std::optional<std::uint32_t> flash_id_;
};

// Protocol reference, section 10: 40 s for a megabyte of erasing and writing, 8 s of reading, and
// never less than the usual patience.
std::chrono::milliseconds EraseTimeout(std::uint64_t size_bytes);
std::chrono::milliseconds DigestTimeout(std::uint64_t size_bytes);

}  // namespace lastgood
