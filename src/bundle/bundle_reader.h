// SPDX-License-Identifier: MIT
// A bundle's files, one after the other, from the start of the archive to its end: nothing is held
// but the descriptions and one artifact. Every octet is compared with the table of contents, and
// nothing but what stands there is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/signed_text.h"
#include "bundle/bundle_contents.h"
#include "bundle/ustar.h"
#include "bundle/zstd_stream.h"

namespace lastgood {

inline constexpr std::string_view kBundleSuffix = ".lastgood.tar.zst";

class BundleReader {
 public:
  // Reads the descriptions. kUsage when there is no such file; kNotTrusted when it is no bundle,
  // damaged or cut off so far.
  static Result<BundleReader> Open(const std::filesystem::path& path);

  // Called "FILE/manifests/NAME.toml" in messages.
  const SignedText& manifest() const { return manifest_; }
  // The recipe, the one that it extends, and so on; never empty.
  const std::vector<SignedText>& recipes() const { return recipes_; }
  const BundleContents& contents() const { return contents_; }

  // The artifacts in the order of contents().images. kNotTrusted when it has another size or
  // digest, or the archive is damaged or cut off. Precondition: there is another.
  Result<Bytes> NextImage(std::uint64_t size_bytes);

  // Behind the last: kNotTrusted when anything follows.
  Result<void> Finish();

 private:
  BundleReader(std::string path, ZstdReader input)
      : path_(std::move(path)), input_(std::move(input)) {}
  Result<void> ReadDescriptions();
  Result<SignedText> ReadDescription(const BundleDescription& description);
  // A whole member, at most `size_max` octets.
  Result<Bytes> ReadMember(const std::string& name, std::uint64_t size_max);
  Result<Bytes> ReadMember(const BundleMember& member, std::uint64_t size_max);
  Result<Bytes> ReadContent(std::uint64_t size_bytes);
  Result<TarMember> ReadHead(const std::string& name);
  Result<void> ReadFully(std::span<std::uint8_t> out);
  tl::unexpected<Error> Refuse(const std::string& why) const;
  template <class T>
  Result<T> Named(Result<T> result) const;

  std::string path_;
  ZstdReader input_;
  BundleContents contents_;
  SignedText manifest_;
  std::vector<SignedText> recipes_;
  std::size_t images_read_ = 0;
};

}  // namespace lastgood
