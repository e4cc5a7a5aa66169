// SPDX-License-Identifier: MIT
#include "sim/boot_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace lastgood::sim {
namespace {

constexpr std::uint8_t kImageMagic = 0xE9;
constexpr unsigned kSegmentsMax = 16;
constexpr std::uint32_t kLine = 16;  // the ROM reads the flash in lines of this size
constexpr std::uint32_t kHeaderBytes = 8;
constexpr std::uint8_t kChecksumSeed = 0xEF;
constexpr const char* kStops = "ets_main.c \n";

std::uint32_t RoomInLine(std::uint32_t position) { return (kLine - position % kLine) % kLine; }

// A segment header that does not fit into what is left of the line.
std::string StraddleLine(std::uint32_t position) {
  const std::uint32_t room = RoomInLine(position);
  if (room == 0 || room >= kHeaderBytes) return {};
  return fmt::format("ho 0 tail {} room {}\n", position % kLine, room);
}

std::string SegmentLines(std::uint32_t load_address, std::uint32_t length, std::uint32_t room) {
  const std::uint32_t tail = (length - std::min(room, length)) % kLine;
  return fmt::format("load 0x{:08x}, len {}, room {} \ntail {}\n", load_address, length, room,
                     tail);
}

}  // namespace

std::string ResetLine(int cause, Straps straps) {
  std::string line = fmt::format("\n ets Jan  8 2013,rst cause:{}, boot mode:({},6)\n\n", cause,
                                 static_cast<int>(straps));
  if (cause == kCauseWatchdog) line += "wdt reset\n";
  return line;
}

RomLoad LoadImage(ByteSpan flash, std::uint32_t offset) {
  RomLoad result;
  result.text = kStops;
  if (offset + kLine > flash.size() || flash[offset] != kImageMagic) return result;
  const unsigned segments = flash[offset + 1];
  if (segments > kSegmentsMax) return result;

  std::string text;
  std::uint8_t checksum = kChecksumSeed;
  std::uint32_t position = kHeaderBytes;  // within the image, as the ROM's lines are
  const ByteSpan image = flash.subspan(offset);
  for (unsigned segment = 0; segment < segments; ++segment) {
    text += StraddleLine(position);
    if (position + kHeaderBytes > image.size()) return result;
    const std::uint32_t load_address = LoadLe32(image, position);
    const std::uint32_t length = LoadLe32(image, position + 4);
    position += kHeaderBytes;
    // The first header leaves a line unread rather than used up.
    text += SegmentLines(load_address, length, segment == 0 ? kLine : RoomInLine(position));
    result.text = text + kStops;
    if (length > image.size() - position) return result;
    for (const std::uint8_t octet : image.subspan(position, length))
      checksum = static_cast<std::uint8_t>(checksum ^ octet);
    position += length;
    text += fmt::format("chksum 0x{:02x}\n", checksum);
  }
  const std::uint32_t checksum_at = position | (kLine - 1);
  text += fmt::format("csum 0x{:02x}\n", checksum);
  result.loaded = checksum_at < image.size() && image[checksum_at] == checksum;
  result.end = offset + checksum_at + 1;
  result.read = position;
  result.text = result.loaded ? text : text + "csum err\n" + kStops;
  return result;
}

}  // namespace lastgood::sim
