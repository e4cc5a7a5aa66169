// SPDX-License-Identifier: MIT
#include "setup/boot_config_step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/nearest_word.h"
#include "facts/boot_lines.h"
#include "setup/boot_edit.h"
#include "setup/boot_files.h"

namespace lastgood {
namespace {

class BootConfigStep final : public Step {
 public:
  BootConfigStep(BootWish wish, const SetupHost& host) : wish_(std::move(wish)), host_(host) {}

  std::string Describe() const override {
    std::vector<std::string> words;
    for (const BootSetting& setting : wish_.set) words.push_back(setting.Text());
    for (const BootSetting& setting : wish_.remove)
      words.push_back("no " + (setting.value.empty() ? setting.Thing() : setting.Text()));
    return fmt::format("boot-config: {}{}", fmt::join(words, ", "),
                       wish_.section == "all" ? "" : fmt::format(" for [{}]", wish_.section));
  }

  Result<std::vector<Change>> Pending() override {
    TRY(const BootFile file, ReadBootFile(host_, "config.txt"));
    TRY(const std::string text,
        FulfilBootWish(wish_, host_.files, host_.facts.model, file.name, file.Text()));
    return ChangesOf(file, text);
  }

  std::vector<Claim> Claims() const override {
    std::vector<Claim> claims;
    for (const BootSetting& setting : wish_.set) {
      const std::string thing = ThingOf(setting);
      const auto same = std::find_if(claims.begin(), claims.end(),
                                     [&thing](const Claim& claim) { return claim.thing == thing; });
      // An overlay that is wanted several times is one wish.
      if (same == claims.end()) {
        claims.push_back({thing, setting.Text()});
      } else {
        same->value += " " + setting.Text();
      }
    }
    for (const BootSetting& setting : wish_.remove) claims.push_back({ThingOf(setting), "gone"});
    return claims;
  }

 private:
  std::string ThingOf(const BootSetting& setting) const {
    return fmt::format("boot-config [{}] {}", wish_.section, setting.Thing());
  }

  BootWish wish_;
  const SetupHost& host_;
};

bool IsTreeKey(std::string_view key) { return key == "dtoverlay" || key == "dtparam"; }

// Why a key can not be set or removed; empty when it can.
std::string WhyNotKey(std::string_view key) {
  if (key == "device_tree_overlay") return "the key is called 'dtoverlay' here";
  if (key == "device_tree_param") return "the key is called 'dtparam' here";
  // Each of their lines counts, and nothing tells which one is meant.
  for (const std::string_view other : {"include", "initramfs", "gpio"})
    if (key == other)
      return fmt::format("'{}' may stand several times in config.txt; write it by hand", key);
  constexpr std::string_view kKeyCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:.-";
  if (key.empty() || key.find_first_not_of(kKeyCharacters) != std::string_view::npos)
    return fmt::format("'{}' is not the name of a setting of config.txt", key);
  return {};
}

std::string WhyNotValue(std::string_view key, std::string_view value) {
  const bool is_printable =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!is_printable || Trimmed(value) != value)
    return fmt::format("the value of '{}' must be printable ASCII without blanks around it", key);
  if (key == "dtparam" && value.find(',') != std::string_view::npos)
    return "'dtparam' has one parameter in each string; several are a list of strings";
  if (IsTreeKey(key) && (value.empty() || value.front() == ',' || value.front() == '='))
    return fmt::format("'{}' needs a name", key);
  if (ParseBootSetting(key, value).Text().size() > kBootLineMax)
    return fmt::format("the firmware ignores what stands beyond column {}", kBootLineMax);
  return {};
}

// Where a step's settings are noted, with a mistake at its place.
class WishReader {
 public:
  explicit WishReader(toml::Diagnostics& mistakes) : mistakes_(mistakes) {}

  void ReadSet(const toml::Table& table) {
    if (table.order.empty()) mistakes_.Add(table.position, "'set' must have a key");
    for (const std::string& key : table.order) {
      const toml::Value& value = table.entries.find(key)->second;
      if (const std::string why = WhyNotKey(key); !why.empty()) {
        mistakes_.Add(table.key_positions.find(key)->second, why);
      } else if (const auto* list = std::get_if<toml::Array>(&value.data)) {
        ReadList(key, *list, value.position);
      } else {
        ReadValue(key, value);
      }
    }
  }

  void ReadRemove(const std::string& text, toml::Position position) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string key = text.substr(0, equals);
    std::string why = WhyNotKey(key);
    if (why.empty() && IsTreeKey(key) != (equals < text.size()))
      why = IsTreeKey(key) ? fmt::format("'{}=NAME' says which one is to go", key)
                           : fmt::format("'{}' goes whatever its value is", key);
    std::string value = IsTreeKey(key) && why.empty() ? text.substr(equals + 1) : "";
    if (why.empty()) why = WhyNotValue(key, value);
    if (!why.empty()) {
      mistakes_.Add(position, why);
      return;
    }
    BootSetting setting = ParseBootSetting(key, value);
    // A parameter's name alone is any value, not "on".
    if (value.find('=') == std::string::npos && key == "dtparam") setting.value.clear();
    for (const BootSetting& wanted : wish_.set)
      if (wanted.key == setting.key && wanted.name == setting.name)
        mistakes_.Add(position, fmt::format("'{}' is set by the same step", text));
    wish_.remove.push_back(std::move(setting));
  }

  void ReadSection(const std::string& section, toml::Position position) {
    wish_.section = section;
    const std::vector<std::string> known = BootSections();
    if (std::find(known.begin(), known.end(), section) != known.end()) return;
    const auto nearest = NearestWord(section, known);
    mistakes_.Add(
        position,
        nearest ? fmt::format("'{}' is no section; did you mean '{}'?", section, *nearest)
                : fmt::format("'{}' is no section; there are {}", section, fmt::join(known, ", ")));
  }

  BootWish Take() && { return std::move(wish_); }

 private:
  void ReadList(const std::string& key, const toml::Array& list, toml::Position position) {
    if (!IsTreeKey(key))
      mistakes_.Add(position,
                    fmt::format("'{}' has one value; only dtoverlay and dtparam are lists", key));
    else if (list.empty())
      mistakes_.Add(position, fmt::format("'{}' must have a value", key));
    else
      for (const toml::Value& value : list) ReadValue(key, value);
  }

  void ReadValue(const std::string& key, const toml::Value& value) {
    const auto* text = std::get_if<std::string>(&value.data);
    if (text == nullptr) {
      const auto* number = std::get_if<std::int64_t>(&value.data);
      mistakes_.Add(value.position,
                    fmt::format("the value of '{}' must be a string{}", key,
                                number != nullptr ? fmt::format(": \"{}\"", *number) : ""));
      return;
    }
    if (const std::string why = WhyNotValue(key, *text); !why.empty()) {
      mistakes_.Add(value.position, why);
      return;
    }
    BootSetting setting = ParseBootSetting(key, *text);
    for (const BootSetting& other : wish_.set)
      if (other.Text() == setting.Text() ||
          (key == "dtparam" && other.key == key && other.name == setting.name))
        mistakes_.Add(value.position, fmt::format("'{}' is there twice", setting.Thing()));
    wish_.set.push_back(std::move(setting));
  }

  toml::Diagnostics& mistakes_;
  BootWish wish_;
};

}  // namespace

std::unique_ptr<Step> MakeBootConfigStep(const StepSpec& spec, toml::TableReader& fields,
                                         toml::Diagnostics& mistakes, SetupHost& host) {
  WishReader wish(mistakes);
  if (const toml::Table* set = fields.OptionalTable("set")) wish.ReadSet(*set);
  if (const auto section = fields.OptionalString("section"))
    wish.ReadSection(*section, fields.PositionOf("section"));
  const std::vector<std::string> removed = fields.OptionalStrings("remove");
  for (const std::string& text : removed) wish.ReadRemove(text, fields.PositionOf("remove"));
  if (mistakes.empty() && !fields.Has("set") && removed.empty())
    mistakes.Add(spec.fields.position, "the step needs 'set' or 'remove'");
  return std::make_unique<BootConfigStep>(std::move(wish).Take(), host);
}

}  // namespace lastgood
