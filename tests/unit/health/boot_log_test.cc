// SPDX-License-Identifier: MIT
#include "health/boot_log.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include "support/shared_input.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

const std::filesystem::path kVectors =
    std::filesystem::path(LASTGOOD_SOURCE_DIR) / "tests/vectors/bootlogs";

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
  return found;
}

struct Vector {
  std::map<std::string, std::string> expected;
  std::string log;
};

std::string WithoutEscapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) != "\\x") {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
    i += 3;
  }
  return plain;
}

Vector LoadVector(const std::filesystem::path& path) {
  const std::string text = ReadText(path);
  const std::size_t body = text.find("#---\n");
  EXPECT_NE(body, std::string::npos) << path;
  Vector vector;
  vector.log = WithoutEscapes(std::string_view(text).substr(body + 5));
  constexpr std::string_view kLead = "# expect: ";
  for (std::size_t at = text.find(kLead); at < body; at = text.find(kLead, at + 1)) {
    const std::string line =
        text.substr(at + kLead.size(), text.find('\n', at) - at - kLead.size());
    const std::size_t equals = line.find(" =");
    vector.expected[line.substr(0, equals)] =
        line.size() > equals + 3 ? line.substr(equals + 3) : "";
  }
  EXPECT_FALSE(vector.expected.empty()) << path;
  return vector;
}

std::vector<std::filesystem::path> VectorFiles() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kVectors))
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  EXPECT_GE(files.size(), 32U);
  return files;
}

void ExpectRead(const std::map<std::string, std::string>& expected, std::string_view log) {
  const auto found = Describe(ReadBootLog(AsBytes(log)));
  for (const auto& [key, value] : expected) {
    const auto entry = found.find(key);
    EXPECT_EQ(entry == found.end() ? "(nothing)" : entry->second, value) << key;
  }
}

TEST(BootLog, VectorsAreReadAsTheirHeadsSay) {
  for (const auto& path : VectorFiles()) {
    SCOPED_TRACE(path.filename());
    const Vector vector = LoadVector(path);
    ExpectRead(vector.expected, vector.log);
  }
}

std::string WithLineEnds(std::string_view log, std::string_view end) {
  std::string changed;
  for (const char c : log) changed += c == '\n' ? std::string(end) : std::string(1, c);
  return changed;
}

TEST(BootLog, LineEndsDoNotMatter) {
  for (const auto& path : VectorFiles()) {
    SCOPED_TRACE(path.filename());
    const Vector vector = LoadVector(path);
    ExpectRead(vector.expected, WithLineEnds(vector.log, "\r\n"));
    ExpectRead(vector.expected, WithLineEnds(vector.log, "\r"));
    ExpectRead(vector.expected, WithLineEnds(vector.log, "\r\r\n"));
  }
}

TEST(BootLog, NoiseInFrontDoesNotMatter) {
  for (const auto& path : VectorFiles()) {
    SCOPED_TRACE(path.filename());
    Vector vector = LoadVector(path);
    vector.expected.erase("garbage");
    if (vector.log.empty()) continue;
    ExpectRead(vector.expected, "\x80\xfe\xff\x00\x8e" + vector.log);
    ExpectRead(vector.expected, "\xef\xbf\xbdl\xef\xbf\xbd\xef\xbf\xbd\n" + vector.log);
  }
}

TEST(BootLog, HealthyLogShowsNoFaultWhileItComesIn) {
  for (const std::string_view name : {"healthy-micropython", "healthy-at", "healthy-first-start"}) {
    const std::string log = LoadVector(kVectors / (std::string(name) + ".txt")).log;
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
  for (const auto& path : VectorFiles()) {
    std::string log = LoadVector(path).log;
    for (std::size_t size = 0; size <= log.size(); size += 7)
      ReadBootLog(AsBytes(std::string_view(log).substr(0, size)));
    for (int i = 0; i < 100 && !log.empty(); ++i) {
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

TEST(BootLog, WordsThatOnlyResembleAResetLineAreNone) {
  const BootLog log = ReadBootLog(AsBytes("first:0x12 assets january\nthe first cause\n"));
  EXPECT_TRUE(log.attempts.empty());
}

TEST(BootLog, FloodWithoutLineEndsIsReadInBoundedTime) {
  const std::string flood(1 << 20, 'e');
  EXPECT_TRUE(ReadBootLog(AsBytes(flood)).attempts.empty());
}

TEST(BootLog, EveryFaultHasItsOwnName) {
  std::map<std::string_view, int> names;
  for (int fault = 0; fault <= static_cast<int>(BootFault::kUnknown); ++fault)
    ++names[BootFaultName(static_cast<BootFault>(fault))];
  EXPECT_EQ(names.size(), static_cast<std::size_t>(BootFault::kUnknown) + 1);
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
      // Another family: read as far as it speaks the same words, and never as an ESP8266's fault.
      {"18-esp32-mpy-v1.18-healthy.txt",
       {{"fault", "none"}, {"resets", "1"}, {"mode", "3"}, {"prompt", "yes"}, {"looping", "no"}}},
      {"20-esp32-invalid-header-ffffffff.txt", {{"fault", "not bootable"}, {"cause", "-1"}}},
      {"22-esp32-flash-read-err-1000.txt",
       {{"fault", "flash read error"}, {"resets", "2"}, {"cause", "1"}, {"looping", "no"}}},
      {"24-esp32-brownout.txt", {{"fault", "checksum error"}, {"resets", "1"}, {"cause", "12"}}},
      {"26-esp32-app-at-bootloader-offset.txt",
       {{"fault", "none"}, {"resets", "1"}, {"cause", "16"}, {"segments", "1"}}},
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
