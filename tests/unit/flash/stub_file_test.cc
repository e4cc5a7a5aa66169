// SPDX-License-Identifier: MIT
#include "flash/stub_file.h"

#include <gtest/gtest.h>

#include "support/shared_input.h"
#include "support/temporary_directory.h"
#include "unit/flash/chip_bench.h"

namespace lastgood {
namespace {

using test::RandomBytes;
using test::StubJson;

TEST(StubFileTest, Base64IsDecodedToTheLastOctet) {
  struct Case {
    std::string_view text;
    std::optional<std::string_view> decoded;
  };
  const Case cases[] = {
      {"", ""},
      {"Zg==", "f"},
      {"Zm8=", "fo"},
      {"Zm9v", "foo"},
      {"Zm9vYg==", "foob"},
      {"Zm9v\n", std::nullopt},
      {"Zm9", std::nullopt},
      {"Zg==Zg==", std::nullopt},
      {"Z===", std::nullopt},
      {"====", std::nullopt},
      {"Zm9-", std::nullopt},
  };
  for (const Case& row : cases) {
    const std::optional<Bytes> decoded = DecodeBase64(row.text);
    ASSERT_EQ(decoded.has_value(), row.decoded.has_value()) << row.text;
    if (decoded) {
      EXPECT_EQ(AsText(*decoded), *row.decoded) << row.text;
    }
  }
  EXPECT_EQ(DecodeBase64(test::Base64(RandomBytes(1000, 1))), RandomBytes(1000, 1));
}

TEST(StubFileTest, GoodFileIsReadAndFilledUpToWords) {
  const Bytes text = RandomBytes(1001, 1), data = RandomBytes(10, 2);
  const auto stub = ParseStubFile(StubJson(0x4010D000, text, 0x4010D004, 0x3FFFACA8, data),
                                  Chip::kEsp8266, 1, "stub.json");
  ASSERT_TRUE(stub) << stub.error().message;
  EXPECT_EQ(stub->chip, Chip::kEsp8266);
  EXPECT_EQ(stub->generation, 1);
  EXPECT_EQ(stub->entry, 0x4010D004U);
  EXPECT_EQ(stub->text_start, 0x4010D000U);
  EXPECT_EQ(stub->data_start, 0x3FFFACA8U);
  EXPECT_EQ(stub->text.size(), 1004U);
  EXPECT_TRUE(std::equal(text.begin(), text.end(), stub->text.begin()));
  EXPECT_EQ(stub->data.size(), 12U);
  EXPECT_EQ(stub->origin, "stub.json");
}

TEST(StubFileTest, DamagedFileIsNotTrustedAndNamed) {
  const Bytes text = RandomBytes(1000, 1), data = RandomBytes(12, 2);
  struct Case {
    std::string json;
    std::string message;
  };
  const Case cases[] = {
      {"{}", "'x.json' is no stub loader: it has no address 'entry'"},
      {"[1]", "'x.json' is no stub loader: it has no address 'entry'"},
      {R"({"entry": -1, "text_start": 1, "text": ""})",
       "'x.json' is no stub loader: it has no address 'entry'"},
      {R"({"entry": 1, "text_start": 4294967296, "text": ""})",
       "'x.json' is no stub loader: it has no address 'text_start'"},
      {R"({"entry": 1, "text_start": 1})", "'x.json' is no stub loader: it has no 'text'"},
      {R"({"entry": 1, "text_start": 1, "text": "?"})",
       "'x.json' is no stub loader: its 'text' is no base64"},
      {R"({"entry": 1074843652, "text_start": 1074843648, "text": ""})",
       "'x.json' is no stub loader: its text is not in the RAM of an ESP8266"},
      {StubJson(0x40200000, text, 0x40200004, 0x3FFFACA8, data),
       "'x.json' is no stub loader: its text is not in the RAM of an ESP8266"},
      {StubJson(0x4010FE00, text, 0x4010FE04, 0x3FFFACA8, data),
       "'x.json' is no stub loader: its text is not in the RAM of an ESP8266"},
      {StubJson(0x4010D002, text, 0x4010D004, 0x3FFFACA8, data),
       "'x.json' is no stub loader: its text is not in the RAM of an ESP8266"},
      {StubJson(0x4010D000, text, 0x4010D004, 0x40000000, data),
       "'x.json' is no stub loader: its data is not in the RAM of an ESP8266"},
      {StubJson(0x4010D000, text, 0x4010D3E8, 0x3FFFACA8, data),
       "'x.json' is no stub loader: its entry is not in its text"},
      {StubJson(0x4010D000, text, 0x4010C000, 0x3FFFACA8, data),
       "'x.json' is no stub loader: its entry is not in its text"},
      {StubJson(0x4010D000, RandomBytes(70'000, 1), 0x4010D004, 0x3FFFACA8, data),
       "'x.json' is no stub loader: its 'text' is too large"},
  };
  for (const Case& row : cases) {
    const auto stub = ParseStubFile(row.json, Chip::kEsp8266, 1, "x.json");
    ASSERT_FALSE(stub) << row.message;
    EXPECT_EQ(stub.error().code, ExitCode::kNotTrusted);
    EXPECT_EQ(stub.error().message, row.message);
  }
  const auto broken = ParseStubFile("{\"entry\": 5", Chip::kEsp8266, 1, "x.json");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ExitCode::kNotTrusted);
}

TEST(StubFileTest, LibraryKnowsTheNamesOfTheToolsAndTakesDirectoriesInOrder) {
  const std::string json =
      StubJson(0x4010D000, RandomBytes(1000, 1), 0x4010D004, 0x3FFFACA8, RandomBytes(12, 2));
  struct Case {
    const char* file;
    int generation;
  };
  for (const Case& row : {Case{"stub_flasher_8266.json", 1}, Case{"1/esp8266.json", 1},
                          Case{"2/esp8266.json", 2}, Case{"esp8266.json", 2}}) {
    test::TemporaryDirectory empty, directory;
    std::filesystem::create_directories((directory / row.file).parent_path());
    test::WriteText(directory / row.file, json);
    const StubLibrary library({"/nowhere/at/all", empty.path(), directory.path()});
    const auto stub = library.Find(Chip::kEsp8266);
    ASSERT_TRUE(stub) << stub.error().message;
    ASSERT_TRUE(*stub) << row.file;
    EXPECT_EQ((*stub)->generation, row.generation);
    EXPECT_EQ((*stub)->origin, (directory / row.file).string());
    const auto other = library.Find(Chip::kEsp32C3);
    ASSERT_TRUE(other);
    EXPECT_FALSE(*other);
  }
  test::TemporaryDirectory names;
  test::WriteText(names / "stub_flasher_32c3.json",
                  StubJson(0x40380000, RandomBytes(100, 1), 0x40380004, 0x3FC96BB0, Bytes(4)));
  const auto c3 = StubLibrary({names.path()}).Find(Chip::kEsp32C3);
  ASSERT_TRUE(c3) << c3.error().message;
  EXPECT_TRUE(*c3);
  EXPECT_FALSE(*StubLibrary().Find(Chip::kEsp8266));
}

TEST(StubFileTest, DamagedFileInTheFirstDirectoryIsNotPassedOver) {
  test::TemporaryDirectory directory;
  test::WriteText(directory / "esp8266.json", "{}");
  const auto stub = StubLibrary({directory.path()}).Find(Chip::kEsp8266);
  ASSERT_FALSE(stub);
  EXPECT_EQ(stub.error().code, ExitCode::kNotTrusted);
  std::filesystem::remove(directory / "esp8266.json");
  std::filesystem::create_directory(directory / "esp8266.json");
  EXPECT_FALSE(StubLibrary({directory.path()}).Find(Chip::kEsp8266));
}

// The files of the real tools, where they are named in the environment.
TEST(StubFileTest, RealFilesAreSound) {
  int found = 0;
  for (const char* name : {"LASTGOOD_STUBS_1", "LASTGOOD_STUBS_2"}) {
    const char* directory = std::getenv(name);
    if (directory == nullptr) {
      std::printf("[ LEFT OUT ] %s names no directory of stub loaders\n", name);
      continue;
    }
    for (const Chip chip : kChips) {
      const auto stub = StubLibrary({directory}).Find(chip);
      ASSERT_TRUE(stub) << stub.error().message;
      if (!*stub) continue;
      ++found;
      EXPECT_EQ((*stub)->generation, name[15] - '0') << ChipTitle(chip);
    }
    EXPECT_GE(found, 3);
  }
}

}  // namespace
}  // namespace lastgood
