// SPDX-License-Identifier: MIT
#include "host/processes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <fstream>

namespace lastgood {
namespace {

namespace fs = std::filesystem;

std::optional<pid_t> ParsePid(const std::string& name) {
  pid_t pid = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data(), end, pid);
  if (parsed.ec != std::errc() || parsed.ptr != end || pid <= 0) return std::nullopt;
  return pid;
}

// Processes and their descriptors come and go while we look: whatever can not be read is skipped.
bool HasOpen(const fs::path& process, const fs::path& path) {
  std::error_code error;
  fs::directory_iterator descriptor(process / "fd", error);
  for (; !error && descriptor != fs::directory_iterator(); descriptor.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(descriptor->path(), gone) == path) return true;
  }
  return false;
}

}  // namespace

std::string ProcessName(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/comm", pid));
  std::string name;
  std::getline(file, name);
  return name;
}

std::string DescribeProcess(pid_t pid) {
  const std::string name = ProcessName(pid);
  return name.empty() ? fmt::format("process {}", pid) : fmt::format("process {} ({})", pid, name);
}

std::optional<pid_t> FindOpenElsewhere(const fs::path& path) {
  std::error_code error;
  fs::directory_iterator process("/proc", error);
  for (; !error && process != fs::directory_iterator(); process.increment(error)) {
    const std::optional<pid_t> pid = ParsePid(process->path().filename().string());
    if (pid && *pid != getpid() && HasOpen(process->path(), path)) return pid;
  }
  return std::nullopt;
}

}  // namespace lastgood
