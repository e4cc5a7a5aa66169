// SPDX-License-Identifier: MIT
#include "run/flash_backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "digest/digest.h"
#include "http/file_url.h"
#include "image/archive.h"
#include "image/gzip.h"
#include "manifest/text_rules.h"
#include "run/fallbacks.h"
#include "run/firmware_files.h"
#include "verify/artifact_verifier.h"

namespace lastgood {
namespace {

void AddPlan(const ArtifactStore& store, const Result<FirmwareSpec>& firmware,
             const BoardIdentity& board, std::vector<FlashPlan>& plans) {
  if (!firmware) return;
  if (auto plan = PlanFallback(store, *firmware, board, Caution::kForce))
    plans.push_back(*std::move(plan));
}

// "backup-of-MicroPython" "1.8.3"; or, where the version is not known, the start of its digest.
void NameIt(FirmwareSpec& firmware, const std::string& running) {
  const std::size_t space = running.rfind(' ');
  const std::string version = space == std::string::npos ? "" : running.substr(space + 1);
  firmware.version = firmware.parts.front().sha256.ToHex().substr(0, 8);
  firmware.health.settle = std::chrono::seconds(2);
  if (running.starts_with("MicroPython")) {
    firmware.name = "backup-of-MicroPython";
    firmware.health.kind = HealthKind::kMicropython;
  } else if (running.starts_with("AT")) {
    firmware.name = "backup-of-AT";
    firmware.health.kind = HealthKind::kAt;
  } else {
    firmware.name = "backup";
    firmware.health.kind = HealthKind::kBootLog;
    return;
  }
  // What a manifest would not take (restore makes one) is no version.
  if (version.empty() || WhyNotName(version)) return;
  firmware.version = version;
  firmware.health.version = version;
}

}  // namespace

Result<std::vector<FlashPlan>> PlansThatMayBeThere(const Record& record, const ArtifactStore& store,
                                                   const std::vector<FirmwareSpec>& others,
                                                   const BoardIdentity& board) {
  std::vector<FlashPlan> plans;
  TRY(const std::optional<BoardRecord> known, record.Board(board.mac));
  if (known) {
    for (const KnownGood& good : known->known_good)
      AddPlan(store, ParseFirmware(good.firmware_toml), board, plans);
    for (const BoardBackup& backup : known->backups)
      AddPlan(store, ParseFirmware(backup.firmware_toml), board, plans);
  }
  for (const FirmwareSpec& other : others) AddPlan(store, other, board, plans);
  return plans;
}

std::vector<KnownContent> KnownContents(const std::vector<FlashPlan>& plans) {
  std::vector<KnownContent> known;
  for (const FlashPlan& plan : plans)
    for (const FlashableImage& image : plan.images)
      known.push_back({image.offset(), image.bytes()});
  return known;
}

Result<Sha256Digest> StoreBytes(const ArtifactStore& store, Bytes bytes, const std::string& name) {
  const Sha256Digest digest = Sha256(bytes);
  const std::uint64_t size = bytes.size();
  TRY(const Verified<Bytes> verified,
      ArtifactVerifier::Verify(std::move(bytes), digest, size, name));
  TRY_DO(store.Put(verified, digest));
  return digest;
}

Result<StoredBackup> StoreBackup(const ArtifactStore& store, ByteSpan flash,
                                 const BoardIdentity& board, const std::string& running) {
  TRY(Bytes packed, Gzip(flash));
  StoredBackup stored;
  stored.stored_bytes = packed.size();
  PartSpec part;
  part.size_bytes = packed.size();
  TRY(part.sha256, StoreBytes(store, std::move(packed), "the backup"));
  part.member.assign(kOnlyContent);
  part.urls = {FileUrlOf(store.PathOf(part.sha256))};
  stored.firmware.chip = board.chip;
  stored.firmware.parts = {std::move(part)};
  stored.firmware.flash.size = SizePolicy::kKeep;
  NameIt(stored.firmware, running);
  // What was there may be no firmware at all: worth keeping, and no fallback.
  const Result<FlashPlan> plan = PlanFallback(store, stored.firmware, board, Caution::kForce);
  stored.bootable = plan.has_value();
  stored.flashed_digest = plan ? plan->flashed_digest : Sha256(flash);
  return stored;
}

}  // namespace lastgood
