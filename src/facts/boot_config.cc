// SPDX-License-Identifier: MIT
#include "facts/boot_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "facts/boot_lines.h"

namespace lastgood {
namespace {

// The filter that keeps a line from this host; empty when it holds. What can not be known here
// does not.
std::string Against(const BootFilters& filters, const HostModel& model) {
  for (const std::string& name : filters)
    if (JudgeFilter(name, model) != FilterVerdict::kHolds) return fmt::format("[{}]", name);
  return {};
}

void AddOverlay(const BootLine& line, const std::string& against, BootConfig& config) {
  const std::vector<std::string> pieces = OverlayPieces(line.value);
  if (pieces[0].empty()) return;  // "dtoverlay=": the end of an overlay's parameters
  (against.empty() ? config.overlays : config.elsewhere)
      .push_back({pieces[0], {pieces.begin() + 1, pieces.end()}, line.Place(), against});
}

void AddLine(const BootLine& line, const HostModel& model, BootConfig& config) {
  const std::string against = Against(line.filters, model);
  if (line.key == "dtoverlay") {
    AddOverlay(line, against, config);
  } else if (against.empty() && line.key == "dtparam") {
    for (const std::string& piece : SplitText(line.value, ',')) {
      const BootParameter parameter = ParseParameter(piece);
      config.parameters[parameter.name] = {parameter.value, line.Place()};
    }
  } else if (against.empty() && !line.key.empty()) {
    config.values[line.key] = {line.value, line.Place()};
  }
}

HostFiles::State ReadInto(BootConfig& config, const HostFiles& files, const HostModel& model) {
  const HostFiles::Text text = files.Read(config.path);
  if (text.state == HostFiles::State::kUnreadable)
    config.troubles.push_back(fmt::format("{} cannot be read: {}", config.path, text.why));
  if (text.state != HostFiles::State::kFound) return text.state;
  if (text.text.find('\0') != std::string::npos) {
    config.troubles.push_back(fmt::format("{} is no text", config.path));
    return HostFiles::State::kUnreadable;
  }
  BootLines read = ReadBootLines(files, config.path, text.text, [&](const BootFilters& filters) {
    return Against(filters, model).empty() ? FilterVerdict::kHolds : FilterVerdict::kDoesNot;
  });
  for (const BootLine& line : read.lines) AddLine(line, model, config);
  config.troubles = std::move(read.troubles);
  return text.state;
}

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
  return found != parameters.end() && IsSwitchedOn(found->second.value);
}

BootConfig ReadBootConfig(const HostFiles& files, const HostModel& model) {
  BootConfig config;
  for (const char* directory : {"/boot/firmware", "/boot"}) {
    config.path = fmt::format("{}/config.txt", directory);
    config.directory = directory;
    config.state = ReadInto(config, files, model);
    if (config.state != HostFiles::State::kMissing) return config;
  }
  config.directory.clear();
  config.path.clear();
  return config;
}

}  // namespace lastgood
