// SPDX-License-Identifier: MIT
// Computing digests (OpenSSL's EVP). SHA-256 is what lastgood trusts; MD5 is what firmware trailers
// and the loader protocol use, and is trusted for nothing but equality of what was just written.
#pragma once

#include <filesystem>
#include <memory>

#include "base/bytes.h"
#include "base/digest_value.h"
#include "base/result.h"

namespace lastgood {

class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;

  void Update(ByteSpan data);
  Sha256Digest Finish();  // once; the hasher is spent afterwards

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Sha256Digest Sha256(ByteSpan data);
Md5Digest Md5(ByteSpan data);

// Streams the file; kInternal when it can not be read.
Result<Sha256Digest> Sha256OfFile(const std::filesystem::path& path);

}  // namespace lastgood
