// SPDX-License-Identifier: MIT
#include "setup/file_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "facts/host_facts.h"

namespace lastgood {
namespace {

constexpr std::size_t kPathSizeMax = 1024;
constexpr std::uint32_t kPermissionBits = 0777;

// Of the digits alone: what chmod takes.
Refusal WhyNotMode(std::string_view text) {
  const auto mode = ParseNumber(text, 8);
  if (!mode || text.size() < 3 || text.size() > 4)
    return "must be a mode in octal digits, such as \"0644\"";
  if (*mode > kPermissionBits)
    return "must not set setuid, setgid or sticky: they give rights that no recipe should need";
  return std::nullopt;
}

Refusal WhyNotOwner(std::string_view text) {
  constexpr std::size_t kSizeMax = 64;
  if (text.empty()) return "must name somebody";
  if (text.find_first_of(":/ ") != std::string_view::npos)
    return "must be one name or number, without ':', '/' or blanks";
  return WhyNotLine(text, kSizeMax);
}

std::string ReadOwner(toml::TableReader& reader, std::string_view key) {
  const std::optional<std::string> owner = reader.OptionalString(key);
  if (owner) Accept(reader, key, WhyNotOwner(*owner));
  return owner.value_or("");
}

// The third field of the line that begins with `name`, which both files have for the number.
Result<std::uint32_t> FindNumber(const std::string& name, const SetupHost& host,
                                 const std::string& file, std::string_view what) {
  if (const auto number = ParseNumber(name)) return *number;
  const HostFiles::Text text = host.files.Read(file);
  if (text.state == HostFiles::State::kUnreadable)
    return Fail(ExitCode::kSetupFailed, fmt::format("cannot read '{}': {}", file, text.why));
  for (const std::string& line : SplitText(text.text, '\n')) {
    const std::vector<std::string> fields = SplitText(line, ':');
    if (fields.size() < 3 || fields[0] != name) continue;
    if (const auto number = ParseNumber(fields[2])) return *number;
  }
  return Fail(ExitCode::kSetupFailed, fmt::format("'{}' has no {} '{}'", file, what, name),
              fmt::format("create the {} first, or give its number", what));
}

}  // namespace

Refusal WhyNotHostPath(std::string_view path) {
  if (!path.starts_with('/')) return "must be an absolute path, such as '/etc/motd'";
  if (auto refusal = WhyNotLine(path, kPathSizeMax)) return refusal;
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (part == "..") return "must not contain '..'";
    if (part.empty() || part == ".")
      return "must be spelled without '.', '//' and a '/' at its end";
    at = end + 1;
  }
  for (const std::string_view kernel_made : {"/dev", "/proc", "/sys"})
    if (path == kernel_made || path.starts_with(fmt::format("{}/", kernel_made)))
      return fmt::format("must not lie in {}, which the kernel makes anew at every start",
                         kernel_made);
  return std::nullopt;
}

std::string ReadHostPath(toml::TableReader& reader, std::string_view key) {
  std::string path = reader.RequiredString(key);
  if (path.empty() || !Accept(reader, key, WhyNotHostPath(path))) return {};
  return path;
}

std::string FileAttributes::Describe() const {
  std::vector<std::string> words;
  if (mode) words.push_back(fmt::format("mode {:04o}", *mode));
  if (!owner.empty()) words.push_back("owner " + owner);
  if (!group.empty()) words.push_back("group " + group);
  return fmt::format("{}", fmt::join(words, ", "));
}

FileAttributes ReadFileAttributes(toml::TableReader& reader) {
  FileAttributes attributes;
  if (const auto mode = reader.OptionalString("mode"))
    if (Accept(reader, "mode", WhyNotMode(*mode))) attributes.mode = ParseNumber(*mode, 8);
  attributes.owner = ReadOwner(reader, "owner");
  attributes.group = ReadOwner(reader, "group");
  return attributes;
}

Result<std::uint32_t> FindUser(const std::string& name, const SetupHost& host) {
  if (name != "@invoker") return FindNumber(name, host, "/etc/passwd", "user");
  if (!host.invoker.empty()) return FindNumber(host.invoker, host, "/etc/passwd", "user");
  return Fail(ExitCode::kSetupFailed, "it is not known on whose behalf lastgood runs: '@invoker'",
              "run lastgood with sudo as that user");
}

Result<std::uint32_t> FindGroup(const std::string& name, const SetupHost& host) {
  return FindNumber(name, host, "/etc/group", "group");
}

}  // namespace lastgood
