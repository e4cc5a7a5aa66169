// SPDX-License-Identifier: MIT
// What of several firmwares is not in the store yet, brought there: the room for all of it is
// checked first, each artifact comes once, several at a time, with one progress for all.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/digest_value.h"
#include "base/result.h"
#include "fetch/fetch.h"
#include "manifest/manifest.h"
#include "run/seams.h"

namespace lastgood {

using Firmwares = std::vector<const FirmwareSpec*>;

// What became of one firmware's artifacts.
struct FirmwareDownload {
  std::optional<Error> error;         // of its first artifact that could not be had
  std::size_t artifacts = 0;          // that were missing
  std::uint64_t bytes_received = 0;   // over the network, this time
  std::vector<std::string> rejected;  // sources that failed before one delivered
  std::vector<WrongAnswer> wrong_answers;
};

class Downloads {
 public:
  // Hashes what the store has of `wanted`; damaged artifacts are set aside and count as missing.
  // kInternal when the disk has no room for everything that is missing.
  static Result<Downloads> Prepare(const StoreSeams& seams, const Firmwares& wanted);

  bool nothing_missing() const { return missing_.empty(); }
  // Of the first artifact that is missing: what the network is probed with.
  const std::vector<std::string>& first_urls() const { return first_urls_; }
  // From now on, as HttpRequest::proxy.
  void GoThrough(std::optional<std::string> proxy) { seams_.proxy = std::move(proxy); }

  // Downloads what is missing of `firmwares`, which Prepare() was told of; a result for each, in
  // their order. An artifact that belongs to several counts for the first of them. Errors as of
  // Fetch().
  std::vector<FirmwareDownload> Fetch(const Firmwares& firmwares);

 private:
  explicit Downloads(const StoreSeams& seams) : seams_(seams) {}
  void Note(const FirmwareSpec& firmware);
  std::vector<FetchRequest> RequestsOf(const Firmwares& firmwares,
                                       std::vector<std::string>& names) const;

  StoreSeams seams_;
  std::map<Sha256Digest, PartSpec> missing_;
  std::map<Sha256Digest, Error> failed_;
  std::vector<std::string> first_urls_;
  std::uint64_t total_bytes_ = 0;
  std::uint64_t done_bytes_ = 0;  // by earlier calls
};

// Where to ask for a part, in order: the mirrors by its digest, then the manifest's own URLs.
std::vector<std::string> UrlsOf(const PartSpec& part, const std::vector<std::string>& mirrors);

// What a person calls it: the file's name in its first URL.
std::string NameOf(const PartSpec& part);

}  // namespace lastgood
