// SPDX-License-Identifier: MIT
// Which machine this is, which release, where its boot files are, and whether all that is a
// container.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "doctor/checks.h"

namespace lastgood {
namespace {

constexpr const char* kOldConfig = "/boot/config.txt";

// Since Bookworm the firmware reads /boot/firmware/config.txt alone; what is written into the old
// place does nothing, and looks as if it did.
bool HasDeadSettings(const HostView& view) {
  if (view.boot.directory != "/boot/firmware") return false;
  if (view.files.Resolve(kOldConfig) == view.files.Resolve(view.boot.path)) return false;
  for (const std::string& line : SplitText(view.files.Read(kOldConfig).text, '\n')) {
    const std::string_view text = Trimmed(line);
    if (!text.empty() && text.front() != '#' && text.find('=') != std::string_view::npos)
      return true;
  }
  return false;
}

}  // namespace

Findings CheckHost(const HostView& view) {
  Findings findings;
  std::vector<std::string> evidence;
  if (!view.files.IsRunningHost())
    evidence.push_back(
        fmt::format("files under {}, not the running host", view.files.root().string()));
  const bool known = !view.model.text.empty() || !view.release.title.empty();
  if (known) {
    const std::string model = view.model.text.empty() ? "unknown model" : view.model.text;
    const std::string title = view.release.title.empty() ? "unknown release" : view.release.title;
    const std::string boot = view.boot.directory.empty()
                                 ? std::string()
                                 : fmt::format(", boot files in {}", view.boot.directory);
    findings.push_back({"host", FindingVerdict::kOk, fmt::format("{}, {}{}", model, title, boot),
                        "", std::move(evidence)});
  } else {
    findings.push_back({"host", FindingVerdict::kUnknown,
                        "neither model nor release can be read: no device tree, no os-release", "",
                        std::move(evidence)});
  }
  const std::string container = ReadContainer(view.files);
  if (!container.empty())
    findings.push_back({"container",
                        FindingVerdict::kNote,
                        fmt::format("this is a container ({}): it sees the devices that it was "
                                    "given, and not who else uses them",
                                    container),
                        "run doctor on the host itself as well",
                        {}});
  return findings;
}

Findings CheckBootConfig(const HostView& view) {
  const BootConfig& boot = view.boot;
  if (!view.model.IsPi() && boot.state == HostFiles::State::kMissing) return {};
  if (boot.state == HostFiles::State::kMissing)
    return {{"boot-config",
             FindingVerdict::kUnknown,
             "there is no config.txt in /boot/firmware or /boot",
             "is the boot partition mounted? findmnt /boot/firmware /boot",
             {}}};
  if (boot.state == HostFiles::State::kUnreadable)
    return {{"boot-config",
             FindingVerdict::kUnknown,
             boot.troubles.empty() ? fmt::format("{} cannot be read", boot.path) : boot.troubles[0],
             fmt::format("look at {}; with sudo, doctor may read more", boot.path),
             {}}};
  Findings findings;
  if (HasDeadSettings(view))
    findings.push_back({"boot-config",
                        FindingVerdict::kNote,
                        fmt::format("{} has settings, but only {} is read", kOldConfig, boot.path),
                        fmt::format("move them to {}", boot.path),
                        {}});
  if (!boot.troubles.empty())
    findings.push_back({"boot-config",
                        FindingVerdict::kNote,
                        boot.troubles.front(),
                        fmt::format("look at {}", boot.path),
                        {boot.troubles.begin() + 1, boot.troubles.end()}});
  if (!findings.empty()) return findings;
  std::vector<std::string> overlays;
  for (const BootOverlay& overlay : boot.overlays) overlays.push_back(overlay.name);
  return {{"boot-config",
           FindingVerdict::kOk,
           overlays.empty() ? fmt::format("{} loads no overlays", boot.path)
                            : fmt::format("{} loads {}", boot.path, fmt::join(overlays, ", ")),
           "",
           {}}};
}

}  // namespace lastgood
