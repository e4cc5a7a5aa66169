// SPDX-License-Identifier: MIT
// The one judgement on everything that says what to do to a host and its boards: manifests,
// recipes, indexes, key lists. Values in, a verdict out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/signed_text.h"
#include "trust/keyring.h"
#include "trust/minisign.h"
#include "trust/policy.h"

namespace lastgood {

enum class Origin {
  kInstalled,  // out of a directory that an administrator or a package filled: as trusted as the
               // keys beside it, signed or not
  kLocal,      // a file that a person named
  kBundle,     // out of an offline bundle that a person named
  kRemote,     // from a URL, whatever its scheme
};

struct Trust {
  std::optional<KeyId> key;  // nullopt: nobody whom this host trusts has signed it
  std::string text;          // for people: "signed by 5D88C85794C81D4E (school.pub)", "not signed"
};

// kNotTrusted when the policy wants a signature by a trusted key and there is none; and, wherever
// the text comes from, when there is a signature that is damaged, by a revoked key, by a trusted
// key but of another text, or made for another file: the last component of `description.name` has
// to be the `file:` of the trusted comment. What was signed by an unknown key counts as unsigned.
Result<Trust> JudgeDescription(const SignedText& description, Origin origin, const Policy& policy,
                               const Keyring& keyring);

// A trusted comment: fields "KEY:VALUE" with tabs between them, the first three as minisign writes
// them. `product`, `version` and `comment` are left out when empty.
struct CommentFields {
  std::int64_t timestamp = 0;  // seconds since 1970, by the signer's clock; nothing relies on it
  std::string file;            // without a directory
  std::string product;
  std::string version;
  std::string comment;
};
std::string FormatComment(const CommentFields& fields);
std::optional<std::string> CommentField(std::string_view comment, std::string_view key);

// The last component of a path or URL.
std::string FileNameOf(std::string_view name);

}  // namespace lastgood
