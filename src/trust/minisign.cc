// SPDX-License-Identifier: MIT
#include "trust/minisign.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/base64.h"
#include "base/bytes.h"
#include "digest/blake2b.h"

namespace lastgood {
namespace {

constexpr std::string_view kUntrusted = "untrusted comment: ";
constexpr std::string_view kTrusted = "trusted comment: ";
constexpr std::string_view kLegacy = "Ed";  // public keys have this one as well
constexpr std::string_view kPrehashed = "ED";
constexpr std::size_t kPublicKeySize = 2 + 8 + 32;
constexpr std::size_t kSignatureSize = 2 + 8 + 64;

tl::unexpected<Error> NoSignature(std::string_view name, std::string_view why) {
  return Fail(ExitCode::kNotTrusted, fmt::format("'{}' is no minisign signature: {}", name, why),
              "get it again, or let its author sign again");
}

template <std::size_t N>
std::array<std::uint8_t, N> ArrayAt(ByteSpan data, std::size_t offset) {
  std::array<std::uint8_t, N> octets;
  std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(offset), N, octets.begin());
  return octets;
}

// What follows a file's last line: nothing, or blank lines.
bool IsBlankText(std::string_view text) {
  return text.find_first_not_of("\r\n \t") == std::string_view::npos;
}

std::string_view TakeAnyLine(std::string_view& rest) {
  std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::string KeyId::ToString() const {
  std::string text;
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet)
    text += fmt::format("{:02X}", *octet);
  return text;
}

std::optional<KeyId> ParseKeyId(std::string_view text) {
  KeyId id;
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (text.size() != 2 * id.octets.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto upper = static_cast<char>(std::toupper(static_cast<unsigned char>(text[i])));
    const std::size_t digit = kDigits.find(upper);
    if (digit == std::string_view::npos) return std::nullopt;
    std::uint8_t& octet = id.octets[id.octets.size() - 1 - i / 2];
    octet = static_cast<std::uint8_t>(octet * 16U + digit);
  }
  return id;
}

std::optional<std::string_view> TakeLine(std::string_view& rest, std::string_view begin) {
  if (!rest.starts_with(begin)) return std::nullopt;
  return TakeAnyLine(rest).substr(begin.size());
}

Result<PublicKey> ParsePublicKey(std::string_view text, std::string_view name) {
  std::string_view rest = text;
  TakeLine(rest, kUntrusted);
  const auto data = FromBase64(TakeAnyLine(rest));
  if (!data || data->size() != kPublicKeySize || AsText(*data).substr(0, 2) != kLegacy ||
      !IsBlankText(rest)) {
    return Fail(ExitCode::kNotTrusted, fmt::format("'{}' is no minisign public key", name),
                "a public key is a line that begins with RW, below a line that begins with "
                "'untrusted comment: '");
  }
  return PublicKey{{ArrayAt<8>(*data, 2)}, ArrayAt<32>(*data, 10)};
}

std::string EncodePublicKey(const PublicKey& key) {
  Bytes data = ToBytes(kLegacy);
  Append(data, key.id.octets);
  Append(data, key.key);
  return ToBase64(data);
}

std::string FormatPublicKey(const PublicKey& key) {
  return fmt::format("{}minisign public key {}\n{}\n", kUntrusted, key.id.ToString(),
                     EncodePublicKey(key));
}

Result<Signature> ParseSignature(std::string_view text, std::string_view name) {
  std::string_view rest = text;
  if (!TakeLine(rest, kUntrusted))
    return NoSignature(name, "its first line is no untrusted comment");
  const auto data = FromBase64(TakeAnyLine(rest));
  if (!data || data->size() != kSignatureSize)
    return NoSignature(name, "its second line is no signature");
  const std::string_view algorithm = AsText(*data).substr(0, 2);
  if (algorithm == kLegacy) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("'{}' is a signature in minisign's legacy form", name),
                "sign again without -l");
  }
  if (algorithm != kPrehashed) return NoSignature(name, "its algorithm is unknown");
  const auto comment = TakeLine(rest, kTrusted);
  if (!comment) return NoSignature(name, "its third line is no trusted comment");
  const auto global = FromBase64(TakeAnyLine(rest));
  if (!global || global->size() != 64)
    return NoSignature(name, "its fourth line is no signature of the comment");
  if (!IsBlankText(rest)) return NoSignature(name, "something follows its fourth line");
  return Signature{{ArrayAt<8>(*data, 2)},
                   ArrayAt<64>(*data, 10),
                   std::string(*comment),
                   ArrayAt<64>(*global, 0)};
}

std::string FormatSignature(const Signature& signature) {
  Bytes data = ToBytes(kPrehashed);
  Append(data, signature.key.octets);
  Append(data, signature.signature);
  return fmt::format("{}signature from lastgood, key {}\n{}\n{}{}\n{}\n", kUntrusted,
                     signature.key.ToString(), ToBase64(data), kTrusted, signature.trusted_comment,
                     ToBase64(signature.global_signature));
}

std::string GlobalMessage(const Signature& signature) {
  return std::string(AsText(signature.signature)) + signature.trusted_comment;
}

bool Verify(const PublicKey& key, std::string_view text, const Signature& signature) {
  return key.id == signature.key &&
         Ed25519Verify(key.key, Blake2b512(AsBytes(text)).octets, signature.signature) &&
         Ed25519Verify(key.key, AsBytes(GlobalMessage(signature)), signature.global_signature);
}

}  // namespace lastgood
