// SPDX-License-Identifier: MIT
#include "recipe/lines_reader.h"

#include <fmt/format.h>

#include <array>

#include "manifest/text_rules.h"
#include "toml/source_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kLineNameSizeMax = 64;
constexpr std::int64_t kGpioOffsetMax = 1023;
constexpr std::size_t kArgumentsMax = 64;
constexpr std::int64_t kCommandTimeoutMax = 3600;
constexpr std::size_t kArgumentSizeMax = 4096;

constexpr std::array<std::string_view, 4> kKindNames = {"gpio", "modem", "command", "none"};
constexpr std::array kKinds = {LinesKind::kGpio, LinesKind::kModem, LinesKind::kCommand,
                               LinesKind::kNone};

constexpr std::array<std::string_view, 4> kBiasNames = {"as-is", "disabled", "pull-up",
                                                        "pull-down"};
constexpr std::array kBiases = {GpioBias::kAsIs, GpioBias::kDisabled, GpioBias::kPullUp,
                                GpioBias::kPullDown};

// The line's name, on a chip or on any; or its chip and offset.
void CheckForm(toml::TableReader& reader) {
  const bool has_chip = reader.Has("chip");
  const bool has_offset = reader.Has("offset");
  if (reader.Has("line") && has_offset)
    reader.Complain("offset", "give either 'line' or 'offset', not both");
  else if (!reader.Has("line") && has_chip != has_offset)
    reader.Complain(has_chip ? "chip" : "offset",
                    has_chip ? "'chip' goes together with 'line' or 'offset'"
                             : "'offset' goes together with 'chip'");
}

// How the pin is driven, and what holds its level when nobody drives it.
void ReadElectrics(toml::TableReader& reader, GpioLineSpec& gpio) {
  if (reader.OptionalChoice("active", {"low", "high"}) == std::size_t{1})
    gpio.active = ActiveLevel::kHigh;
  if (const auto bias = reader.OptionalChoice("bias", {kBiasNames.begin(), kBiasNames.end()}))
    gpio.bias = kBiases[*bias];
  if (reader.OptionalChoice("drive", {"push-pull", "open-drain"}) == std::size_t{1})
    gpio.drive = GpioDrive::kOpenDrain;
  const bool is_low = gpio.active == ActiveLevel::kLow;
  if (gpio.bias == (is_low ? GpioBias::kPullDown : GpioBias::kPullUp))
    reader.Complain("bias",
                    fmt::format("'bias' pulls towards the active level, which is \"{}\": the board "
                                "would not be let go of",
                                is_low ? "low" : "high"));
  if (gpio.drive == GpioDrive::kOpenDrain && !is_low)
    reader.Complain("drive", "an open drain can only pull low, so 'active' must be \"low\"");
}

GpioLineSpec ReadGpioLine(const toml::Table& table, std::string_view signal,
                          toml::Diagnostics& diagnostics) {
  toml::TableReader reader(table, fmt::format("'{}' of [board.lines]", signal), diagnostics);
  GpioLineSpec gpio;
  const bool is_by_chip = reader.Has("chip") || reader.Has("offset");
  gpio.line =
      is_by_chip ? reader.OptionalString("line").value_or("") : reader.RequiredString("line");
  gpio.chip = reader.OptionalString("chip").value_or("");
  if (const auto offset = reader.OptionalInteger("offset", 0, kGpioOffsetMax))
    gpio.offset = static_cast<std::uint32_t>(*offset);
  Accept(reader, "line", WhyNotLine(gpio.line, kLineNameSizeMax));
  Accept(reader, "chip", WhyNotLine(gpio.chip, kLineNameSizeMax));
  if (is_by_chip && reader.Has("chip") && gpio.chip.empty())
    reader.Complain("chip", "'chip' must not be empty");
  CheckForm(reader);
  ReadElectrics(reader, gpio);
  reader.Finish();
  return gpio;
}

bool IsSameLine(const GpioLineSpec& a, const GpioLineSpec& b) {
  return a.line == b.line && a.chip == b.chip && a.offset == b.offset &&
         (!a.line.empty() || !a.chip.empty());
}

// A bare pin is what people write first.
const toml::Table* RequiredLine(toml::TableReader& reader, std::string_view key) {
  const toml::Value* value = reader.Any(key);
  std::string name;
  if (value != nullptr) {
    if (const auto* number = std::get_if<std::int64_t>(&value->data))
      name = fmt::format("GPIO{}", *number);
    else if (const auto* text = std::get_if<std::string>(&value->data))
      name = toml::Printable(*text);
  }
  if (name.empty()) return reader.RequiredTable(key);
  reader.Complain(key, fmt::format("'{}' must be a table; write {{ line = \"{}\" }}", key, name));
  return nullptr;
}

void ReadGpio(toml::TableReader& reader, LinesSpec& lines, toml::Diagnostics& diagnostics) {
  const toml::Table* reset = RequiredLine(reader, "reset");
  const toml::Table* boot = RequiredLine(reader, "boot");
  if (reset != nullptr) lines.reset = ReadGpioLine(*reset, "reset", diagnostics);
  if (boot != nullptr) lines.boot = ReadGpioLine(*boot, "boot", diagnostics);
  if (reset != nullptr && boot != nullptr && IsSameLine(lines.reset, lines.boot))
    reader.Complain("boot", "'reset' and 'boot' are the same line");
}

std::vector<std::string> ReadArguments(toml::TableReader& reader, std::string_view key,
                                       toml::Diagnostics& diagnostics) {
  auto arguments = reader.RequiredStrings(key);
  AcceptEach(reader, key, diagnostics,
             [](std::string_view text) { return WhyNotLine(text, kArgumentSizeMax); });
  if (arguments.size() > kArgumentsMax)
    reader.Complain(key, fmt::format("'{}' must hold at most {} words", key, kArgumentsMax));
  if (!arguments.empty() && arguments.front().empty())
    reader.Complain(key, fmt::format("'{}' must begin with a program", key));
  return arguments;
}

// Marks the keys of other kinds as known, and refuses them here.
void RefuseKeysOf(LinesKind kind, std::initializer_list<std::string_view> keys,
                  toml::TableReader& reader, std::string_view kind_name) {
  const auto owner = static_cast<std::size_t>(kind);
  for (const std::string_view key : keys)
    if (reader.Any(key) != nullptr)
      reader.Complain(key, fmt::format("'{}' belongs to kind = \"{}\", not to \"{}\"", key,
                                       kKindNames[owner], kind_name));
}

void ReadSequence(toml::TableReader& reader, LinesSpec& lines) {
  const auto named =
      reader.OptionalChoice("sequence", {kSequenceNames.begin(), kSequenceNames.end()});
  if (!named) return;
  lines.sequence = static_cast<SequenceName>(*named);
  if (lines.kind != LinesKind::kGpio && lines.kind != LinesKind::kModem)
    reader.Complain(
        "sequence",
        "'sequence' is for lines that lastgood moves itself: kind = \"gpio\" or \"modem\"");
  else if (lines.kind == LinesKind::kGpio && lines.sequence == SequenceName::kUsbJtag)
    reader.Complain("sequence",
                    "\"usb-jtag\" goes over a USB cable: it belongs to kind = \"modem\"");
}

}  // namespace

LinesSpec ReadLines(const toml::Table& table, toml::Diagnostics& diagnostics) {
  toml::TableReader reader(table, "[board.lines]", diagnostics);
  LinesSpec lines;
  const auto kind = reader.RequiredChoice("kind", {kKindNames.begin(), kKindNames.end()});
  if (!kind) return lines;
  lines.kind = kKinds[*kind];
  if (lines.kind == LinesKind::kGpio)
    ReadGpio(reader, lines, diagnostics);
  else
    RefuseKeysOf(LinesKind::kGpio, {"reset", "boot"}, reader, kKindNames[*kind]);
  if (lines.kind == LinesKind::kCommand) {
    lines.enter_download = ReadArguments(reader, "enter_download", diagnostics);
    lines.run_firmware = ReadArguments(reader, "run_firmware", diagnostics);
    if (const auto seconds = reader.OptionalInteger("timeout_s", 1, kCommandTimeoutMax))
      lines.command_timeout = std::chrono::seconds(*seconds);
  } else {
    RefuseKeysOf(LinesKind::kCommand, {"enter_download", "run_firmware", "timeout_s"}, reader,
                 kKindNames[*kind]);
  }
  ReadSequence(reader, lines);
  reader.Finish();
  return lines;
}

}  // namespace lastgood
