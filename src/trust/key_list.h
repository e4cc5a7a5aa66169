// SPDX-License-Identifier: MIT
// Key rotation: a list of keys to trust and to revoke, signed with a key that was trusted before
// (docs/trust.md). Lists only ever add and revoke, and come in one order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/signed_text.h"
#include "trust/keyring.h"
#include "trust/minisign.h"
#include "trust/policy.h"

namespace lastgood {

struct KeyList {
  std::int64_t version = 0;  // from 1
  std::vector<PublicKey> keys;
  std::vector<KeyId> revoked;
};

// kInvalidManifest with all mistakes, each with its place.
Result<KeyList> ParseKeyList(std::string text, std::string name);

// Verifies the list and keeps it in `directory`, from where LoadKeyring takes it. kNotTrusted when
// it is not signed by a trusted key, or not newer than the newest list of `keyring`.
Result<KeyList> TakeOverKeyList(const SignedText& list, const Keyring& keyring,
                                const Policy& policy, const std::filesystem::path& directory);

}  // namespace lastgood
