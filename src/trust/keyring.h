// SPDX-License-Identifier: MIT
// The keys that are trusted on this host. A directory of keys holds
//   NAME.pub                     a public key as minisign writes it
//   ID.revoked                   a key that is not trusted any more; what is in it does not matter
//   list-VERSION.toml, .minisig  key lists that were taken over (trust/key_list.h)
// Nothing ever takes a revocation back but a person who removes files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "trust/minisign.h"

namespace lastgood {

struct TrustedKey {
  PublicKey key;
  std::string source;  // the file that it comes from
};

struct Keyring {
  std::vector<TrustedKey> keys;          // revoked ones as well
  std::map<KeyId, std::string> revoked;  // and the file that says so
  std::int64_t list_version = 0;         // the newest list's; 0: there was none

  bool IsRevoked(const KeyId& id) const { return revoked.contains(id); }
  // The first with this id that is not revoked; nullptr when there is none.
  const TrustedKey* Find(const KeyId& id) const;
};

// Reads every directory; one that does not exist holds no keys. kNotTrusted when a file in one
// cannot be read or makes no sense: it may be a revocation.
Result<Keyring> LoadKeyring(const std::vector<std::filesystem::path>& directories);

// As a file in `directory`, which is made; its path. kUsage when the key is there, or is revoked in
// `keyring`.
Result<std::filesystem::path> AddKey(const std::filesystem::path& directory, const PublicKey& key,
                                     const Keyring& keyring);
Result<std::filesystem::path> RevokeKey(const std::filesystem::path& directory, const KeyId& id);

}  // namespace lastgood
