// SPDX-License-Identifier: MIT
#include "bundle/bundle_contents.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace lastgood {
namespace {

constexpr std::string_view kManifests = "manifests/";
constexpr std::string_view kRecipes = "recipes/";
constexpr std::string_view kImages = "images/";
constexpr std::string_view kBetween = "  ";  // sha256sum's: digest, two blanks, name
constexpr std::size_t kHexDigits = 64;
// With directory and signature's suffix it has to fit into a tar head's 100 octets.
constexpr std::size_t kDescriptionNameMax = 80;

tl::unexpected<Error> Refuse(std::string message) {
  return Fail(ExitCode::kNotTrusted, std::move(message));
}

bool IsNameOctet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '+' || c == '-';
}

// The lines, one after the other, as the order of the format asks for them.
class Lines {
 public:
  explicit Lines(std::vector<BundleMember> members) : members_(std::move(members)) {}

  std::optional<BundleDescription> TakeDescription(std::string_view directory) {
    auto file = Take([&](const std::string& name) {
      return name.starts_with(directory) && IsDescriptionName(name.substr(directory.size()));
    });
    if (!file) return std::nullopt;
    BundleDescription description{*std::move(file), {}};
    const std::string signature = description.file.name + std::string(kSignatureSuffix);
    if (auto taken = Take([&](const std::string& name) { return name == signature; }))
      description.signature.push_back(*std::move(taken));
    return description;
  }
  std::optional<BundleMember> TakeAny() {
    return Take([](const std::string&) { return true; });
  }

 private:
  template <class Fits>
  std::optional<BundleMember> Take(Fits fits) {
    if (next_ == members_.size() || !fits(members_[next_].name)) return std::nullopt;
    return members_[next_++];
  }

  std::vector<BundleMember> members_;
  std::size_t next_ = 0;
};

Result<std::vector<BundleMember>> ReadLines(std::string_view text) {
  std::vector<BundleMember> members;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const auto digest = ParseSha256(line.substr(0, kHexDigits));
    if (end == std::string_view::npos || !digest || line.substr(0, kHexDigits) != digest->ToHex() ||
        line.substr(kHexDigits, kBetween.size()) != kBetween)
      return Refuse(
          fmt::format("line {} of its {} makes no sense", members.size() + 1, kContentsName));
    members.push_back({std::string(line.substr(kHexDigits + kBetween.size())), *digest});
    text.remove_prefix(end + 1);
  }
  return members;
}

}  // namespace

std::string ImageName(const Sha256Digest& sha256) { return std::string(kImages) + sha256.ToHex(); }

bool IsDescriptionName(std::string_view name) {
  return name.size() <= kDescriptionNameMax && name.ends_with(".toml") && !name.starts_with('.') &&
         !name.starts_with('-') && std::all_of(name.begin(), name.end(), IsNameOctet);
}

std::string FormatContents(const BundleContents& contents) {
  std::string text;
  const auto add = [&text](const BundleMember& member) {
    text += fmt::format("{}{}{}\n", member.sha256.ToHex(), kBetween, member.name);
  };
  const auto add_description = [&add](const BundleDescription& description) {
    add(description.file);
    for (const BundleMember& signature : description.signature) add(signature);
  };
  add_description(contents.manifest);
  for (const BundleDescription& recipe : contents.recipes) add_description(recipe);
  for (const Sha256Digest& image : contents.images) add({ImageName(image), image});
  return text;
}

bool HaveOwnNames(const std::vector<BundleDescription>& descriptions) {
  std::set<std::string> names;
  for (const BundleDescription& description : descriptions) names.insert(description.file.name);
  return names.size() == descriptions.size();
}

Result<BundleContents> ParseContents(std::string_view text) {
  TRY(std::vector<BundleMember> members, ReadLines(text));
  Lines lines(std::move(members));
  BundleContents contents;
  auto manifest = lines.TakeDescription(kManifests);
  if (!manifest) return Refuse("it has no manifest where a bundle has one");
  contents.manifest = *std::move(manifest);
  while (auto recipe = lines.TakeDescription(kRecipes))
    contents.recipes.push_back(*std::move(recipe));
  if (contents.recipes.empty()) return Refuse("it has no recipe where a bundle has one");
  const std::string other = "it holds other files than a bundle does, or in another order";
  if (contents.recipes.size() > kBundleRecipesMax || !HaveOwnNames(contents.recipes))
    return Refuse(other);
  while (const auto image = lines.TakeAny()) {
    const bool ascends = contents.images.empty() || contents.images.back() < image->sha256;
    if (image->name != ImageName(image->sha256) || !ascends) return Refuse(other);
    contents.images.push_back(image->sha256);
  }
  return contents;
}

}  // namespace lastgood
