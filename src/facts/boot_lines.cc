// SPDX-License-Identifier: MIT
#include "facts/boot_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <utility>

namespace lastgood {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 32;
constexpr std::size_t kDepthMax = 8;
constexpr std::size_t kTroublesMax = 8;

bool Contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool IsModelFilter(std::string_view name) {
  return name.starts_with("pi") || name.starts_with("cm") || name.starts_with("board-type=");
}

std::string KindOf(std::string_view filter) {
  if (IsModelFilter(filter)) return "model";
  if (filter.starts_with("0x")) return "serial";
  return std::string(filter.substr(0, filter.find_first_of("=:0123456789")));
}

FilterVerdict Compare(std::optional<std::uint32_t> own, std::string_view digits) {
  if (!own) return FilterVerdict::kUnknown;
  return own == ParseNumber(digits, 16) ? FilterVerdict::kHolds : FilterVerdict::kDoesNot;
}

// Filters of one kind replace each other, those of different kinds add up, [all] clears them.
class Sections {
 public:
  void Enter(std::string_view name) {
    if (name == "all") {
      names_.clear();
    } else {
      names_[KindOf(name)] = name;
    }
  }

  BootFilters InForce() const {
    BootFilters filters;
    for (const auto& [kind, name] : names_) filters.push_back(name);
    return filters;
  }

 private:
  std::map<std::string, std::string> names_;
};

class Reader {
 public:
  Reader(const HostFiles& files, const std::string& path,
         const std::function<FilterVerdict(const BootFilters&)>& judge)
      : files_(files), directory_(fs::path(path).parent_path()), judge_(judge) {}

  void ReadText(const std::string& path, std::string_view text) {
    open_.push_back(path);
    ++files_read_;
    std::size_t number = 0;
    for (const std::string& line : SplitText(text, '\n'))
      ReadLine({path, ++number, "", "", {}}, line);
    open_.pop_back();
  }

  BootLines Take() && { return std::move(result_); }

 private:
  void Trouble(std::string text) {
    if (result_.troubles.size() < kTroublesMax) result_.troubles.push_back(std::move(text));
  }

  void ReadLine(BootLine line, std::string_view whole) {
    std::string_view text = Trimmed(whole);
    if (text.starts_with('#')) text = {};
    if (text.size() > kBootLineMax) {
      Trouble(fmt::format("{}: the firmware ignores what stands beyond column {}", line.Place(),
                          kBootLineMax));
      text = text.substr(0, kBootLineMax);
    }
    constexpr std::string_view kInclude = "include ";
    if (text.starts_with('[') && text.ends_with(']')) {
      // Whatever follows would be in one section or in another.
      if (unsure_ > 0)
        Skip(fmt::format("{}: it is not known whether {} is included, which has sections",
                         line.Place(), line.path));
      sections_.Enter(text.substr(1, text.size() - 2));
    } else if (text.starts_with(kInclude)) {
      Include(Trimmed(text.substr(kInclude.size())), line.Place());
    } else if (const std::size_t equals = text.find('='); equals != std::string_view::npos) {
      line.key = Trimmed(text.substr(0, equals));
      line.value = Trimmed(text.substr(equals + 1));
      if (line.key == "device_tree_overlay") line.key = "dtoverlay";
      if (line.key == "device_tree_param") line.key = "dtparam";
    }
    line.filters = sections_.InForce();
    result_.lines.push_back(std::move(line));
  }

  void Include(std::string_view name, const std::string& place) {
    const FilterVerdict verdict = judge_(sections_.InForce());
    if (verdict == FilterVerdict::kDoesNot) return;
    const std::string path = (directory_ / fs::path(name).relative_path()).string();
    if (Contains(open_, path)) {
      Trouble(fmt::format("{}: {} includes itself", place, path));
    } else if (open_.size() >= kDepthMax || files_read_ >= kFilesMax) {
      Skip(fmt::format("{}: too many files are included; {} was not read", place, path));
    } else {
      const std::size_t unsure = verdict == FilterVerdict::kUnknown ? 1 : 0;
      unsure_ += unsure;
      IncludeFile(path, place);
      unsure_ -= unsure;
    }
  }

  void IncludeFile(const std::string& path, const std::string& place) {
    const HostFiles::Text text = files_.Read(path);
    if (text.state == HostFiles::State::kMissing) {
      Trouble(fmt::format("{}: there is no {} to include", place, path));
    } else if (text.state == HostFiles::State::kUnreadable) {
      Skip(fmt::format("{} cannot be read: {}", path, text.why));
    } else if (text.text.find('\0') != std::string::npos) {
      Skip(fmt::format("{} is no text", path));
    } else {
      ReadText(path, text.text);
    }
  }

  void Skip(const std::string& why) {
    if (result_.unread.empty()) result_.unread = why;
    Trouble(why);
  }

  const HostFiles& files_;
  fs::path directory_;
  const std::function<FilterVerdict(const BootFilters&)>& judge_;
  Sections sections_;
  std::vector<std::string> open_;
  std::size_t files_read_ = 0;
  std::size_t unsure_ = 0;  // open files that may be included or not
  BootLines result_;
};

}  // namespace

std::string BootLine::Place() const { return fmt::format("{}:{}", path, number); }

BootLines ReadBootLines(const HostFiles& files, const std::string& path, std::string_view text,
                        const std::function<FilterVerdict(const BootFilters&)>& judge) {
  Reader reader(files, path, judge);
  reader.ReadText(path, text);
  return std::move(reader).Take();
}

FilterVerdict JudgeFilter(std::string_view name, const HostModel& model) {
  constexpr std::string_view kType = "board-type=0x";
  if (name.starts_with(kType)) return Compare(model.board_type, name.substr(kType.size()));
  if (name.starts_with("0x")) return Compare(model.serial_number, name.substr(2));
  if (name.starts_with("HDMI:")) return FilterVerdict::kHolds;  // a connector's, not a host's
  if (Contains(model.filters, name)) return FilterVerdict::kHolds;
  return IsModelFilter(name) || name == "none" ? FilterVerdict::kDoesNot : FilterVerdict::kUnknown;
}

std::vector<std::string> OverlayPieces(std::string_view value) {
  std::vector<std::string> pieces = SplitText(value, ',');
  constexpr std::string_view kSuffix = "-overlay";
  if (pieces[0].ends_with(kSuffix)) pieces[0].resize(pieces[0].size() - kSuffix.size());
  return pieces;
}

BootParameter ParseParameter(std::string_view piece) {
  const std::size_t equals = piece.find('=');
  if (equals == std::string_view::npos) return {std::string(piece), "on"};
  return {std::string(piece.substr(0, equals)), std::string(piece.substr(equals + 1))};
}

bool IsSwitchedOn(std::string_view value) {
  constexpr std::array<std::string_view, 6> kOn = {"on", "true", "yes", "1", "okay", ""};
  return std::find(kOn.begin(), kOn.end(), value) != kOn.end();
}

}  // namespace lastgood
