// SPDX-License-Identifier: MIT
// lastgood sign and lastgood index: what a publisher does.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/locate.h"
#include "cli/password.h"
#include "digest/digest.h"
#include "digest/secrets.h"
#include "host/files.h"
#include "json/json_object.h"
#include "manifest/text_rules.h"
#include "report/print.h"
#include "toml/document.h"
#include "trust/index.h"
#include "trust/judge.h"
#include "trust/secret_key.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSignedBytesMax = std::uint64_t{64} << 20;
constexpr std::size_t kCommentSizeMax = 1024;

Result<void> RefuseOverwriting(const fs::path& path, bool force) {
  std::error_code error;
  if (force || fs::symlink_status(path, error).type() == fs::file_type::not_found) return {};
  return Fail(ExitCode::kUsage, fmt::format("'{}' exists already", path.string()),
              "--force overwrites it");
}

Result<Bytes> ReadForUse(const fs::path& path, std::uint64_t size_max) {
  Result<Bytes> content = ReadFile(path, size_max);
  if (!content) return Fail(ExitCode::kUsage, content.error().message, content.error().hint);
  return content;
}

Result<SecretKey> OpenKey(const CommandLine& line, Toolbox& tools) {
  TRY(Bytes content, ReadForUse(line.secret_key, kSignedBytesMax));
  std::string text(AsText(content));
  Wipe(content);
  TRY(const bool encrypted, NeedsPassword(text, line.secret_key));
  std::string password;
  if (encrypted) {
    TRY(password, ReadPassword(line, line.secret_key, /*twice=*/false, tools));
  }
  Result<SecretKey> key = OpenSecretKey(text, line.secret_key, password);
  Wipe(text);
  Wipe(password);
  return key;
}

std::string StringAt(const toml::Table& table, std::string_view key) {
  const auto found = table.entries.find(key);
  if (found == table.entries.end()) return "";
  if (const auto* text = std::get_if<std::string>(&found->second.data)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&found->second.data))
    return std::to_string(*number);
  return "";
}

// What a manifest, recipe or index calls itself; other files call themselves nothing.
void DescribeContent(const std::string& text, CommentFields& fields) {
  const auto document = toml::Document::Parse(text, "");
  if (!document) return;
  const toml::Table& root = document->root();
  fields.product = StringAt(root, "name");
  fields.version = StringAt(root, "version");
  const auto firmware = root.entries.find("firmware");
  if (firmware == root.entries.end()) return;
  if (const auto* table = std::get_if<toml::Table>(&firmware->second.data))
    fields.version = StringAt(*table, "version");
}

Result<void> CheckComment(const std::string& comment) {
  // A field is what stands between tabs.
  if (const Refusal refusal = WhyNotLine(comment, kCommentSizeMax))
    return Fail(ExitCode::kUsage, "--comment " + *refusal);
  return {};
}

// Values with control characters would be fields of their own.
std::string OneField(std::string value) {
  return WhyNotLine(value, kCommentSizeMax) ? std::string() : value;
}

Result<Signature> SignFile(const std::string& file, const SecretKey& key, const CommandLine& line,
                           Toolbox& tools) {
  CommentFields fields;
  fields.file = FileNameOf(file);
  if (const Refusal refusal = WhyNotLine(fields.file, kCommentSizeMax))
    return Fail(ExitCode::kUsage, fmt::format("the name of '{}' {}", file, *refusal));
  TRY(const Bytes content, ReadForUse(file, kSignedBytesMax));
  const std::string text(AsText(content));
  DescribeContent(text, fields);
  fields.product = OneField(fields.product);
  fields.version = OneField(fields.version);
  fields.comment = line.comment;
  fields.timestamp =
      std::chrono::duration_cast<std::chrono::seconds>(tools.clock.WallNow().time_since_epoch())
          .count();
  Signature signature = Sign(key, text, FormatComment(fields));
  TRY_DO(WriteFileDurably(file + ".minisig", AsBytes(FormatSignature(signature))));
  return signature;
}

IndexEntry EntryOf(const std::string& file, const std::string& name, const Bytes& content) {
  return {name, FileNameOf(file), content.size(), Sha256(content)};
}

// A manifest or a recipe, with all its mistakes found here and not by those who fetch it.
Result<void> AddEntry(const std::string& file, Index& index) {
  TRY(const Bytes content, ReadForUse(file, kDescriptionBytesMax));
  std::string text(AsText(content));
  TRY(const toml::Document document, toml::Document::Parse(text, file));
  if (IsRecipe(document)) {
    TRY(const RecipeFile recipe, ParseRecipeFile(std::move(text), file));
    index.recipes.push_back(EntryOf(file, recipe.name, content));
  } else {
    TRY(const Manifest manifest, ParseManifest(std::move(text), file));
    index.manifests.push_back(EntryOf(file, manifest.name, content));
  }
  return {};
}

}  // namespace

Result<ExitCode> RunSign(const CommandLine& line, Toolbox& tools) {
  TRY_DO(CheckComment(line.comment));
  for (const std::string& file : line.files)
    TRY_DO(RefuseOverwriting(file + ".minisig", line.force));
  TRY(const SecretKey key, OpenKey(line, tools));
  for (const std::string& file : line.files) {
    TRY(const Signature signature, SignFile(file, key, line, tools));
    if (line.json) {
      JsonObject object;
      object.Set("v", 1).Set("event", "signed").Set("file", file);
      object.Set("signature", file + ".minisig").Set("key", key.id.ToString());
      Print(tools.out, "{}\n", object.Set("trusted_comment", signature.trusted_comment).Dump());
    } else if (!line.quiet) {
      Print(tools.out, "wrote {}.minisig, by key {}\n", file, key.id.ToString());
    }
  }
  return ExitCode::kDone;
}

Result<ExitCode> RunIndex(const CommandLine& line, Toolbox& tools) {
  if (const Refusal refusal = WhyNotName(line.index_name))
    return Fail(ExitCode::kUsage, "--name " + *refusal);
  Index index{line.index_name, line.index_version, {}, {}};
  for (const std::string& file : line.files) TRY_DO(AddEntry(file, index));
  const std::string text = FormatIndex(index);
  TRY_DO(ParseIndex(text, "the new index"));  // such as two of one name
  if (line.output.empty()) {
    Print(tools.out, "{}", text);
    return ExitCode::kDone;
  }
  TRY_DO(RefuseOverwriting(line.output, line.force));
  TRY_DO(WriteFileDurably(line.output, AsBytes(text)));
  if (!line.quiet && !line.json) Print(tools.out, "wrote {}\n", line.output);
  return ExitCode::kDone;
}

}  // namespace lastgood
