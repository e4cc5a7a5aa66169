// SPDX-License-Identifier: MIT
#include "trust/judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace lastgood {
namespace {

bool MustBeSigned(Origin origin, const Policy& policy) {
  switch (origin) {
    case Origin::kInstalled:
      return false;
    case Origin::kLocal:
      return policy.require_signature == SignatureRequirement::kAlways;
    case Origin::kBundle:
      return policy.require_signature != SignatureRequirement::kRemote;
    case Origin::kRemote:
      break;
  }
  return true;
}

const SourceRule* RuleFor(const std::string& name, const Policy& policy) {
  const SourceRule* longest = nullptr;
  for (const SourceRule& rule : policy.sources)
    if (name.starts_with(rule.prefix) &&
        (longest == nullptr || rule.prefix.size() > longest->prefix.size()))
      longest = &rule;
  return longest;
}

Result<void> CheckRule(const std::string& name, const KeyId& key, const Policy& policy) {
  const SourceRule* rule = RuleFor(name, policy);
  if (rule == nullptr || std::find(rule->keys.begin(), rule->keys.end(), key) != rule->keys.end())
    return {};
  std::vector<std::string> ids;
  for (const KeyId& id : rule->keys) ids.push_back(id.ToString());
  return Fail(ExitCode::kNotTrusted,
              fmt::format("'{}' is signed by key {}, which may not sign what begins with '{}'",
                          name, key.ToString(), rule->prefix),
              fmt::format("the policy names {}", fmt::join(ids, ", ")));
}

Result<void> CheckFileName(const std::string& name, const std::string& comment) {
  const std::optional<std::string> file = CommentField(comment, "file");
  if (!file) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("the signature of '{}' does not say for which file it is", name),
                "sign it with lastgood sign, or with minisign without -t");
  }
  if (*file == FileNameOf(name)) return {};
  return Fail(ExitCode::kNotTrusted,
              fmt::format("the signature of '{}' is for a file named '{}'", name, *file),
              "give the file the name that it was signed under");
}

Trust SignedBy(const TrustedKey& key) {
  return {key.key.id, fmt::format("signed by {} ({})", key.key.id.ToString(),
                                  std::filesystem::path(key.source).filename().string())};
}

Result<Trust> JudgeUnknown(const SignedText& description, const KeyId& key, bool must_be_signed) {
  const std::string id = key.ToString();
  if (!must_be_signed) return Trust{{}, fmt::format("signed by {}, which is not trusted here", id)};
  return Fail(
      ExitCode::kNotTrusted,
      fmt::format("'{}' is signed by key {}, which is not trusted here", description.name, id),
      "when you are sure whose key it is: lastgood keys add FILE");
}

}  // namespace

Result<Trust> JudgeDescription(const SignedText& description, Origin origin, const Policy& policy,
                               const Keyring& keyring) {
  const std::string& name = description.name;
  if (origin == Origin::kInstalled) return Trust{{}, "installed"};
  const bool must_be_signed = MustBeSigned(origin, policy) || RuleFor(name, policy) != nullptr;
  if (description.signature.empty()) {
    if (!must_be_signed) return Trust{{}, "not signed"};
    return Fail(ExitCode::kNotTrusted, fmt::format("'{}' is not signed", name),
                fmt::format("its author signs it with lastgood sign or minisign; the signature "
                            "lies beside it as {}.minisig",
                            FileNameOf(name)));
  }
  TRY(const Signature signature, ParseSignature(description.signature, name + ".minisig"));
  if (const auto revoked = keyring.revoked.find(signature.key); revoked != keyring.revoked.end()) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("'{}' is signed by key {}, which was revoked ({})", name,
                            signature.key.ToString(), revoked->second),
                "its author has to sign it with the new key");
  }
  const TrustedKey* key = keyring.Find(signature.key);
  if (key == nullptr) return JudgeUnknown(description, signature.key, must_be_signed);
  if (!Verify(key->key, description.text, signature)) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("'{}' or its signature was changed after key {} signed it", name,
                            signature.key.ToString()),
                "get both again from their author");
  }
  TRY_DO(CheckFileName(name, signature.trusted_comment));
  TRY_DO(CheckRule(name, signature.key, policy));
  return SignedBy(*key);
}

std::string FormatComment(const CommentFields& fields) {
  std::string text = fmt::format("timestamp:{}\tfile:{}\thashed", fields.timestamp, fields.file);
  if (!fields.product.empty()) text += "\tproduct:" + fields.product;
  if (!fields.version.empty()) text += "\tversion:" + fields.version;
  if (!fields.comment.empty()) text += "\tcomment:" + fields.comment;
  return text;
}

std::optional<std::string> CommentField(std::string_view comment, std::string_view key) {
  while (!comment.empty()) {
    const std::string_view field = comment.substr(0, comment.find('\t'));
    comment.remove_prefix(std::min(field.size() + 1, comment.size()));
    if (field.size() > key.size() && field.starts_with(key) && field[key.size()] == ':')
      return std::string(field.substr(key.size() + 1));
  }
  return std::nullopt;
}

std::string FileNameOf(std::string_view name) {
  if (name.find("://") != std::string_view::npos) name = name.substr(0, name.find_first_of("?#"));
  return std::string(name.substr(name.rfind('/') + 1));
}

}  // namespace lastgood
