// SPDX-License-Identifier: MIT
// Members of an archive, in memory: nothing is ever unpacked onto a disk. Only what the manifest's
// documentation names is understood: .zip, .tar (plain, .gz, .bz2, .xz, .zst) and .gz.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace lastgood {

inline constexpr std::uint64_t kMemberSizeMax = 16U << 20;

// What a manifest calls the content of a .gz, which has one and whose name in it is often missing.
inline constexpr std::string_view kOnlyContent = "*";

// The bytes of `member`, at most `size_max`. kInvalidManifest when the archive has no such member
// (with what it has), or it is no file; kNotTrusted when the archive is damaged, cut off,
// encrypted, followed by other data, or beyond a limit (members, names, octets unpacked), when it
// holds the member twice or names that leave its directory.
Result<Bytes> ExtractMember(ByteSpan archive, std::string_view member, std::uint64_t size_max);

struct ArchiveMember {
  std::string name;  // "bin/at/user1.bin": no empty component, no "." or ".."
  bool is_directory = false;
  bool is_executable = false;
  Bytes content;
};

// Every file and directory, in the archive's order, without the first `strip` components of its
// name; what has no more than those is left out. kInvalidManifest when nothing is left, or when it
// is a single compressed file; kNotTrusted as above, and when it holds anything else than files and
// directories, a name twice, or a file that others are below.
Result<std::vector<ArchiveMember>> ExtractAll(ByteSpan archive, std::size_t strip);

}  // namespace lastgood
