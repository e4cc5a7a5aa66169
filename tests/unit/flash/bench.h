// SPDX-License-Identifier: MIT
// A board of fakes on a virtual clock, ready to be connected to.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "flash/esp_loader.h"
#include "host/clock.h"
#include "host/interrupt.h"
#include "support/verified.h"
#include "unit/flash/fake_rom.h"

namespace lastgood::test {

struct Bench {
  VirtualClock clock;
  FakeSerialPort port{clock};
  FakeBoardLines lines{clock};
  FakeRom rom;
  Interrupt interrupt;

  explicit Bench(std::size_t flash_size = 4U << 20) : rom(flash_size) {
    rom.ConnectTo(port, lines);
  }

  Result<EspLoader> Connect(std::uint32_t baud = 115200) {
    return EspLoader::Connect(port, lines, clock, LoaderSettings{baud}, interrupt);
  }
};

inline FlashableImage ImageOf(Bytes bytes, std::uint32_t offset = 0) {
  return *FlashableImage::Make(AsVerified(std::move(bytes)), offset, {}, Chip::kEsp8266);
}

inline Bytes RandomBytes(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (auto& octet : bytes) octet = static_cast<std::uint8_t>(random());
  return bytes;
}

inline Bytes Slice(const Bytes& bytes, std::size_t at, std::size_t size) {
  return Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(at),
               bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
}

}  // namespace lastgood::test
