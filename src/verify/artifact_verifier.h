// SPDX-License-Identifier: MIT
// The only maker of Verified<T>.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/digest_value.h"
#include "base/result.h"
#include "base/verified.h"

namespace lastgood {

class ArtifactVerifier {
 public:
  // kNotTrusted when size or digest differ; `name` is what the message calls the bytes.
  static Result<Verified<Bytes>> Verify(Bytes bytes, const Sha256Digest& sha256,
                                        std::uint64_t size_bytes, const std::string& name);
};

}  // namespace lastgood
