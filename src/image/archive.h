// SPDX-License-Identifier: MIT
// One member out of an archive, in memory: nothing is ever unpacked onto a disk. Only what the
// manifest's documentation names is understood: .zip, .tar (plain, .gz, .bz2, .xz, .zst) and .gz.
#pragma once

#include <cstdint>
#include <string_view>

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

}  // namespace lastgood
