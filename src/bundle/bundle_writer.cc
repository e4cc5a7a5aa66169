// SPDX-License-Identifier: MIT
#include "bundle/bundle_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bundle/ustar.h"
#include "digest/digest.h"

namespace lastgood {
namespace {

Result<BundleMember> Describe(std::string_view directory, const SignedText& description) {
  if (!IsDescriptionName(description.name))
    return Fail(ExitCode::kUsage,
                fmt::format("a bundle can not hold a file called '{}'", description.name),
                "rename it: letters, digits and ._+- only, ending in .toml");
  return BundleMember{fmt::format("{}/{}", directory, description.name),
                      Sha256(AsBytes(description.text))};
}

std::vector<BundleMember> DescribeSignature(const BundleMember& of, const SignedText& description) {
  if (description.signature.empty()) return {};
  return {{of.name + std::string(kSignatureSuffix), Sha256(AsBytes(description.signature))}};
}

}  // namespace

Result<BundleContents> ListContents(const SignedText& manifest, const SignedText& recipe,
                                    std::vector<Sha256Digest> images) {
  BundleContents contents;
  TRY(contents.manifest, Describe("manifests", manifest));
  TRY(contents.recipe, Describe("recipes", recipe));
  contents.manifest_signature = DescribeSignature(contents.manifest, manifest);
  contents.recipe_signature = DescribeSignature(contents.recipe, recipe);
  std::sort(images.begin(), images.end());
  images.erase(std::unique(images.begin(), images.end()), images.end());
  contents.images = std::move(images);
  return contents;
}

Result<void> BundleWriter::WriteDescriptions(const BundleContents& contents,
                                             const SignedText& manifest, const SignedText& recipe) {
  TRY_DO(WriteMember(std::string(kContentsName), AsBytes(FormatContents(contents))));
  TRY_DO(WriteMember(contents.manifest.name, AsBytes(manifest.text)));
  for (const BundleMember& signature : contents.manifest_signature)
    TRY_DO(WriteMember(signature.name, AsBytes(manifest.signature)));
  TRY_DO(WriteMember(contents.recipe.name, AsBytes(recipe.text)));
  for (const BundleMember& signature : contents.recipe_signature)
    TRY_DO(WriteMember(signature.name, AsBytes(recipe.signature)));
  return {};
}

Result<void> BundleWriter::WriteImage(const Sha256Digest& sha256, ByteSpan content) {
  return WriteMember(ImageName(sha256), content);
}

Result<void> BundleWriter::Finish() {
  TRY_DO(output_.Write(Bytes(2 * kTarBlock, 0)));
  return output_.Finish();
}

Result<void> BundleWriter::WriteMember(const std::string& name, ByteSpan content) {
  TRY_DO(output_.Write(FormatTarHead({name, content.size()})));
  TRY_DO(output_.Write(content));
  return output_.Write(Bytes(TarPadding(content.size()), 0));
}

}  // namespace lastgood
