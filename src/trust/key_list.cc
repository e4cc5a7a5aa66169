// SPDX-License-Identifier: MIT
#include "trust/key_list.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/bytes.h"
#include "host/files.h"
#include "manifest/schema.h"
#include "manifest/text_rules.h"
#include "toml/document.h"
#include "trust/judge.h"
#include "trust/key_reader.h"

namespace lastgood {
namespace {

constexpr std::size_t kKeysMax = 64;

void ReadKeyList(toml::TableReader& root, KeyList& list, toml::Diagnostics& diagnostics) {
  list.version = root.RequiredInteger("version", 1, std::numeric_limits<std::int64_t>::max());
  list.revoked = ReadKeyIds(root, "revoke", diagnostics);
  for (const toml::Table* table : AtMost(kKeysMax, root.OptionalTables("key"), root, "key")) {
    toml::TableReader reader(*table, "[[key]]", diagnostics);
    const std::string text = reader.RequiredString("public");
    if (!text.empty()) {
      if (const auto key = ParsePublicKey(text, "public"))
        list.keys.push_back(*key);
      else
        Accept(reader, "public", "must be the line of a .pub file that begins with RW");
    }
    reader.Finish();
  }
  root.Finish();
}

}  // namespace

Result<KeyList> ParseKeyList(std::string text, std::string name) {
  TRY(const toml::Document document, toml::Document::Parse(std::move(text), std::move(name)));
  toml::Diagnostics diagnostics(document);
  toml::TableReader root(document.root(), "the key list", diagnostics);
  KeyList list;
  if (ReadSchema(root, diagnostics)) ReadKeyList(root, list, diagnostics);
  TRY_DO(diagnostics.ToResult());
  return list;
}

Result<KeyList> TakeOverKeyList(const SignedText& list, const Keyring& keyring,
                                const Policy& policy, const std::filesystem::path& directory) {
  TRY_DO(JudgeDescription(list, Origin::kRemote, policy, keyring));
  TRY(KeyList parsed, ParseKeyList(list.text, list.name));
  if (parsed.version <= keyring.list_version) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("key list '{}' has version {}, and version {} is in force already",
                            list.name, parsed.version, keyring.list_version),
                "get the newest list; its author raises the version with every change");
  }
  TRY_DO(CreateDirectories(directory));
  // The list itself comes last: it counts from the moment when it has its name.
  const std::filesystem::path path = directory / fmt::format("list-{}.toml", parsed.version);
  TRY_DO(WriteFileDurably(path.string() + ".minisig", AsBytes(list.signature)));
  TRY_DO(WriteFileDurably(path, AsBytes(list.text)));
  return parsed;
}

}  // namespace lastgood
