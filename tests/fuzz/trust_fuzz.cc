// SPDX-License-Identifier: MIT
// Any text as a signature, a key, an index, a key list and a policy: a verdict, and what was
// accepted is the same when it is written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "trust/index.h"
#include "trust/judge.h"
#include "trust/key_list.h"
#include "trust/policy.h"
#include "trust/secret_key.h"

namespace {

using namespace lastgood;

void Require(bool holds) {
  if (!holds) std::abort();
}

void ReadSignature(const std::string& text) {
  const auto signature = ParseSignature(text, "fuzz");
  if (!signature) {
    Require(signature.error().code == ExitCode::kNotTrusted);
    return;
  }
  const auto again = ParseSignature(FormatSignature(*signature), "again");
  Require(again && again->key == signature->key && again->signature == signature->signature &&
          again->trusted_comment == signature->trusted_comment &&
          again->global_signature == signature->global_signature);
  // Nobody signed this: no keyring makes it trusted.
  Keyring keyring;
  keyring.keys.push_back({{signature->key, Ed25519PublicKeyOf({1, 2, 3})}, "fuzz"});
  Require(!JudgeDescription({"fuzz", text, text}, Origin::kRemote, {}, keyring));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  ReadSignature(text);
  if (const auto key = ParsePublicKey(text, "fuzz"))
    Require(*ParsePublicKey(FormatPublicKey(*key), "again") == *key);
  // Without a password: what stretching one costs is bounded elsewhere.
  if (const auto encrypted = NeedsPassword(text, "fuzz"); encrypted && !*encrypted)
    static_cast<void>(OpenSecretKey(text, "fuzz", "").has_value());
  if (const auto index = ParseIndex(text, "fuzz"))
    Require(*ParseIndex(FormatIndex(*index), "again") == *index);
  static_cast<void>(ParseKeyList(text, "fuzz").has_value());
  static_cast<void>(ParsePolicy(text, "fuzz").has_value());
  return 0;
}
