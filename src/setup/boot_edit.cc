// SPDX-License-Identifier: MIT
#include "setup/boot_edit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "facts/boot_lines.h"

namespace lastgood {
namespace {

constexpr std::string_view kEveryHost = "all";

// How many of the hosts that a section is for see a line.
enum class Reach { kNone, kSome, kAll };

bool IsTreeKey(std::string_view key) { return key == "dtoverlay" || key == "dtparam"; }

// What a line sets: several things when it has several parameters.
std::vector<BootSetting> SettingsOf(const BootLine& line) {
  if (line.key.empty()) return {};
  if (line.key != "dtparam") return {ParseBootSetting(line.key, line.value)};
  std::vector<BootSetting> settings;
  for (const std::string& piece : SplitText(line.value, ','))
    settings.push_back(ParseBootSetting(line.key, piece));
  return settings;
}

bool IsSameThing(const BootSetting& a, const BootSetting& b) {
  return a.key == b.key && a.name == b.name;
}

bool SaysTheSame(const BootSetting& a, const BootSetting& b) {
  if (!IsSameThing(a, b)) return false;
  const bool both_on = a.key == "dtparam" && IsSwitchedOn(a.value) && IsSwitchedOn(b.value);
  return a.value == b.value || both_on;
}

std::vector<HostModel> HostsOf(const std::string& section, const HostModel& model) {
  const auto sees = [&section](const HostModel& host) {
    return section == kEveryHost || JudgeFilter(section, host) == FilterVerdict::kHolds;
  };
  if (!model.filters.empty() && sees(model)) return {model};
  std::vector<HostModel> hosts = KnownModels();
  std::erase_if(hosts, [&sees](const HostModel& host) { return !sees(host); });
  return hosts;
}

class Editor {
 public:
  Editor(const BootWish& wish, const HostFiles& files, const HostModel& model, std::string path,
         std::string_view text)
      : wish_(wish),
        files_(files),
        hosts_(HostsOf(wish.section, model)),
        path_(std::move(path)),
        text_(SplitText(text, '\n')) {
    if (wish.section != kEveryHost) own_filters_ = {wish.section};
    Read();
  }

  Result<void> Fulfil() {
    if (!lines_.unread.empty())
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("cannot tell what counts in {}: {}", path_, lines_.unread),
                  "take the line that includes it out, or make it readable");
    for (const BootSetting& setting : wish_.remove) TRY_DO(Remove(setting));
    for (const BootSetting& setting : wish_.set) TRY_DO(Set(setting));
    return {};
  }

  std::string Text() const { return fmt::format("{}", fmt::join(text_, "\n")); }

 private:
  void Read() {
    lines_ = ReadBootLines(files_, path_, Text(), [this](const BootFilters& filters) {
      const Reach reach = ReachOf(filters);
      if (reach == Reach::kSome) return FilterVerdict::kUnknown;
      return reach == Reach::kAll ? FilterVerdict::kHolds : FilterVerdict::kDoesNot;
    });
  }

  Reach ReachOf(const BootFilters& filters) const {
    std::size_t all = 0;
    std::size_t none = 0;
    for (const HostModel& host : hosts_) {
      const auto says = [&](FilterVerdict verdict) {
        return [&host, verdict](const std::string& name) {
          return JudgeFilter(name, host) == verdict;
        };
      };
      if (std::all_of(filters.begin(), filters.end(), says(FilterVerdict::kHolds))) ++all;
      if (std::any_of(filters.begin(), filters.end(), says(FilterVerdict::kDoesNot))) ++none;
    }
    if (all == hosts_.size()) return Reach::kAll;
    return none == hosts_.size() ? Reach::kNone : Reach::kSome;
  }

  // A line of config.txt itself, in the wish's section and no other.
  bool IsOwn(const BootLine& line) const {
    return line.path == path_ && line.filters == own_filters_;
  }

  // The last of the settings of this thing that a line has.
  static const BootSetting* Find(const std::vector<BootSetting>& settings,
                                 const BootSetting& thing) {
    const auto found =
        std::find_if(settings.rbegin(), settings.rend(),
                     [&thing](const BootSetting& setting) { return IsSameThing(setting, thing); });
    return found == settings.rend() ? nullptr : &*found;
  }

  struct Standing {
    bool counts = false;
    const BootLine* against = nullptr;  // the line that keeps it from counting
  };

  // From the end: what a host sees last counts, and what it may see must not say otherwise.
  Standing StandingOf(const BootSetting& wanted) const {
    Standing standing;
    for (auto line = lines_.lines.rbegin(); line != lines_.lines.rend(); ++line) {
      const std::vector<BootSetting> settings = SettingsOf(*line);
      const BootSetting* found = Find(settings, wanted);
      const Reach reach = found == nullptr ? Reach::kNone : ReachOf(line->filters);
      if (reach == Reach::kNone) continue;
      const bool same = SaysTheSame(*found, wanted);
      // Every overlay is loaded, whatever stands behind it.
      if (wanted.key == "dtoverlay") {
        if (same && reach == Reach::kAll) return {true, nullptr};
        continue;
      }
      if (!same && standing.against == nullptr) standing.against = &*line;
      if (reach == Reach::kAll) return {same && standing.against == nullptr, standing.against};
    }
    return standing;
  }

  Result<void> Set(const BootSetting& wanted) {
    if (StandingOf(wanted).counts) return {};
    TRY(const BootLine* own, LineToReplace(wanted));
    if (own != nullptr) {
      TRY_DO(Replace(*own, wanted));
    } else {
      Insert(wanted);
    }
    const Standing standing = StandingOf(wanted);
    if (standing.counts) return {};
    if (standing.against == nullptr)
      return Fail(ExitCode::kInternal, fmt::format("{} went astray in {}", wanted.Text(), path_));
    return FailAt(*standing.against, fmt::format("{} would not count", wanted.Text()));
  }

  // The last one in the section; nullptr when the setting needs a line of its own.
  Result<const BootLine*> LineToReplace(const BootSetting& wanted) const {
    const BootLine* own = nullptr;
    const bool is_overlay = wanted.key == "dtoverlay";
    if (is_overlay && HasSeveral(wanted)) return own;
    for (const BootLine& line : lines_.lines) {
      const std::vector<BootSetting> settings = SettingsOf(line);
      const BootSetting* found = Find(settings, wanted);
      if (found == nullptr || ReachOf(line.filters) == Reach::kNone) continue;
      if (is_overlay && SaysTheSame(*found, wanted)) continue;
      if (is_overlay && !IsOwn(line))
        return FailAt(line, fmt::format("{} would be loaded twice", wanted.name));
      if (is_overlay && own != nullptr)
        return FailAt(line, fmt::format("{} is loaded several times already, also in line {}",
                                        wanted.name, own->number));
      if (IsOwn(line)) own = &line;
    }
    return own;
  }

  // Whether the wish has the overlay more than once, each with other parameters.
  bool HasSeveral(const BootSetting& wanted) const {
    return std::count_if(wish_.set.begin(), wish_.set.end(), [&wanted](const BootSetting& other) {
             return IsSameThing(other, wanted);
           }) > 1;
  }

  tl::unexpected<Error> FailAt(const BootLine& line, std::string_view what) const {
    std::string section;
    for (const std::string& name : line.filters) section += fmt::format("[{}]", name);
    return Fail(ExitCode::kSetupFailed,
                fmt::format("{}: {} says {}={}{}", what, line.Place(), line.key, line.value,
                            section.empty() ? "" : " under " + section),
                fmt::format("take that line out of {}", line.path));
  }

  // Puts `text` in a line's place, with its end of line; nothing: without the line.
  void Put(std::size_t number, const std::string& text) {
    const auto line = text_.begin() + static_cast<std::ptrdiff_t>(number) - 1;
    const bool is_last = number == text_.size();
    if (!text.empty()) {
      *line = line->ends_with('\r') ? text + '\r' : text;
    } else {
      text_.erase(line);
      if (is_last && !text_.empty() && text_.back().ends_with('\r')) text_.back().pop_back();
      if (text_.empty()) text_.emplace_back();
    }
    Read();
  }

  // A parameter's neighbours in its line stay as they are.
  Result<void> Replace(const BootLine& line, const BootSetting& wanted) {
    std::string text = wanted.Text();
    if (wanted.key == "dtparam") {
      std::vector<std::string> pieces = SplitText(line.value, ',');
      for (std::string& piece : pieces)
        if (IsSameThing(ParseBootSetting(line.key, piece), wanted))
          piece = fmt::format("{}={}", wanted.name, wanted.value);
      text = fmt::format("{}={}", line.key, fmt::join(pieces, ","));
    }
    if (text.size() > kBootLineMax)
      return FailAt(line,
                    fmt::format("{} would stand beyond column {}", wanted.Text(), kBootLineMax));
    Put(line.number, text);
    return {};
  }

  std::size_t LastNonBlank() const {
    std::size_t number = text_.size();
    while (number > 0 && Trimmed(text_[number - 1]).empty()) --number;
    return number;
  }

  // At the end of the section's last block; where that is too early to count, or would take
  // parameters from an overlay, at the end of the file.
  void Insert(const BootSetting& wanted) {
    const std::vector<std::string> before = text_;
    if (const std::size_t block = EndOfBlock(); block > 0 && !IsAmidParameters(block, wanted)) {
      InsertBehind(block, LinesFor(wanted, block));
      if (StandingOf(wanted).counts) return;
      text_ = before;
      Read();
    }
    const std::size_t end = LastNonBlank();
    std::vector<std::string> lines = LinesFor(wanted, end);
    const BootFilters& at_end = lines_.lines.back().filters;
    if (at_end != own_filters_) {
      lines.insert(lines.begin(), fmt::format("[{}]", wish_.section));
      // A section adds up with those of other kinds, and what others add to the end is for all.
      if (wish_.section != kEveryHost && !at_end.empty()) lines.insert(lines.begin(), "[all]");
      if (wish_.section != kEveryHost) lines.emplace_back("[all]");
    }
    InsertBehind(end, lines);
  }

  // The number of its last line with something in it; 0 when there is no such block, and for [all],
  // which goes on to the end of the file.
  std::size_t EndOfBlock() const {
    std::size_t number = 0;
    if (wish_.section == kEveryHost) return number;
    for (const BootLine& line : lines_.lines)
      if (IsOwn(line) && !Trimmed(text_[line.number - 1]).empty()) number = line.number;
    return number;
  }

  // What follows the line with this number, and the files that it includes.
  std::vector<BootLine>::const_iterator Behind(std::size_t number) const {
    const auto line = std::find_if(
        lines_.lines.begin(), lines_.lines.end(),
        [&](const BootLine& each) { return each.path == path_ && each.number == number; });
    return line == lines_.lines.end() ? lines_.lines.begin() : std::next(line);
  }

  bool IsAmidParameters(std::size_t number, const BootSetting& wanted) const {
    if (!IsTreeKey(wanted.key)) return false;
    const auto next =
        std::find_if(Behind(number), lines_.lines.end(), [this](const BootLine& line) {
          return IsTreeKey(line.key) && ReachOf(line.filters) != Reach::kNone;
        });
    return next != lines_.lines.end() && next->key == "dtparam";
  }

  std::vector<std::string> LinesFor(const BootSetting& wanted, std::size_t number) const {
    std::vector<std::string> lines = {wanted.Text()};
    if (wanted.key != "dtparam") return lines;
    bool in_overlay = false;
    for (auto line = lines_.lines.begin(); line != Behind(number); ++line)
      if (line->key == "dtoverlay" && ReachOf(line->filters) != Reach::kNone)
        in_overlay = !line->value.empty();
    if (in_overlay) lines.insert(lines.begin(), "dtoverlay=");
    return lines;
  }

  // As the file has it: CR LF, and no end of line at its end.
  void InsertBehind(std::size_t number, std::vector<std::string> lines) {
    const bool has_returns = text_.size() > 1 && text_.front().ends_with('\r');
    if (has_returns) {
      for (std::string& line : lines) line += '\r';
      if (number == text_.size()) {
        text_.back() += '\r';
        lines.back().pop_back();
      }
    }
    text_.insert(text_.begin() + static_cast<std::ptrdiff_t>(number), lines.begin(), lines.end());
    Read();
  }

  static bool IsMeant(const BootSetting& setting, const BootSetting& removal) {
    return removal.value.empty() ? IsSameThing(setting, removal) : SaysTheSame(setting, removal);
  }

  // The last line that has what is to go; nullptr when there is none.
  template <class Where>
  const BootLine* FindLast(const BootSetting& removal, Where where) const {
    for (auto line = lines_.lines.rbegin(); line != lines_.lines.rend(); ++line) {
      const std::vector<BootSetting> settings = SettingsOf(*line);
      if (where(*line) &&
          std::any_of(settings.begin(), settings.end(),
                      [&](const BootSetting& each) { return IsMeant(each, removal); }))
        return &*line;
    }
    return nullptr;
  }

  Result<void> Remove(const BootSetting& removal) {
    const auto is_own = [this](const BootLine& line) { return IsOwn(line); };
    const auto is_seen = [this](const BootLine& line) {
      return ReachOf(line.filters) != Reach::kNone;
    };
    while (const BootLine* line = FindLast(removal, is_own)) {
      std::vector<std::string> pieces;
      if (removal.key == "dtparam") {
        pieces = SplitText(line->value, ',');
        std::erase_if(pieces, [&](const std::string& piece) {
          return IsMeant(ParseBootSetting("dtparam", piece), removal);
        });
      }
      Put(line->number, pieces.empty() ? "" : fmt::format("dtparam={}", fmt::join(pieces, ",")));
    }
    if (const BootLine* line = FindLast(removal, is_seen))
      return FailAt(*line, fmt::format("{} would still count", removal.Thing()));
    return {};
  }

  const BootWish& wish_;
  const HostFiles& files_;
  std::vector<HostModel> hosts_;
  std::string path_;
  std::vector<std::string> text_;  // between the ends of line
  BootFilters own_filters_;
  BootLines lines_;  // what text_ says
};

}  // namespace

BootSetting ParseBootSetting(std::string_view key, std::string_view value) {
  if (key == "dtparam") {
    BootParameter parameter = ParseParameter(value);
    return {std::string(key), std::move(parameter.name), std::move(parameter.value)};
  }
  if (key == "dtoverlay") {
    const std::vector<std::string> pieces = OverlayPieces(value);
    return {std::string(key), pieces[0],
            fmt::format("{}", fmt::join(pieces.begin() + 1, pieces.end(), ","))};
  }
  return {std::string(key), {}, std::string(value)};
}

std::string BootSetting::Thing() const {
  return name.empty() ? key : fmt::format("{}={}", key, name);
}

std::string BootSetting::Text() const {
  if (value.empty() && !name.empty()) return Thing();
  return fmt::format("{}{}{}", Thing(), key == "dtoverlay" ? "," : "=", value);
}

Result<std::string> FulfilBootWish(const BootWish& wish, const HostFiles& files,
                                   const HostModel& model, const std::string& path,
                                   std::string_view text) {
  Editor editor(wish, files, model, path, text);
  TRY_DO(editor.Fulfil());
  return editor.Text();
}

std::vector<std::string> BootSections() {
  std::vector<std::string> sections = {std::string(kEveryHost)};
  for (const HostModel& model : KnownModels())
    for (const std::string& name : model.filters)
      if (std::find(sections.begin(), sections.end(), name) == sections.end())
        sections.push_back(name);
  return sections;
}

}  // namespace lastgood
