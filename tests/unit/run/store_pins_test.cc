// SPDX-License-Identifier: MIT
#include "run/store_pins.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "digest/digest.h"
#include "manifest/manifest.h"

namespace lastgood::test {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

Sha256Digest DigestOf(const std::string& name) { return Sha256(AsBytes(name)); }

std::string Tables(const std::string& table, const std::string& name) {
  return fmt::format(
      "name = \"{}\"\nversion = \"1\"\nchip = \"esp8266\"\n[[{}.part]]\noffset = 0\nurls = "
      "[\"http://a/{}\"]\nsha256 = \"{}\"\nsize = 1000\n[{}.health]\nkind = \"none\"\n",
      name, table, name, DigestOf(name).ToHex(), table);
}

std::string FirmwareText(const std::string& name) {
  return "[firmware]\n" + Tables("firmware", name);
}

RunRecord RunOf(RunId id, const std::string& manifest, const std::string& firmware,
                const std::string& fallback, bool ended) {
  RunRecord run;
  run.id = id;
  run.start.manifest_name = manifest;
  run.start.manifest_text =
      fmt::format("schema = 1\nname = \"{}\"\nrecipe = \"r\"\n", manifest) + FirmwareText(firmware);
  if (!fallback.empty()) run.start.manifest_text += "[[fallback]]\n" + Tables("fallback", fallback);
  if (ended) run.ended_at = WallTime();
  return run;
}

BoardRecord Board() {
  BoardRecord board;
  board.identity.mac = *ParseMacAddress("18:fe:34:ab:cd:ef");
  board.known_good = {{FirmwareText("good"), {}, {}}, {FirmwareText("before"), {}, {}}};
  board.backups = {{FirmwareText("backup"), {}, {}}};
  return board;
}

TEST(StorePins, NothingRecordedPinsNothing) { EXPECT_TRUE(PinsOf({}, {}, {}).value().empty()); }

TEST(StorePins, KnownGoodTheOneBeforeAndBackupsArePinned) {
  const auto pins = PinsOf({Board()}, {}, {});
  ASSERT_TRUE(pins) << pins.error().message;
  EXPECT_EQ(pins->size(), 3U);
  EXPECT_EQ(pins->at(DigestOf("good")),
            std::vector<std::string>{"known good on 18:fe:34:ab:cd:ef: good 1"});
  EXPECT_TRUE(pins->contains(DigestOf("before")));
  EXPECT_EQ(pins->at(DigestOf("backup")),
            std::vector<std::string>{"backup of 18:fe:34:ab:cd:ef: backup 1"});
}

TEST(StorePins, RunsPinTheirFirmwareAndFallbacks) {
  const RunRecord cut = RunOf(7, "cut", "a", "b", false);
  const auto pins = PinsOf({}, {cut}, {RunOf(5, "done", "a", "c", true), cut});
  ASSERT_TRUE(pins) << pins.error().message;
  EXPECT_EQ(pins->size(), 3U);
  EXPECT_EQ(pins->at(DigestOf("a")),
            (std::vector<std::string>{"firmware of cut (run 7, unfinished): a 1",
                                      "firmware of done (run 5): a 1"}));
  EXPECT_EQ(pins->at(DigestOf("b")),
            std::vector<std::string>{"fallback of cut (run 7, unfinished): b 1"});
}

TEST(StorePins, WhatCannotBeReadMayPinAnything) {
  BoardRecord board = Board();
  board.known_good[1].firmware_toml = "from = \"the future\"";
  const auto of_board = PinsOf({board}, {}, {});
  ASSERT_FALSE(of_board);
  EXPECT_EQ(of_board.error().code, ExitCode::kRefused);
  EXPECT_EQ(of_board.error().message,
            "the known-good firmware of board 18:fe:34:ab:cd:ef cannot be read, so nobody can tell "
            "which images it needs");
  RunRecord run = RunOf(3, "m", "a", "", true);
  run.start.manifest_text += "[future]\n";
  EXPECT_EQ(PinsOf({}, {}, {run}).error().message,
            "the manifest of run 3 cannot be read, so nobody can tell which images it needs");
}

class Pruning : public testing::Test {
 protected:
  void Add(const std::string& name, StoredKind kind, std::chrono::seconds age,
           std::uint64_t size_bytes = 1000) {
    files_.push_back({name, kind, DigestOf(name), size_bytes, now_ - age});
  }
  std::vector<std::string> Chosen(const PruneRules& rules) {
    std::vector<std::string> names;
    for (const StoredFile& file : ChoosePrunable(files_, pins_, rules, now_))
      names.push_back(file.path.string());
    return names;
  }

  using Names = std::vector<std::string>;
  const WallTime now_ = WallTime(std::chrono::seconds(1'800'000'000));
  std::vector<StoredFile> files_;
  Pins pins_{{DigestOf("pinned"), {"why"}}, {DigestOf("pinned, damaged"), {"why"}}};
};

TEST_F(Pruning, PinnedImagesStayWhateverTheRules) {
  Add("pinned", StoredKind::kImage, days(1000));
  PruneRules rules;
  rules.all = true;
  rules.older_than = hours(0);
  rules.size_max_bytes = 0;
  EXPECT_EQ(Chosen(rules), Names());
}

TEST_F(Pruning, AgeDecidesOverImagesThatNothingPins) {
  Add("old", StoredKind::kImage, days(31));
  Add("young", StoredKind::kImage, days(29));
  Add("of tomorrow", StoredKind::kImage, -days(1));
  EXPECT_EQ(Chosen({}), Names{"old"});
  PruneRules week;
  week.older_than = days(7);
  EXPECT_EQ(Chosen(week), (Names{"old", "young"}));
  PruneRules all;
  all.all = true;
  EXPECT_EQ(Chosen(all), (Names{"old", "young", "of tomorrow"}));
}

TEST_F(Pruning, RemainsGoAfterADayAndNotBefore) {
  for (const StoredKind kind : {StoredKind::kPart, StoredKind::kDamaged, StoredKind::kLeftover}) {
    files_.clear();
    Add("stale", kind, hours(25));
    Add("fresh", kind, hours(23));
    Add("pinned, damaged", kind, hours(25));
    PruneRules all;
    all.all = true;
    EXPECT_EQ(Chosen(all), (Names{"stale", "pinned, damaged"}));
    EXPECT_EQ(Chosen({}), (Names{"stale", "pinned, damaged"}));
  }
}

TEST_F(Pruning, OldestGoUntilTheRestFits) {
  Add("pinned", StoredKind::kImage, days(5), 4000);
  Add("newest", StoredKind::kImage, minutes(1), 1000);
  Add("oldest", StoredKind::kImage, days(3), 1000);
  Add("middle", StoredKind::kImage, days(2), 1000);
  PruneRules rules;
  rules.size_max_bytes = 7000;
  EXPECT_EQ(Chosen(rules), Names());
  rules.size_max_bytes = 6999;
  EXPECT_EQ(Chosen(rules), Names{"oldest"});
  rules.size_max_bytes = 5000;
  EXPECT_EQ(Chosen(rules), (Names{"oldest", "middle"}));
  rules.size_max_bytes = 10;
  EXPECT_EQ(Chosen(rules), (Names{"oldest", "middle", "newest"}));
}

}  // namespace
}  // namespace lastgood::test
