// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "manifest/manifest.h"
#include "unit/manifest/vector_files.h"

namespace lastgood {
namespace {

class ManifestVectorTest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(ManifestVectorTest, VerdictIsAsExpected) {
  const bool is_valid = test::IsValidVector(GetParam());
  const auto manifest = ParseManifest(test::ReadText(GetParam()), GetParam().filename().string());
  ASSERT_EQ(manifest.has_value(), is_valid) << (manifest ? "" : manifest.error().message);
  if (is_valid) return;
  EXPECT_EQ(manifest.error().code, ExitCode::kInvalidManifest);
  EXPECT_EQ(manifest.error().message + "\n", test::ReadText(test::ExpectedFile(GetParam())));
}

TEST_P(ManifestVectorTest, FirmwareOfAValidOneSurvivesTheRecord) {
  const auto manifest = ParseManifest(test::ReadText(GetParam()), "vector");
  if (!manifest) return;
  std::vector<FirmwareSpec> all = manifest->fallbacks;
  all.push_back(manifest->firmware);
  for (const FirmwareSpec& firmware : all) {
    const auto again = ParseFirmware(FormatFirmware(firmware));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(*again, firmware);
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, ManifestVectorTest,
                         testing::ValuesIn(test::VectorFiles("manifests")), test::VectorTestName);

}  // namespace
}  // namespace lastgood
