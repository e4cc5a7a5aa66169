// SPDX-License-Identifier: MIT
// From a firmware's description to its verified octets: out of the store, or over the network into
// it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/verified.h"
#include "manifest/manifest.h"
#include "run/seams.h"

namespace lastgood {

using FirmwareParts = std::vector<Verified<Bytes>>;  // in the order of FirmwareSpec::parts

struct ObtainedFirmware {
  FirmwareParts parts;
  std::uint64_t bytes_received = 0;  // over the network, this time
  std::vector<std::string>
      rejected;  // "http://…: 404 Not Found": sources that failed before one delivered
};

// Every part out of the store, hashed again; nullopt when one is missing or damaged. A part that is
// a member is taken out of its archive: errors as of ExtractMember().
Result<std::optional<FirmwareParts>> LoadFirmware(const ArtifactStore& store,
                                                  const FirmwareSpec& firmware);

// The same once everything was downloaded: what is not whole now was damaged on disk (kInternal).
Result<FirmwareParts> LoadFetched(const ArtifactStore& store, const FirmwareSpec& firmware);

// What is missing is downloaded (run/downloads.h). Errors as of Fetch() and LoadFetched().
Result<ObtainedFirmware> ObtainFirmware(const StoreSeams& seams, const FirmwareSpec& firmware);

// Octets of all its artifacts; an archive with several members counts once.
std::uint64_t DownloadSize(const FirmwareSpec& firmware);

}  // namespace lastgood
