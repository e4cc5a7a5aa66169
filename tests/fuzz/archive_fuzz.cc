// SPDX-License-Identifier: MIT
// Any octets as an archive: a member within its limit, or a verdict; nothing else than these.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>

#include "image/archive.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kSizeMax = 1U << 20;
  const lastgood::ByteSpan archive(data, size);
  for (const char* member : {"*", "a.bin", "bin/at/user1.bin"}) {
    const auto content = lastgood::ExtractMember(archive, member, kSizeMax);
    if (content) {
      if (content->size() > kSizeMax) std::abort();
      continue;
    }
    const lastgood::ExitCode code = content.error().code;
    if (code != lastgood::ExitCode::kNotTrusted && code != lastgood::ExitCode::kInvalidManifest)
      std::abort();
  }
  return 0;
}
