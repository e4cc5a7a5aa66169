// SPDX-License-Identifier: MIT
#include "run/firmware_files.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "fetch/fetch.h"
#include "image/archive.h"

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

std::string NameOf(const PartSpec& part) {
  if (part.urls.empty()) return "artifact " + Abbreviate(part.sha256);
  const std::string& url = part.urls.front();
  return fmt::format("'{}'", url.substr(url.rfind('/') + 1));
}

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

Result<ObtainedFirmware> ObtainFirmware(Seams& seams, const FirmwareSpec& firmware) {
  Artifacts artifacts(seams.store);
  ObtainedFirmware obtained;
  for (const PartSpec& part : firmware.parts) {
    TRY(const Verified<Bytes>* artifact, artifacts.Load(part));
    if (artifact == nullptr) {
      TRY_DO(Download(seams, part, obtained));
      TRY(artifact, artifacts.Load(part));
    }
    if (artifact == nullptr) {
      return Fail(ExitCode::kInternal,
                  fmt::format("the download of {} was damaged on disk", firmware.Title()),
                  "check the state directory's file system");
    }
    TRY(Verified<Bytes> bytes, BytesOf(part, *artifact));
    obtained.parts.push_back(std::move(bytes));
  }
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
