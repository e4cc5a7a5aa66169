// SPDX-License-Identifier: MIT
#include "run/firmware_files.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "image/archive.h"
#include "run/downloads.h"

namespace lastgood {
namespace {

// The artifact itself, or the member of it that the part asks for.
Result<Verified<Bytes>> BytesOf(const PartSpec& part, const Verified<Bytes>& artifact) {
  if (part.member.empty()) return artifact;
  Result<Verified<Bytes>> member = artifact.Derive([&part](const Bytes& archive) {
    return ExtractMember(archive, part.member, kMemberSizeMax);
  });
  if (!member) {
    Error error = std::move(member).error();
    error.message = fmt::format("{}: {}", NameOf(part), error.message);
    if (error.hint.empty())
      error.hint = "it is what the manifest names: ask its author for another";
    return Fail(std::move(error));
  }
  return member;
}

// Artifacts that several parts are members of are read and hashed once.
class Artifacts {
 public:
  explicit Artifacts(const ArtifactStore& store) : store_(store) {}

  // nullptr: not in the store, or not whole.
  Result<const Verified<Bytes>*> Load(const PartSpec& part) {
    if (const auto known = loaded_.find(part.sha256); known != loaded_.end()) return &known->second;
    TRY(std::optional<Verified<Bytes>> loaded, store_.Load(part.sha256, part.size_bytes));
    if (!loaded) return nullptr;
    return &loaded_.emplace(part.sha256, *std::move(loaded)).first->second;
  }

 private:
  const ArtifactStore& store_;
  std::map<Sha256Digest, Verified<Bytes>> loaded_;
};

}  // namespace

Result<std::optional<FirmwareParts>> LoadFirmware(const ArtifactStore& store,
                                                  const FirmwareSpec& firmware) {
  Artifacts artifacts(store);
  FirmwareParts parts;
  for (const PartSpec& part : firmware.parts) {
    TRY(const Verified<Bytes>* artifact, artifacts.Load(part));
    if (artifact == nullptr) return std::optional<FirmwareParts>();
    TRY(Verified<Bytes> bytes, BytesOf(part, *artifact));
    parts.push_back(std::move(bytes));
  }
  return std::optional<FirmwareParts>(std::move(parts));
}

Result<FirmwareParts> LoadFetched(const ArtifactStore& store, const FirmwareSpec& firmware) {
  TRY(std::optional<FirmwareParts> parts, LoadFirmware(store, firmware));
  if (parts) return *std::move(parts);
  return Fail(ExitCode::kInternal,
              fmt::format("the download of {} was damaged on disk", firmware.Title()),
              "check the state directory's file system");
}

Result<ObtainedFirmware> ObtainFirmware(const StoreSeams& seams, const FirmwareSpec& firmware) {
  TRY(Downloads downloads, Downloads::Prepare(seams, {&firmware}));
  FirmwareDownload download = std::move(downloads.Fetch({&firmware}).front());
  if (download.error) return Fail(*std::move(download.error));
  ObtainedFirmware obtained;
  TRY(obtained.parts, LoadFetched(seams.store, firmware));
  obtained.bytes_received = download.bytes_received;
  obtained.rejected = std::move(download.rejected);
  return obtained;
}

std::uint64_t DownloadSize(const FirmwareSpec& firmware) {
  std::set<Sha256Digest> counted;
  std::uint64_t size = 0;
  for (const PartSpec& part : firmware.parts)
    if (counted.insert(part.sha256).second) size += part.size_bytes;
  return size;
}

}  // namespace lastgood
