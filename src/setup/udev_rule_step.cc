// SPDX-License-Identifier: MIT
#include "setup/udev_rule_step.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "digest/digest.h"
#include "setup/file_plan.h"
#include "setup/udev_rule_text.h"
#include "toml/source_text.h"

namespace lastgood {
namespace {

constexpr std::size_t kRulesMax = 64;
constexpr std::size_t kRuleSizeMax = 4096;
constexpr std::string_view kHead = "# Written by lastgood, which would undo a change here.\n";
// Where a file of the same name would come after ours (udev(7)); /lib where it is no link to
// /usr/lib.
constexpr std::array kOtherDirectories = {"/run/udev/rules.d", "/usr/local/lib/udev/rules.d",
                                          "/usr/lib/udev/rules.d", "/lib/udev/rules.d"};

// An empty list: rules for no subsystem by name take effect when a device appears.
std::vector<Argv> ReloadFor(const std::vector<std::string>& rules) {
  std::set<std::string> subsystems;
  for (const std::string& rule : rules)
    for (const UdevTerm& term : ParseUdevRule(rule).terms)
      if (term.key == "SUBSYSTEM" && term.operation == "==")
        for (std::string& name : SplitText(term.value, '|'))
          if (!name.empty()) subsystems.insert(std::move(name));
  std::vector<Argv> commands = {{"udevadm", "control", "--reload"}};
  if (subsystems.empty()) return commands;
  Argv trigger = {"udevadm", "trigger", "--settle"};
  for (const std::string& name : subsystems) trigger.push_back("--subsystem-match=" + name);
  commands.push_back(std::move(trigger));
  return commands;
}

class UdevRuleStep final : public Step {
 public:
  UdevRuleStep(std::string name, std::vector<std::string> rules, const SetupHost& host)
      : name_(std::move(name)), rules_(std::move(rules)), host_(host) {}

  std::string Describe() const override {
    for (const char* directory : kOtherDirectories) {
      const std::string other = fmt::format("{}/{}.rules", directory, name_);
      if (host_.files.Exists(other))
        return fmt::format("udev-rule: {}, in place of {}", name_, other);
    }
    return "udev-rule: " + name_;
  }

  Result<std::vector<Change>> Pending() override {
    FilePlan plan(host_);
    TRY_DO(plan.WantFile(Path(), ToBytes(Content()), {}));
    std::vector<Change> changes = plan.Take();
    if (!changes.empty()) changes.back().reload = ReloadFor(rules_);
    return changes;
  }

  std::vector<Claim> Claims() const override {
    return {{FileClaim(Path(), host_), "udev rules " + Sha256(AsBytes(Content())).ToHex()}};
  }

 private:
  std::string Path() const { return fmt::format("/etc/udev/rules.d/{}.rules", name_); }
  std::string Content() const {
    std::string content(kHead);
    for (const std::string& rule : rules_) content += rule + '\n';
    return content;
  }

  std::string name_;
  std::vector<std::string> rules_;
  const SetupHost& host_;
};

Refusal WhyNotRuleName(std::string_view name) {
  if (name.ends_with(".rules")) return "must be without '.rules'";
  return WhyNotName(name);
}

// The place of a mistake within a rule: exactly where the recipe's text has the rule unescaped, and
// the beginning of the rule elsewhere.
toml::Position PlaceOf(const toml::Document& document, toml::Position rule, const std::string& text,
                       std::size_t at) {
  const std::size_t begin = toml::OffsetOf(document.text(), rule) + 1;
  if (document.text().compare(begin, text.size(), text) != 0) return rule;
  return toml::PositionAt(document.text(), begin + at);
}

void CheckRules(toml::TableReader& reader, toml::Diagnostics& mistakes) {
  const toml::Value* list = reader.Any("rules");
  const auto* rules = list == nullptr ? nullptr : std::get_if<toml::Array>(&list->data);
  if (rules == nullptr) return;
  for (const toml::Value& rule : *rules) {
    const auto* text = std::get_if<std::string>(&rule.data);
    if (text == nullptr) continue;
    if (const Refusal refusal = WhyNotLine(*text, kRuleSizeMax)) {
      mistakes.Add(rule.position, fmt::format("a rule {}", *refusal));
      continue;
    }
    if (const auto mistake = ParseUdevRule(*text).mistake)
      mistakes.Add(PlaceOf(mistakes.document(), rule.position, *text, mistake->at), mistake->what);
  }
}

}  // namespace

std::unique_ptr<Step> MakeUdevRuleStep(const StepSpec&, toml::TableReader& reader,
                                       toml::Diagnostics& mistakes, SetupHost& host) {
  std::string name = reader.RequiredString("rule_name");
  if (!name.empty()) Accept(reader, "rule_name", WhyNotRuleName(name));
  std::vector<std::string> rules = reader.RequiredStrings("rules");
  if (rules.size() > kRulesMax)
    reader.Complain("rules",
                    fmt::format("'rules' must hold at most {}, not {}", kRulesMax, rules.size()));
  CheckRules(reader, mistakes);
  return std::make_unique<UdevRuleStep>(std::move(name), std::move(rules), host);
}

}  // namespace lastgood
