// SPDX-License-Identifier: MIT
// Stub loaders: RAM programs that do what the chip's ROM loader does, and more (protocol reference,
// 5.3, 5.4 and 6). lastgood brings none along; it uses the files that other tools have installed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/board_identity.h"
#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

struct StubImage {
  Chip chip = Chip::kEsp8266;
  int generation = 0;  // 1 or 2
  std::uint32_t entry = 0;
  std::uint32_t text_start = 0;
  std::uint32_t data_start = 0;
  Bytes text;          // whole words
  Bytes data;          // whole words; may be empty
  std::string origin;  // the file it came from
};

class StubLibrary {
 public:
  // Searched in this order; files are read only when asked for.
  explicit StubLibrary(std::vector<std::filesystem::path> directories = {})
      : directories_(std::move(directories)) {}

  // nullopt when no directory has a stub for this chip. kNotTrusted, naming the file, when the
  // first one that is found is damaged or is not for this chip.
  Result<std::optional<StubImage>> Find(Chip chip) const;
  const std::vector<std::filesystem::path>& directories() const { return directories_; }

 private:
  std::vector<std::filesystem::path> directories_;
};

}  // namespace lastgood
