// SPDX-License-Identifier: MIT
// Rules B1–B3 of the protocol reference, section 15: which header a firmware gets on which chip,
// and what is refused before anything is written.
#include "plan/flash_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "sim/image_factory.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "support/verified.h"

namespace lastgood {
namespace {

using Kind = sim::ImageRequest::Kind;

constexpr std::uint32_t kMegabyte = 1U << 20;

BoardIdentity BoardWith(std::uint32_t flash_size) {
  BoardIdentity board;
  board.flash_id = 0x1640EF;
  board.flash_size_bytes = flash_size;
  return board;
}

FirmwareSpec Firmware(SizePolicy policy, std::uint32_t fixed = 0) {
  FirmwareSpec firmware;
  firmware.name = "micropython";
  firmware.version = "1.8.7";
  firmware.parts.resize(1);
  firmware.flash.size = policy;
  firmware.flash.fixed_size_bytes = fixed;
  return firmware;
}

std::vector<Verified<Bytes>> Parts(Bytes image) {
  std::vector<Verified<Bytes>> parts;
  parts.push_back(test::AsVerified(std::move(image)));
  return parts;
}

Bytes Image(Kind kind) {
  sim::ImageRequest request;
  request.kind = kind;
  return sim::MakeImage(request);
}

struct SizeRow {
  const char* name;
  Kind kind;
  SizePolicy policy;
  std::uint32_t fixed;
  std::uint32_t chip;
  std::optional<std::uint32_t> header;  // nullopt: refused
};

void PrintTo(const SizeRow& row, std::ostream* out) { *out << row.name; }

class HeaderSize : public testing::TestWithParam<SizeRow> {};

TEST_P(HeaderSize, FollowsTheRules) {
  const SizeRow& row = GetParam();
  const auto plan = PlanFlash(Firmware(row.policy, row.fixed), Parts(Image(row.kind)),
                              BoardWith(row.chip), Caution::kRefuse);
  if (!row.header) {
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, ExitCode::kRefused) << plan.error().message;
    EXPECT_EQ(plan.error().hint, "set size = \"detect\" in [firmware.flash]");
    return;
  }
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->header_size_bytes, *row.header);
}

INSTANTIATE_TEST_SUITE_P(
    , HeaderSize,
    testing::Values(SizeRow{"DetectGivesTheChipsSize", Kind::kMicropython, SizePolicy::kDetect, 0,
                            4 * kMegabyte, 4 * kMegabyte},
                    SizeRow{"DetectOnOneMegabyte", Kind::kMicropython, SizePolicy::kDetect, 0,
                            kMegabyte, kMegabyte},
                    SizeRow{"DetectNeverExceedsWhatTheRomKnows", Kind::kMicropython,
                            SizePolicy::kDetect, 0, 16 * kMegabyte, 4 * kMegabyte},
                    SizeRow{"TheIncident", Kind::kMicropython, SizePolicy::kFixed, kMegabyte,
                            4 * kMegabyte, std::nullopt},
                    SizeRow{"SixteenMegabyteHeader", Kind::kMicropython, SizePolicy::kFixed,
                            16 * kMegabyte, 16 * kMegabyte, std::nullopt},
                    SizeRow{"EightMegabyteHeader", Kind::kMicropython, SizePolicy::kFixed,
                            8 * kMegabyte, 8 * kMegabyte, std::nullopt},
                    SizeRow{"LargerThanTheChip", Kind::kMicropythonSdk1, SizePolicy::kFixed,
                            4 * kMegabyte, kMegabyte, std::nullopt},
                    SizeRow{"OldSdkMayBeSmaller", Kind::kMicropythonSdk1, SizePolicy::kFixed,
                            kMegabyte, 4 * kMegabyte, kMegabyte},
                    SizeRow{"AtKeepsItsMap", Kind::kAt, SizePolicy::kKeep, 0, 4 * kMegabyte,
                            kMegabyte}),
    [](const auto& row) { return row.param.name; });

TEST(PlanFlash, ForcedRefusalBecomesANote) {
  const auto plan =
      PlanFlash(Firmware(SizePolicy::kFixed, kMegabyte), Parts(Image(Kind::kMicropython)),
                BoardWith(4 * kMegabyte), Caution::kForce);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->header_size_bytes, kMegabyte);
  EXPECT_EQ(plan->notes.front().substr(0, 8), "forced: ");
}

TEST(PlanFlash, UnknownFlashSizeIsRefusedWithARemedy) {
  const auto plan = PlanFlash(Firmware(SizePolicy::kDetect), Parts(Image(Kind::kMicropython)),
                              BoardWith(0), Caution::kRefuse);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ExitCode::kRefused);
  EXPECT_NE(plan.error().hint.find("printed on the flash chip"), std::string::npos);
}

TEST(PlanFlash, ImageThatReachesTheParameterSectorsDoesNotFit) {
  sim::ImageRequest request;
  request.size_bytes = kMegabyte - 0x4000;
  const auto plan = PlanFlash(Firmware(SizePolicy::kDetect), Parts(sim::MakeImage(request)),
                              BoardWith(kMegabyte), Caution::kForce);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ExitCode::kBoard) << plan.error().message;
}

TEST(PlanFlash, AtImageMayBringItsOwnParameterSectors) {
  FirmwareSpec firmware = Firmware(SizePolicy::kKeep);
  EXPECT_TRUE(PlanFlash(firmware, Parts(Image(Kind::kAt)), BoardWith(kMegabyte), Caution::kRefuse));
}

TEST(PlanFlash, DigestTellsHeadersOfOneImageApart) {
  const auto detected =
      PlanFlash(Firmware(SizePolicy::kDetect), Parts(Image(Kind::kMicropythonSdk1)),
                BoardWith(4 * kMegabyte), Caution::kRefuse);
  const auto smaller =
      PlanFlash(Firmware(SizePolicy::kFixed, kMegabyte), Parts(Image(Kind::kMicropythonSdk1)),
                BoardWith(4 * kMegabyte), Caution::kRefuse);
  ASSERT_TRUE(detected && smaller);
  EXPECT_NE(detected->flashed_digest, smaller->flashed_digest);
}

TEST(PlanFlash, OnlyTheHeaderIsPatched) {
  const Bytes image = Image(Kind::kMicropython);
  const auto plan = PlanFlash(Firmware(SizePolicy::kDetect), Parts(image), BoardWith(4 * kMegabyte),
                              Caution::kRefuse);
  ASSERT_TRUE(plan);
  const ByteSpan flashed = plan->images.front().bytes();
  ASSERT_EQ(flashed.size(), image.size());
  for (std::size_t i = 0; i < image.size(); ++i) {
    if (i == 2 || i == 3) continue;
    ASSERT_EQ(flashed[i], image[i]) << "octet " << i;
  }
  EXPECT_EQ(flashed[3] >> 4, 4);
}

TEST(PlanFlash, BytesThatAreNoImageAreNotTrusted) {
  const auto plan =
      PlanFlash(Firmware(SizePolicy::kDetect), Parts(ToBytes("<!DOCTYPE html><html>login</html>")),
                BoardWith(4 * kMegabyte), Caution::kForce);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ExitCode::kNotTrusted);
}

// The two images of the incident and their neighbours, as released.
struct RealRow {
  const char* file;
  std::uint32_t header;
  bool allowed;  // on a 4 MB chip
};

TEST(PlanFlash, RealImagesOfTheIncidentAreJudgedAsTheyBehaved) {
  const RealRow rows[] = {
      {"esp8266-2016-07-23-v1.8.2-39-g2dd21d9.bin", kMegabyte, true},
      {"esp8266-20161110-v1.8.6.bin", kMegabyte, false},
      {"esp8266-20170108-v1.8.7.bin", kMegabyte, false},
      {"esp8266-20170108-v1.8.7.bin", 4 * kMegabyte, true},
      {"esp8266-20171101-v1.9.3.bin", kMegabyte, false},
      {"ESP8266_GENERIC-20240105-v1.22.1.bin", kMegabyte, false},
      {"pimoroni-at-esp8266-firmware-latest.bin", kMegabyte, true},
  };
  for (const RealRow& row : rows) {
    const auto path = test::SharedInput(std::string("firmware/") + row.file);
    if (!path) return;
    const auto plan =
        PlanFlash(Firmware(SizePolicy::kFixed, row.header), Parts(test::ReadAll(*path)),
                  BoardWith(4 * kMegabyte), Caution::kRefuse);
    EXPECT_EQ(plan.has_value(), row.allowed)
        << row.file << " with " << row.header << ": " << (plan ? "planned" : plan.error().message);
  }
}

}  // namespace
}  // namespace lastgood
