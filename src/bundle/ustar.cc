// SPDX-License-Identifier: MIT
#include "bundle/ustar.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace lastgood {
namespace {

using namespace std::string_view_literals;

// Offsets and lengths of the fields (POSIX.1-1988, "Extended tar Format").
struct Field {
  std::size_t offset;
  std::size_t size;
};
constexpr Field kName{0, kTarNameSizeMax};
constexpr Field kMode{100, 8};
constexpr Field kOwner{108, 8};
constexpr Field kGroup{116, 8};
constexpr Field kSize{124, 12};
constexpr Field kTime{136, 12};
constexpr Field kSum{148, 8};
constexpr Field kType{156, 1};
constexpr Field kMagic{257, 8};
constexpr Field kPrefix{345, 155};

constexpr char kRegularFile = '0';

// Octal digits to the field's last octet but one, then NUL.
void PutNumber(Bytes& head, const Field& field, std::uint64_t value) {
  const std::string digits = fmt::format("{:0{}o}", value, field.size - 1);
  std::copy(digits.begin(), digits.end(), head.begin() + static_cast<long>(field.offset));
}

std::string_view Text(ByteSpan head, const Field& field) {
  const std::string_view text = AsText(head.subspan(field.offset, field.size));
  return text.substr(0, std::min(text.find('\0'), text.size()));
}

// Digits, with blanks before and behind them. GNU's numbers beyond them begin with 0x80.
std::optional<std::uint64_t> Number(ByteSpan head, const Field& field) {
  std::string_view text = Text(head, field);
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '7') return std::nullopt;
    value = value * 8 + static_cast<std::uint64_t>(digit - '0');
  }
  return value;
}

// All octets, with the field of the sum itself taken for blanks.
std::uint64_t SumOf(ByteSpan head) {
  std::uint64_t sum = kSum.size * ' ';
  for (std::size_t i = 0; i < head.size(); ++i)
    if (i < kSum.offset || i >= kSum.offset + kSum.size) sum += head[i];
  return sum;
}

tl::unexpected<Error> Refuse(std::string message) {
  return Fail(ExitCode::kNotTrusted, std::move(message));
}

std::string_view KindOf(char type) {
  switch (type) {
    case '1':
    case '2':
      return "a link";
    case '3':
    case '4':
      return "a device";
    case '5':
      return "a directory";
    case '6':
      return "a FIFO";
    case 'S':
      return "a sparse file";
    default:
      return "an extended head";
  }
}

}  // namespace

Bytes FormatTarHead(const TarMember& member) {
  Bytes head(kTarBlock, 0);
  std::copy(member.name.begin(), member.name.end(), head.begin());
  PutNumber(head, kMode, 0644);
  PutNumber(head, kOwner, 0);
  PutNumber(head, kGroup, 0);
  PutNumber(head, kSize, member.size_bytes);
  PutNumber(head, kTime, 0);
  head[kType.offset] = kRegularFile;
  constexpr std::string_view kUstar = "ustar\00000"sv;
  std::copy(kUstar.begin(), kUstar.end(), head.begin() + kMagic.offset);
  // Six digits, NUL, blank.
  PutNumber(head, {kSum.offset, kSum.size - 1}, SumOf(head));
  head[kSum.offset + kSum.size - 1] = ' ';
  return head;
}

Result<std::optional<TarMember>> ParseTarHead(ByteSpan block) {
  if (std::all_of(block.begin(), block.end(), [](std::uint8_t octet) { return octet == 0; }))
    return std::optional<TarMember>();
  const auto sum = Number(block, kSum);
  if (!AsText(block.subspan(kMagic.offset, kMagic.size)).starts_with("ustar") || !sum ||
      *sum != SumOf(block))
    return Refuse("what should be the head of a file makes no sense");
  TarMember member{std::string(Text(block, kName)), 0};
  const char type = static_cast<char>(block[kType.offset]);
  if (type != kRegularFile) return Refuse(fmt::format("it holds {}", KindOf(type)));
  if (member.name.empty() || block[kPrefix.offset] != 0)
    return Refuse("it holds a name that no bundle has");
  const auto size_bytes = Number(block, kSize);
  if (!size_bytes) return Refuse("it holds a file whose size makes no sense");
  member.size_bytes = *size_bytes;
  return std::optional<TarMember>(std::move(member));
}

}  // namespace lastgood
