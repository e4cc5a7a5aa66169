// SPDX-License-Identifier: MIT
// BLAKE2b (RFC 7693), unkeyed: what minisign signs instead of the file itself, and, at 32 octets,
// what its secret keys prove a right password with.
#pragma once

#include "base/bytes.h"
#include "base/digest_value.h"

namespace lastgood {

using Blake2b512Digest = DigestValue<64>;
using Blake2b256Digest = DigestValue<32>;

Blake2b512Digest Blake2b512(ByteSpan data);  // OpenSSL's
// OpenSSL 3.0 has no BLAKE2b of another size than 64 octets, so this one is ours.
Blake2b256Digest Blake2b256(ByteSpan data);

// What Blake2b256 is made of, at any size of 1 to 64 octets.
Bytes Blake2b(ByteSpan data, std::size_t size);

}  // namespace lastgood
