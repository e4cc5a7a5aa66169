// SPDX-License-Identifier: MIT
#include "health/log_verdict.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "support/shared_input.h"
#include "unit/health/boot_vector.h"

namespace lastgood::test {
namespace {

using std::chrono::milliseconds;

std::string VerdictOn(std::string_view log) {
  return VerdictName(JudgeLog(AsBytes(log), milliseconds(0)));
}

TEST(LogVerdict, RealTranscriptsAreClassifiedAsTheirHeadsSay) {
  const std::map<std::string, std::string> kExpected = {
      {"01-esp8266-mpy-v1.8.7-16MB-size-bootloop.txt", "boot-loop(init data wrong)"},
      {"03-esp8266-mpy-v1.8.7-213-fatal-exception-4-loop.txt", "boot-loop(exception)"},
      {"06-esp8266-csum-err-ets_main-blank-second-segment.txt", "crash(checksum error)"},
      {"08-esp8266-wdt-reset-then-garbage.txt", "boot-loop(watchdog reset)"},
      {"10-esp8266-mpy-v1.8.2-healthy-no-filesystem.txt", "healthy(1.8.2-39-g2dd21d9)"},
      {"11-esp8266-mpy-v1.8.6-healthy-with-rom-garbage.txt", "healthy(1.8.6-7-gefd0927)"},
      {"13-esp8266-mpy-2335-bootloader-size-patch-loop.txt", "boot-loop(flash size repair)"},
      {"14-esp8266-at-boot-v1.5-user1.txt", "healthy"},
      {"16-esp8266-esp-at-gmr.txt", "healthy(2.0.0.0)"},
      {"18-esp32-mpy-v1.18-healthy.txt", "healthy(1.18)"},
      {"20-esp32-invalid-header-ffffffff.txt", "boot-loop(not bootable)"},
      {"22-esp32-flash-read-err-1000.txt", "boot-loop(flash read error)"},
      {"24-esp32-brownout.txt", "crash(brown-out)"},
      {"26-esp32-app-at-bootloader-offset.txt",
       "boot-loop(application in place of the bootloader)"},
  };
  const auto directory = SharedInput("bootlogs");
  if (!directory) return;
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*directory)) {
    if (entry.path().extension() != ".txt") continue;
    SCOPED_TRACE(entry.path().filename());
    const auto expected = kExpected.find(entry.path().filename());
    ASSERT_NE(expected, kExpected.end()) << "a new log: say what it is";
    ++seen;
    const std::string text = ReadText(entry.path());
    const std::string log = text.substr(text.find("#---\n") + 5);
    EXPECT_EQ(VerdictOn(log), expected->second);
    EXPECT_EQ(VerdictOn(WithLineEnds(log, "\r\n")), expected->second);
  }
  EXPECT_EQ(seen, kExpected.size());
}

TEST(LogVerdict, SaysWhyAndWhatToDo) {
  for (const BootVector& vector : BootVectors()) {
    SCOPED_TRACE(vector.name);
    const HealthVerdict verdict = JudgeLog(AsBytes(vector.log), milliseconds(0));
    EXPECT_EQ(verdict.remedy.empty(), verdict.good());
    EXPECT_FALSE(verdict.summary.empty());
    EXPECT_LE(verdict.evidence.size(), 8U);
    const bool fails = verdict.health == Health::kBootLoop || verdict.health == Health::kCrash;
    if (fails) {
      EXPECT_FALSE(verdict.evidence.empty());
      EXPECT_FALSE(verdict.cause.empty());
    }
  }
}

TEST(LogVerdict, EvidenceOfALoopIsWhatLedToIt) {
  const HealthVerdict verdict =
      JudgeLog(AsBytes(BootVectorNamed("8266-exception-behind-each-prompt").log), milliseconds(0));
  EXPECT_EQ(verdict.evidence.back(), "ets Jan  8 2013,rst cause:2, boot mode:(3,6)");
  EXPECT_EQ(std::count(verdict.evidence.begin(), verdict.evidence.end(),
                       "Fatal exception 0(IllegalInstructionCause):"),
            2);
}

TEST(LogVerdict, HeadOfALogIsNoEvidence) {
  const HealthVerdict verdict =
      JudgeLog(AsBytes("# source: a bench\n# what: a lamp\nLamp 1.2 starts\nbroker: connected\n"),
               milliseconds(0));
  EXPECT_EQ(verdict.evidence, (std::vector<std::string>{"Lamp 1.2 starts", "broker: connected"}));
}

TEST(LogVerdict, ProgramsLastWordsAreEvidenceThatItTalks) {
  const std::string log = BootVectorNamed("8266-sdk-and-no-program").log + "lamp 1.2 starts\n";
  const HealthVerdict verdict = JudgeLog(AsBytes(log), milliseconds(0));
  EXPECT_EQ(verdict.health, Health::kBusyProgram);
  EXPECT_EQ(verdict.evidence.back(), "lamp 1.2 starts");
}

TEST(LogVerdict, SecondStageAloneIsNotNothing) {
  const HealthVerdict verdict =
      JudgeLog(AsBytes(BootVectorNamed("esp32-second-stage-alone").log), milliseconds(0));
  EXPECT_EQ(verdict.summary, "the boot log ends well, then the firmware says nothing");
}

TEST(LogVerdict, SummariesCountResetsAndTellTheTimeOnlyWhenItIsKnown) {
  const std::string log = BootVectorNamed("init-data-missing").log;
  EXPECT_EQ(JudgeLog(AsBytes(log), milliseconds(2000)).summary,
            "boot loop: 3 resets in 2.0 s, last words \"rf_cal[0] !=0x05,is 0xFF\"");
  EXPECT_EQ(JudgeLog(AsBytes(log), milliseconds(0)).summary,
            "boot loop: 3 resets, last words \"rf_cal[0] !=0x05,is 0xFF\"");
}

TEST(LogVerdict, HealthyBoardsKeepNotesOfWhatIsOver) {
  const auto notes = [](std::string_view name) {
    const HealthVerdict verdict = JudgeLog(AsBytes(BootVectorNamed(name).log), milliseconds(0));
    return verdict.notes.empty() ? std::string() : verdict.notes.front();
  };
  EXPECT_EQ(notes("8266-watchdog-long-ago"), "its watchdog had reset it before");
  EXPECT_EQ(notes("size-repair-once"), "it had trouble before: flash size repair");
  EXPECT_EQ(notes("8266-own-reset"), "it was reset while it worked");
  EXPECT_EQ(notes("esp32-deep-sleep"), "it woke up from deep sleep");
  EXPECT_EQ(notes("esp32-healthy"), "");
}

// Ways in which logs reach us that change nothing of what they say.
TEST(LogVerdict, WhatPeopleDoToALogDoesNotMatter) {
  const auto every_line = [](std::string_view log, std::string_view lead, std::string_view tail) {
    std::string changed;
    for (std::size_t at = 0; at < log.size();) {
      const std::size_t end = std::min(log.find('\n', at), log.size());
      changed += std::string(lead) + std::string(log.substr(at, end - at)) + std::string(tail);
      if (end < log.size()) changed += '\n';
      at = end + 1;
    }
    return changed;
  };
  for (const BootVector& vector : BootVectors()) {
    if (vector.log.empty()) continue;
    SCOPED_TRACE(vector.name);
    const std::string& expected = vector.expected.at("verdict");
    EXPECT_EQ(VerdictOn(every_line(vector.log, "> ", "")), expected);
    EXPECT_EQ(VerdictOn(every_line(vector.log, "[12:00:00] ", "")), expected);
    EXPECT_EQ(VerdictOn(every_line(vector.log, "2024-05-01 12:00:00.123 ", "")), expected);
    EXPECT_EQ(VerdictOn(every_line(vector.log, "12:00:00.123 -> ", "")), expected);
    EXPECT_EQ(VerdictOn(every_line(vector.log, "\x1b[0;32m", "\x1b[0m")), expected);
    EXPECT_EQ(VerdictOn(every_line(vector.log, "  ", "  ")), expected);
    EXPECT_EQ(VerdictOn(every_line(vector.log, "", "<CR><LF>")), expected);
    EXPECT_EQ(VerdictOn(every_line(vector.log, "", "\u240d\u240a")), expected);
    EXPECT_EQ(VerdictOn("# csum err\n# >>> \n#---\n" + vector.log), expected);
  }
}

// A board that failed is never called healthy because octets of its log were lost or changed: a
// third of the octets of one line in eight, and a few anywhere. The end is left alone: what was cut
// off there cannot be known.
TEST(LogVerdict, DamageMakesNoFailedBoardHealthy) {
  constexpr std::uint32_t kSeed = 3837;
  std::mt19937 random(kSeed);
  const auto hurt = [&](std::string log) {
    std::size_t lines_until_burst = random() % 8;
    for (std::size_t i = 0; i < log.size(); ++i) {
      if (log[i] == '\n') lines_until_burst = lines_until_burst == 0 ? 7 : lines_until_burst - 1;
      const bool hit = lines_until_burst == 0 ? random() % 3 == 0 : random() % 300 == 0;
      if (!hit || log[i] == '\n') continue;
      if (random() % 2 == 0)
        log[i] = static_cast<char>(0x80 + random() % 0x80);
      else
        log.erase(i--, 1);
    }
    return log;
  };
  for (const BootVector& vector : BootVectors()) {
    const std::string& expected = vector.expected.at("verdict");
    if (!expected.starts_with("boot-loop") && !expected.starts_with("crash")) continue;
    // Of these only one line tells, and it may be the one that is hurt.
    if (expected.starts_with("crash") && vector.log.ends_with(">>> ")) continue;
    for (int i = 0; i < 60; ++i) {
      const std::string log = hurt(vector.log);
      ASSERT_FALSE(VerdictOn(log).starts_with("healthy"))
          << "seed " << kSeed << ", " << vector.name << ", damage " << i << ":\n"
          << log;
    }
  }
}

TEST(LogVerdict, RandomOctetsAreNoVerdictOnFirmware) {
  constexpr std::uint32_t kSeed = 74880;
  std::mt19937 random(kSeed);
  const std::set<std::string> kAllowed = {"garbage", "silent", "busy-program"};
  for (int i = 0; i < 300; ++i) {
    std::string noise(random() % 2000, ' ');
    for (char& c : noise) c = static_cast<char>(random());
    EXPECT_TRUE(kAllowed.count(VerdictOn(noise))) << "seed " << kSeed << ", number " << i;
  }
}

struct Told {
  std::string_view log;
  std::string_view verdict;
};

constexpr std::string_view kStart = "ets Jan  8 2013,rst cause:2, boot mode:(3,6)\ncsum 0x2b\n";

TEST(LogVerdict, NeitherGullibleNorNervous) {
  const Told kCases[] = {
      {"", "silent"},
      {">>> ", "healthy"},
      {">>>", "healthy"},
      {">>>stack>>>\n", "busy-program"},
      {"AT\r\n\r\nOK\r\n", "healthy"},
      {"OK\r\n>", "silent"},
      {">>> \n\xfe\xff\x80\xfe\xff\x80\xfe\xff\x80\xfe\xff\x80\xfe\xff\x80\xfe\xff\x80\n",
       "garbage"},
      {"OK, AT last\r\n", "busy-program"},
      {"the sensor is ready\n", "busy-program"},
      {"rst cause:2, boot mode:(3,6)\ncsum 0x2d\nv0a1b2c3d\n~ld\nready\n", "busy-program"},
      {"rst cause:2, boot mode:(3,6)\ncsum 0x2d\nv0a1b2c3d\n~ld\n", "silent"},
      {"\xfe\x80\xff\n\r\nready\r\n", "healthy"},
      {"CircuitPython is not what this is\n", "busy-program"},
      {"previous run ended with a fatal exception\n>>> ", "healthy"},
      {"Rebooting because of an error\n", "busy-program"},
      {"The FAT filesystem starting at sector 144 with size 880 sectors appears to\n",
       "busy-program"},
  };
  for (const Told& told : kCases) EXPECT_EQ(VerdictOn(told.log), told.verdict) << told.log;
}

TEST(LogVerdict, AStartIsCountedByWhatEndedTheOneBefore) {
  const std::string start(kStart);
  const std::string prompt = start + ">>> \n";
  const auto times = [](int count, const std::string& text) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
  };
  EXPECT_EQ(VerdictOn(times(2, start)), "silent");
  EXPECT_EQ(VerdictOn(times(3, start)), "boot-loop(unknown)");
  EXPECT_EQ(VerdictOn(times(3, prompt)), "healthy");  // somebody pressed the button, twice
  EXPECT_EQ(VerdictOn(times(4, prompt)), "boot-loop(unknown)");
  const std::string exception = "Fatal exception (3):\nepc1=0x40201234, epc2=0x0\n";
  EXPECT_EQ(VerdictOn(start + exception), "crash(exception)");
  EXPECT_EQ(VerdictOn(start + exception + start), "boot-loop(exception)");
  EXPECT_EQ(VerdictOn(prompt + exception + prompt), "crash(exception)");
  EXPECT_EQ(VerdictOn(prompt + exception + prompt + exception + prompt), "boot-loop(exception)");
  // An ESP32's reset pin looks like its power: any number of these is a person's.
  const std::string family = "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\nentry 0x4\n";
  EXPECT_EQ(VerdictOn(times(5, family + ">>> \n")), "healthy");
  EXPECT_EQ(VerdictOn(times(5, family)), "boot-loop(unknown)");
}

}  // namespace
}  // namespace lastgood::test
