// SPDX-License-Identifier: MIT
#include "digest/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

namespace lastgood {
namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

template <class Digest>
Digest DigestOf(ByteSpan data, const EVP_MD* algorithm) {
  Digest digest;
  if (EVP_Digest(data.data(), data.size(), digest.octets.data(), nullptr, algorithm, nullptr) != 1)
    std::abort();
  return digest;
}

tl::unexpected<Error> FailToRead(const std::filesystem::path& path, int error) {
  std::string reason = std::generic_category().message(error);
  reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return Fail(ExitCode::kInternal, fmt::format("cannot read '{}': {}", path.string(), reason));
}

}  // namespace

struct Sha256Hasher::State {
  std::unique_ptr<EVP_MD_CTX, ContextDeleter> context{EVP_MD_CTX_new()};
};

// OpenSSL fails here only when memory is gone or the library is broken: nothing that a caller could
// mend.
Sha256Hasher::Sha256Hasher() : state_(std::make_unique<State>()) {
  if (!state_->context || EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) != 1)
    std::abort();
}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::Update(ByteSpan data) {
  if (EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) != 1) std::abort();
}

Sha256Digest Sha256Hasher::Finish() {
  Sha256Digest digest;
  if (EVP_DigestFinal_ex(state_->context.get(), digest.octets.data(), nullptr) != 1) std::abort();
  return digest;
}

Sha256Digest Sha256(ByteSpan data) { return DigestOf<Sha256Digest>(data, EVP_sha256()); }
Md5Digest Md5(ByteSpan data) { return DigestOf<Md5Digest>(data, EVP_md5()); }

Result<Sha256Digest> Sha256OfFile(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (!file) return FailToRead(path, errno);
  Sha256Hasher hasher;
  std::array<std::uint8_t, 65536> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    hasher.Update({buffer.data(), count});
  }
  if (std::ferror(file.get()) != 0) return FailToRead(path, errno);
  return hasher.Finish();
}

}  // namespace lastgood
