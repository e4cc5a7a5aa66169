// SPDX-License-Identifier: MIT
// A fake chip on a virtual clock and a stub library for it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "flash/chip_table.h"
#include "flash/esp_loader.h"
#include "support/temporary_directory.h"
#include "unit/flash/bench.h"
#include "unit/flash/fake_chip.h"

namespace lastgood::test {

inline std::string Base64(ByteSpan bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (at + i < bytes.size() ? bytes[at + i] : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += at + i > bytes.size() ? '=' : kDigits[bits >> (18 - 6 * i) & 63];
  }
  return text;
}

inline std::string StubJson(std::uint32_t text_start, ByteSpan text, std::uint32_t entry,
                            std::uint32_t data_start, ByteSpan data) {
  return "{\"entry\": " + std::to_string(entry) + ", \"text\": \"" + Base64(text) +
         "\", \"text_start\": " + std::to_string(text_start) + ", \"data\": \"" + Base64(data) +
         "\", \"data_start\": " + std::to_string(data_start) + "}";
}

struct ChipBench {
  VirtualClock clock;
  Interrupt interrupt;
  FakeChip chip;
  std::unique_ptr<SerialPort> port;
  std::unique_ptr<BoardLines> lines;
  TemporaryDirectory directory;
  StubLibrary stubs{{directory.path()}};
  LoaderSettings settings{460800, LoaderChoice::kAuto, &stubs};

  explicit ChipBench(const FakeChipOptions& options = {}) : chip(options, clock) {
    port = chip.OpenPort();
    lines = chip.OpenLines();
    const ChipRow& row = RowOf(options.chip);
    const std::uint32_t text_start = row.code_ram.begin + 0x1000;
    const Bytes text = RandomBytes(7808, 77);
    WriteText(directory.path() / (std::string(ChipName(options.chip)) + ".json"),
              StubJson(text_start, text, text_start + 4, row.data_ram.begin + 0x4000,
                       RandomBytes(904, 78)));
    chip.ExpectStub(text_start, text, text_start + 4);
  }

  Result<EspLoader> Connect() {
    return EspLoader::Connect(*port, *lines, clock, settings, interrupt);
  }
  double Seconds() const {
    return std::chrono::duration<double>(clock.Now().time_since_epoch()).count();
  }

  // The images' bytes, and FF up to the end of their last sectors.
  bool Holds(std::span<const FlashableImage> images) const {
    for (const FlashableImage& image : images) {
      Bytes expected(image.bytes().begin(), image.bytes().end());
      expected.resize((expected.size() + 4095) / 4096 * 4096, 0xFF);
      if (!std::equal(expected.begin(), expected.end(), chip.flash.begin() + image.offset()))
        return false;
    }
    return true;
  }
};

// About as compressible as firmware.
inline Bytes FirmwareLike(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (auto& octet : bytes)
    octet = random() % 100 < 45 ? static_cast<std::uint8_t>(0x20 + random() % 4)
                                : static_cast<std::uint8_t>(random());
  return bytes;
}

}  // namespace lastgood::test
