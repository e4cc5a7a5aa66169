// SPDX-License-Identifier: MIT
// What is in a bundle, and in which order: its first file, SHA256SUMS, is a table of contents in
// the format of sha256sum(1). Names and order are part of the format (docs/bundle.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest_value.h"
#include "base/result.h"

namespace lastgood {

inline constexpr std::string_view kContentsName = "SHA256SUMS";
inline constexpr std::string_view kSignatureSuffix = ".minisig";

struct BundleMember {
  std::string name;
  Sha256Digest sha256;

  bool operator==(const BundleMember&) const = default;
};

struct BundleContents {
  BundleMember manifest;                         // manifests/NAME.toml
  std::vector<BundleMember> manifest_signature;  // none, or manifests/NAME.toml.minisig
  BundleMember recipe;                           // recipes/NAME.toml
  std::vector<BundleMember> recipe_signature;    // none, or recipes/NAME.toml.minisig
  std::vector<Sha256Digest> images;              // images/DIGEST, ascending, each once

  bool operator==(const BundleContents&) const = default;
};

std::string ImageName(const Sha256Digest& sha256);

// Whether a file of this name can be in a bundle: letters, digits and ._+- only, ending in .toml,
// short enough for every tar.
bool IsDescriptionName(std::string_view name);

std::string FormatContents(const BundleContents& contents);

// kNotTrusted when it is not exactly what FormatContents() writes.
Result<BundleContents> ParseContents(std::string_view text);

}  // namespace lastgood
