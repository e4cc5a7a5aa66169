// SPDX-License-Identifier: MIT
// Plans for the ESP32 family: the header says the chip's real size, the partitions must fit, and
// locked chips are left alone.
#include <gtest/gtest.h>

#include "plan/flash_plan.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "support/verified.h"
#include "unit/image/image_builder.h"

namespace lastgood {
namespace {

constexpr std::uint32_t kMegabyte = 1U << 20;

struct Placed {
  std::uint32_t offset;
  Bytes bytes;
};

struct Request {
  std::vector<Placed> parts;
  Chip chip = Chip::kEsp32;
  std::uint32_t flash_size = 4 * kMegabyte;
  FlashSpec flash;
  ChipSecurity security;
  Caution caution = Caution::kRefuse;
};

Result<FlashPlan> PlanOf(const Request& request) {
  BoardIdentity board;
  board.chip = request.chip;
  board.flash_id = 0x1640EF;
  board.flash_size_bytes = request.flash_size;
  board.security = request.security;
  FirmwareSpec firmware;
  firmware.name = "blinky";
  firmware.version = "2.3.4";
  firmware.chip = request.chip;
  firmware.flash = request.flash;
  std::vector<Verified<Bytes>> parts;
  for (const Placed& placed : request.parts) {
    firmware.parts.push_back({placed.offset, {}, {}, placed.bytes.size(), {}});
    parts.push_back(test::AsVerified(placed.bytes));
  }
  return PlanFlash(firmware, parts, board, request.caution);
}

Request Usual(std::uint32_t flash_size = 4 * kMegabyte) {
  Request request;
  request.flash_size = flash_size;
  request.parts = {{0x1000, test::FamilyImageBuilder{}.Build()},
                   {0x8000, test::PartitionTable(test::UsualRows())},
                   {0x10000, test::App()}};
  return request;
}

std::string Refusal(const Request& request, ExitCode code) {
  const auto plan = PlanOf(request);
  if (plan) return "planned";
  EXPECT_EQ(plan.error().code, code);
  return plan.error().message;
}

TEST(FamilyPlan, HeaderSaysTheRealSizeHoweverLarge) {
  for (const std::uint32_t megabytes : {4U, 8U, 16U, 32U, 128U}) {
    const auto plan = PlanOf(Usual(megabytes * kMegabyte));
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(plan->header_size_bytes, megabytes * kMegabyte);
    const auto image = ParseEspImage(
        test::AsVerified(Bytes(plan->images[0].bytes().begin(), plan->images[0].bytes().end())),
        Chip::kEsp32);
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->HeaderFlashSize(), megabytes * kMegabyte);
  }
}

TEST(FamilyPlan, OnlyTheBootLoaderIsPatched) {
  const Request request = Usual(16 * kMegabyte);
  const auto plan = PlanOf(request);
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->images.size(), 3U);
  for (std::size_t i = 1; i < 3; ++i) {
    const ByteSpan planned = plan->images[i].bytes();
    EXPECT_EQ(Bytes(planned.begin(), planned.end()), request.parts[i].bytes);
  }
}

TEST(FamilyPlan, FlashIsUsedToItsEnd) {
  Request request = Usual();
  request.parts.push_back({0x3FF000, Bytes(4096, 1)});
  EXPECT_TRUE(PlanOf(request));
  request.parts.back().offset = 0x400000;
  EXPECT_EQ(Refusal(request, ExitCode::kBoard),
            "blinky 2.3.4 ends at 0x401000, the board's 4 MB flash has room up to 0x400000");
}

TEST(FamilyPlan, PartitionBehindTheFlashIsRefusedEvenWhenForced) {
  Request request = Usual(2 * kMegabyte);
  request.caution = Caution::kForce;
  EXPECT_EQ(Refusal(request, ExitCode::kBoard),
            "partition 'vfs' of blinky 2.3.4 ends at 0x400000, the board has 2 MB of flash");
}

TEST(FamilyPlan, PartitionBehindTheSizeInTheHeaderIsRefusedUnlessForced) {
  Request request = Usual();
  request.flash.size = SizePolicy::kFixed;
  request.flash.fixed_size_bytes = 2 * kMegabyte;
  EXPECT_EQ(Refusal(request, ExitCode::kRefused),
            "partition 'vfs' of blinky 2.3.4 ends at 0x400000, the header would say 2 MB of flash");
  request.caution = Caution::kForce;
  EXPECT_TRUE(PlanOf(request));
}

TEST(FamilyPlan, AppThatIsLargerThanItsPartitionIsRefused) {
  Request request = Usual();
  request.parts[1].bytes = test::PartitionTable(test::UsualRows(0x1000));
  request.parts[2].bytes = test::App(0x2000);
  EXPECT_EQ(Refusal(request, ExitCode::kNotTrusted),
            "partition 'factory' at 0x10000: the app has 8384 bytes, the partition 4096");
}

TEST(FamilyPlan, AppForAnotherMemberIsRefusedNamingBoth) {
  Request request = Usual();
  test::FamilyImageBuilder builder;
  builder.chip_id = 5;
  request.parts[2].bytes = builder.Build();
  EXPECT_EQ(Refusal(request, ExitCode::kNotTrusted),
            "the part of blinky 2.3.4 at 0x10000 is built for the ESP32-C3, the board is an ESP32");
  request.parts[0].bytes = builder.Build();
  EXPECT_EQ(Refusal(request, ExitCode::kNotTrusted),
            "not an ESP32 image: it is built for the ESP32-C3");
}

TEST(FamilyPlan, WhatIsNoImageElsewhereStaysPlainData) {
  Request request = Usual();
  request.parts.push_back({0x200000, ToBytes("{\"certificate\": 1}")});
  Bytes cut_app = test::App();
  cut_app.resize(100);
  request.parts.push_back({0x300000, cut_app});
  const auto plan = PlanOf(request);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->images.size(), 5U);
}

TEST(FamilyPlan, BootLoaderAtZeroOfAChipThatLooksAt0x1000IsRefusedWithTheRemedy) {
  Request request;
  Bytes loader = test::FamilyImageBuilder{}.Build();
  loader.resize(0x2000, 0xFF);
  request.parts = {{0, loader}};
  const auto plan = PlanOf(request);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ExitCode::kNotTrusted);
  EXPECT_EQ(plan.error().message,
            "blinky 2.3.4 has its image at 0x0, an ESP32 starts what is at 0x1000");
  EXPECT_EQ(plan.error().hint, "set offset = 0x1000");
}

TEST(FamilyPlan, MergedFileFromZeroIsPatchedAtTheBootOffset) {
  Request request;
  Bytes merged(0x1000, 0xFF);
  Append(merged, test::FamilyImageBuilder{}.Build());
  request.parts = {{0, merged}};
  const auto plan = PlanOf(request);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->images[0].bytes()[0x1003], 0x20);
}

TEST(FamilyPlan, FrequencyThatTheChipsHeaderCanNotSayIsRefused) {
  Request request;
  request.chip = Chip::kEsp32C6;
  test::FamilyImageBuilder builder;
  builder.chip_id = 13;
  builder.entry = 0x40800000;
  builder.segments = {{0x40800000, Bytes(64, 1)}};
  request.parts = {{0, builder.Build()}};
  request.flash.frequency = "26m";
  EXPECT_EQ(Refusal(request, ExitCode::kRefused),
            "an ESP32-C6 image's header can not say a flash frequency of 26m");
}

TEST(FamilyPlan, PartsThatOverlapAreRefused) {
  Request request = Usual();
  request.parts[0].bytes.resize(0x8000);
  EXPECT_EQ(Refusal(request, ExitCode::kInvalidManifest),
            "blinky 2.3.4: the part at 0x8000 overlaps the one at 0x1000, which ends at 0x9000");
}

TEST(FamilyPlan, LockedChipIsRefusedEvenWhenForced) {
  struct Case {
    ChipSecurity security;
    std::string_view message;
  };
  const Case cases[] = {
      {{true, false, false},
       "blinky 2.3.4 can not run on this ESP32: secure boot is burnt into the chip for good"},
      {{false, true, false},
       "blinky 2.3.4 can not run on this ESP32: flash encryption is burnt into the chip for good"},
      {{false, false, true},
       "blinky 2.3.4 can not run on this ESP32: secure download mode is burnt into the chip for "
       "good"},
      {{true, true, false},
       "blinky 2.3.4 can not run on this ESP32: secure boot and flash encryption are burnt into "
       "the "
       "chip for good"},
  };
  for (const Case& row : cases) {
    Request request = Usual();
    request.security = row.security;
    request.caution = Caution::kForce;
    EXPECT_EQ(Refusal(request, ExitCode::kRefused), row.message);
  }
}

TEST(FamilyPlan, RealMicropythonFitsFourMegabytesAndNotTwo) {
  const auto path = test::SharedInput("firmware/ESP32_GENERIC-v1.22.2.bin");
  if (!path) return;
  Request request;
  request.parts = {{0x1000, test::ReadAll(*path)}};
  EXPECT_TRUE(PlanOf(request));
  request.flash_size = 2 * kMegabyte;
  EXPECT_EQ(Refusal(request, ExitCode::kBoard),
            "partition 'vfs' of blinky 2.3.4 ends at 0x400000, the board has 2 MB of flash");
}

}  // namespace
}  // namespace lastgood
