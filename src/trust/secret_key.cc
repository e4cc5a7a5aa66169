// SPDX-License-Identifier: MIT
//   untrusted comment: TEXT
//   base64("Ed" | "Sc" or two zeros | "B2" | salt[32] | operations[8] | memory[8] | sealed[104])
// sealed = scrypt(password, salt) ^ (key id[8] | seed[32] | public key[32] | proof[32]), where the
// proof is the BLAKE2b-256 of "Ed", key id, seed and public key. Numbers are little-endian.
#include "trust/secret_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/bytes.h"
#include "digest/blake2b.h"
#include "digest/secrets.h"

namespace lastgood {
namespace {

constexpr std::string_view kComment = "untrusted comment: ";
constexpr std::string_view kAlgorithm = "Ed";
constexpr std::string_view kEncrypted = "EdScB2";
constexpr std::string_view kPlain("Ed\0\0B2", 6);
constexpr std::size_t kSaltAt = 6;
constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kOperationsAt = kSaltAt + kSaltSize;
constexpr std::size_t kSealedAt = kOperationsAt + 16;
constexpr std::size_t kSealedSize = 8 + 64 + 32;
// Of our own keys: n = 2^17, what a Raspberry Pi Zero has the memory for. minisign's own take 8
// times as much.
constexpr std::uint64_t kOperations = std::uint64_t{1} << 22;
constexpr std::uint64_t kMemory = std::uint64_t{1} << 27;
constexpr std::uint64_t kMemoryMax = std::uint64_t{1} << 30;

std::uint64_t LoadLe64(ByteSpan data, std::size_t at) {
  return LoadLe32(data, at) | std::uint64_t{LoadLe32(data, at + 4)} << 32;
}

void AppendLe64(Bytes& out, std::uint64_t value) {
  AppendLe32(out, static_cast<std::uint32_t>(value));
  AppendLe32(out, static_cast<std::uint32_t>(value >> 32));
}

// What libsodium's crypto_pwhash_scryptsalsa208sha256 makes of its two limits: r = 8, the largest n
// that both allow, the rest of the operations to p.
ScryptCost CostOf(std::uint64_t operations, std::uint64_t memory) {
  operations = std::max<std::uint64_t>(operations, 32768);
  ScryptCost cost;
  const bool few_operations = operations < memory / 32;
  const std::uint64_t n_max = few_operations ? operations / 32 : memory / 1024;
  for (cost.n = 2; cost.n <= n_max / 2;) cost.n *= 2;
  if (!few_operations) {
    const std::uint64_t rp = std::min<std::uint64_t>(operations / 4 / cost.n, 0x3FFFFFFF);
    cost.p = static_cast<std::uint32_t>(rp / cost.r);
  }
  return cost;
}

Result<Bytes> KeyStream(std::string_view password, ByteSpan file) {
  const std::uint64_t operations = LoadLe64(file, kOperationsAt);
  const std::uint64_t memory = LoadLe64(file, kOperationsAt + 8);
  const ScryptCost cost = CostOf(operations, memory);
  if (memory > kMemoryMax || operations > kMemoryMax || cost.p == 0)
    return Fail(ExitCode::kNotTrusted, "the secret key's password costs are out of range");
  return Scrypt(password, file.subspan(kSaltAt, kSaltSize), cost, kSealedSize);
}

Bytes Sealed(const SecretKey& key) {
  Bytes data(key.id.octets.begin(), key.id.octets.end());
  Append(data, key.seed);
  Append(data, key.Public().key);
  return data;
}

Bytes ProofOf(ByteSpan id_and_key) {
  Bytes text = ToBytes(kAlgorithm);
  Append(text, id_and_key);
  const Blake2b256Digest digest = Blake2b256(text);
  Wipe(text);
  return {digest.octets.begin(), digest.octets.end()};
}

Result<Bytes> Decode(std::string_view text, std::string_view name) {
  std::string_view rest = text;
  if (TakeLine(rest, kComment)) {
    auto data = FromBase64(TakeLine(rest, "").value_or(""));
    if (data && data->size() == kSealedAt + kSealedSize &&
        (AsText(*data).starts_with(kEncrypted) || AsText(*data).starts_with(kPlain)))
      return *std::move(data);
  }
  return Fail(ExitCode::kUsage, fmt::format("'{}' is no secret key of minisign's", name),
              "lastgood keys new makes one");
}

void Xor(Bytes& data, std::size_t at, ByteSpan stream) {
  for (std::size_t i = 0; i < stream.size(); ++i) data[at + i] ^= stream[i];
}

}  // namespace

SecretKey::~SecretKey() { Wipe(seed); }

Result<SecretKey> MakeSecretKey() {
  SecretKey key;
  TRY_DO(FillRandom(key.id.octets));
  TRY_DO(FillRandom(key.seed));
  return key;
}

Result<bool> NeedsPassword(std::string_view text, std::string_view name) {
  TRY(Bytes data, Decode(text, name));
  const bool encrypted = AsText(data).starts_with(kEncrypted);
  Wipe(data);
  return encrypted;
}

Result<SecretKey> OpenSecretKey(std::string_view text, std::string_view name,
                                std::string_view password) {
  TRY(Bytes data, Decode(text, name));
  const bool encrypted = AsText(data).starts_with(kEncrypted);
  if (encrypted) {
    TRY(Bytes stream, KeyStream(password, data));
    Xor(data, kSealedAt, stream);
    Wipe(stream);
  }
  const ByteSpan sealed = ByteSpan(data).subspan(kSealedAt);
  SecretKey key;
  std::copy_n(sealed.begin(), 8, key.id.octets.begin());
  std::copy_n(sealed.begin() + 8, 32, key.seed.begin());
  const Ed25519PublicKey public_key = key.Public().key;
  const bool is_whole = std::equal(public_key.begin(), public_key.end(), sealed.begin() + 40);
  const Bytes proof = ProofOf(sealed.first(72));
  const bool is_proven = !encrypted || std::equal(proof.begin(), proof.end(), sealed.begin() + 72);
  Wipe(data);
  if (is_whole && is_proven) return key;
  return Fail(ExitCode::kNotTrusted,
              fmt::format("cannot open the secret key '{}': {}", name,
                          encrypted ? "the password is wrong" : "it is damaged"));
}

Result<std::string> FormatSecretKey(const SecretKey& key, std::string_view password) {
  const bool encrypted = !password.empty();
  Bytes data = ToBytes(encrypted ? kEncrypted : kPlain);
  Bytes salt(kSaltSize);
  if (encrypted) TRY_DO(FillRandom(salt));
  Append(data, salt);
  AppendLe64(data, encrypted ? kOperations : 0);
  AppendLe64(data, encrypted ? kMemory : 0);
  Bytes sealed = Sealed(key);
  Append(sealed, encrypted ? ProofOf(sealed) : Bytes(32));  // as minisign leaves it
  Append(data, sealed);
  Wipe(sealed);
  if (encrypted) {
    TRY(const Bytes stream, KeyStream(password, data));
    Xor(data, kSealedAt, stream);
  }
  std::string text = fmt::format("{}minisign {}secret key {}\n{}\n", kComment,
                                 encrypted ? "encrypted " : "", key.id.ToString(), ToBase64(data));
  Wipe(data);
  return text;
}

Signature Sign(const SecretKey& key, std::string_view text, std::string trusted_comment) {
  Signature signature;
  signature.key = key.id;
  signature.signature = Ed25519Sign(key.seed, Blake2b512(AsBytes(text)).octets);
  signature.trusted_comment = std::move(trusted_comment);
  signature.global_signature = Ed25519Sign(key.seed, AsBytes(GlobalMessage(signature)));
  return signature;
}

}  // namespace lastgood
