// SPDX-License-Identifier: MIT
#include "facts/boot_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace lastgood {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 32;
constexpr std::size_t kDepthMax = 8;
constexpr std::size_t kLineMax = 98;  // the firmware ignores what stands beyond
constexpr std::size_t kTroublesMax = 8;

bool Contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool IsModelFilter(std::string_view name) {
  return name.starts_with("pi") || name.starts_with("cm") || name.starts_with("board-type=");
}

// Filters of one kind replace each other, those of different kinds add up, [all] clears them.
class Filters {
 public:
  explicit Filters(const HostModel& model) : model_(model) {}

  void Enter(std::string_view name) {
    if (name == "all") {
      active_.clear();
      return;
    }
    const std::string kind = IsModelFilter(name) ? "model" : KindOf(name);
    active_[kind] = {std::string(name), Judge(name)};
  }

  // The filter that keeps what follows from this host; empty when it holds.
  std::string Against() const {
    for (const auto& [kind, filter] : active_)
      if (!filter.holds) return fmt::format("[{}]", filter.name);
    return {};
  }

 private:
  struct Filter {
    std::string name;
    bool holds = true;
  };

  static std::string KindOf(std::string_view name) {
    if (name.starts_with("0x")) return "serial";
    const std::size_t end = name.find_first_of("=:0123456789");
    return std::string(name.substr(0, end));
  }

  // False as well for what cannot be known here: a monitor, the level of a pin.
  bool Judge(std::string_view name) const {
    constexpr std::string_view kType = "board-type=0x";
    if (name.starts_with(kType)) return IsSame(model_.board_type, name.substr(kType.size()));
    if (name.starts_with("0x")) return IsSame(model_.serial_number, name.substr(2));
    if (name.starts_with("HDMI:")) return true;  // chooses a connector, not a host
    return Contains(model_.filters, name);
  }

  static bool IsSame(std::optional<std::uint32_t> own, std::string_view text) {
    return own && own == ParseNumber(text, 16);
  }

  const HostModel& model_;
  std::map<std::string, Filter> active_;
};

class Reader {
 public:
  Reader(const HostFiles& files, const HostModel& model, BootConfig& config)
      : files_(files), filters_(model), config_(config) {}

  HostFiles::State ReadFile(const std::string& path) {
    const HostFiles::Text text = files_.Read(path);
    if (text.state == HostFiles::State::kUnreadable)
      Trouble(fmt::format("{} cannot be read: {}", path, text.why));
    if (text.state != HostFiles::State::kFound) return text.state;
    if (text.text.find('\0') != std::string::npos) {
      Trouble(fmt::format("{} is no text", path));
      return HostFiles::State::kUnreadable;
    }
    open_.push_back(path);
    ++files_read_;
    std::size_t number = 0;
    for (const std::string& line : SplitText(text.text, '\n'))
      ReadLine(line, fmt::format("{}:{}", path, ++number));
    open_.pop_back();
    return text.state;
  }

 private:
  void Trouble(std::string text) {
    if (config_.troubles.size() < kTroublesMax) config_.troubles.push_back(std::move(text));
  }

  void ReadLine(std::string_view whole, const std::string& place) {
    std::string_view line = Trimmed(whole);
    if (line.empty() || line.front() == '#') return;
    if (line.size() > kLineMax) {
      Trouble(
          fmt::format("{}: the firmware ignores what stands beyond column {}", place, kLineMax));
      line = line.substr(0, kLineMax);
    }
    if (line.front() == '[' && line.back() == ']') {
      filters_.Enter(line.substr(1, line.size() - 2));
      return;
    }
    constexpr std::string_view kInclude = "include ";
    if (line.starts_with(kInclude)) {
      Include(Trimmed(line.substr(kInclude.size())), place);
      return;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return;
    Set(std::string(Trimmed(line.substr(0, equals))), Trimmed(line.substr(equals + 1)), place);
  }

  void Include(std::string_view name, const std::string& place) {
    if (!filters_.Against().empty()) return;
    const std::string path =
        (fs::path(config_.directory) / fs::path(name).relative_path()).string();
    if (Contains(open_, path)) {
      Trouble(fmt::format("{}: {} includes itself", place, path));
    } else if (open_.size() >= kDepthMax || files_read_ >= kFilesMax) {
      Trouble(fmt::format("{}: too many files are included; {} was not read", place, path));
    } else if (ReadFile(path) == HostFiles::State::kMissing) {
      Trouble(fmt::format("{}: there is no {} to include", place, path));
    }
  }

  void Set(const std::string& key, std::string_view value, const std::string& place) {
    const std::string against = filters_.Against();
    if (key == "dtoverlay" || key == "device_tree_overlay") {
      AddOverlay(value, place, against);
    } else if (against.empty() && (key == "dtparam" || key == "device_tree_param")) {
      for (const std::string& piece : SplitText(value, ',')) AddParameter(piece, place);
    } else if (against.empty()) {
      config_.values[key] = {std::string(value), place};
    }
  }

  void AddOverlay(std::string_view value, const std::string& place, const std::string& against) {
    std::vector<std::string> pieces = SplitText(value, ',');
    if (pieces[0].empty()) return;  // "dtoverlay=": the end of an overlay's parameters
    BootOverlay overlay{pieces[0], {pieces.begin() + 1, pieces.end()}, place, against};
    // Some give the file's name instead.
    constexpr std::string_view kSuffix = "-overlay";
    if (overlay.name.ends_with(kSuffix)) overlay.name.resize(overlay.name.size() - kSuffix.size());
    (against.empty() ? config_.overlays : config_.elsewhere).push_back(std::move(overlay));
  }

  void AddParameter(const std::string& piece, const std::string& place) {
    const std::size_t equals = std::min(piece.find('='), piece.size());
    const std::string value = equals < piece.size() ? piece.substr(equals + 1) : "on";
    config_.parameters[piece.substr(0, equals)] = {value, place};
  }

  const HostFiles& files_;
  Filters filters_;
  BootConfig& config_;
  std::vector<std::string> open_;
  std::size_t files_read_ = 0;
};

const BootOverlay* FindIn(const std::vector<BootOverlay>& overlays,
                          const std::vector<std::string_view>& names) {
  const auto found = std::find_if(overlays.begin(), overlays.end(), [&](const BootOverlay& each) {
    return std::find(names.begin(), names.end(), each.name) != names.end();
  });
  return found == overlays.end() ? nullptr : &*found;
}

}  // namespace

const BootOverlay* BootConfig::Find(const std::vector<std::string_view>& names) const {
  return FindIn(overlays, names);
}

const BootOverlay* BootConfig::FindElsewhere(const std::vector<std::string_view>& names) const {
  return FindIn(elsewhere, names);
}

bool BootConfig::IsOn(const std::string& parameter) const {
  const auto found = parameters.find(parameter);
  constexpr std::array kOn = {"on", "true", "yes", "1", "okay", ""};
  return found != parameters.end() &&
         std::find(kOn.begin(), kOn.end(), found->second.value) != kOn.end();
}

BootConfig ReadBootConfig(const HostFiles& files, const HostModel& model) {
  BootConfig config;
  for (const char* directory : {"/boot/firmware", "/boot"}) {
    config.path = fmt::format("{}/config.txt", directory);
    config.directory = directory;
    config.state = Reader(files, model, config).ReadFile(config.path);
    if (config.state != HostFiles::State::kMissing) return config;
  }
  config.directory.clear();
  config.path.clear();
  return config;
}

}  // namespace lastgood
