// SPDX-License-Identifier: MIT
// A signed list of manifests and recipes at a URL (docs/trust.md). One signature covers them all;
// the version only rises, so that an old list is recognised without a clock.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest_value.h"
#include "base/result.h"

namespace lastgood {

struct IndexEntry {
  std::string name;  // what a person asks for, or a manifest's `recipe`
  std::string url;   // may be relative to the index's
  std::uint64_t size_bytes = 0;
  Sha256Digest sha256;

  bool operator==(const IndexEntry&) const = default;
};

struct Index {
  std::string name;
  std::int64_t version = 0;  // from 1
  std::vector<IndexEntry> manifests;
  std::vector<IndexEntry> recipes;

  bool operator==(const Index&) const = default;
};

// Of a manifest or recipe.
inline constexpr std::uint64_t kDescriptionBytesMax = 1U << 20;

// kInvalidManifest with all mistakes, each with its place. ParseIndex(FormatIndex(i)) == i.
Result<Index> ParseIndex(std::string text, std::string name);
std::string FormatIndex(const Index& index);

// nullptr when there is none of this name.
const IndexEntry* FindEntry(const std::vector<IndexEntry>& entries, std::string_view name);

// Where `reference`, a URL or a relative path in the file at `base`, leads to. kInvalidManifest
// when it is neither, or climbs out of the directory of `base`: `what` names it in the message.
Result<std::string> ResolveUrl(const std::string& base, const std::string& reference,
                               std::string_view what);

bool IsUrl(std::string_view text);  // http, https or file

}  // namespace lastgood
