// SPDX-License-Identifier: MIT
#include "evidence/wire_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace lastgood {
namespace {

constexpr std::size_t kHexOctets = 16;

std::string Hex(ByteSpan octets) {
  std::string text;
  for (const std::uint8_t octet : octets.first(std::min(octets.size(), kHexOctets)))
    text += fmt::format("{:02x} ", octet);
  return text;
}

std::string_view Mark(WireEventKind kind) { return kind == WireEventKind::kSent ? ">" : " "; }

// Lines as they come about: text that waits for its end, and frames in a row.
class LineMaker {
 public:
  void Add(const KeptWireEvent& kept) {
    const Bytes& octets = kept.event.octets;
    if (kept.gap > 0) Note(fmt::format("  [{} octets left out]", kept.gap));
    const std::string told = DescribeWireEvent(kept.event);
    if (!told.empty()) {
      Note(fmt::format("  [{} {}]", FormatOffset(kept.event.at), told));
    } else if (IsBinary(octets) || kept.more > 0) {
      EndText();
      const std::uint64_t total = octets.size() + kept.more;
      frames_.push_back(fmt::format("{} [{} octets: {}{}]", Mark(kept.event.kind), total,
                                    Hex(octets), total > kHexOctets ? "…" : ""));
    } else {
      AddText(kept.event);
    }
  }

  std::vector<std::string> Take() {
    EndText();
    EndFrames();
    return std::move(lines_);
  }

 private:
  void Note(std::string line) {
    EndText();
    EndFrames();
    lines_.push_back(std::move(line));
  }

  void AddText(const WireEvent& event) {
    EndFrames();
    if (kind_ != event.kind) EndText();
    kind_ = event.kind;
    const bool sent = event.kind == WireEventKind::kSent;
    for (const std::uint8_t octet : event.octets) {
      // What a console is sent ends in a CR; what it says ends in CR and LF.
      if (octet == '\r' && sent) text_ += "\\r";
      if (octet != '\n') {
        text_ += Printable({&octet, 1});
        continue;
      }
      lines_.push_back(fmt::format("{} {}", Mark(kind_), text_));
      text_.clear();
    }
  }

  void EndText() {
    if (!text_.empty()) lines_.push_back(fmt::format("{} {}", Mark(kind_), text_));
    text_.clear();
  }

  void EndFrames() {
    constexpr std::size_t kShown = 2;  // at each end
    const bool all = frames_.size() <= 2 * kShown + 1;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      if (all || i < kShown || i + kShown >= frames_.size()) lines_.push_back(frames_[i]);
      if (!all && i == kShown)
        lines_.push_back(fmt::format("  [{} more frames]", frames_.size() - 2 * kShown));
    }
    frames_.clear();
  }

  std::vector<std::string> lines_;
  std::vector<std::string> frames_;
  std::string text_;
  WireEventKind kind_ = WireEventKind::kHeard;
};

}  // namespace

std::string Printable(ByteSpan octets) {
  std::string text;
  for (const std::uint8_t octet : octets) {
    if (octet == '\r') continue;
    if (octet == '\n' || (octet >= 0x20 && octet < 0x7F)) {
      text += static_cast<char>(octet);
    } else {
      text += fmt::format("\\x{:02x}", octet);
    }
  }
  return text;
}

bool IsBinary(ByteSpan octets) {
  if (octets.empty()) return false;
  if (octets.front() == 0xC0) return true;
  const auto readable = std::count_if(octets.begin(), octets.end(), [](std::uint8_t octet) {
    return (octet >= 0x20 && octet < 0x7F) || octet == '\n' || octet == '\r' || octet == '\t';
  });
  // Control characters of a console come alone or in pairs.
  return octets.size() > 8 && readable * 2 < static_cast<std::ptrdiff_t>(octets.size());
}

std::string DescribeWireEvent(const WireEvent& event) {
  switch (event.kind) {
    case WireEventKind::kRate:
      return fmt::format("{} baud", event.baud);
    case WireEventKind::kLines:
      return fmt::format("reset {}, boot {}", event.reset_asserted ? "asserted" : "released",
                         event.boot_asserted ? "asserted" : "released");
    case WireEventKind::kReset:
      return fmt::format("reset into the {}", event.to_download ? "loader" : "firmware");
    default:
      return "";
  }
}

std::string FormatOffset(std::chrono::microseconds at) {
  return fmt::format("{:.3f} s", static_cast<double>(at.count()) / 1e6);
}

std::vector<std::string> WireLines(const WireEvidence& wire) {
  LineMaker maker;
  for (const KeptWireEvent& kept : wire.events) maker.Add(kept);
  return maker.Take();
}

}  // namespace lastgood
