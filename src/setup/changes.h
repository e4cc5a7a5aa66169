// SPDX-License-Identifier: MIT
// Making changes of the host, and taking recorded ones back.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "setup/change.h"
#include "setup/content_store.h"
#include "setup/setup_host.h"

namespace lastgood {

// What the record has to know before `change` is made; contents that undo needs, or that a conflict
// is shown with, are kept in `contents` by then.
Result<RecordedChange> Recorded(const Change& change, const SetupHost& host,
                                const ContentStore& contents);

// Makes it. kSetupFailed; what it had begun is taken back by Undo() alone. `notes`: what programs
// of `reload` had to say.
Result<void> Apply(const Change& change, const SetupHost& host, std::vector<std::string>& notes);

// Runs the programs of `reload`, on a host that is running. Apply() and Undo() do so by themselves.
void GiveNotice(const std::vector<Argv>& commands, const SetupHost& host,
                std::vector<std::string>& notes);

// What the files that programs rewrote are now, for the record; false when there are none.
Result<bool> NoteWritten(RecordedChange& recorded, const SetupHost& host,
                         const ContentStore& contents);

// A change that somebody else has built upon, and that stays.
struct Conflict {
  std::string text;                  // "'/etc/motd' was changed since"
  std::vector<std::string> details;  // how it differs from what lastgood wrote
};

struct UndoResult {
  std::vector<Conflict> conflicts;  // empty: it is taken back, or never was made
  std::vector<std::string> notes;
};

// Takes it back, also when its making was cut in the middle. A file that is not as lastgood left it
// stays as it is: a conflict. kSetupFailed when it can not be taken back.
Result<UndoResult> Undo(const RecordedChange& recorded, const SetupHost& host,
                        const ContentStore& contents);

// For the plan: a unified diff or command lines, and how it is taken back.
std::vector<std::string> Preview(const Change& change, const SetupHost& host);

// Whether this process may make it, or take it back.
Result<bool> IsPermitted(const Change& change, const SetupHost& host);
Result<bool> IsPermitted(const RecordedChange& recorded, const SetupHost& host);

}  // namespace lastgood
