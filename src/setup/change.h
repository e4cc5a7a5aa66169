// SPDX-License-Identifier: MIT
// What a step has to change on the host, as values: shown by the plan, recorded before they are
// made, made, and taken back from the record alone, even when the step's recipe is gone.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/digest_value.h"
#include "base/result.h"
#include "host/host_tree.h"
#include "setup/setup_host.h"

namespace lastgood {

// One file, directory or link that becomes another, appears or goes.
struct FileChange {
  std::string path;  // absolute on the host that is set up, links followed (HostTree::Resolve)
  FileState before;
  FileState after;
};

// What it means when a program fails and says `text`, in a line of its output.
struct Verdict {
  std::string text;
  ExitCode code = ExitCode::kSetupFailed;
  std::string message;  // the line that says `text` follows it
  std::string hint;
};

// Programs that change what is not lastgood's to write. Each is run in order, and must end with 0.
struct CommandChange {
  std::vector<Argv> apply;
  std::vector<Argv> undo;  // safe to run when `apply` was cut in the middle, or never began
  // Files that these programs rewrite. While nobody else has changed them since, undo brings them
  // back octet by octet, and `undo` is not run.
  std::vector<std::string> touches;
  std::chrono::milliseconds timeout{60'000};  // of each program
  bool needs_root = true;
  // Of the programs in `apply`; the first that fits. A failure without one is kSetupFailed.
  std::vector<Verdict> verdicts;
  // For how long a program in `apply` that is kBusy is started again.
  std::chrono::seconds busy_wait{0};
};

// The host has to start anew before the next step.
struct RebootChange {};

struct Change {
  std::variant<FileChange, CommandChange, RebootChange> what;
  // Run after the change was made and after it was taken back, on a host that is running: programs
  // that take notice of it. What they say is a note, never a failure.
  std::vector<Argv> reload;
};

// A FileState without its content.
struct FileMark {
  FileKind kind = FileKind::kAbsent;
  std::optional<Sha256Digest> sha256;  // of a file
  std::string target;                  // of a link
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t modified_ns = 0;

  bool operator==(const FileMark&) const = default;
};
FileMark MarkOf(const FileState& state);
// Whether they are the same to somebody who reads: kind, content, target.
bool HasSameContent(const FileMark& a, const FileMark& b);

// A change as it is recorded before it is made.
struct RecordedFile {
  std::string path;
  FileMark before;
  std::optional<FileMark> after;  // unset: the programs that write it were not seen to end
};
struct RecordedChange {
  std::vector<RecordedFile> files;
  std::vector<Argv> undo;
  std::vector<Argv> reload;
  std::chrono::milliseconds timeout{60'000};
  bool needs_root = false;  // of the programs of `undo`
};

// As text for the record, one line of JSON, and back. kInternal for text of another version.
std::string EncodeChange(const RecordedChange& change);
Result<RecordedChange> DecodeChange(const std::string& text);

// As a person would type it into a shell.
std::string CommandLineOf(const Argv& argv);

}  // namespace lastgood
