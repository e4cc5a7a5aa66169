// SPDX-License-Identifier: MIT
#include "cli/boot_output.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "json/json_value.h"

namespace lastgood {
namespace {

constexpr std::string_view kCrashing =
    "\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\n\n"
    "load 0x40100000, len 32120, room 16 \ntail 8\nchksum 0xdb\ncsum 0xdb\n"
    "Fatal exception 28(LoadProhibitedCause):\n"
    "epc1=0x40214d8b, epc2=0x00000000, epc3=0x00000000, excvaddr=0x00000009, depc=0x00000000\n";

std::string DumpOf(std::string_view heard) {
  std::string text;
  for (const JsonObject& start : JsonOf(ReadBootLog(AsBytes(heard)))) text += start.Dump() + "\n";
  return text;
}

constexpr std::string_view kCrashingAsJson =
    R"json({"reset_line":"ets Jan  8 2013,rst cause:2, boot mode:(3,6)","reset_cause":2,)json"
    R"json("reset_name":"external reset","boot_mode":3,"boot_word":null,"boot_text":null,)json"
    R"json("segments":[{"address":1074790400,"size_bytes":32120}],"chksum":219,"csum":219,)json"
    R"json("invalid_header":null,"flash_read_error":null,"handed_over":true,)json"
    R"json("second_stage":null,"writes_init_data":false,"rf_cal":null,)json"
    R"json("crash":{"number":28,"name":"load prohibited","core":null,"registers":)json"
    R"json({"epc1":1075924363,"epc2":0,"epc3":0,"excvaddr":9,"depc":0},"backtrace":null},)json"
    R"json("fault":"exception","last_words":"Fatal exception 28(LoadProhibitedCause):"})json"
    "\n";

TEST(BootOutput, HasWhatTheRomAndTheFirmwareSaid) { EXPECT_EQ(DumpOf(kCrashing), kCrashingAsJson); }

TEST(BootOutput, WhatCameBeforeTheFirstResetStandsInFront) {
  const std::string text = DumpOf("hello from before\n" + std::string(kCrashing));
  EXPECT_TRUE(text.starts_with(R"({"reset_line":null,)")) << text;
  EXPECT_EQ(DumpOf(""), "");
}

TEST(BootOutput, EveryFieldIsDocumentedInItsOrder) {
  std::ifstream file(LASTGOOD_SOURCE_DIR "/docs/bootlog.md");
  std::string line;
  while (std::getline(file, line) && line != "## For programs") continue;
  std::vector<std::string> documented;
  while (std::getline(file, line)) {
    if (!line.starts_with("| `")) continue;
    const std::string names = line.substr(0, line.find(" | "));
    for (std::size_t at = names.find('`'); at != std::string::npos;) {
      const std::size_t end = names.find('`', at + 1);
      documented.push_back(names.substr(at + 1, end - at - 1));
      at = names.find('`', end + 1);
    }
  }
  const auto value = json::Parse(DumpOf(kCrashing), "boot");
  ASSERT_TRUE(value) << value.error().message;
  std::vector<std::string> fields;
  for (const auto& [key, field] : std::get<json::Object>(value->data)) fields.push_back(key);
  EXPECT_EQ(documented, fields);
}

}  // namespace
}  // namespace lastgood
