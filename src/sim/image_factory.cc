// SPDX-License-Identifier: MIT
#include "sim/image_factory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "digest/digest.h"
#include "sim/dice.h"
#include "sim/micropython_release.h"

namespace lastgood::sim {
namespace {

using Kind = ImageRequest::Kind;

constexpr std::uint32_t kIram = 0x40100000;
constexpr std::uint32_t kDram = 0x3FFE8000;
constexpr std::uint32_t kCallUserStart = 0x40100004;  // the vendor SDK's own entry
constexpr std::uint8_t kChecksumSeed = 0xEF;

constexpr std::uint32_t kTrailerOffsetWord = 0x8FFC;
constexpr std::uint32_t kIrom = 0x9000;
constexpr std::uint32_t kMd5Bytes = 16;
constexpr std::uint32_t kSizeMin = 40 * 1024;
constexpr std::uint32_t kSizeMax = 1024 * 1024;

constexpr std::uint32_t kAtBytes = 0xFF000;
constexpr std::uint32_t kAtSecondImage = 0x1000;
constexpr std::uint32_t kAtInitData = 0xFC000;
constexpr std::uint32_t kAtIromMin = 0x8000;
constexpr std::uint32_t kAtIromMax = 0x59440;

struct Segment {
  std::uint32_t address = 0;
  Bytes data;
};

struct Header {
  std::uint8_t mode = 0;
  std::uint8_t size_and_frequency = 0;
  std::uint32_t entry = kCallUserStart;
};

constexpr std::array<std::pair<std::string_view, Kind>, 7> kKindNames = {{
    {"micropython", Kind::kMicropython},
    {"micropython-sdk1", Kind::kMicropythonSdk1},
    {"at", Kind::kAt},
    {"crashing", Kind::kCrashing},
    {"crashing-late", Kind::kCrashingLate},
    {"silent", Kind::kSilent},
    {"circuitpython", Kind::kCircuitpython},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kReleaseDates = {{
    {"1.8.2", "2016-07-10"},
    {"1.8.3", "2016-08-09"},
    {"1.8.5", "2016-10-17"},
    {"1.8.6", "2016-11-10"},
    {"1.8.7", "2017-01-08"},
    {"1.9.3", "2017-11-01"},
    {"1.22.1", "2024-01-05"},
    {"1.22.2", "2024-02-22"},
}};

// Compresses about as real firmware does: three-octet instructions, some of them frequent, half of
// them with operands, and phrases that come again.
Bytes Code(Dice& dice, std::size_t size_bytes) {
  constexpr std::uint32_t kOperations = 128;
  constexpr std::size_t kPhrase = 12;
  std::array<std::uint32_t, kOperations> operations;
  for (std::uint32_t& operation : operations) operation = dice.Next();
  Bytes code;
  code.reserve(size_bytes + kPhrase);
  while (code.size() < size_bytes) {
    if (code.size() > kPhrase && dice.OneIn(12)) {
      const std::size_t from = dice.Below(static_cast<std::uint32_t>(code.size() - kPhrase));
      for (std::size_t i = 0; i < kPhrase; ++i) code.push_back(code[from + i]);
    }
    std::uint32_t word = operations[std::min(dice.Below(kOperations), dice.Below(kOperations))];
    if (dice.OneIn(2)) word ^= dice.Next() & 0x00F0F0;
    for (int shift = 0; shift < 24; shift += 8)
      code.push_back(static_cast<std::uint8_t>(word >> shift));
  }
  code.resize(size_bytes);
  return code;
}

// Overwrites the end of `code` with texts, each ended by a zero octet. Precondition: they fit.
void PlaceTexts(Bytes& code, const std::vector<std::string>& texts) {
  Bytes block;
  for (const std::string& text : texts) {
    Append(block, AsBytes(text));
    block.push_back(0);
  }
  std::copy(block.begin(), block.end(), code.end() - static_cast<std::ptrdiff_t>(block.size()));
}

// 13.1: header, segments, and the checksum as the last octet of a line of 16.
Bytes RomImage(const Header& header, const std::vector<Segment>& segments) {
  Bytes image = {0xE9, static_cast<std::uint8_t>(segments.size()), header.mode,
                 header.size_and_frequency};
  AppendLe32(image, header.entry);
  std::uint8_t checksum = kChecksumSeed;
  for (const Segment& segment : segments) {
    AppendLe32(image, segment.address);
    AppendLe32(image, static_cast<std::uint32_t>(segment.data.size()));
    Append(image, segment.data);
    for (const std::uint8_t octet : segment.data) checksum ^= octet;
  }
  image.resize((image.size() / 16 + 1) * 16, 0);
  image.back() = checksum;
  return image;
}

std::string VersionText(std::string_view version) {
  if (version.substr(0, 1) == "v") version.remove_prefix(1);
  if (version.find(" on ") != std::string_view::npos) return fmt::format("v{}", version);
  const auto known = std::find_if(kReleaseDates.begin(), kReleaseDates.end(),
                                  [&](const auto& row) { return row.first == version; });
  return fmt::format("v{} on {}", version,
                     known == kReleaseDates.end() ? "2026-01-01" : known->second);
}

std::string_view Marker(Kind kind) {
  switch (kind) {
    case Kind::kCrashing:
      return "lastgood-sim:crashing";
    case Kind::kCrashingLate:
      return "lastgood-sim:crashing-late";
    case Kind::kSilent:
      return "lastgood-sim:silent";
    default:
      return "lastgood-sim";
  }
}

std::vector<std::string> MicropythonTexts(Kind kind, const std::string& version,
                                          const MicropythonRelease& release) {
  const std::string name = kind == Kind::kCircuitpython
                               ? "Adafruit CircuitPython " + version.substr(1)
                               : "MicroPython " + version;
  const std::string machine = "; ESP module with ESP8266\r\n";
  std::vector<std::string> texts = {
      std::string(Marker(kind)), std::string(release.SoftRebootText()) + "\r\n",
      "raw REPL; CTRL-B to exit\r\n", "Type \"help()\" for more information.\r\n",
      "Performing initial setup"};
  if (release.HasVersionInSysVersion())
    texts.insert(texts.end(), {"3.4.0; " + name, machine});
  else
    texts.insert(texts.end(), {"3.4.0", name + machine});
  if (release.HasCheckFw()) texts.insert(texts.end(), {"size: %d\n", "md5: "});
  if (kind == Kind::kMicropythonSdk1)
    texts.emplace_back(
        "Bootloader Flash size appear to have been set incorrectly, trying to fix\n");
  return texts;
}

Header MicropythonHeader(bool sdk1, const MicropythonRelease& release) {
  Header header;
  const bool old = !release.AtLeast(1, 10);
  header.size_and_frequency = old ? 0x00 : 0x20;  // as released: 512 KB, later 1 MB
  if (!sdk1) header.entry = kIram + (old ? 0x6C4 : 0x420);
  return header;
}

Bytes MicropythonRomPart(bool sdk1, const MicropythonRelease& release, Dice& dice) {
  Segment code{kIram, Code(dice, 0x7A00)};
  if (!sdk1) PlaceTexts(code.data, {"Writing init data\n"});
  Segment data{kDram, Code(dice, 0x440)};
  Segment constants{kDram + 0x450, Code(dice, 0x400)};
  PlaceTexts(constants.data, {sdk1 ? "1.5.4(baaeaebb)" : std::string(release.SdkVersion())});
  return RomImage(MicropythonHeader(sdk1, release), {code, data, constants});
}

// 13.6: the part that the ROM loads, padding, the length, code that runs from flash, the MD5.
Bytes MakeMicropython(const ImageRequest& request) {
  Dice dice(request.seed);
  const std::string version = VersionText(request.version);
  const bool sdk1 = request.kind == Kind::kMicropythonSdk1;
  const MicropythonRelease release = MicropythonRelease::Parse(version);
  const std::uint32_t size = std::clamp(request.size_bytes, kSizeMin, kSizeMax);
  const std::uint32_t end = (size - kMd5Bytes) / 4 * 4;

  Bytes image = MicropythonRomPart(sdk1, release, dice);
  image.resize(kTrailerOffsetWord, 0xFF);
  AppendLe32(image, release.HasCheckFw() ? end : 0xFFFFFFFF);
  Bytes code = Code(dice, end - kIrom);
  PlaceTexts(code, MicropythonTexts(request.kind, version, release));
  Append(image, code);
  if (release.HasCheckFw()) Append(image, Md5(ByteSpan(image).subspan(4)).octets);
  return image;
}

std::uint32_t Crc32(ByteSpan data) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t octet : data) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) {
      const bool odd = (crc & 1) != 0;
      crc >>= 1;
      if (odd) crc ^= 0xEDB88320;
    }
  }
  return ~crc;
}

Bytes AtBootLoader(Dice& dice) {
  Segment code{kIram, Code(dice, 0x740)};
  Segment data{kDram, Code(dice, 0x308)};
  Segment more{kDram + 0x310, Code(dice, 0x228)};
  PlaceTexts(data.data, {"\n2nd boot version : 1.5\n"});
  return RomImage({0x00, 0x20, kIram + 0x420}, {code, data, more});
}

// 13.2: what the second-stage loader runs.
Bytes AtApplication(const ImageRequest& request, Dice& dice) {
  const std::uint32_t irom_bytes = std::clamp(request.size_bytes, kAtIromMin, kAtIromMax) / 16 * 16;
  Bytes image = {0xEA, 4, 0x00, 0x01};
  for (const std::uint32_t word : {kCallUserStart, std::uint32_t{0}, irom_bytes})
    AppendLe32(image, word);
  Append(image, Code(dice, irom_bytes));
  Segment code{kIram, Code(dice, 0x1C00)};
  Segment data{kDram, Code(dice, 0x400)};
  Segment constants{kDram + 0x400, Code(dice, 0x800)};
  PlaceTexts(constants.data,
             {"1.5.4(baaeaebb)", "\r\nready\r\n", "AT version:%d.%d.%d.%d(%s %s)\r\n",
              "May 11 2016", "18:09:56", "SDK version:%s\r\n", "\r\nOK\r\n", "\r\nERROR\r\n",
              std::string(Marker(request.kind))});
  Append(image, RomImage({0x02, 0x20, kCallUserStart}, {code, data, constants}));
  const std::uint32_t crc = Crc32(image);
  AppendLe32(image, (crc >> 31) != 0 ? ~crc : crc + 1);
  return image;
}

// 13.7.
Bytes MakeAt(const ImageRequest& request) {
  Dice dice(request.seed);
  Bytes image = AtBootLoader(dice);
  image.resize(kAtSecondImage, 0xFF);
  Append(image, AtApplication(request, dice));
  image.resize(kAtInitData, 0xFF);
  constexpr std::size_t kInitDataBytes = 128;
  Append(image, Bytes{0x05, 0x00, 0x04, 0x02, 0x05, 0x05, 0x05, 0x02});
  image.resize(kAtInitData + kInitDataBytes, 0x00);
  image.resize(kAtBytes, 0xFF);
  return image;
}

}  // namespace

Result<ImageRequest::Kind> ParseImageKind(std::string_view name) {
  std::string names;
  for (const auto& [known, kind] : kKindNames) {
    if (known == name) return kind;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", known);
  }
  return Fail(ExitCode::kUsage, fmt::format("unknown kind of image '{}'", name),
              fmt::format("known kinds: {}", names));
}

Bytes MakeImage(const ImageRequest& request) {
  return request.kind == Kind::kAt ? MakeAt(request) : MakeMicropython(request);
}

}  // namespace lastgood::sim
