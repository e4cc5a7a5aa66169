// SPDX-License-Identifier: MIT
// minisign's secret keys, with and without a password; signing.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "trust/minisign.h"

namespace lastgood {

// Wiped when it goes.
struct SecretKey {
  KeyId id;
  Ed25519Seed seed{};

  SecretKey() = default;
  ~SecretKey();
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;

  PublicKey Public() const { return {id, Ed25519PublicKeyOf(seed)}; }
};

Result<SecretKey> MakeSecretKey();

// Whether the file asks for a password. kUsage when it is no secret key of minisign's.
Result<bool> NeedsPassword(std::string_view text, std::string_view name);

// kNotTrusted for a wrong password or a damaged key. Stretching the password takes seconds, and for
// a key that minisign made 1 GB of memory.
Result<SecretKey> OpenSecretKey(std::string_view text, std::string_view name,
                                std::string_view password);

// As a secret key file; an empty password leaves it unencrypted. Opening it again takes 128 MB.
Result<std::string> FormatSecretKey(const SecretKey& key, std::string_view password);

// `trusted_comment`: one line.
Signature Sign(const SecretKey& key, std::string_view text, std::string trusted_comment);

}  // namespace lastgood
