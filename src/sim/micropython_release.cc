// SPDX-License-Identifier: MIT
#include "sim/micropython_release.h"

#include <charconv>
#include <tuple>

namespace lastgood::sim {
namespace {

// Takes "1.8.7" or "1.20" from the front; members that are not there stay 0.
MicropythonRelease ParseNumbers(std::string_view text) {
  MicropythonRelease release{0, 0, 0};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int* const member : {&release.major, &release.minor, &release.patch}) {
    const auto parsed = std::from_chars(at, end, *member);
    if (parsed.ec != std::errc()) break;
    at = parsed.ptr;
    if (at == end || *at != '.') break;
    ++at;
  }
  return release;
}

}  // namespace

MicropythonRelease MicropythonRelease::Parse(std::string_view version) {
  if (const std::size_t remark_end = version.find(") "); remark_end != std::string_view::npos)
    version.remove_prefix(remark_end + 2);
  if (!version.empty() && version.front() == 'v') version.remove_prefix(1);
  return ParseNumbers(version);
}

bool MicropythonRelease::AtLeast(int other_major, int other_minor, int other_patch) const {
  return std::tie(major, minor, patch) >= std::tie(other_major, other_minor, other_patch);
}

std::string_view MicropythonRelease::SoftRebootText() const {
  return AtLeast(1, 10) ? "MPY: soft reboot" : "PYB: soft reboot";
}

std::string_view MicropythonRelease::SdkVersion() const {
  if (AtLeast(1, 10)) return "2.2.0-dev(9422289)";
  return AtLeast(1, 8, 6) ? "2.0.0(5a875ba)" : "1.5.4(baaeaebb)";
}

int MicropythonRelease::MpyVersion() const {
  constexpr int kXtensa = 9 << 10;
  constexpr int kFormat = 6;
  if (AtLeast(1, 23)) return kXtensa | 3 << 8 | kFormat;
  if (AtLeast(1, 22)) return kXtensa | 2 << 8 | kFormat;
  if (AtLeast(1, 20)) return kXtensa | 1 << 8 | kFormat;
  return kXtensa | kFormat;
}

}  // namespace lastgood::sim
