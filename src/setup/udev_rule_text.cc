// SPDX-License-Identifier: MIT
#include "setup/udev_rule_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/nearest_word.h"

namespace lastgood {
namespace {

enum class Attribute { kNone, kMay, kMust };

struct KeyRow {
  std::string_view name;
  Attribute attribute;
  bool compares;  // == and !=
  bool assigns;   // =, += and :=
};

// udev(7) of systemd 247 to 257. IMPORT and PROGRAM are comparisons that many rules spell with '='.
constexpr std::array kKeys = {
    KeyRow{"ACTION", Attribute::kNone, true, false},
    KeyRow{"ATTR", Attribute::kMust, true, true},
    KeyRow{"ATTRS", Attribute::kMust, true, false},
    KeyRow{"CONST", Attribute::kMust, true, false},
    KeyRow{"DEVPATH", Attribute::kNone, true, false},
    KeyRow{"DRIVER", Attribute::kNone, true, false},
    KeyRow{"DRIVERS", Attribute::kNone, true, false},
    KeyRow{"ENV", Attribute::kMust, true, true},
    KeyRow{"GOTO", Attribute::kNone, false, true},
    KeyRow{"GROUP", Attribute::kNone, false, true},
    KeyRow{"IMPORT", Attribute::kMust, true, true},
    KeyRow{"KERNEL", Attribute::kNone, true, false},
    KeyRow{"KERNELS", Attribute::kNone, true, false},
    KeyRow{"LABEL", Attribute::kNone, false, true},
    KeyRow{"MODE", Attribute::kNone, false, true},
    KeyRow{"NAME", Attribute::kNone, true, true},
    KeyRow{"OPTIONS", Attribute::kNone, false, true},
    KeyRow{"OWNER", Attribute::kNone, false, true},
    KeyRow{"PROGRAM", Attribute::kNone, true, true},
    KeyRow{"RESULT", Attribute::kNone, true, false},
    KeyRow{"RUN", Attribute::kMay, false, true},
    KeyRow{"SECLABEL", Attribute::kMust, false, true},
    KeyRow{"SUBSYSTEM", Attribute::kNone, true, false},
    KeyRow{"SUBSYSTEMS", Attribute::kNone, true, false},
    KeyRow{"SYMLINK", Attribute::kNone, true, true},
    KeyRow{"SYSCTL", Attribute::kMust, true, true},
    KeyRow{"TAG", Attribute::kNone, true, true},
    KeyRow{"TAGS", Attribute::kNone, true, false},
    KeyRow{"TEST", Attribute::kMay, true, false},
};
constexpr std::array<std::string_view, 6> kOperations = {"==", "!=", "+=", "-=", ":=", "="};
constexpr std::string_view kBlanks = " \t";

const KeyRow* FindKey(std::string_view name) {
  const auto* const found = std::find_if(kKeys.begin(), kKeys.end(),
                                         [name](const KeyRow& row) { return row.name == name; });
  return found == kKeys.end() ? nullptr : found;
}

std::string WhyUnknown(std::string_view name) {
  if (name.empty()) return "there must be a key here, such as KERNEL";
  std::vector<std::string> known;
  for (const KeyRow& row : kKeys) known.emplace_back(row.name);
  const auto nearest = NearestWord(name, known);
  return nearest ? fmt::format("'{}' is not a key of udev's; did you mean '{}'?", name, *nearest)
                 : fmt::format("'{}' is not a key of udev's", name);
}

class RuleReader {
 public:
  explicit RuleReader(std::string_view line) : line_(line) {}

  UdevRule Read() {
    SkipBlanks();
    if (AtEnd() || line_[at_] == '#') return {};
    while (!mistake_ && !AtEnd()) {
      ReadTerm();
      ReadComma();
    }
    return {std::move(terms_), std::move(mistake_)};
  }

 private:
  void ReadTerm() {
    UdevTerm term;
    const std::size_t begin = at_;
    term.key = TakeWhile("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_");
    const KeyRow* key = FindKey(term.key);
    if (key == nullptr) return Note(begin, WhyUnknown(term.key));
    ReadAttribute(*key, term);
    SkipBlanks();
    ReadOperation(*key, term);
    SkipBlanks();
    ReadValue(term);
    terms_.push_back(term);
  }

  void ReadAttribute(const KeyRow& key, UdevTerm& term) {
    if (mistake_) return;
    if (!Takes("{")) {
      if (key.attribute == Attribute::kMust)
        Note(at_, fmt::format("'{0}' needs to say which: {0}{{…}}", key.name));
      return;
    }
    if (key.attribute == Attribute::kNone)
      return Note(at_ - 1, fmt::format("'{}' has no attribute", key.name));
    const std::size_t end = line_.find('}', at_);
    if (end == line_.npos || end == at_) return Note(at_, "there must be a name and a '}' here");
    term.attribute = line_.substr(at_, end - at_);
    at_ = end + 1;
  }

  void ReadOperation(const KeyRow& key, UdevTerm& term) {
    if (mistake_) return;
    const std::size_t begin = at_;
    const auto* const found =
        std::find_if(kOperations.begin(), kOperations.end(),
                     [this](std::string_view operation) { return Takes(operation); });
    if (found == kOperations.end())
      return Note(begin, "there must be one of == != = += -= := here");
    term.operation = *found;
    const bool is_comparison = term.operation == "==" || term.operation == "!=";
    if (is_comparison && !key.compares)
      Note(begin, fmt::format("'{}' is set, not compared: write '='", key.name));
    if (!is_comparison && !key.assigns)
      Note(begin, fmt::format("'{}' is compared, not set: write '=='", key.name));
    if (term.operation == "-=" && key.name != "TAG")
      Note(begin, fmt::format("'-=' is for TAG, not for '{}'", key.name));
  }

  // e"…" has escapes as in C; in all others only \" is one.
  void ReadValue(UdevTerm& term) {
    if (mistake_) return;
    Takes("e");
    const std::size_t begin = at_;
    if (!Takes("\"")) return Note(begin, "there must be a value in double quotes here");
    std::size_t end = at_;
    while (end < line_.size() && line_[end] != '"') end += line_[end] == '\\' ? 2U : 1U;
    if (end >= line_.size()) return Note(begin, "this quote has no end");
    term.value = line_.substr(at_, end - at_);
    at_ = end + 1;
  }

  void ReadComma() {
    if (mistake_) return;
    SkipBlanks();
    if (AtEnd()) return;
    if (!Takes(",")) return Note(at_, "there must be a comma here");
    SkipBlanks();
  }

  bool AtEnd() const { return at_ >= line_.size(); }
  void SkipBlanks() { TakeWhile(kBlanks); }
  std::string_view TakeWhile(std::string_view set) {
    const std::size_t end = std::min(line_.find_first_not_of(set, at_), line_.size());
    const std::string_view taken = line_.substr(at_, end - at_);
    at_ = end;
    return taken;
  }
  bool Takes(std::string_view text) {
    if (line_.substr(at_, text.size()) != text) return false;
    at_ += text.size();
    return true;
  }
  void Note(std::size_t at, std::string what) {
    if (!mistake_) mistake_ = UdevMistake{at, std::move(what)};
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::vector<UdevTerm> terms_;
  std::optional<UdevMistake> mistake_;
};

}  // namespace

UdevRule ParseUdevRule(std::string_view line) { return RuleReader(line).Read(); }

}  // namespace lastgood
