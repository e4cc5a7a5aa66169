// SPDX-License-Identifier: MIT
#include "trust/keyring.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "host/files.h"
#include "trust/key_list.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kKeyBytesMax = 4096;
constexpr std::uint64_t kListBytesMax = 1U << 20;

Result<std::string> ReadTextOf(const fs::path& path, std::uint64_t size_max) {
  const Result<Bytes> content = ReadFile(path, size_max);
  if (content) return std::string(AsText(*content));
  return Fail(ExitCode::kNotTrusted, content.error().message,
              "what is in a directory of keys decides what is trusted: mend or remove this file");
}

Result<void> ReadEntry(const fs::path& path, Keyring& keyring) {
  const std::string name = path.filename().string();
  if (path.extension() == ".pub") {
    TRY(const std::string text, ReadTextOf(path, kKeyBytesMax));
    TRY(const PublicKey key, ParsePublicKey(text, path.string()));
    keyring.keys.push_back({key, path.string()});
  } else if (path.extension() == ".revoked") {
    const auto id = ParseKeyId(path.stem().string());
    if (!id) {
      return Fail(ExitCode::kNotTrusted, fmt::format("'{}' names no key", path.string()),
                  "its name should be the key's 16 hex digits and .revoked");
    }
    keyring.revoked.emplace(*id, path.string());
  } else if (name.starts_with("list-") && name.ends_with(".toml")) {
    TRY(std::string text, ReadTextOf(path, kListBytesMax));
    TRY(const KeyList list, ParseKeyList(std::move(text), path.string()));
    for (const PublicKey& key : list.keys) keyring.keys.push_back({key, path.string()});
    for (const KeyId& id : list.revoked) keyring.revoked.emplace(id, path.string());
    keyring.list_version = std::max(keyring.list_version, list.version);
  }
  return {};
}

}  // namespace

const TrustedKey* Keyring::Find(const KeyId& id) const {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const TrustedKey& key) { return key.key.id == id; });
  return found == keys.end() || IsRevoked(id) ? nullptr : &*found;
}

Result<Keyring> LoadKeyring(const std::vector<fs::path>& directories) {
  Keyring keyring;
  for (const fs::path& directory : directories) {
    std::error_code error;
    std::set<fs::path> entries;  // in one order on every file system
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error))
      entries.insert(entry->path());
    if (error && error != std::errc::no_such_file_or_directory) {
      return Fail(ExitCode::kNotTrusted, fmt::format("cannot read the directory of keys '{}': {}",
                                                     directory.string(), error.message()));
    }
    for (const fs::path& entry : entries) TRY_DO(ReadEntry(entry, keyring));
  }
  return keyring;
}

Result<fs::path> AddKey(const fs::path& directory, const PublicKey& key, const Keyring& keyring) {
  const std::string id = key.id.ToString();
  if (const auto revoked = keyring.revoked.find(key.id); revoked != keyring.revoked.end())
    return Fail(ExitCode::kUsage, fmt::format("key {} was revoked by '{}'", id, revoked->second),
                "a revoked key stays revoked: make a new one");
  if (const TrustedKey* known = keyring.Find(key.id))
    return Fail(ExitCode::kUsage, fmt::format("key {} is there already: '{}'", id, known->source));
  TRY_DO(CreateDirectories(directory));
  fs::path path = directory / (id + ".pub");
  TRY_DO(WriteFileDurably(path, AsBytes(FormatPublicKey(key))));
  return path;
}

Result<fs::path> RevokeKey(const fs::path& directory, const KeyId& id) {
  TRY_DO(CreateDirectories(directory));
  fs::path path = directory / (id.ToString() + ".revoked");
  TRY_DO(WriteFileDurably(path, {}));
  return path;
}

}  // namespace lastgood
