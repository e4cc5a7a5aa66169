// SPDX-License-Identifier: MIT
// Going through an archive's members under the rules that hold for all uses of one: its container
// is known, its names stay in its directory, and every number has a limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "image/archive_reader.h"

namespace lastgood {

inline constexpr std::uint64_t kUnpackedMax = 64U << 20;  // octets of all members

// An archive without its outer compression.
struct ArchiveContainer {
  ArchiveKind kind = ArchiveKind::kZip;  // kCompressed: `unpacked` is one content and no archive
  ByteSpan packed;                       // not owned
  Bytes unpacked;                        // of a compressed archive

  ByteSpan bytes() const { return unpacked.empty() ? packed : ByteSpan(unpacked); }
};

// kNotTrusted: not an archive, damaged, or beyond a limit. `archive` must outlive the container.
Result<ArchiveContainer> OpenContainer(ByteSpan archive);

// `name` is without a leading "./".
using VisitMember = std::function<Result<void>(const ArchiveEntry& entry, std::string_view name,
                                               ArchiveReader& reader)>;

// Every member in the archive's order, until `visit` fails. kNotTrusted: damaged, cut off, too many
// members, or a name that is no text, too long, or leaves the archive's directory.
// Precondition: the container is a .zip or a .tar.
Result<void> WalkMembers(const ArchiveContainer& container, const VisitMember& visit);

// "./a/b" is "a/b".
std::string_view WithoutDot(std::string_view name);
// An archive's name for a message.
std::string PrintableName(std::string_view name);

}  // namespace lastgood
