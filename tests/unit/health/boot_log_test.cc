// SPDX-License-Identifier: MIT
#include "health/boot_log.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "health/log_verdict.h"
#include "support/shared_input.h"
#include "unit/health/boot_vector.h"

namespace lastgood::test {
namespace {

// What a boot log was read as, in the words of the vectors' heads.
std::map<std::string, std::string> Describe(const BootLog& log) {
  const auto yes = [](bool value) { return std::string(value ? "yes" : "no"); };
  std::map<std::string, std::string> found = {
      {"fault", std::string(BootFaultName(log.fault))},
      {"resets", std::to_string(log.attempts.size())},
      {"looping", yes(log.looping)},
      {"download", yes(log.download_mode)},
      {"garbage", yes(log.garbage)},
      {"prompt", yes(log.prompt)},
      {"ready", yes(log.at_ready)},
      {"banner", log.banner},
  };
  if (log.attempts.empty()) return found;
  const BootAttempt& last = log.attempts.back();
  found["cause"] = std::to_string(last.reset_cause);
  found["mode"] = std::to_string(last.boot_mode);
  found["segments"] = std::to_string(last.segments.size());
  found["last"] = last.last_words;
  if (last.csum) found["csum"] = fmt::format("{:02x}", *last.csum);
  for (const BootAttempt& attempt : log.attempts) {
    if (attempt.rf_cal) found["rf cal"] = fmt::format("{:02x}", *attempt.rf_cal);
    if (attempt.invalid_header) found["header"] = fmt::format("{:08x}", *attempt.invalid_header);
    if (attempt.crash) found["crash"] = DescribeCrash(*attempt.crash);
    if (!attempt.second_stage.partitions.empty())
      found["partitions"] = std::to_string(attempt.second_stage.partitions.size());
  }
  return found;
}

void ExpectRead(const std::map<std::string, std::string>& expected, std::string_view log) {
  auto found = Describe(ReadBootLog(AsBytes(log)));
  if (expected.count("verdict"))
    found["verdict"] = VerdictName(JudgeLog(AsBytes(log), std::chrono::milliseconds(0)));
  for (const auto& [key, value] : expected) {
    const auto entry = found.find(key);
    EXPECT_EQ(entry == found.end() ? "(nothing)" : entry->second, value) << key;
  }
}

TEST(BootLog, VectorsAreReadAsTheirHeadsSay) {
  for (const BootVector& vector : BootVectors()) {
    SCOPED_TRACE(vector.name);
    ExpectRead(vector.expected, vector.log);
  }
}

TEST(BootLog, LineEndsDoNotMatter) {
  for (const BootVector& vector : BootVectors()) {
    SCOPED_TRACE(vector.name);
    ExpectRead(vector.expected, WithLineEnds(vector.log, "\r\n"));
    ExpectRead(vector.expected, WithLineEnds(vector.log, "\r"));
    ExpectRead(vector.expected, WithLineEnds(vector.log, "\r\r\n"));
  }
}

TEST(BootLog, NoiseInFrontDoesNotMatter) {
  for (const BootVector& vector : BootVectors()) {
    SCOPED_TRACE(vector.name);
    std::map<std::string, std::string> expected = vector.expected;
    expected.erase("garbage");
    if (vector.log.empty()) continue;
    ExpectRead(expected, "\x80\xfe\xff\x80\x8e" + vector.log);
    ExpectRead(expected, "\xef\xbf\xbdl\xef\xbf\xbd\xef\xbf\xbd\n" + vector.log);
  }
}

TEST(BootLog, HealthyLogShowsNoFaultWhileItComesIn) {
  for (const std::string_view name :
       {"healthy-micropython", "healthy-at", "healthy-first-start", "esp32-healthy",
        "esp32c3-healthy", "esp32c3-digest-differs", "8266-esp-at", "esp32-other-slot"}) {
    const std::string log = BootVectorNamed(name).log;
    for (std::size_t size = 0; size <= log.size(); ++size) {
      const BootLog read = ReadBootLog(AsBytes(std::string_view(log).substr(0, size)));
      ASSERT_EQ(BootFaultName(read.fault), "none") << name << " up to " << size;
      ASSERT_FALSE(read.looping || read.download_mode || read.attempts.size() > 1);
    }
  }
}

TEST(BootLog, EveryPrefixAndEveryMutationIsReadWithoutHarm) {
  constexpr std::uint32_t kSeed = 2625;
  SCOPED_TRACE(fmt::format("seed {}", kSeed));
  std::mt19937 random(kSeed);
  for (const BootVector& vector : BootVectors()) {
    std::string log = vector.log;
    for (std::size_t size = 0; size <= log.size(); size += 37)
      ReadBootLog(AsBytes(std::string_view(log).substr(0, size)));
    for (int i = 0; i < 20 && !log.empty(); ++i) {
      log[random() % log.size()] = static_cast<char>(random());
      const BootLog read = ReadBootLog(AsBytes(log));
      EXPECT_LE(read.evidence.size(), 8U);
      for (const BootAttempt& attempt : read.attempts) EXPECT_LE(attempt.segments.size(), 16U);
    }
  }
}

TEST(BootLog, SegmentsKeepTheirNumbers) {
  const BootLog log = ReadBootLog(
      AsBytes("ets Jan  8 2013,rst cause:1, boot mode:(3,7)\nload 0x40100000, len 31264, room 16\n"
              "load 0x3ffe8000,len776,room8\nload 0x99999999999, len 5, room 1\n"
              "load 0x3ffe8450, len 99999999999, room 1\nchksum 0x17\ncsum 0x17\n"));
  ASSERT_EQ(log.attempts.size(), 1U);
  const BootAttempt& attempt = log.attempts[0];
  ASSERT_EQ(attempt.segments.size(), 2U);
  EXPECT_EQ(attempt.segments[0].address, 0x40100000U);
  EXPECT_EQ(attempt.segments[0].size_bytes, 31264U);
  EXPECT_EQ(attempt.segments[1].size_bytes, 776U);
  EXPECT_EQ(attempt.last_chksum, 0x17);
  EXPECT_EQ(attempt.csum, 0x17);
}

TEST(BootLog, EvidenceIsTheLinesThatTell) {
  const BootLog log = ReadBootLog(
      AsBytes("ets Jan  8 2013,rst cause:2, boot mode:(3,6)\ntail 0\nFatal exception (28):\n"
              "epc1=0x40214d8b, epc2=0x00000000\n"));
  EXPECT_EQ(log.evidence, (std::vector<std::string>{
                              "ets Jan  8 2013,rst cause:2, boot mode:(3,6)",
                              "Fatal exception (28):", "epc1=0x40214d8b, epc2=0x00000000"}));
}

TEST(BootLog, TwoResetLinesOnOneLineAreTwoResets) {
  const BootLog log = ReadBootLog(
      AsBytes("ets Jan  8 2013,rst cause:2, boot mode:(3,6)\xfe\xfe ets Jan  8 2013,rst cause:4, "
              "boot mode:(3,6)\n"));
  ASSERT_EQ(log.attempts.size(), 2U);
  EXPECT_EQ(log.attempts[0].reset_cause, 2);
  EXPECT_EQ(log.attempts[1].reset_cause, 4);
}

TEST(BootLog, HalfWithADamagedCauseIsNoResetOfItsOwn) {
  const BootLog log = ReadBootLog(AsBytes(
      "ets Jul 29 2019 12:21:46\n\nrst0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n"));
  ASSERT_EQ(log.attempts.size(), 1U);
  EXPECT_EQ(log.attempts[0].reset_cause, -1);
  EXPECT_EQ(log.attempts[0].boot_word, 0x13);
}

TEST(BootLog, WordsThatOnlyResembleAResetLineAreNone) {
  const BootLog log = ReadBootLog(AsBytes("first:0x12 assets january\nthe first cause\n"));
  EXPECT_TRUE(log.attempts.empty());
}

TEST(BootLog, FloodWithoutLineEndsIsReadInBoundedTime) {
  const std::string flood(1 << 18, 'e');
  EXPECT_TRUE(ReadBootLog(AsBytes(flood)).attempts.empty());
  std::string resets;
  while (resets.size() < 1 << 16) resets += "ets Jan  8";
  EXPECT_GT(ReadBootLog(AsBytes(resets)).attempts.size(), 5000U);
}

struct RealLog {
  std::string_view file;
  std::map<std::string, std::string> expected;
};

TEST(BootLog, RealTranscriptsAreReadAsTheirHeadsSay) {
  const RealLog kLogs[] = {
      {"01-esp8266-mpy-v1.8.7-16MB-size-bootloop.txt",
       {{"fault", "init data wrong"}, {"resets", "2"}, {"looping", "yes"}, {"prompt", "no"}}},
      {"03-esp8266-mpy-v1.8.7-213-fatal-exception-4-loop.txt",
       {{"fault", "exception"},
        {"resets", "1"},
        {"looping", "yes"},
        {"prompt", "yes"},
        {"csum", "18"},
        {"banner", "MicroPython v1.8.7-213-gaac2db9 on 2017-02-12; ESP module with ESP8266"}}},
      {"06-esp8266-csum-err-ets_main-blank-second-segment.txt",
       {{"fault", "checksum error"}, {"resets", "1"}, {"looping", "no"}, {"segments", "3"}}},
      {"08-esp8266-wdt-reset-then-garbage.txt",
       {{"fault", "watchdog reset"}, {"resets", "2"}, {"cause", "4"}, {"looping", "yes"}}},
      {"10-esp8266-mpy-v1.8.2-healthy-no-filesystem.txt",
       {{"fault", "none"},
        {"resets", "0"},
        {"looping", "no"},
        {"prompt", "yes"},
        {"garbage", "no"},
        {"banner", "MicroPython v1.8.2-39-g2dd21d9 on 2016-07-23; ESP module with ESP8266"}}},
      {"11-esp8266-mpy-v1.8.6-healthy-with-rom-garbage.txt",
       {{"fault", "none"},
        {"looping", "no"},
        {"prompt", "yes"},
        {"garbage", "no"},
        {"banner", "MicroPython v1.8.6-7-gefd0927 on 2016-11-10; ESP module with ESP8266"}}},
      {"13-esp8266-mpy-2335-bootloader-size-patch-loop.txt",
       {{"fault", "flash size repair"}, {"resets", "1"}, {"segments", "1"}}},
      {"14-esp8266-at-boot-v1.5-user1.txt",
       {{"fault", "none"},
        {"resets", "1"},
        {"looping", "no"},
        {"mode", "3"},
        {"segments", "3"},
        {"csum", "79"},
        {"download", "no"}}},
      {"16-esp8266-esp-at-gmr.txt", {{"fault", "none"}, {"resets", "0"}, {"prompt", "no"}}},
      // The ESP32 family.
      {"18-esp32-mpy-v1.18-healthy.txt",
       {{"fault", "none"}, {"resets", "1"}, {"mode", "3"}, {"prompt", "yes"}, {"looping", "no"}}},
      {"20-esp32-invalid-header-ffffffff.txt", {{"fault", "not bootable"}, {"cause", "-1"}}},
      {"22-esp32-flash-read-err-1000.txt",
       {{"fault", "flash read error"}, {"resets", "2"}, {"cause", "1"}, {"looping", "no"}}},
      {"24-esp32-brownout.txt", {{"fault", "brown-out"}, {"resets", "1"}, {"cause", "12"}}},
      {"26-esp32-app-at-bootloader-offset.txt",
       {{"fault", "application in place of the bootloader"},
        {"resets", "1"},
        {"cause", "16"},
        {"segments", "1"}}},
  };
  for (const RealLog& log : kLogs) {
    SCOPED_TRACE(log.file);
    const auto path = SharedInput("bootlogs/" + std::string(log.file));
    if (!path) continue;
    const std::string text = ReadText(*path);
    ExpectRead(log.expected, std::string_view(text).substr(text.find("#---\n") + 5));
  }
}

}  // namespace
}  // namespace lastgood::test
