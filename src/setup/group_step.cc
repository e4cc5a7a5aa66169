// SPDX-License-Identifier: MIT
// Rules: on this host gpasswd(1) makes the change, with the locks that other such programs take.
// The files of a mounted card are nobody else's: they are written without any program of it.
#include "setup/group_step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "setup/programs.h"

namespace lastgood {
namespace {

constexpr std::chrono::seconds kQueryLimit{30};
constexpr std::size_t kNameSizeMax = 32;  // of Linux's user database
constexpr std::string_view kInvoker = "@invoker";

struct GroupFields {
  std::string group;
  std::string user;
  bool optional = false;
};

// Of the line "NAME:…" of passwd(5), group(5) or gshadow(5).
std::vector<std::string> EntryOf(std::string_view text, std::string_view name) {
  for (const std::string& line : SplitText(text, '\n')) {
    std::vector<std::string> fields = SplitText(line, ':');
    if (fields.size() >= 4 && fields[0] == name) return fields;
  }
  return {};
}

// The text with `user` as the last member of `group`.
std::string WithMember(std::string_view text, std::string_view group, std::string_view user) {
  std::vector<std::string> lines = SplitText(text, '\n');
  for (std::string& line : lines) {
    if (!line.starts_with(fmt::format("{}:", group))) continue;
    line += line.ends_with(':') ? std::string(user) : fmt::format(",{}", user);
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

class GroupStep final : public Step {
 public:
  GroupStep(GroupFields fields, const SetupHost& host)
      : fields_(std::move(fields)),
        user_(fields_.user == kInvoker ? host.invoker : fields_.user),
        host_(host) {}

  std::string Describe() const override {
    if (user_.empty())
      return fmt::format("group: {} for nobody: who asks is not known", fields_.group);
    return fmt::format("group: {} in {}", user_, fields_.group);
  }

  Result<std::vector<Change>> Pending() override {
    if (user_.empty() || user_ == "root") return std::vector<Change>();
    TRY(const std::string groups, TextAt("/etc/group"));
    const std::vector<std::string> group = EntryOf(groups, fields_.group);
    if (group.empty()) return WithoutGroup();
    TRY(const std::vector<std::string> user, FindUser());
    // Who prepares a card need not be somebody on it.
    if (user.empty() && fields_.user == kInvoker && !host_.tree.IsRunningHost())
      return std::vector<Change>();
    if (user.empty())
      return Fail(ExitCode::kSetupFailed, fmt::format("there is no user '{}'", user_),
                  fmt::format("sudo adduser {}", user_));
    const std::vector<std::string> members = SplitText(group[3], ',');
    const bool is_member = std::find(members.begin(), members.end(), user_) != members.end();
    if (is_member || user[3] == group[2]) return std::vector<Change>();
    return host_.tree.IsRunningHost() ? ByProgram() : ByFiles();
  }

  std::vector<Claim> Claims() const override {
    return {{fmt::format("group {} in {}", user_, fields_.group), "member"}};
  }

 private:
  Result<std::string> TextAt(const char* path) const {
    HostFiles::Text file = host_.files.Read(path);
    if (file.state == HostFiles::State::kUnreadable)
      return Fail(ExitCode::kSetupFailed, fmt::format("cannot read '{}': {}", path, file.why));
    return std::move(file.text);
  }

  Result<std::vector<Change>> WithoutGroup() const {
    if (fields_.optional) return std::vector<Change>();
    return Fail(ExitCode::kSetupFailed, fmt::format("there is no group '{}'", fields_.group),
                fmt::format("sudo groupadd --system {}; or: optional = true", fields_.group));
  }

  // The fields of passwd(5); none when there is no such user.
  Result<std::vector<std::string>> FindUser() const {
    TRY(const std::string passwd, TextAt("/etc/passwd"));
    std::vector<std::string> user = EntryOf(passwd, user_);
    if (!user.empty() || !host_.tree.IsRunningHost()) return user;
    TRY(const ProcessResult result,
        RunProgram(host_.runner, {"getent", "passwd", user_}, kQueryLimit));
    return EntryOf(result.standard_output, user_);
  }

  Result<std::vector<Change>> ByProgram() const {
    CommandChange change;
    const Argv add = {"gpasswd", "-a", user_, fields_.group};
    change.apply = {add};
    // gpasswd -d fails for who is no member.
    change.undo = {add, {"gpasswd", "-d", user_, fields_.group}};
    change.touches = {"/etc/group", "/etc/gshadow", "/etc/group-", "/etc/gshadow-"};
    return std::vector{Change{std::move(change), {}}};
  }

  Result<std::vector<Change>> ByFiles() const {
    std::vector<Change> changes;
    for (const char* name : {"/etc/group", "/etc/gshadow"}) {
      TRY(const std::string path, host_.tree.Resolve(name));
      TRY(const FileState before, host_.tree.Look(path));
      FileState after = before;
      after.content = ToBytes(WithMember(AsText(before.content), fields_.group, user_));
      after.modified_ns = 0;
      // A host need not have group passwords.
      if (before.kind == FileKind::kFile && after.content != before.content)
        changes.push_back({FileChange{path, before, after}, {}});
    }
    return changes;
  }

  GroupFields fields_;
  std::string user_;  // empty: the invoker is not known
  const SetupHost& host_;
};

bool IsAccountName(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= kNameSizeMax && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

std::unique_ptr<Step> MakeGroupStep(const StepSpec&, toml::TableReader& reader, toml::Diagnostics&,
                                    SetupHost& host) {
  GroupFields fields;
  fields.group = reader.RequiredString("group");
  fields.user = reader.RequiredString("user");
  fields.optional = reader.OptionalBool("optional").value_or(false);
  if (!fields.group.empty() && !IsAccountName(fields.group))
    reader.Complain("group", "'group' must be the name of a group");
  if (!fields.user.empty() && fields.user != kInvoker && !IsAccountName(fields.user))
    reader.Complain("user", "'user' must be the name of a user, or \"@invoker\"");
  return std::make_unique<GroupStep>(std::move(fields), host);
}

}  // namespace lastgood
