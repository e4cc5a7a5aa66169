// SPDX-License-Identifier: MIT
// Rules B4, B5 and A5 of the protocol reference, section 15.
#include "plan/parameter_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "sim/image_factory.h"
#include "support/verified.h"

namespace lastgood {
namespace {

using Kind = sim::ImageRequest::Kind;
using Ranges = std::vector<FlashRange>;

constexpr std::uint32_t kMegabyte = 1U << 20;

FlashPlan PlanOf(Kind kind, SizePolicy policy, std::uint32_t chip_size = 4 * kMegabyte) {
  BoardIdentity board;
  board.flash_size_bytes = chip_size;
  FirmwareSpec firmware;
  firmware.parts.resize(1);
  firmware.flash.size = policy;
  sim::ImageRequest request;
  request.kind = kind;
  std::vector<Verified<Bytes>> parts;
  parts.push_back(test::AsVerified(sim::MakeImage(request)));
  auto plan = PlanFlash(firmware, parts, board, Caution::kRefuse);
  EXPECT_TRUE(plan) << plan.error().message;
  return *std::move(plan);
}

Bytes Starting(std::uint8_t first, std::size_t size) {
  Bytes bytes(size, 0x00);
  bytes.front() = first;
  return bytes;
}

FlashFindings Found(FirmwareFamily family, std::uint32_t header_size, Bytes init_data) {
  FlashFindings findings;
  findings.readable = true;
  findings.family = family;
  findings.header_size_bytes = header_size;
  findings.init_data = std::move(init_data);
  return findings;
}

struct Row {
  const char* name;
  Kind kind;
  SizePolicy policy;
  FlashFindings findings;
  std::string running;
  Ranges erase;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class ParameterRules : public testing::TestWithParam<Row> {};

TEST_P(ParameterRules, EraseJustWhatIsStale) {
  const Row& row = GetParam();
  const ParameterPlan plan =
      PlanParameters(PlanOf(row.kind, row.policy), row.findings, row.running);
  EXPECT_EQ(plan.erase, row.erase);
  EXPECT_EQ(plan.reasons.empty(), row.erase.empty());
}

const Bytes kBlankInit(kInitDataBytes, 0xFF);
const Bytes kGoodInit = Starting(0x05, kInitDataBytes);

INSTANTIATE_TEST_SUITE_P(
    , ParameterRules,
    testing::Values(
        Row{"SameFirmwareWithItsInitData",
            Kind::kMicropython,
            SizePolicy::kDetect,
            Found(FirmwareFamily::kMicropython, 4 * kMegabyte, kGoodInit),
            "MicroPython 1.9.3",
            {}},
        Row{"BlankInitDataIsFilledByTheFirmware",
            Kind::kMicropython,
            SizePolicy::kDetect,
            Found(FirmwareFamily::kMicropython, 4 * kMegabyte, kBlankInit),
            "MicroPython 1.9.3",
            {}},
        Row{"SomethingElseWhereInitDataIsSought",
            Kind::kMicropython,
            SizePolicy::kDetect,
            Found(FirmwareFamily::kMicropython, 4 * kMegabyte, Starting(0x42, kInitDataBytes)),
            "unknown",
            {{0x3FB000, 0x5000}}},
        Row{"AtBeforeMicropython",
            Kind::kMicropython,
            SizePolicy::kDetect,
            Found(FirmwareFamily::kAt, 4 * kMegabyte, kGoodInit),
            "AT 1.1.0.0",
            {{0x3FB000, 0x5000}}},
        Row{"AtWithAnotherHeaderSizeBeforeMicropython",
            Kind::kMicropython,
            SizePolicy::kDetect,
            Found(FirmwareFamily::kAt, kMegabyte, kGoodInit),
            "AT 1.1.0.0",
            {{0xFB000, 0x5000}, {0x3FB000, 0x5000}}},
        Row{"MicropythonWhoseHeaderSaidLess",
            Kind::kMicropython,
            SizePolicy::kDetect,
            Found(FirmwareFamily::kMicropython, kMegabyte, kBlankInit),
            "unknown",
            {{0xFB000, 0x5000}, {0x3FB000, 0x5000}}},
        Row{"UnknownFirmwareIsNotGuessedAt",
            Kind::kMicropython,
            SizePolicy::kDetect,
            Found(FirmwareFamily::kUnknown, 2 * kMegabyte, kBlankInit),
            "unknown",
            {}},
        Row{"NothingCanBeReadButAtAnswered",
            Kind::kMicropython,
            SizePolicy::kDetect,
            FlashFindings{},
            "AT 1.1.0.0",
            {{0x3FB000, 0x5000}}},
        Row{"NothingCanBeReadAndTheSameFamilyAnswered",
            Kind::kMicropython,
            SizePolicy::kDetect,
            FlashFindings{},
            "MicroPython 1.8.3",
            {}},
        // The AT image brings 0x0 to 0xFF000, with its init data; the last sector is not in it.
        Row{"MicropythonBeforeAtSparesWhatTheImageBrings",
            Kind::kAt,
            SizePolicy::kKeep,
            Found(FirmwareFamily::kMicropython, 4 * kMegabyte, kGoodInit),
            "MicroPython 1.22.1",
            {{0xFF000, 0x1000}, {0x3FB000, 0x5000}}}),
    [](const auto& row) { return row.param.name; });

TEST(ParameterPlan, WhatIsNoFileSystemIsClearedWhereMicropythonKeepsIts) {
  const FlashPlan plan = PlanOf(Kind::kMicropython, SizePolicy::kDetect);
  const std::uint32_t start = *FileSystemStart(plan);
  EXPECT_EQ(start, 0x91000U);
  FlashFindings findings = Found(FirmwareFamily::kAt, 4 * kMegabyte, kGoodInit);
  findings.file_system_head = Starting(0x12, 4096);
  const FlashRange head{start, 4096};
  EXPECT_EQ(PlanParameters(plan, findings, "unknown").erase.front(), head);

  Bytes fat = Starting(0xEB, 4096);
  fat[510] = 0x55;
  fat[511] = 0xAA;
  Bytes littlefs = Starting(0x01, 4096);
  const std::string_view name = "littlefs";
  std::copy(name.begin(), name.end(), littlefs.begin() + 8);
  for (const Bytes& head_to_keep : {fat, littlefs, Bytes(4096, 0xFF), Bytes()}) {
    findings.file_system_head = head_to_keep;
    EXPECT_NE(PlanParameters(plan, findings, "unknown").erase.front(), head);
  }
}

class DamagedFileSystem : public testing::Test {
 protected:
  DamagedFileSystem() {
    findings_.file_system_start = FileSystemStart(plan_);
    findings_.file_system_head = Starting(0x12, 4096);
  }
  Ranges Erased(const std::string& running) const {
    return PlanParameters(plan_, findings_, running).erase;
  }

  FlashPlan plan_ = PlanOf(Kind::kMicropython, SizePolicy::kDetect);
  FlashFindings findings_ = Found(FirmwareFamily::kMicropython, 4 * kMegabyte, kGoodInit);
};

TEST_F(DamagedFileSystem, OfMicropythonThatAnswersIsItsOwn) {
  EXPECT_EQ(Erased("MicroPython 1.9.3"), Ranges{});
}

TEST_F(DamagedFileSystem, OfMicropythonThatDoesNotAnswerIsWhatKeepsItFromStarting) {
  EXPECT_EQ(Erased("unknown"), (Ranges{{0x91000, 4096}}));
}

TEST_F(DamagedFileSystem, WhereASmallerMicropythonHadOtherDataIsCleared) {
  *findings_.file_system_start -= 4096;
  EXPECT_EQ(Erased("MicroPython 1.9.3"), (Ranges{{0x91000, 4096}}));
}

TEST(Recognise, TellsWhereTheMicropythonThatIsThereKeepsItsFileSystem) {
  for (const std::uint32_t size : {96U << 10, 700U << 10}) {
    sim::ImageRequest request;
    request.size_bytes = size;
    const Bytes image = sim::MakeImage(request);
    const auto at = [&image](const FlashRange& place) {
      return ByteSpan(image).subspan(place.offset, place.size_bytes);
    };
    FlashFindings findings;
    Recognise(at(kHeaderPlace), at(kSecondImagePlace), at(kSizeWordPlace), findings);
    const auto end = static_cast<std::uint32_t>((image.size() + 4095) / 4096 * 4096);
    EXPECT_EQ(findings.family, FirmwareFamily::kMicropython);
    EXPECT_EQ(findings.file_system_start, std::max(0x90000U, end) + 4096);
  }
}

TEST(ParameterPlan, WhatTheFirmwareWroteIntoItsOwnSectorsIsNoDifference) {
  const FlashPlan at = PlanOf(Kind::kAt, SizePolicy::kKeep);
  EXPECT_TRUE(IsOnlyParameters(at, {}));
  EXPECT_TRUE(IsOnlyParameters(at, {{0xFD000, 0x2000}}));
  EXPECT_FALSE(IsOnlyParameters(at, {{0xFC000, 0x1000}})) << "the image brings its init data";
  EXPECT_FALSE(IsOnlyParameters(at, {{0xFD000, 0x1000}, {0x1000, 0x1000}}));
  EXPECT_FALSE(IsOnlyParameters(PlanOf(Kind::kMicropython, SizePolicy::kDetect), {{0, 0x1000}}));
}

struct RepairRow {
  const char* name;
  RepairCause cause;
  SizePolicy policy;
  std::uint32_t header_size;  // instead of the policy's; 0: as planned
  FirmwareFamily family;      // of what was found before
  std::string running;
  Ranges erase;
  std::string why_not;  // part of it
};

void PrintTo(const RepairRow& row, std::ostream* out) { *out << row.name; }

class Repairing : public testing::TestWithParam<RepairRow> {};

TEST_P(Repairing, ClearsWhatMayBeClearedAndSaysWhyNotElse) {
  const RepairRow& row = GetParam();
  FlashPlan plan = PlanOf(Kind::kMicropython, row.policy);
  if (row.header_size != 0) plan.header_size_bytes = row.header_size;
  BoardIdentity board;
  board.flash_size_bytes = 4 * kMegabyte;
  FlashFindings findings;
  findings.family = row.family;
  const RepairPlan repair = PlanRepair(row.cause, plan, board, findings, row.running);
  EXPECT_EQ(repair.erase, row.erase);
  EXPECT_EQ(repair.what.empty(), row.erase.empty());
  EXPECT_EQ(repair.why_not.empty(), row.why_not.empty()) << repair.why_not;
  EXPECT_NE(repair.why_not.find(row.why_not), std::string::npos) << repair.why_not;
}

constexpr FirmwareFamily kUnknownFamily = FirmwareFamily::kUnknown;
constexpr SizePolicy kDetected = SizePolicy::kDetect;

INSTANTIATE_TEST_SUITE_P(, Repairing,
                         testing::Values(RepairRow{"InitDataWithTheRightHeader",
                                                   RepairCause::kInitData,
                                                   kDetected,
                                                   0,
                                                   kUnknownFamily,
                                                   "",
                                                   {{0x3FB000, 0x5000}},
                                                   ""},
                                         RepairRow{"InitDataWithAHeaderThatIsTheFault",
                                                   RepairCause::kInitData,
                                                   kDetected,
                                                   kMegabyte,
                                                   kUnknownFamily,
                                                   "",
                                                   {},
                                                   ""},
                                         RepairRow{"Parameters",
                                                   RepairCause::kParameters,
                                                   kDetected,
                                                   0,
                                                   kUnknownFamily,
                                                   "",
                                                   {{0x3FB000, 0x5000}},
                                                   ""},
                                         RepairRow{"ParametersWhereTheHeaderSaysThatTheyAre",
                                                   RepairCause::kParameters,
                                                   kDetected,
                                                   kMegabyte,
                                                   kUnknownFamily,
                                                   "",
                                                   {{0xFB000, 0x5000}},
                                                   ""},
                                         RepairRow{"ParametersBehindTheFlash",
                                                   RepairCause::kParameters,
                                                   kDetected,
                                                   8 * kMegabyte,
                                                   kUnknownFamily,
                                                   "",
                                                   {},
                                                   "behind the flash"},
                                         RepairRow{"FileSystemWhereAtFirmwareWasFound",
                                                   RepairCause::kFileSystem,
                                                   kDetected,
                                                   0,
                                                   FirmwareFamily::kAt,
                                                   "unknown",
                                                   {{0x91000, 0x2000}},
                                                   ""},
                                         RepairRow{"FileSystemWhereAtFirmwareAnswered",
                                                   RepairCause::kFileSystem,
                                                   kDetected,
                                                   0,
                                                   kUnknownFamily,
                                                   "AT 1.1.0.0",
                                                   {{0x91000, 0x2000}},
                                                   ""},
                                         RepairRow{"FileSystemOfMicropython",
                                                   RepairCause::kFileSystem,
                                                   kDetected,
                                                   0,
                                                   FirmwareFamily::kMicropython,
                                                   "AT 1.1.0.0",
                                                   {},
                                                   "somebody's files"},
                                         RepairRow{"FileSystemOfWhoKnowsWhom",
                                                   RepairCause::kFileSystem,
                                                   kDetected,
                                                   0,
                                                   kUnknownFamily,
                                                   "unknown",
                                                   {},
                                                   "somebody's files"}),
                         [](const auto& row) { return row.param.name; });

TEST(HiddenFault, IsToldWhereInitDataLiesWhereTheWrongHeaderSendsTheSdk) {
  FlashPlan plan = PlanOf(Kind::kMicropython, SizePolicy::kDetect);
  BoardIdentity board;
  board.flash_size_bytes = 4 * kMegabyte;
  const FlashFindings of_at = Found(FirmwareFamily::kAt, kMegabyte, Starting(0x05, 128));
  const FlashFindings blank = Found(FirmwareFamily::kAt, kMegabyte, Bytes(128, 0xFF));
  EXPECT_EQ(DescribeHiddenFault(plan, board, of_at, "AT 1.1.0.0"), "") << "the header is right";
  plan.header_size_bytes = kMegabyte;
  EXPECT_EQ(DescribeHiddenFault(plan, board, of_at, "unknown"),
            "init data of AT firmware lies at 0xfc000, where this header sends the SDK: it would "
            "hide the fault until that sector is erased");
  EXPECT_EQ(DescribeHiddenFault(plan, board, blank, "AT 1.1.0.0"), "");
  EXPECT_EQ(
      DescribeHiddenFault(plan, board, {}, "AT 1.1.0.0"),
      "init data of AT firmware may lie at 0xfc000, where this header sends the SDK: it would "
      "hide the fault until that sector is erased")
      << "nothing could be read";
  EXPECT_EQ(DescribeHiddenFault(plan, board, {}, "MicroPython 1.8.3"), "") << "it has its own";
  EXPECT_EQ(DescribeHiddenFault(plan, board, {}, "unknown"), "");
}

}  // namespace
}  // namespace lastgood
