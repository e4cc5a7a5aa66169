// SPDX-License-Identifier: MIT
#include "health/firmware_words.h"

#include <gtest/gtest.h>

namespace lastgood {
namespace {

struct GreetingCase {
  std::string_view heard;
  std::string_view product;
  std::string_view version;
};

TEST(FirmwareWords, GreetingsNameFirmwareAndVersion) {
  const GreetingCase kCases[] = {
      {"\r\nAdafruit CircuitPython 8.2.6 on 2023-09-12; Adafruit QT Py ESP32-S2 with "
       "ESP32S2\r\n>>> ",
       "CircuitPython", "8.2.6"},
      {"Press any key to enter the REPL. Use CTRL-D to reload.\r\n", "CircuitPython", ""},
      {"Press any key to enter the REPL. Use CTRL-D to soft reset.\r\n\r\n"
       "Adafruit CircuitPython 2.3.1 on 2018-05-07; ESP module with ESP8266\r\n>>> ",
       "CircuitPython", "2.3.1"},
      {"rst:0x10 (RTCWDT_RTC_RESET),boot:0x33 (SPI_FAST_FLASH_BOOT)\r\nflash read err, 1000\r\n"
       "Falling back to built-in command interpreter.\r\nOK\r\n>",
       "ESP32 ROM BASIC", ""},
      {"NodeMCU 3.0.0.0 built with Docker provided by frightanic.com\n\tbranch: release\n> ",
       "NodeMCU", "3.0.0.0"},
      {"\n\nNodeMCU custom build by frightanic.com\n\tbranch: master\n> ", "NodeMCU", ""},
      {"NodeMCU ESP32 build unspecified powered by Lua 5.1.4 on IDF\n> ", "NodeMCU", ""},
      {"NodeMCU 0.9.6 build 20150704 powered by Lua 5.1.4\r\n> ", "NodeMCU", "0.9.6"},
      {"00:00:00.001-180/35 Project tasmota - Tasmota Version "
       "12.4.0(tasmota)-2_7_4_9(2023-02-16)\r\n",
       "Tasmota", "12.4.0"},
      {"[I][app:100]: ESPHome version 2023.9.1 compiled on Sep 24 2023, 10:00:00\r\n", "ESPHome",
       "2023.9.1"},
      {"\n\n\rINIT : Booting version: mega-20190301 (ESP82xx Core 2_4_2)\r\n", "ESP Easy",
       "mega-20190301"},
      {"|____|___|  _|_| |___|_|_|_|___|\n         |_| espruino.com\n 2v10 (c) 2021 G.Williams\n>",
       "Espruino", ""},
  };
  for (const GreetingCase& test : kCases) {
    const ProductName name = NameInGreetings(test.heard);
    EXPECT_EQ(name.product, test.product) << test.heard;
    EXPECT_EQ(name.version, test.version) << test.heard;
  }
}

TEST(FirmwareWords, OthersAreNotNamed) {
  for (const std::string_view heard :
       {"", "MicroPython v1.22.1 on 2024-01-05; ESP module with ESP8266\r\n>>> ", "\r\nready\r\n",
        "my board is a NodeMCU 1.0\r\n", "> ", "OK\r\n>", "CircuitPython is nice\r\n"})
    EXPECT_EQ(NameInGreetings(heard).product, "") << heard;
}

TEST(FirmwareWords, LastGreetingCounts) {
  const ProductName name = NameInGreetings(
      "NodeMCU 3.0.0.0 built with Docker\nAdafruit CircuitPython 8.2.6 on 2023-09-12; x\n");
  EXPECT_EQ(name.product, "CircuitPython");
  EXPECT_EQ(name.version, "8.2.6");
}

TEST(FirmwareWords, FileSystemIsBeingMadeUntilSomethingElseIsSaid) {
  EXPECT_TRUE(
      IsMakingFileSystem("#4 ets_task(40100164, 3, 3fff8398, 4)\nPerforming initial setup\r\n"));
  EXPECT_FALSE(IsMakingFileSystem("Performing initial setup\r\n\r\nMicroPython v1.22.1 on x\r\n"));
  EXPECT_FALSE(IsMakingFileSystem("Performing initial setup\r\nhello from main.py\r\n"));
  EXPECT_FALSE(IsMakingFileSystem("hello"));
}

TEST(FirmwareWords, CorruptFileSystemsAreComplainedOfInThreeWordings) {
  for (const std::string_view heard :
       {"The FAT filesystem starting at sector 144 with size 880 sectors appears to\r\n",
        "The filesystem starting at sector 103 with size 917504 bytes looks corrupt.\r\n",
        "The filesystem appears to be corrupted. If you had important data there, you\r\n"})
    EXPECT_TRUE(SaysFileSystemIsCorrupt(heard)) << heard;
  EXPECT_FALSE(SaysFileSystemIsCorrupt("filesystem mounted\r\n"));
}

TEST(FirmwareWords, OnlyALineOfItsOwnIsAPasswordPromptOrInvalid) {
  EXPECT_TRUE(AsksForPassword("\r\nPassword: "));
  EXPECT_FALSE(AsksForPassword("Password: \r\nWebREPL connected\r\n>>> "));
  EXPECT_TRUE(SaysParametersAreInvalid("\r\ninvalid\r\n"));
  EXPECT_FALSE(SaysParametersAreInvalid("SyntaxError: invalid syntax\r\n"));
}

}  // namespace
}  // namespace lastgood
