// SPDX-License-Identifier: MIT
// Section 15 of the protocol reference: what a board does with a firmware, a header and a chip.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "board_rig.h"
#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "synthetic_image.h"

namespace lastgood::sim {
namespace {

constexpr std::uint8_t kHeader512K = 0x00;
constexpr std::uint8_t kHeader1M = 0x20;
constexpr std::uint8_t kHeader4M = 0x40;
constexpr std::uint8_t kHeader8M = 0x80;
constexpr std::uint8_t kHeader16M = 0x90;

const Bytes kInitDataStart = {0x05, 0x00, 0x04, 0x02, 0x05, 0x05, 0x05, 0x02};

BoardOptions Chip(std::uint32_t size_bytes) {
  BoardOptions options;
  options.flash_size_bytes = size_bytes;
  return options;
}

std::size_t Count(std::string_view text, std::string_view wanted) {
  std::size_t count = 0;
  for (std::size_t at = text.find(wanted); at != std::string_view::npos;
       at = text.find(wanted, at + 1))
    ++count;
  return count;
}

bool HasInitData(Rig& rig, std::uint32_t offset) {
  const ByteSpan flash = rig.board().flash().subspan(offset, kInitDataStart.size());
  return std::equal(flash.begin(), flash.end(), kInitDataStart.begin());
}

// What a board says in its first two seconds, at the ROM's rate and at the application's.
struct Life {
  std::string rom;
  std::string application;
  bool runs = false;
};

Life Watch(Rig& rig) {
  Life life;
  life.rom = rig.Reset(BoardMode::kRun, milliseconds(2000));
  life.runs = rig.board().statistics().running_application;
  rig.Reset(BoardMode::kRun);
  life.application = rig.ListenText(milliseconds(3000), 115200);
  return life;
}

struct Before {
  std::uint32_t offset;
  Bytes content;
};

struct Row {
  const char* why;
  std::uint32_t chip_megabytes;
  std::uint8_t header;
  std::string_view sdk;
  std::optional<Before> before;
  const char* loops_with;      // nullptr: runs
  std::uint32_t init_data_at;  // afterwards; 0: nowhere new
};

TEST(BootOutcomeTest, EveryRowOfTheTable) {
  const Row rows[] = {
      {"4 MB header on 4 MB", 4, kHeader4M, kSdk20Texts, {}, nullptr, 0x3FC000},
      {"1 MB header on 4 MB, erased",
       4,
       kHeader1M,
       kSdk20Texts,
       {},
       "rf_cal[0] !=0x05,is 0xFF\n",
       0x3FC000},
      {"1 MB header on 4 MB, file data there", 4, kHeader1M, kSdk20Texts,
       Before{0xFC000, {0x4D, 0x50}}, "rf_cal[0] !=0x05,is 0x4D\n", 0x3FC000},
      {"1 MB header on 4 MB after the AT image", 4, kHeader1M, kSdk20Texts,
       Before{0xFC000, kInitDataStart}, nullptr, 0x3FC000},
      {"1 MB header on real 1 MB", 1, kHeader1M, kSdk20Texts, {}, nullptr, 0xFC000},
      {"4 MB header on real 1 MB wraps as well", 1, kHeader4M, kSdk20Texts, {}, nullptr, 0xFC000},
      {"16 MB header, SDK 2.0 does not know it", 16, kHeader16M, kSdk20Texts,
       Before{0x7C000, {0x00}}, "rf_cal[0] !=0x05,is 0x00\n", 0x3FC000},
      {"8 MB header on 8 MB",
       8,
       kHeader8M,
       kSdk21Texts,
       {},
       "rf_cal[0] !=0x05,is 0xFF\n",
       0x3FC000},
      {"512 KB header, as the files have it",
       4,
       kHeader512K,
       kSdk20Texts,
       {},
       "rf_cal[0] !=0x05,is 0xFF\n",
       0x3FC000},
      {"4 MB header, something else there already", 4, kHeader4M, kSdk20Texts,
       Before{0x3FC000, {0x00, 0x01}}, "rf_cal[0] !=0x05,is 0x00\n", 0},
      {"SDK 1, 4 MB header on 4 MB", 4, kHeader4M, kSdk1Texts, {}, nullptr, 0x3FC000},
      {"SDK 1, 1 MB header on 4 MB", 4, kHeader1M, kSdk1Texts, {}, nullptr, 0x3FC000},
      {"SDK 1, 1 MB header on 1 MB", 1, kHeader1M, kSdk1Texts, {}, nullptr, 0xFC000},
      {"SDK 1, something else there", 4, kHeader4M, kSdk1Texts, Before{0x3FC000, {0x00, 0x01}},
       nullptr, 0},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    Rig rig(Chip(row.chip_megabytes << 20));
    rig.board().WriteFlash(0, MicropythonImage(row.sdk, row.header));
    if (row.before) rig.board().WriteFlash(row.before->offset, row.before->content);
    const Life life = Watch(rig);
    if (row.loops_with == nullptr) {
      EXPECT_TRUE(life.runs);
      EXPECT_NE(life.application.find("MicroPython v1.8.7-7-gtest on 2017-01-09"),
                std::string::npos);
    } else {
      EXPECT_FALSE(life.runs);
      EXPECT_GE(Count(life.rom, "rst cause:2, boot mode:(3,6)"), 4U);
      EXPECT_LE(Count(life.rom, "rst cause:2, boot mode:(3,6)"), 20U);
      EXPECT_GE(Count(life.rom, row.loops_with), 4U) << life.rom;
    }
    if (row.init_data_at != 0) {
      EXPECT_TRUE(HasInitData(rig, row.init_data_at));
    }
  }
}

TEST(BootOutcomeTest, InitDataIsWrittenOnceAndSaidOnce) {
  Rig rig(Chip(8U << 20));
  rig.board().WriteFlash(0, MicropythonImage(kSdk21Texts, kHeader8M));
  const std::string log = rig.ListenText(milliseconds(2000), 74880);
  EXPECT_EQ(Count(log, "rst cause:1, boot mode:(3,6)"), Count(log, " ets Jan"));
  EXPECT_EQ(Count(log, "Writing init data\n"), 1U);
  EXPECT_GE(Count(log, "rf_cal[0] !=0x05,is 0xFF\n"), 4U);
}

TEST(BootOutcomeTest, Sdk1MicropythonMendsAWrongHeaderOnce) {
  Rig rig;
  rig.board().WriteFlash(0, MicropythonImage(kSdk1Texts, kHeader1M | 0x0F));
  rig.Reset(BoardMode::kRun);
  const std::string first = rig.ListenText(milliseconds(3000), 115200);
  EXPECT_EQ(Count(first,
                  "Bootloader Flash size appear to have been set incorrectly, trying to "
                  "fix"),
            1U);
  EXPECT_EQ(rig.board().flash()[3], 0x4F);
  EXPECT_TRUE(rig.board().statistics().running_application);
  rig.Reset(BoardMode::kRun);
  EXPECT_EQ(Count(rig.ListenText(milliseconds(3000), 115200), "Bootloader Flash size"), 0U);
}

TEST(BootOutcomeTest, HeaderIsNotMendedForChipsThatMicropythonDoesNotKnow) {
  Rig rig(Chip(16U << 20));
  rig.board().WriteFlash(0, MicropythonImage(kSdk1Texts, kHeader4M));
  EXPECT_TRUE(Watch(rig).runs);
  EXPECT_EQ(rig.board().flash()[3], kHeader4M);
}

TEST(BootOutcomeTest, BuildThatComparesSizesMendsTheHeaderIfItIsReached) {  // v1.8.6
  Rig rig;
  rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts, kHeader1M, "v1.8.6 on 2016-11-10",
                                             "Bootloader Flash size appear to have been"));
  rig.board().WriteFlash(0xFC000, kInitDataStart);
  EXPECT_TRUE(Watch(rig).runs);
  EXPECT_EQ(rig.board().flash()[3], kHeader4M);
}

TEST(BootOutcomeTest, FirstStartMakesTheFileSystemAndLaterOnesDoNot) {
  Rig rig;
  rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts));
  rig.Reset(BoardMode::kRun);
  const std::string first = rig.ListenText(milliseconds(3000), 115200);
  EXPECT_NE(first.find("Performing initial setup"), std::string::npos);
  EXPECT_NE(rig.board().flash()[0x91000], 0xFF);
  const std::uint32_t erased = rig.board().statistics().sectors_erased;
  rig.Reset(BoardMode::kRun);
  const std::string second = rig.ListenText(milliseconds(3000), 115200);
  EXPECT_EQ(second.find("Performing initial setup"), std::string::npos);
  EXPECT_EQ(rig.board().statistics().sectors_erased, erased);
}

TEST(BootOutcomeTest, FileSystemThatDoesNotFitIsNotMade) {
  Rig rig(Chip(512U << 10));
  rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts, kHeader512K));
  const Bytes before(rig.board().flash().begin(), rig.board().flash().begin() + 0x7C000);
  EXPECT_TRUE(Watch(rig).runs);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), rig.board().flash().begin()));
}

// Code that is not what was built runs into the next best illegal instruction.
TEST(BootOutcomeTest, CorruptedCodeBehindTheChecksumCrashesForEver) {
  const Bytes image = MicropythonImage(kSdk20Texts);
  Bytes flipped = image;
  flipped[0x9010] ^= 0x01;
  Bytes wrong_trailer = image;
  wrong_trailer.back() ^= 0x01;
  Bytes no_code = image;
  no_code.resize(0x8FFC);
  for (const Bytes& bad : {flipped, wrong_trailer, no_code}) {
    Rig rig;
    rig.board().WriteFlash(0, bad);
    const Life life = Watch(rig);
    EXPECT_FALSE(life.runs);
    EXPECT_GE(Count(life.rom, "Fatal exception (0): \nepc1=0x"), 4U);
    EXPECT_EQ(Count(life.rom, "csum err"), 0U);
  }
}

TEST(BootOutcomeTest, PatchedHeaderDoesNotSpoilTheTrailer) {
  for (std::uint8_t mode = 0; mode < 4; ++mode) {
    Bytes image = MicropythonImage(kSdk20Texts, kHeader4M);
    image[2] = mode;
    Rig rig;
    rig.board().WriteFlash(0, image);
    EXPECT_TRUE(Watch(rig).runs);
  }
}

TEST(BootOutcomeTest, BlankFlashAndBadChecksumStopWithoutRepetition) {
  Rig blank;
  EXPECT_EQ(blank.Reset(BoardMode::kRun, milliseconds(3000)),
            "\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n\nets_main.c \n");
  Rig damaged;
  Bytes image = MicropythonImage(kSdk20Texts);
  image[0x14] ^= 0x10;
  damaged.board().WriteFlash(0, image);
  const std::string log = damaged.Reset(BoardMode::kRun, milliseconds(3000));
  EXPECT_EQ(Count(log, "ets Jan"), 1U);
  EXPECT_EQ(Count(log, "csum err\nets_main.c \n"), 1U);
}

TEST(BootOutcomeTest, AtFirmwareStartsThroughItsSecondStage) {
  for (const std::uint32_t megabytes : {1U, 4U}) {
    Rig rig(Chip(megabytes << 20));
    rig.board().WriteFlash(0, AtImage());
    const Life life = Watch(rig);
    EXPECT_TRUE(life.runs) << megabytes;
    EXPECT_NE(life.rom.find("2nd boot version : 1.5\n"), std::string::npos);
    EXPECT_NE(life.rom.find("SPI Flash Size & Map: 8Mbit(512KB+512KB)\n"), std::string::npos);
    EXPECT_NE(life.rom.find("jump to run user1 @ 1000\n"), std::string::npos);
  }
}

struct AtCase {
  const char* why;
  std::uint32_t offset;
  Bytes patch;
  std::uint32_t chip_megabytes;
  const char* last_words;
  bool repeats;
};

TEST(BootOutcomeTest, DamagedAtFirmwareFailsAsItsDamageSays) {
  const AtCase cases[] = {
      {"no second image", 0x1000, {0xFF, 0xFF}, 4, "error magic!\n", false},
      {"v1 image in its place", 0x1000, {0xE9}, 4, "error magic!\n", false},
      {"code changed", 0x1080, {0x00, 0x01}, 4, "Fatal exception (0)", true},
      {"header larger than the chip", 3, {0x40}, 1, "system param error\n", true},
  };
  for (const AtCase& c : cases) {
    Rig rig(Chip(c.chip_megabytes << 20));
    rig.board().WriteFlash(0, AtImage());
    rig.board().WriteFlash(c.offset, c.patch);
    const Life life = Watch(rig);
    EXPECT_FALSE(life.runs) << c.why;
    EXPECT_EQ(Count(life.rom, c.last_words) > 1, c.repeats) << c.why << life.rom;
    EXPECT_GE(Count(life.rom, c.last_words), 1U) << c.why;
  }
}

struct MarkerCase {
  const char* marker;
  bool resets;
  const char* rom_text;
  const char* application_text;
};

TEST(BootOutcomeTest, MarkersOfMadeImagesDecideWhatTheyDo) {
  const MarkerCase cases[] = {
      {"lastgood-sim:crashing", true, "Fatal exception (0)", nullptr},
      {"lastgood-sim:crashing-late", true, nullptr,
       "Fatal exception 4(Level1InterruptCause):\r\nepc1=0x"},
      {"lastgood-sim:silent", false, nullptr, nullptr},
  };
  for (const MarkerCase& c : cases) {
    SCOPED_TRACE(c.marker);
    Rig rig;
    rig.board().WriteFlash(
        0, MicropythonImage(kSdk20Texts, kHeader4M, "v1.22.1 on 2024-01-05", c.marker));
    rig.Reset(BoardMode::kRun, milliseconds(4000));  // the file system is there afterwards
    rig.Reset(BoardMode::kRun);
    const auto boots = rig.board().statistics().boots;
    const std::string rom = rig.ListenText(milliseconds(5000), 74880);
    EXPECT_EQ(rig.board().statistics().boots - boots > 2, c.resets);
    rig.Reset(BoardMode::kRun);
    const std::string application = rig.ListenText(milliseconds(5000), 115200);
    if (c.rom_text != nullptr) {
      EXPECT_GE(Count(rom, c.rom_text), 3U);
    }
    if (c.application_text != nullptr) {
      EXPECT_GE(Count(application, c.application_text), 3U);
      EXPECT_LT(application.find("MicroPython v1.22.1"), application.find(c.application_text));
    }
    EXPECT_EQ(application.find("MicroPython v") != std::string::npos,
              c.application_text != nullptr);
  }
}

// A smaller image over a larger one leaves the larger one's end behind it.
TEST(BootOutcomeTest, RemainsOfAnEarlierImageDoNotCount) {
  Rig rig;
  rig.board().WriteFlash(0x20000, ToBytes("lastgood-sim:crashing MicroPython v9.9.9 on never"));
  rig.board().WriteFlash(0, MicropythonImage(kSdk20Texts));
  const Life life = Watch(rig);
  EXPECT_TRUE(life.runs);
  EXPECT_EQ(life.application.find("v9.9.9"), std::string::npos);
}

// --- Real firmware. ---

struct RealCase {
  const char* file;
  std::uint32_t chip_megabytes;
  std::uint8_t header;
  const char* loops_with;  // nullptr: runs
  const char* says;
};

TEST(BootOutcomeTest, RealFirmware) {
  constexpr const char* k182 = "firmware/esp8266-2016-07-23-v1.8.2-39-g2dd21d9.bin";
  constexpr const char* k186 = "firmware/esp8266-20161110-v1.8.6.bin";
  constexpr const char* k187 = "firmware/esp8266-20170108-v1.8.7.bin";
  constexpr const char* k193 = "firmware/esp8266-20171101-v1.9.3.bin";
  constexpr const char* k1221 = "firmware/ESP8266_GENERIC-20240105-v1.22.1.bin";
  constexpr const char* k1221Small = "firmware/ESP8266_GENERIC-FLASH_1M-20240105-v1.22.1.bin";
  constexpr const char* kAt = "firmware/pimoroni-at-esp8266-firmware-latest.bin";
  constexpr const char* kLoopsBlank = "rf_cal[0] !=0x05,is 0xFF\n";
  const RealCase cases[] = {
      {k182, 4, kHeader4M, nullptr, "MicroPython v1.8.2-39-g2dd21d9 on 2016-07-23"},
      {k182, 4, kHeader1M, nullptr, "MicroPython v1.8.2-39-g2dd21d9 on 2016-07-23"},
      {k182, 4, kHeader512K, nullptr, "Bootloader Flash size appear"},
      {k186, 4, kHeader4M, nullptr, "MicroPython v1.8.6-7-gefd0927 on 2016-11-10"},
      {k186, 4, kHeader1M, kLoopsBlank, nullptr},
      {k187, 4, kHeader4M, nullptr, "MicroPython v1.8.7-7-gb5a1a20a3 on 2017-01-09"},
      {k187, 4, kHeader1M, kLoopsBlank, nullptr},
      {k187, 1, kHeader1M, nullptr, "MicroPython v1.8.7-7-gb5a1a20a3 on 2017-01-09"},
      {k187, 16, kHeader16M, "rf_cal[0] !=0x05,is 0x00\n", nullptr},  // bootlogs/01
      {k187, 4, kHeader512K, "rf_cal[0] !=0x05,is 0x00\n", nullptr},
      {k193, 4, kHeader4M, nullptr, "MicroPython v1.9.3-8-g63826ac5c on 2017-11-01"},
      {k193, 4, kHeader1M, kLoopsBlank, nullptr},
      {k1221, 4, kHeader4M, nullptr, "MicroPython v1.22.1 on 2024-01-05"},
      {k1221, 4, kHeader1M, kLoopsBlank, nullptr},
      {k1221Small, 1, kHeader1M, nullptr, "MicroPython v1.22.1 on 2024-01-05"},
      {kAt, 4, kHeader1M, nullptr, nullptr},
      {kAt, 1, kHeader1M, nullptr, nullptr},
  };
  for (const RealCase& c : cases) {
    SCOPED_TRACE(testing::Message()
                 << c.file << " header " << int{c.header} << " on " << c.chip_megabytes << " MB");
    const auto path = test::SharedInput(c.file);
    if (!path) return;
    Bytes image = test::ReadAll(*path);
    image[3] = c.header;
    Rig rig(Chip(c.chip_megabytes << 20));
    rig.board().WriteFlash(0, image);
    const std::string at_application_rate = rig.ListenText(milliseconds(3000), 115200);
    const Life life = Watch(rig);
    EXPECT_EQ(life.runs, c.loops_with == nullptr);
    if (c.loops_with != nullptr) {
      EXPECT_GE(Count(life.rom, c.loops_with), 4U);
    }
    if (c.says != nullptr) {
      EXPECT_NE(at_application_rate.find(c.says), std::string::npos) << at_application_rate;
    }
  }
}

// The AT image, and over it MicroPython 1.8.7 with the wrong option: not erasing hides the fault.
TEST(BootOutcomeTest, RealAtImageBelowHidesTheWrongHeaderOfRealMicropython) {
  const auto at = test::SharedInput("firmware/pimoroni-at-esp8266-firmware-latest.bin");
  const auto micropython = test::SharedInput("firmware/esp8266-20170108-v1.8.7.bin");
  if (!at || !micropython) return;
  Rig rig;
  rig.board().WriteFlash(0, test::ReadAll(*at));
  Bytes image = test::ReadAll(*micropython);
  image[3] = kHeader1M;
  rig.board().WriteFlash(0, image);
  EXPECT_TRUE(Watch(rig).runs);
}

// bootlogs/01 from the first load line to the loop's last words, as a real board printed it.
TEST(BootOutcomeTest, RealLoopReadsAsTheOneThatWasReported) {
  const auto log = test::SharedInput("bootlogs/01-esp8266-mpy-v1.8.7-16MB-size-bootloop.txt");
  const auto path = test::SharedInput("firmware/esp8266-20170108-v1.8.7.bin");
  if (!log || !path) return;
  Bytes image = test::ReadAll(*path);
  image[3] = kHeader16M;
  Rig rig(Chip(16U << 20));
  rig.board().WriteFlash(0, image);
  rig.Reset(BoardMode::kRun, milliseconds(1000));  // init data has been written now
  const auto without_spaces = [](std::string text) {
    std::string out;
    for (const char c : text)
      if (c != ' ' && c != '\r') out += c;
    return out.substr(out.find("load0x"), out.find("is0x00") - out.find("load0x"));
  };
  EXPECT_EQ(without_spaces(rig.Reset(BoardMode::kRun, milliseconds(400))),
            without_spaces(test::ReadText(*log)));
}

}  // namespace
}  // namespace lastgood::sim
