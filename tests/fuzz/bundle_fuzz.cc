// SPDX-License-Identifier: MIT
// Any octets as a bundle, compressed ones as they are and any others as what is in it; and as a
// table of contents and a tar head by themselves. What is accepted is written back the same.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "bundle/bundle_reader.h"
#include "digest/digest.h"

namespace {

using namespace lastgood;

constexpr std::size_t kBlockMax = 128U << 10;

// `plain` as a Zstandard frame whose blocks are not compressed (RFC 8878, 3.1.1): faster than a
// compressor, and what is found stays readable.
Bytes Framed(ByteSpan plain) {
  constexpr std::uint8_t kWindowOf1MiB = 10U << 3;
  Bytes frame{0x28, 0xb5, 0x2f, 0xfd, 0x00, kWindowOf1MiB};
  do {
    const ByteSpan block = plain.first(std::min(plain.size(), kBlockMax));
    plain = plain.subspan(block.size());
    const auto head = static_cast<std::uint32_t>(block.size() << 3 | (plain.empty() ? 1U : 0U));
    for (int shift = 0; shift < 24; shift += 8)
      frame.push_back(static_cast<std::uint8_t>(head >> shift));
    Append(frame, block);
  } while (!plain.empty());
  return frame;
}

void Require(bool what) {
  if (!what) std::abort();
}

void ReadAsBundle(ByteSpan file) {
  static const int memory = memfd_create("bundle", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(memory);
  Require(ftruncate(memory, 0) == 0 &&
          pwrite(memory, file.data(), file.size(), 0) == static_cast<ssize_t>(file.size()));
  auto reader = BundleReader::Open(path);
  if (!reader) return Require(reader.error().code == ExitCode::kNotTrusted);
  for (const Sha256Digest& image : reader->contents().images) {
    const auto octets = reader->NextImage(16);
    if (!octets) return Require(octets.error().code == ExitCode::kNotTrusted);
    Require(octets->size() == 16 && Sha256(*octets) == image);
  }
  const auto finished = reader->Finish();
  if (!finished) return Require(finished.error().code == ExitCode::kNotTrusted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan input(data, size);
  constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd";
  ReadAsBundle(AsText(input).starts_with(kZstd) ? Bytes(data, data + size) : Framed(input));
  if (const auto contents = ParseContents(AsText(input)))
    Require(FormatContents(*contents) == AsText(input));
  if (size >= kTarBlock) {
    const auto head = ParseTarHead(input.first(kTarBlock));
    if (head && *head) {
      const auto again = ParseTarHead(FormatTarHead(**head));
      Require(again && *again == *head);
    }
  }
  return 0;
}
