// SPDX-License-Identifier: MIT
#include "flash/stub_file.h"

#include <fmt/format.h>

#include "flash/chip_table.h"
#include "json/json_value.h"

namespace lastgood {
namespace {

// The largest so far has 12 KiB.
constexpr std::size_t kPartMax = 64 * 1024;

int Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

constexpr const char* kReplaceIt =
    "install the tool that it came with again, or name another directory";

class StubFile {
 public:
  StubFile(const json::Value& value, const std::string& name) : value_(value), name_(name) {}

  tl::unexpected<Error> Damaged(const std::string& what) const {
    return Fail(ExitCode::kNotTrusted, fmt::format("'{}' is no stub loader: {}", name_, what),
                kReplaceIt);
  }

  Result<std::uint32_t> Address(std::string_view key) const {
    const json::Value* member = value_.Find(key);
    const auto number = member != nullptr ? member->AsInteger() : std::nullopt;
    if (!number || *number < 0 || *number > 0xFFFFFFFFLL)
      return Damaged(fmt::format("it has no address '{}'", key));
    return static_cast<std::uint32_t>(*number);
  }

  // Filled up to whole words, as RAM takes them.
  Result<Bytes> Part(std::string_view key) const {
    const json::Value* member = value_.Find(key);
    const auto text = member != nullptr ? member->AsText() : std::nullopt;
    if (!text) return Damaged(fmt::format("it has no '{}'", key));
    std::optional<Bytes> part = DecodeBase64(*text);
    if (!part) return Damaged(fmt::format("its '{}' is no base64", key));
    if (part->size() > kPartMax) return Damaged(fmt::format("its '{}' is too large", key));
    part->resize((part->size() + 3) / 4 * 4);
    return *std::move(part);
  }

 private:
  const json::Value& value_;
  const std::string& name_;
};

}  // namespace

std::optional<Bytes> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const bool last = at + 4 == text.size();
    const std::size_t padding = !last || text[at + 3] != '=' ? 0 : text[at + 2] == '=' ? 2 : 1;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const int digit = i >= 4 - padding ? 0 : Base64Digit(text[at + i]);
      if (digit < 0) return std::nullopt;
      bits = bits << 6 | static_cast<std::uint32_t>(digit);
    }
    for (std::size_t i = 0; i < 3 - padding; ++i)
      bytes.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * i)));
  }
  return bytes;
}

Result<StubImage> ParseStubFile(std::string_view text, Chip chip, int expected_generation,
                                const std::string& name) {
  const Result<json::Value> parsed = json::Parse(text, name);
  if (!parsed) return Fail(ExitCode::kNotTrusted, parsed.error().message, kReplaceIt);
  const json::Value& value = *parsed;
  const StubFile file(value, name);
  StubImage stub;
  stub.chip = chip;
  stub.generation = expected_generation;
  stub.origin = name;
  TRY(stub.entry, file.Address("entry"));
  TRY(stub.text_start, file.Address("text_start"));
  TRY(stub.text, file.Part("text"));
  if (value.Find("data") != nullptr) {
    TRY(stub.data, file.Part("data"));
    TRY(stub.data_start, file.Address("data_start"));
  }
  const ChipRow& row = RowOf(chip);
  const auto elsewhere = [&](std::string_view part) {
    return file.Damaged(fmt::format("its {} is not in the RAM of an {}", part, ChipTitle(chip)));
  };
  if (stub.text.empty() || stub.text_start % 4 != 0 ||
      !row.code_ram.Holds(stub.text_start, stub.text.size()))
    return elsewhere("text");
  if (!stub.data.empty() &&
      (stub.data_start % 4 != 0 || !row.data_ram.Holds(stub.data_start, stub.data.size())))
    return elsewhere("data");
  if (stub.entry < stub.text_start || stub.entry - stub.text_start >= stub.text.size())
    return file.Damaged("its entry is not in its text");
  return stub;
}

}  // namespace lastgood
