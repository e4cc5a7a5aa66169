// SPDX-License-Identifier: MIT
// The single lines that boot logs are made of.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "health/boot_fault.h"
#include "health/crash_report.h"
#include "health/fault_line.h"
#include "health/pasted_line.h"
#include "health/readable_text.h"
#include "health/reset_line.h"
#include "health/second_stage.h"

namespace lastgood {
namespace {

constexpr int kFaults = static_cast<int>(BootFault::kUnknown) + 1;

TEST(BootFaultTest, EveryFaultHasItsOwnNameAndARemedy) {
  std::set<std::string_view> names;
  for (int i = 0; i < kFaults; ++i) {
    const auto fault = static_cast<BootFault>(i);
    names.insert(BootFaultName(fault));
    EXPECT_FALSE(RemedyFor(fault).empty()) << BootFaultName(fault);
    EXPECT_EQ(RefusalOf(fault).empty(), KindOf(fault) != FaultKind::kRefused)
        << BootFaultName(fault);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kFaults));
}

struct FaultCase {
  std::string_view line;
  std::string_view fault;
};

TEST(FaultLineTest, LinesNameTheirFaults) {
  const FaultCase kCases[] = {
      {"rf_cal[0] !=0x05,is 0xFF", "init data missing"},
      {"RF_CAL[0] != 0x05, is 0xff", "init data missing"},
      {"rf_cal[0] !=0x05,is 0x00", "init data wrong"},
      {"system param error", "system parameters wrong"},
      {"Fatal exception (28):", "exception"},
      {"Fatal exception 4(Level1InterruptCause):", "exception"},
      {"Exception (9):", "exception"},
      {"Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.",
       "exception"},
      {"abort() was called at PC 0x400d3a11 on core 0", "abort"},
      {"assert failed: xQueueSemaphoreTake queue.c:1545 (( pxQueue ))", "abort"},
      {"assertion \"p != NULL\" failed: file \"main.c\", line 5, function: app_main", "abort"},
      {"***ERROR*** A stack overflow in task main has been detected.", "stack overflow"},
      {"Brownout detector was triggered", "brown-out"},
      {"E BOD: Brownout detector was triggered", "brown-out"},
      {"csum err", "checksum error"},
      {"csum err:0x78!=0xfc", "checksum error"},
      {"invalid header: 0xffffffff", "not bootable"},
      {"invalid header: 0xffffff7f", "image header wrong"},
      {"flash read err, 1000", "flash read error"},
      {"load:0xffffffff,len:-1", "wrong flash mode"},
      {"ets_main.c 371", "not bootable"},
      {"ets_loader.c 78", "not bootable"},
      {"user code done", "code returned"},
      {"wdt reset", "watchdog reset"},
      {"Soft WDT reset", "watchdog reset"},
      {"E (301) secure_boot_v2: Secure boot V2 verification failed.", "signature refused"},
      {"secure boot check fail, ets_main.c", "signature refused"},
      {"E (95) esp_image: Image requires chip rev >= v3.0, but chip is v1.0",
       "image for another chip"},
  };
  for (const FaultCase& test : kCases)
    EXPECT_EQ(BootFaultName(ReadFaultLine(Squash(test.line)).fault), test.fault) << test.line;
}

TEST(FaultLineTest, ProseIsNoFault) {
  for (const std::string_view line :
       {"error 28", "an exception was caught", "fatal exception handler installed",
        "exception (none)", "reset", "watchdog reset counter: 4", "wdt reset disabled",
        "csum errors: 0", "I (300) app: brownout level 2", "assertions are enabled",
        "user code done in 4 ms", "I (88) secure_boot: verification passed",
        "this core has no guru meditation error", "stack overflow is where people ask",
        "I (48) esp_image: segment 0: paddr=0x10020"})
    EXPECT_EQ(BootFaultName(ReadFaultLine(Squash(line)).fault), "none") << line;
}

struct ResetCase {
  std::string_view line;
  int cause;
  std::string_view name;
  ResetKind kind;
  int mode;
  int word;
  std::string_view text;
};

TEST(ResetLineTest, CausesAndModesHaveNumbersAndNames) {
  const ResetCase kCases[] = {
      {"ets Jan  8 2013,rst cause:2, boot mode:(3,6)", 2, "external reset", ResetKind::kExternal, 3,
       -1, ""},
      {"rst cause:4, boot mode:(1,7)", 4, "hardware watchdog", ResetKind::kWatchdog, 1, -1, ""},
      {"ets jan 8 2013, rst Cause: 1 , boot mode: ( 7 , 0 )", 1, "power on", ResetKind::kPowerOn, 7,
       -1, ""},
      {"rst cause:5, boot mode:(3,6)", 5, "deep sleep", ResetKind::kDeepSleep, 3, -1, ""},
      {"rst cause:9, boot mode:(3,6)", 9, "", ResetKind::kUnknown, 3, -1, ""},
      {"rst:0x10 (RTCWDT_RTC_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)", 16, "RTCWDT_RTC_RESET",
       ResetKind::kWatchdog, 3, 0x13, "SPI_FAST_FLASH_BOOT"},
      {"rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)", 1, "POWERON", ResetKind::kPowerOn, 3,
       0xc, "SPI_FAST_FLASH_BOOT"},
      {"rst:0xf (BROWNOUT_RST),boot:0xc (SPI_FAST_FLASH_BOOT)", 15, "BROWNOUT_RST",
       ResetKind::kBrownout, 3, 0xc, "SPI_FAST_FLASH_BOOT"},
      {"rst:0xc ,boot:0x13", 12, "SW_CPU_RESET", ResetKind::kSoftware, -1, 0x13, ""},
      {"rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))", 1,
       "POWERON_RESET", ResetKind::kPowerOn, 1, 0x3, "DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2)"},
      {"boot mode:(3,6)", -1, "", ResetKind::kUnknown, 3, -1, ""},
  };
  for (const ResetCase& test : kCases) {
    SCOPED_TRACE(test.line);
    EXPECT_EQ(FindResetLine(test.line, 0), 0U);
    EXPECT_TRUE(TellsCause(test.line));
    const ResetLine reset = ReadResetLine(test.line);
    EXPECT_EQ(reset.cause, test.cause);
    EXPECT_EQ(reset.name, test.name);
    EXPECT_EQ(reset.kind, test.kind);
    EXPECT_EQ(reset.boot_mode, test.mode);
    EXPECT_EQ(reset.boot_word, test.word);
    EXPECT_EQ(reset.boot_text, test.text);
  }
  EXPECT_EQ(ReadResetLine("rst cause:2, boot mode:(3,6)").boot_digit, 6);
}

TEST(ResetLineTest, HalvesAreToldApart) {
  EXPECT_TRUE(HasDate("ESP-ROM:esp32c3-api1-20210207"));
  EXPECT_FALSE(TellsCause("ets Jul 29 2019 12:21:46"));
  EXPECT_EQ(FindResetLine("invalid heaESP-ROM:esp32s3-20210327", 0), 11U);
  const std::string_view two = "ets Jan  8 2013,rst cause:2, boot mode:(3,6) ets Jan  8 2013,";
  EXPECT_EQ(EndOfResetLine(two, 0), 45U);
  for (const std::string_view line : {"first:0x1", "reboot:0x13", "boot mode: 3", "rst button"})
    EXPECT_EQ(FindResetLine(line, 0), line.size()) << line;
}

CrashReport Report(std::string_view first, std::initializer_list<std::string_view> rest) {
  CrashReport crash;
  BeginCrash(first, crash);
  for (const std::string_view line : rest) EXPECT_TRUE(ContinueCrash(line, crash)) << line;
  return crash;
}

TEST(CrashReportTest, Esp8266TellsNumberAndRegisters) {
  const CrashReport crash =
      Report("Fatal exception 29(StoreProhibitedCause):",
             {"epc1=0x4000df64, epc2=0x00000000, epc3=0x40001800, excvaddr=0x00000009, depc=0x1"});
  EXPECT_EQ(crash.number, 29);
  EXPECT_EQ(crash.name, "store prohibited");
  ASSERT_EQ(crash.registers.size(), 5U);
  EXPECT_EQ(crash.registers[2].name, "epc3");
  EXPECT_EQ(crash.registers[2].value, 0x40001800U);
  EXPECT_EQ(crash.Address(), 9U);
  EXPECT_EQ(DescribeCrash(crash),
            "exception 29, store prohibited, at 0x4000df64, address 0x00000009");
  EXPECT_EQ(ExceptionName(0), "illegal instruction");
  EXPECT_EQ(ExceptionName(63), "");
}

TEST(CrashReportTest, XtensaPanicsTellCoreRegistersAndBacktrace) {
  const CrashReport crash = Report(
      "Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.",
      {"Core  1 register dump:", "PC      : 0x400d2a64  PS      : 0x00060830  A0      : 0x800d3b10",
       "EXCVADDR: 0x00000004  LBEG    : 0x400014fd",
       "Backtrace: 0x400d2a61:0x3ffb2790 0x400d3b0d:0x1", "ELF file SHA256: 0123456789abcdef",
       "Rebooting..."});
  EXPECT_EQ(crash.name, "LoadProhibited");
  EXPECT_EQ(crash.core, 1);
  EXPECT_EQ(crash.Register("a0"), 0x800d3b10U);
  EXPECT_EQ(crash.backtrace, "0x400d2a61:0x3ffb2790 0x400d3b0d:0x1");
}

TEST(CrashReportTest, RiscvPanicsTellMepcAndMtval) {
  const CrashReport crash = Report(
      "Guru Meditation Error: Core  0 panic'ed (Illegal instruction). Exception was unhandled.",
      {"MEPC    : 0x42008a3c  RA      : 0x42008a2e  SP      : 0x3fc8f1f0",
       "MSTATUS : 0x00001881  MCAUSE  : 0x00000002  MTVAL   : 0x0000ffff"});
  EXPECT_EQ(crash.ProgramCounter(), 0x42008a3cU);
  EXPECT_EQ(crash.Address(), 0xffffU);
}

TEST(CrashReportTest, OtherLinesAreNoPartOfIt) {
  CrashReport crash;
  for (const std::string_view line : {"hello", "esp: 0", "MicroPython v1.22.1 on 2024-01-05; x"})
    EXPECT_FALSE(ContinueCrash(line, crash)) << line;
  EXPECT_TRUE(IsOfCrash(Squash("epc1=0x4000df64, epc2=0x0")));
  EXPECT_FALSE(IsOfCrash(Squash("the epc1 register")));
}

TEST(SecondStageTest, LoaderOfTheAtImages) {
  SecondStage stage;
  for (const std::string_view line :
       {"2nd boot version : 1.5", "  SPI Speed      : 40MHz", "  SPI Mode       : QIO",
        "  SPI Flash Size & Map: 8Mbit(512KB+512KB)", "jump to run user1 @ 1000"})
    EXPECT_TRUE(ReadSecondStage(line, stage)) << line;
  EXPECT_TRUE(stage.seen);
  EXPECT_EQ(stage.version, "1.5");
  EXPECT_EQ(stage.spi_speed, "40MHz");
  EXPECT_EQ(stage.spi_mode, "QIO");
  EXPECT_EQ(stage.flash_size, "8Mbit(512KB+512KB)");
  EXPECT_EQ(stage.jumps_to, "user1 @ 1000");
}

TEST(SecondStageTest, LoaderOfEspIdf) {
  SecondStage stage;
  for (const std::string_view line :
       {"I (29) boot: ESP-IDF v4.4.1 2nd stage bootloader",
        "I (43) boot.esp32: SPI Mode       : DIO", "I (47) boot.esp32: SPI Flash Size : 4MB",
        "I (60) boot: ## Label            Usage          Type ST Offset   Length",
        "I (68) boot:  0 nvs              WiFi data        01 02 00009000 00006000",
        "I (83) boot:  2 factory          factory app      00 00 00010000 001e0000",
        "E (97) boot: Failed to verify partition table",
        "I (420) boot: Loaded app from partition at offset 0x10000"})
    EXPECT_TRUE(ReadSecondStage(line, stage)) << line;
  EXPECT_EQ(stage.version, "v4.4.1");
  EXPECT_EQ(stage.flash_size, "4MB");
  ASSERT_EQ(stage.partitions.size(), 2U);
  EXPECT_EQ(stage.partitions[1].label, "factory");
  EXPECT_EQ(stage.partitions[1].offset, 0x10000U);
  EXPECT_EQ(stage.partitions[1].size_bytes, 0x1e0000U);
  EXPECT_EQ(stage.partitions[0].subtype, 2);
  EXPECT_EQ(stage.errors, std::vector<std::string>{"boot: Failed to verify partition table"});
  EXPECT_EQ(stage.app_offset, 0x10000U);
}

TEST(SecondStageTest, ApplicationsAreNone) {
  SecondStage stage;
  for (const std::string_view line : {"I (325) cpu_start: Starting scheduler on PRO CPU.",
                                      "E (400) wifi: no", "hello", "boot: 1"})
    EXPECT_FALSE(ReadSecondStage(line, stage)) << line;
  EXPECT_FALSE(stage.seen);
}

struct PastedCase {
  std::string_view line;
  std::string_view words;
};

TEST(PastedLineTest, OnlyTheBoardsWordsRemain) {
  const PastedCase kCases[] = {
      {"ets Jan  8 2013", "ets Jan  8 2013"},
      {"[12:00:00] ets", " ets"},
      {"[2024-05-01 12:00:00.123] ets", " ets"},
      {"12:00:00.123 -> ets", "ets"},
      {"2024-05-01T12:00:00.123Z ets", " ets"},
      {"12:34:56:789 > ets", "ets"},
      {"[  1.234567] ets", " ets"},
      {"> > ets", "ets"},
      {"> [09:41:07] tail 0", " tail 0"},
      {"\x1b[0;32mI (29) boot: x\x1b[0m", "I (29) boot: x"},
      {"[0;31mE (62) flash_parts: y[0m", "E (62) flash_parts: y"},
      {"\xff\xfe csum err", " csum err"},
      {">>> ", ">>> "},
      {"> >>> ", ">>> "},
      {"> ", "> "},
      {">", ">"},
      {"12:00 is noon", "12:00 is noon"},
      {"21.5 °C", "21.5 °C"},
      {"[1, 2] are numbers", "[1, 2] are numbers"},
      {"", ""},
  };
  for (const PastedCase& test : kCases) EXPECT_EQ(OwnWords(test.line), test.words) << test.line;
}

}  // namespace
}  // namespace lastgood
