// SPDX-License-Identifier: MIT
// The commands that bring the host back: undo, remove.
#include <utility>

#include "cli/commands.h"
#include "cli/locate.h"
#include "cli/session.h"
#include "manifest/manifest.h"
#include "manifest/text_rules.h"
#include "run/undo_host.h"

namespace lastgood {
namespace {

// The file may be gone: then its name is enough.
Result<std::string> ManifestName(const std::string& manifest) {
  if (!IsPath(manifest)) return manifest;
  TRY(std::string text, ReadDescription(manifest));
  TRY(const Manifest read, ParseManifest(std::move(text), manifest));
  return read.name;
}

}  // namespace

Result<ExitCode> RunUndo(const CommandLine& line, Toolbox& tools) {
  return WithState(line, tools, [&line](Seams& seams) {
    return UndoHost(seams, {line.undo_run, "", line.leave_changed});
  });
}

Result<ExitCode> RunRemove(const CommandLine& line, Toolbox& tools) {
  TRY(const std::string name, ManifestName(line.manifest));
  return WithState(line, tools, [&](Seams& seams) {
    return UndoHost(seams, {std::nullopt, name, line.leave_changed});
  });
}

}  // namespace lastgood
