// SPDX-License-Identifier: MIT
// Ed25519 (RFC 8032) by OpenSSL.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace lastgood {

using Ed25519PublicKey = std::array<std::uint8_t, 32>;
using Ed25519Seed = std::array<std::uint8_t, 32>;  // the secret
using Ed25519Signature = std::array<std::uint8_t, 64>;

bool Ed25519Verify(const Ed25519PublicKey& key, ByteSpan message,
                   const Ed25519Signature& signature);
Ed25519Signature Ed25519Sign(const Ed25519Seed& seed, ByteSpan message);
Ed25519PublicKey Ed25519PublicKeyOf(const Ed25519Seed& seed);

}  // namespace lastgood
