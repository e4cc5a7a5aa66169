// SPDX-License-Identifier: MIT
#include "setup/changes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "digest/digest.h"
#include "setup/programs.h"
#include "setup/unified_diff.h"

namespace lastgood {
namespace {

// What not everybody may read is not put into reports that are attached to bug reports.
bool IsPrivate(const FileMark& mark) {
  constexpr std::uint32_t kReadableByAll = 0004;
  return mark.kind == FileKind::kFile && (mark.mode & kReadableByAll) == 0;
}
constexpr std::string_view kNotShown = "its content is private, and not shown";

constexpr std::chrono::seconds kReloadLimit{30};

// A directory goes only when it is empty, and its content is not ours to remember.
Result<FileMark> KeepFile(const FileState& state, const ContentStore& contents) {
  if (state.kind == FileKind::kFile) TRY_DO(contents.Keep(state.content));
  return MarkOf(state);
}

Result<void> ApplyFile(const FileChange& change, const SetupHost& host) {
  // Between the check and now: what somebody else wrote meanwhile is not ours to replace.
  TRY(const FileState now, host.tree.Look(change.path));
  if (!HasSameContent(MarkOf(now), MarkOf(change.before)))
    return Fail(ExitCode::kSetupFailed,
                fmt::format("'{}' was changed by somebody else just now", change.path),
                "see who writes it, then run lastgood again");
  return host.tree.Put(change.path, change.after);
}

Result<void> ApplyCommands(const CommandChange& change, const SetupHost& host) {
  for (const Argv& argv : change.apply) TRY_DO(RunPatiently(host.runner, argv, change));
  return {};
}

Result<FileState> StateOf(const FileMark& mark, const ContentStore& contents) {
  FileState state{mark.kind, {}, mark.target, mark.mode, mark.uid, mark.gid, mark.modified_ns};
  if (mark.kind == FileKind::kFile) {
    TRY(state.content, contents.Load(*mark.sha256));
  }
  return state;
}

// Whether this process can make a file that belongs to whom `state` says; undo has to as well.
bool MayGive(const FileState& state) {
  if (state.kind == FileKind::kAbsent) return true;
  if (state.uid != geteuid()) return false;
  return state.gid == getegid() || group_member(state.gid) != 0;
}

enum class Standing { kAsBefore, kAsWritten, kOtherwise };

Standing StandingOf(const RecordedFile& file, const FileState& now) {
  const FileMark mark = MarkOf(now);
  // Attributes count only where the content does not tell.
  if (HasSameContent(mark, file.before) && file.after && HasSameContent(mark, *file.after)) {
    const bool as_before =
        mark.mode == file.before.mode && mark.uid == file.before.uid && mark.gid == file.before.gid;
    return as_before ? Standing::kAsBefore : Standing::kAsWritten;
  }
  if (HasSameContent(mark, file.before)) return Standing::kAsBefore;
  if (file.after && HasSameContent(mark, *file.after)) return Standing::kAsWritten;
  return Standing::kOtherwise;
}

Conflict ConflictOf(const RecordedFile& file, const FileState& now, const ContentStore& contents) {
  Conflict conflict;
  if (now.kind == FileKind::kAbsent) {
    conflict.text = fmt::format("'{}' was removed since", file.path);
    return conflict;
  }
  conflict.text = fmt::format("'{}' was changed since", file.path);
  if (!file.after) conflict.text += ", perhaps by programs that were stopped in the middle";
  if (!file.after || file.after->kind != FileKind::kFile || now.kind != FileKind::kFile)
    return conflict;
  if (IsPrivate(*file.after) || IsPrivate(MarkOf(now))) {
    conflict.details = {std::string(kNotShown)};
    return conflict;
  }
  const auto written = contents.Load(*file.after->sha256);
  if (written)
    conflict.details = UnifiedDiff(AsText(*written), AsText(now.content),
                                   file.path + " (as lastgood wrote it)", file.path + " (now)");
  return conflict;
}

// A directory that others put something into stays, and is theirs now.
bool IsInUse(const FileState& now, const RecordedFile& file, const SetupHost& host) {
  return now.kind == FileKind::kDirectory && file.before.kind == FileKind::kAbsent &&
         !host.files.List(file.path).empty();
}

Result<void> PutBack(const RecordedFile& file, const SetupHost& host,
                     const ContentStore& contents) {
  TRY(const FileState before, StateOf(file.before, contents));
  return host.tree.Put(file.path, before);
}

// Newest first: what is in a directory goes before it.
Result<UndoResult> UndoFiles(const RecordedChange& recorded, const SetupHost& host,
                             const ContentStore& contents) {
  UndoResult result;
  bool changed = false;
  for (auto file = recorded.files.rbegin(); file != recorded.files.rend(); ++file) {
    TRY(const FileState now, host.tree.Look(file->path));
    const Standing standing = StandingOf(*file, now);
    if (standing == Standing::kAsBefore) {
      host.tree.Tidy(file->path);
      continue;
    }
    if (standing == Standing::kOtherwise) {
      result.conflicts.push_back(ConflictOf(*file, now, contents));
      continue;
    }
    if (IsInUse(now, *file, host)) {
      result.conflicts.push_back(
          {fmt::format("'{}' is not empty: others keep files there", file->path), {}});
      continue;
    }
    TRY_DO(PutBack(*file, host, contents));
    changed = true;
  }
  if (changed) GiveNotice(recorded.reload, host, result.notes);
  return result;
}

// Whether every file is as it was before, or as lastgood's programs left it.
Result<bool> IsKnown(const std::vector<RecordedFile>& files, const SetupHost& host) {
  for (const RecordedFile& file : files) {
    TRY(const FileState now, host.tree.Look(file.path));
    if (StandingOf(file, now) == Standing::kOtherwise) return false;
  }
  return !files.empty();
}

Result<UndoResult> UndoByPrograms(const RecordedChange& recorded, const SetupHost& host) {
  for (const Argv& argv : recorded.undo) TRY_DO(RunToSuccess(host.runner, argv, recorded.timeout));
  UndoResult result;
  GiveNotice(recorded.reload, host, result.notes);
  return result;
}

// Mode and owner, where they change or are not what is usual.
void PreviewAttributes(const FileState& before, const FileState& after,
                       std::vector<std::string>& lines) {
  constexpr std::uint32_t kUsualMode = 0644;
  if (before.kind != after.kind) {
    if (after.kind == FileKind::kFile && after.mode != kUsualMode)
      lines.push_back(fmt::format("mode {:04o}", after.mode));
    return;
  }
  if (before.mode != after.mode)
    lines.push_back(fmt::format("mode {:04o} -> {:04o}", before.mode, after.mode));
  if (before.uid != after.uid || before.gid != after.gid)
    lines.push_back(
        fmt::format("owner {}:{} -> {}:{}", before.uid, before.gid, after.uid, after.gid));
}

std::vector<std::string> PreviewContent(const FileChange& change) {
  const auto text_of = [](const FileState& state) {
    return state.kind == FileKind::kFile ? AsText(state.content) : std::string_view();
  };
  const auto name_of = [&change](const FileState& state) {
    return state.kind == FileKind::kAbsent ? "/dev/null" : change.path;
  };
  const FileMark before = MarkOf(change.before);
  const FileMark after = MarkOf(change.after);
  if (HasSameContent(before, after)) return {};
  if ((IsPrivate(before) && !change.before.content.empty()) ||
      (IsPrivate(after) && !change.after.content.empty()))
    return {fmt::format("file {}: {}", change.path, kNotShown)};
  std::vector<std::string> lines = UnifiedDiff(text_of(change.before), text_of(change.after),
                                               name_of(change.before), name_of(change.after));
  // No diff tells what has no lines.
  if (lines.empty() && change.before.kind != change.after.kind)
    lines.push_back(change.after.kind == FileKind::kAbsent
                        ? fmt::format("remove {}", change.path)
                        : fmt::format("empty file {}", change.path));
  return lines;
}

std::vector<std::string> PreviewFile(const FileChange& change) {
  std::vector<std::string> lines;
  if (change.before.kind == FileKind::kLink)
    lines.push_back(fmt::format("was:  link {} -> {}", change.path, change.before.target));
  if (change.after.kind == FileKind::kDirectory) {
    lines.push_back(fmt::format("directory {}, mode {:04o}", change.path, change.after.mode));
  } else if (change.after.kind == FileKind::kLink) {
    lines.push_back(fmt::format("link {} -> {}", change.path, change.after.target));
  } else {
    const std::vector<std::string> content = PreviewContent(change);
    lines.insert(lines.end(), content.begin(), content.end());
  }
  PreviewAttributes(change.before, change.after, lines);
  lines.push_back(change.before.kind == FileKind::kAbsent ? "undo: remove " + change.path
                                                          : "undo: the content as it is now");
  return lines;
}

std::vector<std::string> PreviewCommands(const CommandChange& change) {
  std::vector<std::string> lines;
  for (const Argv& argv : change.apply) lines.push_back("run:  " + CommandLineOf(argv));
  for (const Argv& argv : change.undo) lines.push_back("undo: " + CommandLineOf(argv));
  if (change.undo.empty() && change.touches.empty()) lines.emplace_back("undo: there is none");
  return lines;
}

}  // namespace

Result<RecordedChange> Recorded(const Change& change, const SetupHost& host,
                                const ContentStore& contents) {
  RecordedChange recorded;
  recorded.reload = change.reload;
  if (const auto* file = std::get_if<FileChange>(&change.what)) {
    // What it was could not be made again.
    if (file->before.kind == FileKind::kOther)
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("'{}' is neither a file, a directory nor a link", file->path),
                  "move it away by hand");
    TRY(const FileMark before, KeepFile(file->before, contents));
    TRY(const FileMark after, KeepFile(file->after, contents));
    recorded.files.push_back({file->path, before, after});
  } else if (const auto* commands = std::get_if<CommandChange>(&change.what)) {
    recorded.undo = commands->undo;
    recorded.timeout = commands->timeout;
    recorded.needs_root = commands->needs_root;
    for (const std::string& path : commands->touches) {
      TRY(const FileState now, host.tree.Look(path));
      TRY(const FileMark before, KeepFile(now, contents));
      recorded.files.push_back({path, before, std::nullopt});
    }
  }
  return recorded;
}

Result<void> Apply(const Change& change, const SetupHost& host, std::vector<std::string>& notes) {
  if (const auto* file = std::get_if<FileChange>(&change.what)) {
    TRY_DO(ApplyFile(*file, host));
  } else if (const auto* commands = std::get_if<CommandChange>(&change.what)) {
    TRY_DO(ApplyCommands(*commands, host));
  }
  GiveNotice(change.reload, host, notes);
  return {};
}

void GiveNotice(const std::vector<Argv>& commands, const SetupHost& host,
                std::vector<std::string>& notes) {
  if (!host.is_running) return;
  for (const Argv& argv : commands)
    if (const auto done = RunToSuccess(host.runner, argv, kReloadLimit); !done)
      notes.push_back(done.error().message);
}

Result<bool> NoteWritten(RecordedChange& recorded, const SetupHost& host,
                         const ContentStore& contents) {
  bool noted = false;
  for (RecordedFile& file : recorded.files) {
    if (file.after) continue;
    TRY(const FileState now, host.tree.Look(file.path));
    TRY(file.after, KeepFile(now, contents));
    noted = true;
  }
  return noted;
}

// What programs did is taken back exactly where that can be, and otherwise by other programs.
Result<UndoResult> Undo(const RecordedChange& recorded, const SetupHost& host,
                        const ContentStore& contents) {
  if (recorded.files.empty() && recorded.undo.empty())
    return Fail(ExitCode::kSetupFailed, "it has no undo", "undo it by hand");
  TRY(const bool is_known, IsKnown(recorded.files, host));
  return is_known || recorded.undo.empty() ? UndoFiles(recorded, host, contents)
                                           : UndoByPrograms(recorded, host);
}

std::vector<std::string> Preview(const Change& change, const SetupHost& host) {
  std::vector<std::string> lines;
  if (const auto* file = std::get_if<FileChange>(&change.what)) lines = PreviewFile(*file);
  if (const auto* commands = std::get_if<CommandChange>(&change.what))
    lines = PreviewCommands(*commands);
  if (std::holds_alternative<RebootChange>(change.what))
    lines.emplace_back("the host is started anew, then the run goes on");
  if (host.is_running)
    for (const Argv& argv : change.reload) lines.push_back("then: " + CommandLineOf(argv));
  return lines;
}

Result<bool> IsPermitted(const Change& change, const SetupHost& host) {
  if (geteuid() == 0) return true;
  if (const auto* file = std::get_if<FileChange>(&change.what)) {
    TRY(const bool may_change, host.tree.MayChange(file->path));
    return may_change && MayGive(file->before) && MayGive(file->after);
  }
  if (const auto* commands = std::get_if<CommandChange>(&change.what)) return !commands->needs_root;
  return true;
}

Result<bool> IsPermitted(const RecordedChange& recorded, const SetupHost& host) {
  if (geteuid() == 0) return true;
  if (!recorded.undo.empty()) return !recorded.needs_root;
  for (const RecordedFile& file : recorded.files) {
    TRY(const bool permitted, host.tree.MayChange(file.path));
    if (!permitted) return false;
  }
  return true;
}

}  // namespace lastgood
