// SPDX-License-Identifier: MIT
#include "health/verdict.h"

#include <gtest/gtest.h>

#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

constexpr std::string_view kReset = "ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n";

BootLog Log(std::string_view text, int times = 1) {
  std::string heard;
  for (int i = 0; i < times; ++i) heard += std::string(kReset) + std::string(text);
  return ReadBootLog(AsBytes(heard));
}

struct FailedBoot {
  std::string_view text;
  int times;
  Health health;
  std::string_view summary;
  std::string_view remedy_names;
};

TEST(Verdict, FailedBootsSayWhatWasHeardAndWhatToDo) {
  const FailedBoot kCases[] = {
      {"csum 0x1\nrf_cal[0] !=0x05,is 0xFF\n", 4, Health::kBootLoop,
       "boot loop: 4 resets in 2.0 s, last words \"rf_cal[0] !=0x05,is 0xFF\"",
       "size = \"detect\""},
      {"rf_cal[0] !=0x05,is 0x2a\n", 3, Health::kBootLoop,
       "boot loop: 3 resets in 2.0 s, last words \"rf_cal[0] !=0x05,is 0x2a\"", "erase = \"all\""},
      {"system param error\n", 3, Health::kBootLoop,
       "boot loop: 3 resets in 2.0 s, last words \"system param error\"", "erase = \"all\""},
      {"wdt reset\ncsum 0x1\nstarting sensor\n", 3, Health::kBootLoop,
       "boot loop: 3 resets in 2.0 s, last words \"starting sensor\"", "watchdog"},
      {"Bootloader Flash size appear to have been set incorrectly, trying to fix\nusl\n", 3,
       Health::kBootLoop,
       "boot loop: 3 resets in 2.0 s, last words \"Bootloader Flash size appear to have been set "
       "incorrectly, trying to fix\"",
       "size = \"detect\""},
      {"", 3, Health::kBootLoop, "boot loop: 3 resets in 2.0 s", "supply"},
      {">>> prinFatal exception 4(Level1InterruptCause):\nepc1=0x4\n", 1, Health::kCrash,
       "crash: \"Fatal exception 4(Level1InterruptCause):\" (exception 4, level 1 interrupt, at "
       "0x00000004)",
       "dio"},
      {"csum err\nets_main.c\n", 1, Health::kCrash,
       "the ROM loader refuses the image: checksum error", "baud"},
      {"ets_main.c\n", 1, Health::kCrash, "the ROM loader finds no image to start", "offsets"},
      {"flash read err, 1000\nets_main.c\n", 1, Health::kCrash,
       "the ROM loader cannot read the flash", "mode"},
      {"csum 0x1\nhello\n", 2, Health::kCrash, "it resets by itself, last words \"hello\"",
       "supply"},
  };
  for (const FailedBoot& test : kCases) {
    const HealthVerdict verdict =
        VerdictOfFailedBoot(Log(test.text, test.times), milliseconds(2000));
    EXPECT_EQ(verdict.health, test.health) << test.text;
    EXPECT_EQ(verdict.summary, test.summary);
    EXPECT_NE(verdict.remedy.find(test.remedy_names), std::string::npos) << verdict.remedy;
    EXPECT_FALSE(verdict.evidence.empty());
  }
}

TEST(Verdict, LateCrashKeepsTheVersionAndHasAlwaysAFault) {
  const Relapse gone{.version = "1.22.1"};
  const HealthVerdict crash = VerdictOfLateCrash(Log(""), milliseconds(9000), gone);
  EXPECT_EQ(crash.health, Health::kCrash);
  EXPECT_EQ(crash.fault, BootFault::kUnknown);
  EXPECT_EQ(crash.version, "1.22.1");
  EXPECT_EQ(crash.cause, "resets itself");
  EXPECT_EQ(crash.summary, "it answered, then crashed or reset itself, and did not come back");

  const Relapse back{.version = "", .repeated = true, .came_back = true};
  EXPECT_EQ(VerdictOfLateCrash(Log(""), milliseconds(9000), back).summary,
            "it answered, then crashed or reset itself more than once, and came back");

  const HealthVerdict exception =
      VerdictOfLateCrash(Log("Fatal exception (28):\n"), milliseconds(9000), {});
  EXPECT_EQ(exception.summary,
            "it answered, then crashed or reset itself, \"Fatal exception (28):\", and did not "
            "come back");

  const HealthVerdict loop = VerdictOfLateCrash(Log("csum 0x1\n", 3), milliseconds(9000), {});
  EXPECT_EQ(loop.health, Health::kBootLoop);
}

struct NoConsoleCase {
  std::string_view boot;
  std::string_view heard;
  Health health;
  std::string_view summary;
  std::string_view cause;
};

TEST(Verdict, MissingConsolesAreToldApart) {
  const NoConsoleCase kCases[] = {
      {"", "", Health::kSilent, "nothing was heard, not even the ROM loader", "nothing heard"},
      {"ets Jan  8 2013,rst cause:2, boot mode:(3,6)\ncsum 0x1\n", "", Health::kSilent,
       "the boot log ends well, then the firmware says nothing", "no console"},
      {"ets Jan  8 2013,rst cause:1, boot mode:(7,6)\n", "", Health::kSilent,
       "the chip does not start from flash: boot mode 7", "boot mode 7"},
      {"MicroPython v1.22.1 on 2024-01-05; x\n>>> ", "", Health::kBusyProgram,
       "the board greets, but does not hear this host", "does not hear"},
      {"\xff\xfe\x80\x81\xff\xfe\x80\x81", "", Health::kGarbage,
       "only unreadable octets are heard at 115200 baud", "unreadable at any rate"},
      {"", "\xff\xfe\x80\x81\xff\xfe\x80\x81", Health::kGarbage,
       "only unreadable octets are heard at 115200 baud", "unreadable at any rate"},
      {"", "21.5 °C\r\n21.6 °C\r\n", Health::kBusyProgram, "the board talks, but no REPL answers",
       "a program runs"},
      {"", "The FAT filesystem starting at sector 144 with size 880 sectors appears to\r\n",
       Health::kBusyProgram, "its file system looks corrupt, no prompt comes",
       "file system corrupt"},
      {"", "Performing initial setup\r\n", Health::kBusyProgram,
       "it has not finished making its file system", "makes its file system"},
      {"", "\r\nPassword: ", Health::kBusyProgram, "the console asks for a password",
       "asks for a password"},
      {"", "\r\ninvalid\r\n", Health::kBusyProgram,
       "it says that its stored parameters are invalid", "parameters invalid"},
  };
  for (const NoConsoleCase& test : kCases) {
    const HealthVerdict verdict =
        VerdictOfNoConsole(ReadBootLog(AsBytes(test.boot)),
                           {.console = "REPL", .heard = test.heard, .own_words = false});
    EXPECT_EQ(verdict.health, test.health) << test.summary;
    EXPECT_EQ(verdict.summary, test.summary);
    EXPECT_EQ(verdict.cause, test.cause);
    EXPECT_FALSE(verdict.remedy.empty());
  }
  const HealthVerdict own = VerdictOfNoConsole(
      BootLog{}, {.console = "REPL", .heard = "\x03\x03\x01", .own_words = true});
  EXPECT_EQ(own.health, Health::kSilent);
  EXPECT_EQ(own.remedy, "wire this host's TX to the board's RX and its RX to the board's TX");
}

TEST(Verdict, FailedCommandShowsItsLastLine) {
  const HealthVerdict verdict = VerdictOfFailedCommand(
      {.code = "import network\nprint(network)", .expect = "module"},
      "Traceback (most recent call last):\r\n  File \"<stdin>\"\r\nImportError: no module\r\n");
  EXPECT_EQ(verdict.health, Health::kCheckFailed);
  EXPECT_EQ(verdict.summary,
            "'import network;print(network)' printed \"ImportError: no module\", expected "
            "\"module\"");
  EXPECT_EQ(verdict.evidence.size(), 3U);
  EXPECT_EQ(VerdictOfFailedCommand({.code = "AT", .expect = "OK"}, "").summary,
            "'AT' printed \"\", expected \"OK\"");
}

TEST(Verdict, ProofsNameConsoleVersionAndTime) {
  using std::chrono::seconds;
  EXPECT_EQ(VerdictOfProof("REPL", "1.22.1", seconds(5)).summary,
            "REPL answers as 1.22.1, up for 5 s");
  EXPECT_EQ(VerdictOfProof("AT firmware", "", seconds(0)).summary,
            "AT firmware answers, up for 0 s");
  EXPECT_EQ(VerdictOfSettledBoot(Log("csum 0x1\n"), seconds(7)).summary,
            "boot log ends well, up for 7 s");
  EXPECT_EQ(VerdictOfOtherFirmware("AT firmware", "1.1.0.0", "REPL").summary,
            "AT firmware answers as 1.1.0.0, where REPL was expected");
  EXPECT_EQ(VerdictOfWrongVersion("REPL", "1.8.3", "1.22.1").summary,
            "REPL answers as 1.8.3, expected 1.22.1");
}

}  // namespace
}  // namespace lastgood::test
