// SPDX-License-Identifier: MIT
// NAME.part: what of an artifact has arrived, and the digest of it. NAME.part.etag beside it says
// which version of which URL it came from. Private to fetch/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/digest_value.h"
#include "base/result.h"
#include "digest/digest.h"
#include "host/descriptor.h"
#include "host/interrupt.h"

namespace lastgood {

class PartFile {
 public:
  // Digests what an earlier run left beside `destination`; more than `size_max` bytes are
  // discarded. A file is made only when there is something to write.
  static Result<PartFile> Open(const std::filesystem::path& destination, std::uint64_t size_max,
                               const Interrupt& interrupt);

  std::uint64_t size_bytes() const { return size_bytes_; }

  // kInternal when the disk is full or fails.
  Result<void> Append(ByteSpan piece);

  // Nothing has arrived: no file is left.
  Result<void> Discard();

  // The digest of all that has arrived. Once: Publish or Discard must follow.
  Sha256Digest FinishDigest() { return hasher_.Finish(); }

  // At most `size_max` of the first octets, as evidence.
  Bytes Start(std::size_t size_max) const;

  // An ETag is of use only for the URL that gave it. Lost on failure: resuming then goes without.
  void RememberEtag(const std::string& url, const std::string& etag);
  // Empty when there is none for `url`.
  std::string RecallEtag(const std::string& url) const;

  // Gives the file its final name, durably.
  Result<void> Publish(const std::filesystem::path& destination);

 private:
  explicit PartFile(const std::filesystem::path& destination);
  Result<void> DigestWhatIsThere(const Interrupt& interrupt);
  Result<void> Create();
  tl::unexpected<Error> FailToWrite(int error) const;

  std::filesystem::path path_;
  std::filesystem::path etag_path_;
  Descriptor file_;
  std::uint64_t size_bytes_ = 0;
  Sha256Hasher hasher_;
};

}  // namespace lastgood
