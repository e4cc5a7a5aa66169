// SPDX-License-Identifier: MIT
#include "digest/secrets.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace lastgood {

Result<void> FillRandom(std::span<std::uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) == 1) return {};
  return Fail(ExitCode::kInternal, "the system's random number generator fails");
}

void Wipe(std::span<std::uint8_t> secret) { OPENSSL_cleanse(secret.data(), secret.size()); }
void Wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

Result<Bytes> Scrypt(std::string_view password, ByteSpan salt, const ScryptCost& cost,
                     std::size_t size) {
  Bytes key(size);
  // OpenSSL counts some blocks more than the one large array.
  const std::uint64_t memory_max = cost.MemoryBytes() + (std::uint64_t{1} << 20);
  if (EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(), cost.n, cost.r,
                     cost.p, memory_max, key.data(), key.size()) == 1)
    return key;
  return Fail(ExitCode::kInternal,
              fmt::format("cannot stretch the password: {} MB of memory are needed",
                          cost.MemoryBytes() >> 20),
              "use a computer with more memory");
}

}  // namespace lastgood
