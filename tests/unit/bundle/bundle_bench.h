// SPDX-License-Identifier: MIT
// Bundles for tests: good ones, and archives of any files in any order.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "bundle/bundle_reader.h"
#include "bundle/bundle_writer.h"
#include "digest/digest.h"
#include "support/pattern.h"
#include "support/temporary_directory.h"

namespace lastgood::test {

// A file of an archive: its head and content, which need not fit.
struct RawMember {
  Bytes head;
  Bytes content;  // filled up to whole blocks
};

inline RawMember File(const std::string& name, ByteSpan content) {
  return {FormatTarHead({name, content.size()}), Bytes(content.begin(), content.end())};
}

inline Bytes Tar(const std::vector<RawMember>& members) {
  Bytes tar;
  for (const RawMember& member : members) {
    Append(tar, member.head);
    Append(tar, member.content);
    tar.resize(tar.size() + TarPadding(member.content.size()));
  }
  return tar;
}

inline Bytes End() { return Bytes(2 * kTarBlock, 0); }

inline Bytes Compressed(ByteSpan plain) {
  Bytes packed;
  ZstdWriter writer([&packed](ByteSpan piece) {
    Append(packed, piece);
    return Result<void>();
  });
  if (!writer.Write(plain) || !writer.Finish()) packed.clear();
  return packed;
}

// A manifest's and a recipe's text are any texts to a bundle.
struct GoodBundle {
  SignedText manifest{"a.toml", "the manifest\n", "its signature\n"};
  SignedText recipe{"b.toml", "the recipe\n", ""};
  std::vector<SignedText> bases{};  // of the recipe
  std::vector<Bytes> images{Pattern(1000, 1), Pattern(5000, 2)};

  GoodBundle() {
    if (Sha256(images[1]) < Sha256(images[0])) std::swap(images[0], images[1]);
  }

  std::vector<SignedText> Recipes() const {
    std::vector<SignedText> all{recipe};
    all.insert(all.end(), bases.begin(), bases.end());
    return all;
  }

  BundleContents Contents() const {
    std::vector<Sha256Digest> digests;
    for (const Bytes& image : images) digests.push_back(Sha256(image));
    return *ListContents(manifest, Recipes(), digests);
  }

  // As BundleWriter writes them.
  std::vector<RawMember> Members() const {
    std::vector<RawMember> members{
        File("SHA256SUMS", AsBytes(FormatContents(Contents()))),
        File("manifests/a.toml", AsBytes(manifest.text)),
        File("manifests/a.toml.minisig", AsBytes(manifest.signature)),
        File("recipes/b.toml", AsBytes(recipe.text)),
    };
    for (const Bytes& image : images) members.push_back(File(ImageName(Sha256(image)), image));
    return members;
  }

  Bytes Written() const {
    Bytes out;
    BundleWriter writer([&out](ByteSpan piece) {
      Append(out, piece);
      return Result<void>();
    });
    const BundleContents contents = Contents();
    bool good = writer.WriteDescriptions(contents, manifest, Recipes()).has_value();
    for (const Bytes& image : images) good = good && writer.WriteImage(Sha256(image), image);
    if (!good || !writer.Finish()) out.clear();
    return out;
  }
};

// "whole", or the message of what is wrong. `sizes`: what the manifest says of the images.
inline std::string ReadWhole(const std::filesystem::path& path,
                             const std::vector<std::uint64_t>& sizes) {
  auto reader = BundleReader::Open(path);
  if (!reader) return reader.error().message;
  for (const std::uint64_t size_bytes : sizes) {
    if (const auto image = reader->NextImage(size_bytes); !image) return image.error().message;
  }
  const auto finished = reader->Finish();
  return finished ? "whole" : finished.error().message;
}

}  // namespace lastgood::test
