// SPDX-License-Identifier: MIT
// lastgood keys: whose signatures this host trusts.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/execute.h"
#include "cli/locate.h"
#include "cli/password.h"
#include "cli/signed_download.h"
#include "cli/trust_basis.h"
#include "digest/secrets.h"
#include "host/descriptor.h"
#include "host/files.h"
#include "json/json_object.h"
#include "report/print.h"
#include "trust/judge.h"
#include "trust/key_list.h"
#include "trust/secret_key.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

// Nobody else may read it, not for a moment.
Result<void> WriteSecret(const fs::path& path, std::string_view text, bool force) {
  std::error_code error;
  if (force) fs::remove(path, error);
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file)
    return Fail(ExitCode::kInternal,
                fmt::format("cannot write '{}': {}", path.string(), ErrnoText(errno)));
  file.Reset();
  Result<void> written = WriteFileDurably(path, AsBytes(text));  // keeps the mode
  if (!written) fs::remove(path, error);
  return written;
}

JsonObject JsonOf(const TrustedKey& key, const Keyring& keyring) {
  JsonObject object;
  object.Set("v", 1).Set("event", "key").Set("key", key.key.id.ToString());
  object.Set("public", EncodePublicKey(key.key)).Set("source", key.source);
  return object.Set("revoked", keyring.IsRevoked(key.key.id));
}

std::string TextOf(const TrustedKey& key, const Keyring& keyring) {
  const auto revoked = keyring.revoked.find(key.key.id);
  return fmt::format("{}  {}  {}{}\n", key.key.id.ToString(), EncodePublicKey(key.key), key.source,
                     revoked == keyring.revoked.end() ? "" : ", revoked by " + revoked->second);
}

bool IsKnown(const KeyId& id, const Keyring& keyring) {
  for (const TrustedKey& key : keyring.keys)
    if (key.key.id == id) return true;
  return false;
}

}  // namespace

Result<ExitCode> RunKeys(const CommandLine& line, Toolbox& tools) {
  TRY(const TrustBasis basis, LoadTrustBasis(tools.surroundings));
  const Keyring& keyring = basis.keyring;
  for (const TrustedKey& key : keyring.keys)
    Print(tools.out, "{}", line.json ? JsonOf(key, keyring).Dump() + "\n" : TextOf(key, keyring));
  if (line.json) return ExitCode::kDone;
  for (const auto& [id, source] : keyring.revoked)
    if (!IsKnown(id, keyring)) Print(tools.out, "{}  revoked by {}\n", id.ToString(), source);
  if (keyring.keys.empty() && !line.quiet)
    Print(tools.out, "No key is trusted. lastgood keys add FILE adds one.\n");
  return ExitCode::kDone;
}

Result<ExitCode> RunKeysNew(const CommandLine& line, Toolbox& tools) {
  const fs::path public_path = line.key + ".pub";
  const fs::path secret_path = line.key + ".key";
  std::error_code error;
  for (const fs::path& path : {public_path, secret_path})
    if (!line.force && fs::symlink_status(path, error).type() != fs::file_type::not_found)
      return Fail(ExitCode::kUsage, fmt::format("'{}' exists already", path.string()),
                  "choose another name: a key that is lost can sign nothing any more");
  std::string password;
  if (!line.no_password) {
    TRY(password, ReadPassword(line, secret_path.string(), /*twice=*/true, tools));
  }
  TRY(const SecretKey key, MakeSecretKey());
  TRY(std::string secret, FormatSecretKey(key, password));
  Wipe(password);
  const Result<void> written = WriteSecret(secret_path, secret, line.force);
  Wipe(secret);
  TRY_DO(written);
  TRY_DO(WriteFileDurably(public_path, AsBytes(FormatPublicKey(key.Public()))));
  if (line.json) {
    JsonObject object;
    object.Set("v", 1).Set("event", "key").Set("key", key.id.ToString());
    object.Set("public", EncodePublicKey(key.Public())).Set("source", public_path.string());
    Print(tools.out, "{}\n", object.Set("revoked", false).Dump());
  } else if (!line.quiet) {
    Print(tools.out, "key {}: {} for everybody, {} for nobody else\n", key.id.ToString(),
          public_path.string(), secret_path.string());
  }
  return ExitCode::kDone;
}

Result<ExitCode> RunKeysAdd(const CommandLine& line, Toolbox& tools) {
  TRY(const std::string text, ReadDescription(line.key));
  TRY(const PublicKey key, ParsePublicKey(text, line.key));
  TRY(const TrustBasis basis, LoadTrustBasis(tools.surroundings));
  TRY(const fs::path path, AddKey(OwnKeyDirectory(tools.surroundings), key, basis.keyring));
  if (!line.quiet && !line.json)
    Print(tools.out, "key {} is trusted: {}\n", key.id.ToString(), path.string());
  return ExitCode::kDone;
}

Result<ExitCode> RunKeysRevoke(const CommandLine& line, Toolbox& tools) {
  const auto id = ParseKeyId(line.key);
  if (!id)
    return Fail(ExitCode::kUsage, fmt::format("'{}' is no key id", line.key),
                "a key id has 16 hex digits; lastgood keys lists them");
  TRY(const fs::path path, RevokeKey(OwnKeyDirectory(tools.surroundings), *id));
  if (!line.quiet && !line.json)
    Print(tools.out, "key {} is revoked: {}\n", id->ToString(), path.string());
  return ExitCode::kDone;
}

Result<ExitCode> RunKeysUpdate(const CommandLine& line, Toolbox& tools) {
  TRY(const TrustBasis basis, LoadTrustBasis(tools.surroundings));
  TRY(const SignedText text, ReadSigned(line.key, tools));
  TRY(const KeyList list,
      TakeOverKeyList(text, basis.keyring, basis.policy, OwnKeyDirectory(tools.surroundings)));
  if (!line.quiet && !line.json)
    Print(tools.out, "key list version {} is in force: {} keys to trust, {} revoked\n",
          list.version, list.keys.size(), list.revoked.size());
  return ExitCode::kDone;
}

// As if the file came from far away: a signature by a trusted key, or no.
Result<ExitCode> RunKeysVerify(const CommandLine& line, Toolbox& tools) {
  TRY(const TrustBasis basis, LoadTrustBasis(tools.surroundings));
  ExitCode worst = ExitCode::kDone;
  for (const std::string& file : line.files) {
    const auto judged = [&]() -> Result<Trust> {
      TRY(const SignedText text, ReadSigned(file, tools));
      return JudgeDescription(text, Origin::kRemote, basis.policy, basis.keyring);
    }();
    if (!judged) {
      PrintError(judged.error(), line.json, tools.out, tools.err);
      worst = judged.error().code;
    } else if (line.json) {
      JsonObject object;
      object.Set("v", 1).Set("event", "verified").Set("file", file);
      Print(tools.out, "{}\n", object.Set("key", judged->key->ToString()).Dump());
    } else if (!line.quiet) {
      Print(tools.out, "{}: {}\n", file, judged->text);
    }
  }
  return worst;
}

}  // namespace lastgood
