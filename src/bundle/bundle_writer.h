// SPDX-License-Identifier: MIT
// Writes a bundle, file by file in the order of its table of contents. The same files always give
// the same octets.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/signed_text.h"
#include "bundle/bundle_contents.h"
#include "bundle/zstd_stream.h"

namespace lastgood {

// SignedText::name is the file's name alone here: "espiot-phat.toml". `recipes`: the recipe, the
// one that it extends, and so on; at least one. `images` in any order, each as often as it comes.
// kUsage when a bundle can not hold files of these names.
Result<BundleContents> ListContents(const SignedText& manifest,
                                    const std::vector<SignedText>& recipes,
                                    std::vector<Sha256Digest> images);

class BundleWriter {
 public:
  explicit BundleWriter(ZstdOutput output) : output_(std::move(output)) {}

  // First. `contents` is ListContents() of the same texts.
  Result<void> WriteDescriptions(const BundleContents& contents, const SignedText& manifest,
                                 const std::vector<SignedText>& recipes);
  // Then each of contents.images, in that order.
  Result<void> WriteImage(const Sha256Digest& sha256, ByteSpan content);
  Result<void> Finish();

 private:
  Result<void> WriteDescription(const BundleDescription& members, const SignedText& description);
  Result<void> WriteMember(const std::string& name, ByteSpan content);
  ZstdWriter output_;
};

}  // namespace lastgood
