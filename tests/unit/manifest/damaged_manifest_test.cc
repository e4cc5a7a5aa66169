// SPDX-License-Identifier: MIT
// Damaged files: whatever the bytes are, parsing ends, and ends in a verdict that a person can
// read.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "unit/manifest/vector_files.h"

namespace lastgood {
namespace {

std::vector<std::string> AllVectors() {
  std::vector<std::string> texts;
  for (const auto& file : test::VectorFiles("manifests")) texts.push_back(test::ReadText(file));
  return texts;
}

// One to four damages of the kinds that editors, transfers and people cause.
std::string Damage(std::string text, std::mt19937& random) {
  constexpr std::string_view kFavourites = "\"'[]{}=.,#\n\r\t\\ 0\xFF\x80";
  for (auto count = 1 + random() % 4; count > 0 && !text.empty(); --count) {
    const std::size_t at = random() % text.size();
    const std::size_t length = std::min<std::size_t>(random() % 40, text.size() - at);
    switch (random() % 6) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ static_cast<char>(1U << random() % 8));
        break;
      case 1:
        text.resize(at);
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(at, text.substr(random() % text.size(), length));
        break;
      default:
        text.insert(at, 1, kFavourites[random() % kFavourites.size()]);
        break;
    }
  }
  return text;
}

TEST(DamagedManifestTest, VerdictIsAlwaysReadable) {
  constexpr unsigned kSeed = 4096;
  std::printf("seed %u\n", kSeed);
  std::mt19937 random(kSeed);
  const std::vector<std::string> vectors = AllVectors();
  for (int round = 0; round < 5000; ++round) {
    const std::string text = Damage(vectors[random() % vectors.size()], random);
    const auto manifest = ParseManifest(text, "m.toml");
    if (manifest) continue;
    const std::string& message = manifest.error().message;
    ASSERT_EQ(manifest.error().code, ExitCode::kInvalidManifest);
    ASSERT_TRUE(message.starts_with("m.toml:")) << "round " << round << "\n" << message;
    ASSERT_LT(message.size(), 20'000U) << "round " << round;
    for (const char c : message) {
      const auto octet = static_cast<unsigned char>(c);
      ASSERT_TRUE(octet >= 0x20 || c == '\n' || c == '\t') << "round " << round << "\n" << message;
      ASSERT_NE(octet, 0x7F);
    }
  }
}

}  // namespace
}  // namespace lastgood
