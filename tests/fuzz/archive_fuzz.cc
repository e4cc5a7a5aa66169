// SPDX-License-Identifier: MIT
// Any octets as an archive: a member within its limit, all members below one directory, or a
// verdict; nothing else than these.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string>

#include "image/archive.h"

namespace {

void CheckVerdict(lastgood::ExitCode code) {
  if (code != lastgood::ExitCode::kNotTrusted && code != lastgood::ExitCode::kInvalidManifest)
    std::abort();
}

void CheckName(const std::string& name) {
  const std::string framed = "/" + name + "/";
  for (const char* part : {"//", "/./", "/../"})
    if (framed.find(part) != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kSizeMax = 1U << 20;
  const lastgood::ByteSpan archive(data, size);
  for (const char* member : {"*", "a.bin", "bin/at/user1.bin"}) {
    const auto content = lastgood::ExtractMember(archive, member, kSizeMax);
    if (content) {
      if (content->size() > kSizeMax) std::abort();
      continue;
    }
    CheckVerdict(content.error().code);
  }
  const auto members = lastgood::ExtractAll(archive, 0);
  if (!members) CheckVerdict(members.error().code);
  if (members)
    for (const lastgood::ArchiveMember& member : *members) CheckName(member.name);
  return 0;
}
