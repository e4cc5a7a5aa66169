// SPDX-License-Identifier: MIT
#include "digest/ed25519.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

namespace lastgood {
namespace {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;
using Context = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;

// Any 32 octets are a secret; OpenSSL fails only when memory is gone or the library is broken.
Key SecretKeyOf(const Ed25519Seed& seed) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  if (!key) std::abort();
  return key;
}

}  // namespace

bool Ed25519Verify(const Ed25519PublicKey& key, ByteSpan message,
                   const Ed25519Signature& signature) {
  const Key public_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const Context context(EVP_MD_CTX_new());
  return public_key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

Ed25519Signature Ed25519Sign(const Ed25519Seed& seed, ByteSpan message) {
  const Key key = SecretKeyOf(seed);
  const Context context(EVP_MD_CTX_new());
  Ed25519Signature signature;
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1)
    std::abort();
  return signature;
}

Ed25519PublicKey Ed25519PublicKeyOf(const Ed25519Seed& seed) {
  const Key key = SecretKeyOf(seed);
  Ed25519PublicKey public_key;
  std::size_t size = public_key.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), public_key.data(), &size) != 1) std::abort();
  return public_key;
}

}  // namespace lastgood
