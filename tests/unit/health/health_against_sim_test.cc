// SPDX-License-Identifier: MIT
// The checks against the simulated board, which was written from the same reference by other hands:
// what the two agree on is not one bug seen twice.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "sim/image_factory.h"
#include "sim/simulated_board.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

using sim::ImageRequest;
using sim::SimulatedBoard;

class HealthOfSimulatedBoard : public testing::Test {
 protected:
  void SetUp() override { Power({}); }

  // Another board on the bench.
  void Power(std::map<std::string, std::uint32_t> faults) {
    sim::BoardOptions options;
    options.seed = 5;
    options.faults = std::move(faults);
    lines_.reset();
    port_.reset();
    auto board = SimulatedBoard::Make(options, clock_);
    ASSERT_TRUE(board) << board.error().message;
    board_ = *std::move(board);
    port_ = board_->OpenSerialPort();
    lines_ = board_->OpenLines();
  }

  HealthVerdict Check(HealthKind kind, std::string version) {
    HealthSpec spec;
    spec.kind = kind;
    spec.version = std::move(version);
    return Check(spec);
  }
  HealthVerdict Check(const HealthSpec& spec) {
    const auto verdict = CheckHealth(*port_, *lines_, clock_, spec, 20170108, interrupt_);
    EXPECT_TRUE(verdict) << (verdict ? "" : verdict.error().message);
    return verdict ? *verdict : HealthVerdict{};
  }

  void Flash(Bytes image, std::uint8_t size_nibble) {
    image[3] = static_cast<std::uint8_t>((image[3] & 0x0f) | size_nibble << 4);
    board_->WriteFlash(0, image);
  }
  void Flash(ImageRequest::Kind kind, std::string version, std::uint8_t size_nibble = 4) {
    Flash(sim::MakeImage({.kind = kind, .version = std::move(version), .size_bytes = 96 * 1024}),
          size_nibble);
  }

  VirtualClock clock_;
  Interrupt interrupt_;
  std::unique_ptr<SimulatedBoard> board_;
  std::unique_ptr<SerialPort> port_;
  std::unique_ptr<BoardLines> lines_;
};

constexpr std::uint8_t kOneMegabyte = 2;  // the header's size nibble on this chip

TEST_F(HealthOfSimulatedBoard, MicropythonIsHealthyOnItsFirstStartAndOnItsSecond) {
  Flash(ImageRequest::Kind::kMicropython, "1.22.1");
  for (int start = 1; start <= 2; ++start) {
    const HealthVerdict verdict = Check(HealthKind::kMicropython, "1.22.1");
    EXPECT_TRUE(verdict.good()) << verdict.summary << "\n" << AsText(verdict.transcript);
    EXPECT_EQ(verdict.summary, "REPL answers as 1.22.1, up for 5 s");
  }
  EXPECT_EQ(Check(HealthKind::kMicropython, "1.9.3").health, Health::kWrongVersion);
  EXPECT_EQ(Check(HealthKind::kAt, "").health, Health::kOtherFirmware);
  EXPECT_TRUE(Check(HealthKind::kBootLog, "").good());
  EXPECT_EQ(*NameRunningFirmware(*port_, clock_, interrupt_), "MicroPython 1.22.1");
}

TEST_F(HealthOfSimulatedBoard, AtFirmwareIsHealthy) {
  Flash(ImageRequest::Kind::kAt, "1.1.0.0", kOneMegabyte);
  const HealthVerdict verdict = Check(HealthKind::kAt, "1.1.0.0");
  EXPECT_TRUE(verdict.good()) << verdict.summary << "\n" << AsText(verdict.transcript);
  EXPECT_EQ(Check(HealthKind::kMicropython, "").health, Health::kOtherFirmware);
  EXPECT_EQ(*NameRunningFirmware(*port_, clock_, interrupt_), "AT 1.1.0.0");
}

TEST_F(HealthOfSimulatedBoard, HeaderSizeThatIsTooSmallIsABootLoopOverMissingInitData) {
  Flash(ImageRequest::Kind::kMicropython, "1.22.1", kOneMegabyte);
  for (const HealthKind kind : {HealthKind::kMicropython, HealthKind::kBootLog}) {
    const HealthVerdict verdict = Check(kind, "1.22.1");
    EXPECT_EQ(verdict.health, Health::kBootLoop) << AsText(verdict.transcript);
    EXPECT_EQ(verdict.fault, BootFault::kInitDataMissing) << verdict.summary;
    EXPECT_NE(verdict.remedy.find("size = \"detect\""), std::string::npos);
  }
}

TEST_F(HealthOfSimulatedBoard, OlderSdkRunsWithThatHeader) {
  Flash(ImageRequest::Kind::kMicropythonSdk1, "1.8.3", kOneMegabyte);
  const HealthVerdict verdict = Check(HealthKind::kMicropython, "1.8.3");
  EXPECT_TRUE(verdict.good()) << verdict.summary << "\n" << AsText(verdict.transcript);
}

TEST_F(HealthOfSimulatedBoard, CrashesAreNamed) {
  for (const auto kind : {ImageRequest::Kind::kCrashing, ImageRequest::Kind::kCrashingLate}) {
    Flash(kind, "1.22.1");
    const HealthVerdict verdict = Check(HealthKind::kMicropython, "1.22.1");
    EXPECT_TRUE(verdict.health == Health::kBootLoop || verdict.health == Health::kCrash)
        << verdict.summary << "\n"
        << AsText(verdict.transcript);
    EXPECT_EQ(verdict.fault, BootFault::kException) << verdict.summary;
  }
}

TEST_F(HealthOfSimulatedBoard, SilentFirmwareBlankFlashAndStuckLoaderAreToldApart) {
  Flash(ImageRequest::Kind::kSilent, "1.22.1");
  const HealthVerdict silent = Check(HealthKind::kMicropython, "");
  EXPECT_EQ(silent.health, Health::kSilent) << silent.summary << "\n" << AsText(silent.transcript);
  EXPECT_TRUE(Check(HealthKind::kBootLog, "").good());

  board_->WriteFlash(0, Bytes(4096, 0xff));
  const HealthVerdict blank = Check(HealthKind::kMicropython, "");
  EXPECT_EQ(blank.health, Health::kCrash) << AsText(blank.transcript);
  EXPECT_EQ(blank.fault, BootFault::kNotBootable);

  board_->SetPower(false);
  EXPECT_EQ(Check(HealthKind::kMicropython, "").summary,
            "nothing was heard, not even the ROM loader");
}

TEST_F(HealthOfSimulatedBoard, FlippedBitIsAChecksumError) {
  Bytes image = sim::MakeImage({.kind = ImageRequest::Kind::kMicropython});
  image[0x100] ^= 0x10;  // within the first segment, which the ROM adds up
  Flash(image, 4);
  const HealthVerdict verdict = Check(HealthKind::kMicropython, "");
  EXPECT_EQ(verdict.fault, BootFault::kChecksum) << AsText(verdict.transcript);
}

// Code that a board can not take blindly.
HealthCommand LongCommand() {
  std::string code;
  for (int i = 0; i < 40; ++i) code += "x = " + std::to_string(1000 + i) + " + 1\n";
  return {.code = code + "print(x)", .expect = "1040"};
}

TEST_F(HealthOfSimulatedBoard, ExpectationsOfAManifestAreAsked) {
  Flash(ImageRequest::Kind::kMicropython, "1.22.1");
  HealthSpec spec;
  spec.kind = HealthKind::kMicropython;
  spec.memory_free_bytes = 16 * 1024;
  spec.files = {"boot.py"};
  spec.run = {LongCommand()};
  const HealthVerdict good = Check(spec);
  EXPECT_TRUE(good.good()) << good.summary << "\n" << AsText(good.transcript);

  spec.files = {"boot.py", "main.py", "lib/mqtt.py"};
  EXPECT_EQ(Check(spec).summary, "not on the board: 'main.py', 'lib/mqtt.py'");
  spec.memory_free_bytes = 1024 * 1024;
  EXPECT_EQ(Check(spec).summary, "35840 octets of memory are free, expected at least 1048576");
}

TEST_F(HealthOfSimulatedBoard, RawPasteThatFallsSilentIsLeftAlone) {
  Power({{"raw-paste-silent", 1}});
  Flash(ImageRequest::Kind::kMicropython, "1.22.1");
  HealthSpec spec;
  spec.kind = HealthKind::kMicropython;
  spec.run = {LongCommand(), LongCommand()};
  const HealthVerdict verdict = Check(spec);
  EXPECT_TRUE(verdict.good()) << verdict.summary << "\n" << AsText(verdict.transcript);
  const std::string_view heard = AsText(verdict.transcript);
  const std::size_t first = heard.find("R\x01");
  EXPECT_NE(first, std::string_view::npos);
  EXPECT_EQ(heard.find("R\x01", first + 1), std::string_view::npos);
}

TEST_F(HealthOfSimulatedBoard, OlderReleasesTakeLongCodeWithoutRawPaste) {
  Flash(ImageRequest::Kind::kMicropythonSdk1, "1.8.3");
  HealthSpec spec;
  spec.kind = HealthKind::kMicropython;
  spec.run = {LongCommand()};
  spec.files = {"boot.py"};
  const HealthVerdict verdict = Check(spec);
  EXPECT_TRUE(verdict.good()) << verdict.summary << "\n" << AsText(verdict.transcript);
}

TEST_F(HealthOfSimulatedBoard, CircuitpythonIsNotTakenForMicropython) {
  for (const bool busy : {false, true}) {
    if (busy) Power({{"busy-main", 1}});
    Flash(ImageRequest::Kind::kCircuitpython, "3.1.2");
    EXPECT_EQ(VerdictName(Check(HealthKind::kMicropython, "")),
              "other-firmware(CircuitPython 3.1.2)");
  }
  Power({});
  Flash(ImageRequest::Kind::kCircuitpython, "3.1.2");
  EXPECT_EQ(VerdictName(Check(HealthKind::kAt, "")), "other-firmware(CircuitPython 3.1.2)");
  clock_.SleepFor(std::chrono::seconds(5));
  EXPECT_EQ(*NameRunningFirmware(*port_, clock_, interrupt_), "CircuitPython 3.1.2");
}

TEST_F(HealthOfSimulatedBoard, ProgramThatNeverReturnsIsStoppedForTheCheck) {
  Power({{"busy-main", 1}});
  for (const std::string_view version : {"1.8.7", "1.22.1"}) {
    Flash(ImageRequest::Kind::kMicropython, std::string(version));
    const HealthVerdict verdict = Check(HealthKind::kMicropython, std::string(version));
    EXPECT_TRUE(verdict.good()) << verdict.summary << "\n" << AsText(verdict.transcript);
    clock_.SleepFor(std::chrono::seconds(5));
    EXPECT_EQ(*NameRunningFirmware(*port_, clock_, interrupt_), "unknown") << "it runs again";
  }
}

TEST_F(HealthOfSimulatedBoard, ConsoleAtAnotherRateIsFound) {
  for (const std::uint32_t rate : {9600U, 57600U, 460800U}) {
    Power({{"console-baud", rate}});
    const std::vector<std::string> note{"answers at " + std::to_string(rate) + " baud"};
    Flash(ImageRequest::Kind::kMicropython, "1.22.1");
    const HealthVerdict python = Check(HealthKind::kMicropython, "1.22.1");
    EXPECT_TRUE(python.good()) << python.summary << "\n" << AsText(python.transcript);
    EXPECT_EQ(python.notes, note);
    Power({{"console-baud", rate}});
    Flash(ImageRequest::Kind::kAt, "1.1.0.0", kOneMegabyte);
    const HealthVerdict at = Check(HealthKind::kAt, "1.1.0.0");
    EXPECT_TRUE(at.good()) << at.summary << "\n" << AsText(at.transcript);
    EXPECT_EQ(at.notes, note);
  }
}

TEST_F(HealthOfSimulatedBoard, OneRestartIsForgivenAndSaid) {
  Power({{"restart-after-prompt", 3000}});
  Flash(ImageRequest::Kind::kMicropython, "1.22.1");
  const HealthVerdict verdict = Check(HealthKind::kMicropython, "1.22.1");
  EXPECT_TRUE(verdict.good()) << verdict.summary << "\n" << AsText(verdict.transcript);
  ASSERT_EQ(verdict.notes.size(), 1U);
  EXPECT_EQ(verdict.notes[0], "reset itself once 3 s after it answered, and came back");
}

struct RealImage {
  std::string_view file;
  HealthKind kind;
  std::string_view version;
};

TEST_F(HealthOfSimulatedBoard, RealImagesAnswerWithTheirVersions) {
  const RealImage kImages[] = {
      {"esp8266-2016-07-23-v1.8.2-39-g2dd21d9.bin", HealthKind::kMicropython, "1.8.2-39-g2dd21d9"},
      {"esp8266-20170108-v1.8.7.bin", HealthKind::kMicropython, "1.8.7"},
  };
  for (const RealImage& test : kImages) {
    SCOPED_TRACE(test.file);
    const auto path = SharedInput("firmware/" + std::string(test.file));
    if (!path) continue;
    Flash(ReadAll(*path), 4);
    const HealthVerdict verdict = Check(test.kind, std::string(test.version));
    EXPECT_TRUE(verdict.good()) << verdict.summary << "\n" << AsText(verdict.transcript);
  }
}

}  // namespace
}  // namespace lastgood::test
