// SPDX-License-Identifier: MIT
// minisign's public keys and signatures: parsed, written, verified. The formats are those of
// https://jedisct1.github.io/minisign/#signature-format; a signature file is
//   untrusted comment: TEXT
//   base64(algorithm[2] | key id[8] | signature[64] of the file's BLAKE2b-512)
//   trusted comment: TEXT
//   base64(signature[64] of the signature above and the trusted comment)
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "digest/ed25519.h"

namespace lastgood {

// Which key of many; random, and no secret.
struct KeyId {
  std::array<std::uint8_t, 8> octets{};

  // As minisign prints it: the last octet first, 16 upper-case hex digits.
  std::string ToString() const;
  auto operator<=>(const KeyId&) const = default;
};
std::optional<KeyId> ParseKeyId(std::string_view text);  // 16 hex digits of either case

struct PublicKey {
  KeyId id;
  Ed25519PublicKey key{};

  bool operator==(const PublicKey&) const = default;
};

// A .pub file (a comment and one line), or that line alone. `name` is what messages call it.
// kNotTrusted when it is neither.
Result<PublicKey> ParsePublicKey(std::string_view text, std::string_view name);
std::string FormatPublicKey(const PublicKey& key);
std::string EncodePublicKey(const PublicKey& key);  // its second line: "RW…"

struct Signature {
  KeyId key;
  Ed25519Signature signature{};
  std::string trusted_comment;
  Ed25519Signature global_signature{};
};

// The content of a .minisig file. kNotTrusted when it is none, cut off, or in minisign's legacy
// form: that signs the file's own octets, and so could sign something that reads as another
// signature's trusted comment. Lines may end in CR LF, which minisign takes as well.
Result<Signature> ParseSignature(std::string_view text, std::string_view name);
std::string FormatSignature(const Signature& signature);

// What is signed, beside the file itself.
std::string GlobalMessage(const Signature& signature);

// Whether `key` made the signature of this text and of the trusted comment.
bool Verify(const PublicKey& key, std::string_view text, const Signature& signature);

// A line of minisign's files without what it begins with ("trusted comment: ") and without its end;
// advances `rest`. nullopt when it begins otherwise.
std::optional<std::string_view> TakeLine(std::string_view& rest, std::string_view begin);

}  // namespace lastgood
