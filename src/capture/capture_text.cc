// SPDX-License-Identifier: MIT
#include "capture/capture_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/hex_digit.h"

namespace lastgood {
namespace {

constexpr std::string_view kMark = "lastgood capture ";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kIndent = "  ";  // before each line of a check's text
constexpr std::string_view kQuotes =
    R"(octets stand in quotes, with \n \r \t \\ \" and \x00 to \xff as escapes)";

std::string QuoteOctets(ByteSpan octets) {
  std::string quoted = "\"";
  for (const std::uint8_t octet : octets) {
    if (octet == '\n')
      quoted += "\\n";
    else if (octet == '\r')
      quoted += "\\r";
    else if (octet == '\t')
      quoted += "\\t";
    else if (octet == '"' || octet == '\\')
      quoted += {'\\', static_cast<char>(octet)};
    else if (octet < 0x20 || octet > 0x7e)
      quoted += fmt::format("\\x{:02x}", octet);
    else
      quoted += static_cast<char>(octet);
  }
  return quoted + '"';
}

std::string FormatOctets(std::string_view lead, char direction, ByteSpan octets) {
  std::string lines;
  while (!octets.empty()) {
    const std::size_t size = CaptureLineSize(octets);
    lines += fmt::format("{} {} {}\n", lead, direction, QuoteOctets(octets.first(size)));
    octets = octets.subspan(size);
  }
  return lines;
}

std::string FormatCheck(std::string_view lead, std::string_view text) {
  std::string lines = fmt::format("{} check\n", lead);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines += fmt::format("{}{}\n", kIndent, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// The rest of one line, taken word by word.
class LineReader {
 public:
  explicit LineReader(std::string_view rest) : rest_(rest) {}

  bool Take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::string_view Word() {
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return word;
  }
  std::optional<std::uint64_t> Number(std::size_t digits_max) {
    std::size_t digits = 0;
    std::uint64_t number = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') {
      if (++digits > digits_max) return std::nullopt;
      number = number * 10 + static_cast<std::uint64_t>(rest_[digits - 1] - '0');
    }
    if (digits == 0) return std::nullopt;
    rest_.remove_prefix(digits);
    return number;
  }
  std::optional<bool> Bit() {
    if (Take("0")) return false;
    if (Take("1")) return true;
    return std::nullopt;
  }
  // In quotes; nullopt when they are not closed, or an escape is none.
  std::optional<Bytes> Octets();
  bool AtEnd() const { return rest_.empty(); }

 private:
  std::optional<std::uint8_t> Escaped();

  std::string_view rest_;
};

std::optional<std::uint8_t> LineReader::Escaped() {
  if (rest_.empty()) return std::nullopt;
  const char kind = rest_.front();
  rest_.remove_prefix(1);
  if (kind == 'n') return '\n';
  if (kind == 'r') return '\r';
  if (kind == 't') return '\t';
  if (kind == '"' || kind == '\\') return static_cast<std::uint8_t>(kind);
  if (kind != 'x' || rest_.size() < 2) return std::nullopt;
  const auto high = HexDigit(rest_[0]);
  const auto low = HexDigit(rest_[1]);
  if (!high || !low) return std::nullopt;
  rest_.remove_prefix(2);
  return static_cast<std::uint8_t>(*high << 4 | *low);
}

std::optional<Bytes> LineReader::Octets() {
  if (!Take("\"")) return std::nullopt;
  Bytes octets;
  while (!Take("\"")) {
    if (rest_.empty()) return std::nullopt;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c != '\\') {
      octets.push_back(static_cast<std::uint8_t>(c));
      continue;
    }
    const auto octet = Escaped();
    if (!octet) return std::nullopt;
    octets.push_back(*octet);
  }
  return octets;
}

class CaptureReader {
 public:
  CaptureReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}
  Result<Capture> Read();

 private:
  // False at the end.
  bool NextLine();
  Result<void> ReadLine();
  Result<void> ReadCheckLine();
  void ReadHeadLine();
  // What is wrong with the line; empty when it was read.
  std::string ReadEvent(WireEvent& event) const;
  static std::string ReadOctets(LineReader& reader, WireEvent& event);
  static std::string ReadText(LineReader& reader, WireEvent& event);
  static std::string ReadRate(LineReader& reader, WireEvent& event);
  static std::string ReadLines(LineReader& reader, WireEvent& event);
  static std::string ReadReset(LineReader& reader, WireEvent& event);
  tl::unexpected<Error> Mistake(std::string_view what) const {
    return Fail(ExitCode::kInvalidManifest, fmt::format("{}:{}: error: {}", name_, number_, what),
                whole_ ? "docs/captures.md says how a capture is written"
                       : "the file ends within this line: remove the line to read the rest");
  }

  std::string_view rest_;
  const std::string& name_;
  std::string_view line_;
  std::size_t number_ = 0;
  bool whole_ = true;  // the line has its end
  Capture capture_;
};

bool CaptureReader::NextLine() {
  if (rest_.empty()) return false;
  const std::size_t end = rest_.find('\n');
  whole_ = end != std::string_view::npos;
  line_ = rest_.substr(0, end);
  rest_.remove_prefix(whole_ ? end + 1 : rest_.size());
  while (line_.ends_with('\r')) line_.remove_suffix(1);
  ++number_;
  return true;
}

void CaptureReader::ReadHeadLine() {
  const std::size_t colon = line_.find(": ");
  if (!capture_.events.empty() || !line_.starts_with("# ") || colon == std::string_view::npos)
    return;
  capture_.head.push_back(
      {std::string(line_.substr(2, colon - 2)), std::string(line_.substr(colon + 2))});
}

std::string CaptureReader::ReadOctets(LineReader& reader, WireEvent& event) {
  auto octets = reader.Take(" ") ? reader.Octets() : std::nullopt;
  if (!octets) return std::string(kQuotes);
  if (octets->empty()) return "there are no octets";
  event.octets = *std::move(octets);
  return {};
}

std::string CaptureReader::ReadText(LineReader& reader, WireEvent& event) {
  const auto octets = reader.Take(" ") ? reader.Octets() : std::nullopt;
  if (!octets) return std::string(kQuotes);
  event.text = AsText(*octets);
  return {};
}

std::string CaptureReader::ReadRate(LineReader& reader, WireEvent& event) {
  constexpr std::uint64_t kBaudMax = 100'000'000;
  const auto baud = reader.Take(" ") ? reader.Number(9) : std::nullopt;
  if (!baud || *baud == 0 || *baud > kBaudMax) return "a rate is a number of bits per second";
  event.baud = static_cast<std::uint32_t>(*baud);
  return {};
}

std::string CaptureReader::ReadLines(LineReader& reader, WireEvent& event) {
  const auto reset = reader.Take(" reset=") ? reader.Bit() : std::nullopt;
  const auto boot = reader.Take(" boot=") ? reader.Bit() : std::nullopt;
  if (!reset || !boot) return "levels are written reset=0 boot=1";
  event.reset_asserted = *reset;
  event.boot_asserted = *boot;
  return {};
}

std::string CaptureReader::ReadReset(LineReader& reader, WireEvent& event) {
  if (reader.Take(" done")) {
    event.kind = WireEventKind::kResetDone;
    return {};
  }
  event.to_download = reader.Take(" download");
  return event.to_download || reader.Take(" run") ? "" : "a reset is 'run', 'download' or 'done'";
}

std::string CaptureReader::ReadEvent(WireEvent& event) const {
  LineReader reader(line_);
  const auto seconds = reader.Number(9);
  const auto micros = seconds && reader.Take(".") ? reader.Number(6) : std::nullopt;
  if (!micros || line_.find('.') + 7 != std::min(line_.find(' '), line_.size()))
    return "a line begins with the time in seconds, with six decimals";
  event.at = std::chrono::microseconds(*seconds * 1'000'000 + *micros);
  if (!capture_.events.empty() && event.at < capture_.events.back().at) return "the time goes back";
  struct Row {
    std::string_view word;
    WireEventKind kind;
    std::string (*read)(LineReader&, WireEvent&);
  };
  constexpr auto kNothing = [](LineReader&, WireEvent&) { return std::string(); };
  static constexpr Row kRows[] = {{"<", WireEventKind::kHeard, &ReadOctets},
                                  {">", WireEventKind::kSent, &ReadOctets},
                                  {"rate", WireEventKind::kRate, &ReadRate},
                                  {"lines", WireEventKind::kLines, &ReadLines},
                                  {"reset", WireEventKind::kReset, &ReadReset},
                                  {"opened", WireEventKind::kOpened, &ReadText},
                                  {"check", WireEventKind::kCheck, kNothing},
                                  {"verdict", WireEventKind::kVerdict, &ReadText}};
  const std::string_view word = reader.Take(" ") ? reader.Word() : std::string_view();
  for (const Row& row : kRows) {
    if (row.word != word) continue;
    event.kind = row.kind;
    const std::string mistake = row.read(reader, event);
    if (!mistake.empty() || reader.AtEnd()) return mistake;
    return "something stands behind the end of the event";
  }
  return "no event is called " + QuoteOctets(AsBytes(word.substr(0, 40)));
}

Result<void> CaptureReader::ReadCheckLine() {
  if (capture_.events.empty() || capture_.events.back().kind != WireEventKind::kCheck)
    return Mistake("only the lines below a check are indented");
  capture_.events.back().text.append(line_.substr(kIndent.size())).push_back('\n');
  return {};
}

Result<void> CaptureReader::ReadLine() {
  if (line_.empty()) return {};
  if (line_.starts_with(kIndent)) return ReadCheckLine();
  if (line_.starts_with('#')) {
    ReadHeadLine();
    return {};
  }
  WireEvent event;
  if (const std::string mistake = ReadEvent(event); !mistake.empty()) return Mistake(mistake);
  capture_.events.push_back(std::move(event));
  return {};
}

Result<Capture> CaptureReader::Read() {
  if (!NextLine()) number_ = 1;
  if (!line_.starts_with(kMark)) return Mistake("the first line is not 'lastgood capture 1'");
  if (line_.substr(kMark.size()) != kVersion)
    return Fail(ExitCode::kInvalidManifest,
                fmt::format("{}:1: error: a capture of another version than {}", name_, kVersion),
                "it was written by another version of lastgood: read it with that");
  while (NextLine()) TRY_DO(ReadLine());
  return std::move(capture_);
}

}  // namespace

Result<Capture> ParseCapture(std::string_view text, const std::string& name) {
  return CaptureReader(text, name).Read();
}

std::string_view Capture::Fact(std::string_view key) const {
  for (const CaptureFact& fact : head)
    if (fact.key == key) return fact.value;
  return {};
}

bool IsCapture(ByteSpan content) { return AsText(content).starts_with(kMark); }

std::size_t CaptureLineSize(ByteSpan octets) {
  const auto end = std::find(octets.begin(), octets.end(), '\n');
  const std::size_t size = static_cast<std::size_t>(end - octets.begin()) + 1;
  return std::min({size, octets.size(), kCaptureLineMax});
}

std::string FormatCaptureHead(const std::vector<CaptureFact>& head) {
  std::string text = fmt::format("{}{}\n", kMark, kVersion);
  for (const CaptureFact& fact : head) text += fmt::format("# {}: {}\n", fact.key, fact.value);
  return text;
}

std::string FormatWireEvent(const WireEvent& event) {
  const auto micros = static_cast<std::uint64_t>(event.at.count());
  const std::string lead = fmt::format("{}.{:06}", micros / 1'000'000, micros % 1'000'000);
  switch (event.kind) {
    case WireEventKind::kHeard:
      return FormatOctets(lead, '<', event.octets);
    case WireEventKind::kSent:
      return FormatOctets(lead, '>', event.octets);
    case WireEventKind::kRate:
      return fmt::format("{} rate {}\n", lead, event.baud);
    case WireEventKind::kLines:
      return fmt::format("{} lines reset={:d} boot={:d}\n", lead, event.reset_asserted,
                         event.boot_asserted);
    case WireEventKind::kReset:
      return fmt::format("{} reset {}\n", lead, event.to_download ? "download" : "run");
    case WireEventKind::kResetDone:
      return fmt::format("{} reset done\n", lead);
    case WireEventKind::kOpened:
      return fmt::format("{} opened {}\n", lead, QuoteOctets(AsBytes(event.text)));
    case WireEventKind::kVerdict:
      return fmt::format("{} verdict {}\n", lead, QuoteOctets(AsBytes(event.text)));
    case WireEventKind::kCheck:
      break;
  }
  return FormatCheck(lead, event.text);
}

std::string FormatCapture(const Capture& capture) {
  std::string text = FormatCaptureHead(capture.head);
  for (const WireEvent& event : capture.events) text += FormatWireEvent(event);
  return text;
}

}  // namespace lastgood
