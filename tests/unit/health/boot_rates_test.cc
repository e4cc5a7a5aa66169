// SPDX-License-Identifier: MIT
// Boards whose ROM speaks at another rate than that of the chip that was asked for: an ESP8266 with
// a crystal of 40 MHz, and chips that were declared wrongly.
#include "health/boot_watch.h"
#include "unit/health/fake_micropython.h"
#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

constexpr std::string_view kFamilyRom =
    "ets Jul 29 2019 12:21:46\r\n\r\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    "configsip: 0, SPIWP:0xee\r\nclk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00\r\n"
    "mode:DIO, clock div:2\r\nload:0x3fff0030,len:4788\r\nho 0 tail 12 room 4\r\n"
    "load:0x40078000,len:15612\r\nload:0x40080400,len:3480\r\nentry 0x400805f0\r\n";

// Says one thing after each start, and starts again.
class Repeater final : public FakeApplication {
 public:
  Repeater(std::uint32_t baud, std::string text) : baud_(baud), text_(std::move(text)) {}
  void Start(FakeBoard& board) override {
    board.After(milliseconds(40), [this, &board] { board.Say(baud_, text_); });
    board.After(milliseconds(300), [&board] { board.ResetItself(); });
  }

 private:
  std::uint32_t baud_;
  std::string text_;
};

struct Board {
  std::string_view why;
  Chip declared;
  std::string_view rom;
  std::uint32_t rom_baud;
};
const Board kBoards[] = {
    {"ESP32 declared as ESP8266", Chip::kEsp8266, kFamilyRom, 115200},
    {"ESP8266 declared as ESP32", Chip::kEsp32, kHealthyRom, 74880},
    {"ESP8266 with a crystal of 40 MHz", Chip::kEsp8266, kHealthyRom, 115200},
    {"ESP8266", Chip::kEsp8266, kHealthyRom, 74880},
    {"ESP32", Chip::kEsp32, kFamilyRom, 115200},
};

class BootRates : public HealthTestCase {
 protected:
  HealthVerdict CheckAs(const Board& test, FakeApplication& application) {
    VirtualClock clock;
    FakeBoard board(clock, &application);
    board.rom_text = test.rom;
    board.rom_baud = test.rom_baud;
    const auto verdict =
        CheckHealth(board, board, clock, spec_, kSeed, board.interrupt, test.declared);
    EXPECT_TRUE(verdict) << (verdict ? "" : verdict.error().message);
    return verdict ? *verdict : HealthVerdict{};
  }
};

TEST_F(BootRates, HealthyBoardsAreHealthyWhateverChipWasDeclared) {
  spec_.kind = HealthKind::kMicropython;
  for (const Board& test : kBoards) {
    FakeMicropython python;
    EXPECT_TRUE(CheckAs(test, python).good()) << test.why;
  }
}

TEST_F(BootRates, LoopsAreExplainedWhateverChipWasDeclared) {
  for (const HealthKind kind : {HealthKind::kMicropython, HealthKind::kAt, HealthKind::kBootLog})
    for (const Board& test : kBoards) {
      SCOPED_TRACE(testing::Message() << test.why << ", " << HealthKindName(kind));
      spec_.kind = kind;
      Repeater repeater(test.rom_baud, "rf_cal[0] !=0x05,is 0xFF\r\n");
      const HealthVerdict verdict = CheckAs(test, repeater);
      EXPECT_EQ(VerdictName(verdict), "boot-loop(init data missing)") << verdict.summary;
    }
}

TEST_F(BootRates, CrashesAtTheConsolesRateAreCountedAtTheRoms) {
  spec_.kind = HealthKind::kMicropython;
  for (const Board& test : kBoards) {
    SCOPED_TRACE(test.why);
    Repeater repeater(115200,
                      "Fatal exception 28(LoadProhibitedCause):\r\nepc1=0x40214d8b, "
                      "epc2=0x00000000, epc3=0x00000000, excvaddr=0x00000009, depc=0x00000000\r\n");
    const HealthVerdict verdict = CheckAs(test, repeater);
    EXPECT_EQ(VerdictName(verdict), "boot-loop(exception)") << verdict.summary;
  }
}

}  // namespace
}  // namespace lastgood::test
