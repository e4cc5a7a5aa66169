// SPDX-License-Identifier: MIT
// Contents of host files as they were, by digest: DIRECTORY/<sha256>. For this user alone, since
// what is kept may be private. Hashed again before every use.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/digest_value.h"
#include "base/result.h"

namespace lastgood {

class ContentStore {
 public:
  explicit ContentStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Durable when it returns.
  Result<void> Keep(ByteSpan content) const;
  // kInternal when it is not there, or not whole any more.
  Result<Bytes> Load(const Sha256Digest& sha256) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace lastgood
