// SPDX-License-Identifier: MIT
#include "doctor/host_view.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "device/gpio_holder.h"
#include "host/processes.h"

namespace lastgood {
namespace {

constexpr std::uint32_t kPermissionBits = 07777;

std::optional<NodeStatus> AskKernel(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return NodeStatus{status.st_uid, status.st_gid, status.st_mode & kPermissionBits,
                    access(path.c_str(), R_OK | W_OK) == 0};
}

std::uint32_t GidOf(const std::vector<HostGroup>& groups, const std::string& name) {
  for (const HostGroup& group : groups)
    if (group.name == name) return group.gid;
  return ParseNumber(name).value_or(0);
}

std::optional<NodeStatus> AskTable(const HostFiles& files, const std::string& path) {
  for (const std::string& line : SplitText(files.Read("/dev/.nodes").text, '\n')) {
    const std::vector<std::string> words = WordsOf(line);
    if (words.size() != 4 || "/dev/" + words[0] != path) continue;
    const auto mode = ParseNumber(words[1], 8);
    if (!mode) continue;
    return NodeStatus{words[2] == "root" ? 0 : ParseNumber(words[2]).value_or(0),
                      GidOf(ReadGroups(files), words[3]), *mode, std::nullopt};
  }
  return std::nullopt;
}

std::optional<DeviceHolder> FindHolder(const std::string& path) {
  const std::optional<pid_t> pid = FindOpenElsewhere(path);
  if (!pid) return std::nullopt;
  return DeviceHolder{*pid, ProcessName(*pid)};
}

// Only one that is known to hold this very line.
std::optional<DeviceHolder> FindHolderOfLine(const GpioPlace& place) {
  const auto holder = FindGpioHolder(place);
  if (!holder || !holder->is_certain) return std::nullopt;
  return DeviceHolder{holder->pid, ProcessName(holder->pid)};
}

}  // namespace

HostView MakeHostView(const std::filesystem::path& root, std::optional<BoardQuestion> board) {
  const HostFiles files(root);
  HostView view{files, std::move(board)};
  view.model = ReadModel(files);
  view.release = ReadRelease(files);
  view.user = ReadUser(files);
  view.boot = ReadBootConfig(files, view.model);
  if (files.IsRunningHost()) {
    view.node_status = AskKernel;
    view.find_holder = FindHolder;
    view.find_gpio_holder = FindHolderOfLine;
    view.list_gpio_chips = ListGpioChips;
  } else {
    view.node_status = [files](const std::string& path) { return AskTable(files, path); };
  }
  return view;
}

}  // namespace lastgood
