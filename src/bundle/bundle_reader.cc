// SPDX-License-Identifier: MIT
#include "bundle/bundle_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "digest/digest.h"

namespace lastgood {
namespace {

constexpr std::uint64_t kTextSizeMax = 1U << 20;  // as of every manifest and recipe
constexpr std::uint64_t kSignatureSizeMax = 16U << 10;
constexpr std::size_t kPiece = 64U << 10;
// GNU tar fills up to its record of 10 KiB.
constexpr std::size_t kZerosAtEndMax = 64U << 10;

}  // namespace

tl::unexpected<Error> BundleReader::Refuse(const std::string& why) const {
  return Fail(ExitCode::kNotTrusted, fmt::format("'{}' is no whole bundle: {}", path_, why),
              "copy it again, or make it again with 'lastgood bundle'");
}

// What the layers below found out, with the bundle's name.
template <class T>
Result<T> BundleReader::Named(Result<T> result) const {
  if (result || result.error().code != ExitCode::kNotTrusted) return result;
  return Refuse(result.error().message);
}

Result<BundleReader> BundleReader::Open(const std::filesystem::path& path) {
  TRY(ZstdReader input, ZstdReader::Open(path));
  BundleReader reader(path.string(), std::move(input));
  TRY_DO(reader.ReadDescriptions());
  return reader;
}

Result<void> BundleReader::ReadDescriptions() {
  TRY(const Bytes text, ReadMember(std::string(kContentsName), kTextSizeMax));
  TRY(contents_, Named(ParseContents(AsText(text))));
  TRY(manifest_, ReadDescription(contents_.manifest));
  for (const BundleDescription& recipe : contents_.recipes) {
    TRY(SignedText found, ReadDescription(recipe));
    recipes_.push_back(std::move(found));
  }
  return {};
}

Result<SignedText> BundleReader::ReadDescription(const BundleDescription& description) {
  SignedText found;
  found.name = path_ + "/" + description.file.name;
  TRY(const Bytes text, ReadMember(description.file, kTextSizeMax));
  found.text = AsText(text);
  for (const BundleMember& signature : description.signature) {
    TRY(const Bytes octets, ReadMember(signature, kSignatureSizeMax));
    found.signature = AsText(octets);
  }
  return found;
}

Result<Bytes> BundleReader::NextImage(std::uint64_t size_bytes) {
  const Sha256Digest& sha256 = contents_.images[images_read_];
  const std::string name = ImageName(sha256);
  TRY(const TarMember head, ReadHead(name));
  if (head.size_bytes != size_bytes)
    return Refuse(fmt::format("its '{}' has {} bytes, its manifest says {}", name, head.size_bytes,
                              size_bytes));
  TRY(Bytes content, ReadContent(size_bytes));
  if (Sha256(content) != sha256) return Refuse(fmt::format("its '{}' has another digest", name));
  ++images_read_;
  return content;
}

Result<void> BundleReader::Finish() {
  Bytes rest(kZerosAtEndMax + 1);
  TRY(const std::size_t size, Named(input_.Read(rest)));
  rest.resize(size);
  if (size < 2 * kTarBlock) return Refuse("its end is missing");
  const bool zeros =
      std::all_of(rest.begin(), rest.end(), [](std::uint8_t octet) { return octet == 0; });
  if (!zeros || size > kZerosAtEndMax)
    return Refuse("it holds more than its table of contents says");
  return {};
}

Result<Bytes> BundleReader::ReadMember(const BundleMember& member, std::uint64_t size_max) {
  TRY(Bytes content, ReadMember(member.name, size_max));
  if (Sha256(content) == member.sha256) return content;
  return Refuse(
      fmt::format("its '{}' has another digest than its table of contents says", member.name));
}

Result<Bytes> BundleReader::ReadMember(const std::string& name, std::uint64_t size_max) {
  TRY(const TarMember head, ReadHead(name));
  if (head.size_bytes > size_max)
    return Refuse(
        fmt::format("its '{}' has {} bytes, at most {} are read", name, head.size_bytes, size_max));
  return ReadContent(head.size_bytes);
}

Result<TarMember> BundleReader::ReadHead(const std::string& name) {
  std::array<std::uint8_t, kTarBlock> block;
  TRY_DO(ReadFully(block));
  TRY(std::optional<TarMember> head, Named(ParseTarHead(block)));
  if (!head) return Refuse(fmt::format("it ends before '{}'", name));
  if (head->name != name) return Refuse(fmt::format("'{}' is not where it should be", name));
  return *std::move(head);
}

// `size_bytes` is within a limit already; what is reserved is taken only as octets arrive.
Result<Bytes> BundleReader::ReadContent(std::uint64_t size_bytes) {
  Bytes content;
  std::uint64_t left = size_bytes + TarPadding(size_bytes);
  content.reserve(static_cast<std::size_t>(left));
  while (left > 0) {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left, kPiece));
    content.resize(content.size() + size);
    TRY_DO(ReadFully(std::span(content).last(size)));
    left -= size;
  }
  content.resize(static_cast<std::size_t>(size_bytes));
  return content;
}

Result<void> BundleReader::ReadFully(std::span<std::uint8_t> out) {
  TRY(const std::size_t size, Named(input_.Read(out)));
  if (size < out.size()) return Refuse("it is cut off");
  return {};
}

}  // namespace lastgood
