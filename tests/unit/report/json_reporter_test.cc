// SPDX-License-Identifier: MIT
#include "report/json_reporter.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/string_sink.h"

namespace lastgood {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::seconds;

class JsonReporterTest : public testing::Test {
 protected:
  // The objects that were written, one a line.
  std::vector<Json> Events() {
    std::vector<Json> events;
    std::istringstream lines(sink_.Take());
    for (std::string line; std::getline(lines, line);) events.push_back(Json::parse(line));
    return events;
  }

  test::StringSink sink_;
  VirtualClock clock_;
  JsonReporter reporter_{sink_, clock_};
};

TEST_F(JsonReporterTest, StageHasItsFactsInOneLine) {
  clock_.SleepFor(milliseconds(1100));
  reporter_.Stage(
      {"fetch", StageOutcome::kOk, "642 KB, sha256 f727607f…", {"from \"b\""}, milliseconds(1099)});
  EXPECT_EQ(sink_.text(),
            R"({"v":1,"event":"stage","time":"2026-11-01T00:00:01.100Z","stage":"fetch",)"
            R"("outcome":"ok","text":"642 KB, sha256 f727607f…","details":["from \"b\""],)"
            R"("elapsed_ms":1099})"
            "\n");
  EXPECT_EQ(sink_.writes(), 1);
}

TEST_F(JsonReporterTest, OutcomesOfStagesAreWords) {
  for (const auto& [outcome, word] :
       {std::pair(StageOutcome::kOk, "ok"), std::pair(StageOutcome::kFail, "fail"),
        std::pair(StageOutcome::kSkip, "skip"), std::pair(StageOutcome::kNote, "note")}) {
    reporter_.Stage({"s", outcome, "", {}, {}});
    EXPECT_EQ(Events().at(0)["outcome"], word);
  }
}

TEST_F(JsonReporterTest, WhatIsNotKnownIsNull) {
  reporter_.Outcome({0, 4, "cannot download", "", "", false, false});
  reporter_.Progress({"fetch", 0, 0});
  const auto events = Events();
  EXPECT_TRUE(events.at(0)["run"].is_null());
  EXPECT_TRUE(events.at(0)["board"].is_null());
  EXPECT_TRUE(events.at(0)["firmware"].is_null());
  EXPECT_TRUE(events.at(1)["bytes_total"].is_null());
  EXPECT_TRUE(events.at(1)["bytes_per_s"].is_null());
  EXPECT_TRUE(events.at(1)["seconds_left"].is_null());
}

TEST_F(JsonReporterTest, ProgressComesFiveTimesASecondAndTheLastAlways) {
  for (std::uint64_t i = 0; i <= 1000; ++i) {  // 10 s
    reporter_.Progress({"flash", i * 100, 1'000'000});
    clock_.SleepFor(milliseconds(10));
  }
  reporter_.Stage({"flash", StageOutcome::kFail, "lost", {}, {}});
  const auto events = Events();
  EXPECT_LE(events.size(), 53U);
  EXPECT_GE(events.size(), 50U);
  EXPECT_EQ(events.back()["event"], "stage");
  EXPECT_EQ(events.at(events.size() - 2)["bytes_done"], 100'000);
  EXPECT_EQ(events.at(events.size() - 2)["bytes_per_s"], 10'000);
  EXPECT_EQ(events.at(events.size() - 2)["seconds_left"], 90);
}

TEST_F(JsonReporterTest, LastProgressPrecedesWhateverFollows) {
  const auto hold_back = [this] {
    reporter_.Progress({"flash", 1, 3});
    reporter_.Progress({"flash", 2, 3});
    EXPECT_EQ(Events().size(), 1U);
  };
  hold_back();
  reporter_.State({1, "health", ""});
  EXPECT_EQ(Events().at(0)["bytes_done"], 2);
  reporter_.Stage({"flash", StageOutcome::kOk, "", {}, {}});
  Events();
  hold_back();
  reporter_.Outcome({1, 0, "", "", "", true, false});
  EXPECT_EQ(Events().at(0)["bytes_done"], 2);
  reporter_.Stage({"flash", StageOutcome::kOk, "", {}, {}});
  Events();
  hold_back();
  reporter_.Progress({"rollback", 0, 3});
  const auto events = Events();
  EXPECT_EQ(events.at(0)["stage"], "flash");
  EXPECT_EQ(events.at(1)["stage"], "rollback");
}

TEST_F(JsonReporterTest, HeldBackProgressIsWrittenAtTheEnd) {
  {
    JsonReporter reporter(sink_, clock_);
    reporter.Progress({"flash", 1, 3});
    reporter.Progress({"flash", 3, 3});
  }
  EXPECT_EQ(Events().back()["bytes_done"], 3);
}

TEST_F(JsonReporterTest, AnyTextIsOneLineOfValidJson) {
  const std::string noise("\xFF\xFE\n\r\x1b[2J\0\"\\\xE2\x80", 13);
  reporter_.Stage({noise, StageOutcome::kOk, noise, {noise, ""}, {}});
  reporter_.State({1, noise, noise});
  reporter_.Outcome({1, 0, noise, noise, noise, true, false});
  reporter_.Progress({noise, 1, 2});
  const auto events = Events();
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0]["text"].get<std::string>().substr(0, 6), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_F(JsonReporterTest, HugeNumbersAreNumbers) {
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  reporter_.Progress({"flash", kMax, kMax});
  clock_.SleepFor(seconds(1));
  reporter_.Progress({"flash", kMax, 1});
  reporter_.State({std::numeric_limits<std::int64_t>::max(), "", ""});
  reporter_.Stage({"s", StageOutcome::kOk, "", {}, milliseconds::max()});
  const auto events = Events();
  EXPECT_EQ(events[0]["bytes_done"], std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(events[2]["run"], std::numeric_limits<std::int64_t>::max());
}

// What docs/events.md says and what is written must be the same.

using FieldTypes = std::map<std::string, std::string>;

std::string TypeOf(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "boolean";
  if (value.is_number()) return "number";
  if (value.is_array() && !value.empty() && value.front().is_object()) return "array of objects";
  if (value.is_array()) return "array of strings";
  return "string";
}

struct Documentation {
  std::vector<Json> examples;
  std::map<std::string, FieldTypes> fields;  // of each event, without those that all have
};

Documentation ReadDocumentation() {
  Documentation documentation;
  std::ifstream file(std::string(LASTGOOD_SOURCE_DIR) + "/docs/events.md");
  std::string event;
  bool in_example = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("## `", 0) == 0) event = line.substr(4, line.size() - 5);
    if (in_example && line != "```") documentation.examples.push_back(Json::parse(line));
    if (line == "```json") in_example = true;
    if (line == "```") in_example = false;
    if (event.empty() || line.rfind("| `", 0) != 0) continue;
    const std::size_t name_end = line.find('`', 3);
    const std::size_t type_begin = line.find("| ", name_end) + 2;
    const std::size_t type_end = line.find(" |", type_begin);
    documentation.fields[event][line.substr(3, name_end - 3)] =
        line.substr(type_begin, type_end - type_begin);
  }
  return documentation;
}

bool Allows(const std::string& documented, const std::string& type) {
  return documented == type || documented == type + " or null" ||
         (type == "null" && documented.ends_with(" or null"));
}

void ExpectDocumented(const Json& object, const FieldTypes& fields, std::size_t common_fields) {
  SCOPED_TRACE(object.dump());
  EXPECT_EQ(object["v"], 1);
  const std::size_t of_several = object.contains("device") && fields.count("device") == 0 ? 1 : 0;
  EXPECT_EQ(object.size(), fields.size() + common_fields + of_several);
  for (const auto& [name, type] : fields) {
    ASSERT_TRUE(object.contains(name)) << name;
    EXPECT_TRUE(Allows(type, TypeOf(object[name]))) << name << " is not: " << type;
  }
}

TEST_F(JsonReporterTest, EventsAreAsDocumented) {
  const Documentation documentation = ReadDocumentation();
  reporter_.Stage({"s", StageOutcome::kOk, "t", {"d"}, {}});
  reporter_.Progress({"s", 1, 2});
  reporter_.Progress({"other", 1, 0});
  reporter_.State({1, "s", "d"});
  reporter_.Outcome({1, 0, "t", "b", "f", true, true});
  reporter_.Outcome({0, 1, "t", "", "", false, false});
  for (const Json& event : Events())
    ExpectDocumented(event, documentation.fields.at(event["event"].get<std::string>()), 3);
}

TEST_F(JsonReporterTest, ExamplesAreAsDocumented) {
  const Documentation documentation = ReadDocumentation();
  std::set<std::string> shown;
  for (const Json& example : documentation.examples) {
    const auto event = example["event"].get<std::string>();
    shown.insert(event);
    // What a command prints by itself has no time.
    ExpectDocumented(example, documentation.fields.at(event), example.contains("time") ? 3 : 2);
  }
  for (const auto& [event, fields] : documentation.fields)
    EXPECT_EQ(shown.count(event), 1U) << event;
}

}  // namespace
}  // namespace lastgood
