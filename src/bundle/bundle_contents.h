// SPDX-License-Identifier: MIT
// What is in a bundle, and in which order: its first file, SHA256SUMS, is a table of contents in
// the format of sha256sum(1). Names and order are part of the format (docs/bundle.md).
#pragma once

#include <cstddef>
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

// A manifest or a recipe.
struct BundleDescription {
  BundleMember file;                    // manifests/NAME.toml, recipes/NAME.toml
  std::vector<BundleMember> signature;  // none, or the same with .minisig

  bool operator==(const BundleDescription&) const = default;
};

struct BundleContents {
  BundleDescription manifest;
  std::vector<BundleDescription> recipes;  // the recipe, the one that it extends, and so on
  std::vector<Sha256Digest> images;        // images/DIGEST, ascending, each once

  bool operator==(const BundleContents&) const = default;
};

inline constexpr std::size_t kBundleRecipesMax = 9;

std::string ImageName(const Sha256Digest& sha256);

// Whether a file of this name can be in a bundle: letters, digits and ._+- only, ending in .toml,
// short enough for every tar.
bool IsDescriptionName(std::string_view name);

// Whether no two of them have the same name.
bool HaveOwnNames(const std::vector<BundleDescription>& descriptions);

std::string FormatContents(const BundleContents& contents);

// kNotTrusted when it is not exactly what FormatContents() writes.
Result<BundleContents> ParseContents(std::string_view text);

}  // namespace lastgood
