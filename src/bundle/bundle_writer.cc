// SPDX-License-Identifier: MIT
#include "bundle/bundle_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bundle/ustar.h"
#include "digest/digest.h"

namespace lastgood {
namespace {

Result<BundleDescription> Describe(std::string_view directory, const SignedText& description) {
  if (!IsDescriptionName(description.name))
    return Fail(ExitCode::kUsage,
                fmt::format("a bundle can not hold a file called '{}'", description.name),
                "rename it: letters, digits and ._+- only, ending in .toml");
  BundleDescription members;
  members.file = {fmt::format("{}/{}", directory, description.name),
                  Sha256(AsBytes(description.text))};
  if (!description.signature.empty())
    members.signature = {{members.file.name + std::string(kSignatureSuffix),
                          Sha256(AsBytes(description.signature))}};
  return members;
}

}  // namespace

Result<BundleContents> ListContents(const SignedText& manifest,
                                    const std::vector<SignedText>& recipes,
                                    std::vector<Sha256Digest> images) {
  BundleContents contents;
  TRY(contents.manifest, Describe("manifests", manifest));
  for (const SignedText& recipe : recipes) {
    TRY(BundleDescription members, Describe("recipes", recipe));
    contents.recipes.push_back(std::move(members));
  }
  if (!HaveOwnNames(contents.recipes))
    return Fail(ExitCode::kUsage,
                fmt::format("a bundle can not hold two of the recipes that '{}' builds on: their "
                            "files have the same name",
                            recipes.front().name),
                "rename one of them, and what 'extends' says");
  std::sort(images.begin(), images.end());
  images.erase(std::unique(images.begin(), images.end()), images.end());
  contents.images = std::move(images);
  return contents;
}

Result<void> BundleWriter::WriteDescriptions(const BundleContents& contents,
                                             const SignedText& manifest,
                                             const std::vector<SignedText>& recipes) {
  TRY_DO(WriteMember(std::string(kContentsName), AsBytes(FormatContents(contents))));
  TRY_DO(WriteDescription(contents.manifest, manifest));
  for (std::size_t i = 0; i < recipes.size(); ++i)
    TRY_DO(WriteDescription(contents.recipes[i], recipes[i]));
  return {};
}

Result<void> BundleWriter::WriteDescription(const BundleDescription& members,
                                            const SignedText& description) {
  TRY_DO(WriteMember(members.file.name, AsBytes(description.text)));
  for (const BundleMember& signature : members.signature)
    TRY_DO(WriteMember(signature.name, AsBytes(description.signature)));
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
