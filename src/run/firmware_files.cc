// SPDX-License-Identifier: MIT
#include "run/firmware_files.h"

#include <fmt/format.h>

#include <utility>

#include "fetch/fetch.h"

namespace lastgood {
namespace {

Result<void> Download(Seams& seams, const PartSpec& part, ObtainedFirmware& obtained) {
  const FetchRequest request{part.urls, part.sha256, part.size_bytes,
                             seams.store.PathOf(part.sha256)};
  const FetchProgress progress = [&seams](std::uint64_t done, std::uint64_t total) {
    seams.reporter.Progress({"fetch", done, total});
  };
  TRY(FetchSummary summary, Fetch(seams.http, seams.clock, request, progress, seams.interrupt));
  obtained.bytes_received += summary.bytes_received;
  obtained.rejected.insert(obtained.rejected.end(), summary.rejected.begin(),
                           summary.rejected.end());
  return {};
}

}  // namespace

Result<std::optional<FirmwareParts>> LoadFirmware(const ArtifactStore& store,
                                                  const FirmwareSpec& firmware) {
  FirmwareParts parts;
  for (const PartSpec& part : firmware.parts) {
    TRY(std::optional<Verified<Bytes>> loaded, store.Load(part.sha256, part.size_bytes));
    if (!loaded) return std::optional<FirmwareParts>();
    parts.push_back(*std::move(loaded));
  }
  return std::optional<FirmwareParts>(std::move(parts));
}

Result<ObtainedFirmware> ObtainFirmware(Seams& seams, const FirmwareSpec& firmware) {
  ObtainedFirmware obtained;
  for (const PartSpec& part : firmware.parts) {
    TRY(std::optional<Verified<Bytes>> loaded, seams.store.Load(part.sha256, part.size_bytes));
    if (!loaded) {
      TRY_DO(Download(seams, part, obtained));
      TRY(loaded, seams.store.Load(part.sha256, part.size_bytes));
    }
    if (!loaded) {
      return Fail(ExitCode::kInternal,
                  fmt::format("the download of {} was damaged on disk", firmware.Title()),
                  "check the state directory's file system");
    }
    obtained.parts.push_back(*std::move(loaded));
  }
  return obtained;
}

}  // namespace lastgood
