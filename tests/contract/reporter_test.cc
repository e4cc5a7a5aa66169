// SPDX-License-Identifier: MIT
// What every Reporter owes: it takes any events in any order, with any content, into any sink, and
// never fails, throws or waits.
#include "report/reporter.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "host/clock.h"
#include "report/json_reporter.h"
#include "report/null_reporter.h"
#include "report/output_sink.h"
#include "report/tee_reporter.h"
#include "report/terminal_reporter.h"
#include "support/recording_reporter.h"
#include "support/string_sink.h"

namespace lastgood {
namespace {

using test::RecordingReporter;

// A reporter and whatever it needs to live.
struct Subject {
  std::shared_ptr<void> belongings;
  std::unique_ptr<Reporter> reporter;
};

struct Kind {
  std::string name;
  std::function<Subject(OutputSink&, const Clock&)> make;
};

Kind Terminal(const std::string& name, const TerminalOptions& options) {
  return {name, [options](OutputSink& sink, const Clock& clock) {
            return Subject{nullptr, std::make_unique<TerminalReporter>(sink, clock, options)};
          }};
}

struct TeeParts {
  TeeParts(OutputSink& sink, const Clock& clock) : json(sink, clock) {}
  JsonReporter json;
  RecordingReporter recording;
};

Subject MakeTee(OutputSink& sink, const Clock& clock) {
  const auto parts = std::make_shared<TeeParts>(sink, clock);
  return {parts, std::make_unique<TeeReporter>(parts->json, parts->recording)};
}

std::vector<Kind> Kinds() {
  return {
      Terminal("Terminal", {true, true, true, 80}),
      Terminal("NarrowTerminal", {true, false, true, 3}),
      Terminal("TerminalWithoutWidth", {true, true, true, 0}),
      Terminal("Log", {}),
      {"Json",
       [](OutputSink& sink, const Clock& clock) {
         return Subject{nullptr, std::make_unique<JsonReporter>(sink, clock)};
       }},
      {"Null",
       [](OutputSink&, const Clock&) {
         return Subject{nullptr, std::make_unique<NullReporter>()};
       }},
      {"Recording",
       [](OutputSink&, const Clock&) {
         return Subject{nullptr, std::make_unique<RecordingReporter>()};
       }},
      {"Tee", &MakeTee},
  };
}

class ReporterContract : public testing::TestWithParam<Kind> {
 protected:
  Subject Make(OutputSink& sink) { return GetParam().make(sink, clock_); }

  test::StringSink sink_;
  VirtualClock clock_;
};

std::vector<std::string> AwkwardTexts() {
  return {"",
          "plain",
          std::string(100'000, 'x'),
          std::string(10'000, ' '),
          "\n\n\r\n\t\v\f",
          "\x1b[2J\x1b]0;evil\x07",
          std::string("\0\x01\x7F\x80\xFF\xC3", 6),
          "{\"v\":1}\n{}",
          "{} {0} %s %n",
          "日本語 … 🛠"};
}

std::vector<std::uint64_t> AwkwardCounts() {
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  return {0, 1, 99, 100, 1U << 20, kMax / 2, kMax - 1, kMax};
}

TEST_P(ReporterContract, TakesNoEventAtAll) { Make(sink_); }

TEST_P(ReporterContract, TakesAnyText) {
  const Subject subject = Make(sink_);
  for (const std::string& text : AwkwardTexts()) {
    subject.reporter->Stage(
        {text, StageOutcome::kFail, text, {text, text}, std::chrono::milliseconds(60)});
    subject.reporter->Progress({text, 1, 2});
    subject.reporter->State({1, text, text});
    subject.reporter->Outcome({1, 0, text, text, text, true, true});
    clock_.SleepFor(std::chrono::seconds(1));
  }
}

TEST_P(ReporterContract, TakesAnyNumber) {
  using std::chrono::milliseconds;
  const Subject subject = Make(sink_);
  for (const std::uint64_t done : AwkwardCounts()) {
    for (const std::uint64_t total : AwkwardCounts()) {
      for (int i = 0; i < 3; ++i) {
        subject.reporter->Progress({"flash", done, total});
        clock_.SleepFor(milliseconds(700));
      }
    }
  }
  for (const auto elapsed : {milliseconds::max(), milliseconds::min(), milliseconds(-1)})
    subject.reporter->Stage({"flash", StageOutcome::kOk, "x", {}, elapsed});
  for (const std::int64_t run : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                 std::numeric_limits<std::int64_t>::max()}) {
    subject.reporter->State({run, "x", "x"});
    subject.reporter->Outcome({run, std::numeric_limits<int>::min(), "x", "x", "x", true, true});
  }
}

TEST_P(ReporterContract, TakesAnyOrder) {
  constexpr std::uint32_t kSeed = 20261101;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937 random(kSeed);
  const Subject subject = Make(sink_);
  const auto texts = AwkwardTexts();
  const auto counts = AwkwardCounts();
  for (int i = 0; i < 2000; ++i) {
    const std::string& text = texts[random() % texts.size()];
    const std::string few = text.substr(0, 200);
    switch (random() % 5) {
      case 0:
        subject.reporter->Stage({few, StageOutcome::kNote, few, {few}, {}});
        break;
      case 1:
        subject.reporter->State({i, few, few});
        break;
      case 2:
        subject.reporter->Outcome({i, 0, few, few, few, false, false});
        break;
      default:
        subject.reporter->Progress(
            {few, counts[random() % counts.size()], counts[random() % counts.size()]});
    }
    clock_.SleepFor(std::chrono::milliseconds(random() % 3000));
  }
}

TEST_P(ReporterContract, TakesASinkThatIsClosed) {
  DescriptorSink closed(-1);
  const Subject subject = Make(closed);
  for (int i = 0; i < 10; ++i) {
    subject.reporter->Stage({"s", StageOutcome::kOk, "text", {}, {}});
    subject.reporter->Progress({"s", 1, 2});
    subject.reporter->State({1, "s", "d"});
    subject.reporter->Outcome({1, 0, "text", "", "", false, false});
    clock_.SleepFor(std::chrono::seconds(1));
  }
}

TEST_P(ReporterContract, ThinsProgressOut) {
  const Subject subject = Make(sink_);
  for (std::uint64_t i = 0; i < 100'000; ++i) {  // 10 s
    subject.reporter->Progress({"flash", i, 100'000});
    clock_.SleepFor(std::chrono::microseconds(100));
  }
  EXPECT_LE(sink_.writes(), 101);
}

INSTANTIATE_TEST_SUITE_P(, ReporterContract, testing::ValuesIn(Kinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST(TeeReporter, BothAreToldTheSameInTheSameOrder) {
  RecordingReporter first;
  RecordingReporter second;
  TeeReporter tee(first, second);
  tee.State({1, "planned", ""});
  tee.Stage({"fetch", StageOutcome::kOk, "642 KB", {"detail"}, {}});
  tee.Progress({"flash", 1, 2});
  tee.Outcome({1, 0, "done", "", "", true, false});
  EXPECT_EQ(first.Text(),
            "state 1 planned\nstage fetch ok: 642 KB\n  detail\noutcome 1 exit 0: done");
  EXPECT_EQ(first.lines(), second.lines());
  EXPECT_EQ(first.progress().size(), 1U);
  EXPECT_EQ(second.progress().size(), 1U);
  EXPECT_EQ(first.StateNames(), "planned");
  EXPECT_EQ(first.LastStage("fetch")->text, "642 KB");
  EXPECT_EQ(first.LastStage("flash"), nullptr);
}

}  // namespace
}  // namespace lastgood
