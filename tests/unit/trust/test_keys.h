// SPDX-License-Identifier: MIT
// Keys that are the same in every run of a test, and what they sign.
#pragma once

#include <string>

#include "base/signed_text.h"
#include "trust/judge.h"
#include "trust/secret_key.h"

namespace lastgood::test {

// Another key for every number.
inline SecretKey KeyOf(std::uint8_t number) {
  SecretKey key;
  key.id.octets.fill(number);
  key.seed.fill(number);
  return key;
}

inline Keyring KeyringOf(std::initializer_list<SecretKey> keys) {
  Keyring keyring;
  for (const SecretKey& key : keys)
    keyring.keys.push_back({key.Public(), "/etc/lastgood/keys/" + key.id.ToString() + ".pub"});
  return keyring;
}

inline SignedText SignedBy(const SecretKey& key, const std::string& name, std::string text) {
  const CommentFields fields{1, FileNameOf(name), "", "", ""};
  const Signature signature = Sign(key, text, FormatComment(fields));
  return {name, std::move(text), FormatSignature(signature)};
}

}  // namespace lastgood::test
