// SPDX-License-Identifier: MIT
// What a manifest expects of a board besides an answer.
#include "health/expectations.h"

#include "unit/health/fake_micropython.h"
#include "unit/health/health_test_case.h"

namespace lastgood::test {
namespace {

using std::chrono::seconds;

class Expectations : public HealthTestCase {
 protected:
  Expectations() {
    spec_.kind = HealthKind::kMicropython;
    spec_.settle = seconds(0);
    python_.python.values["gc.mem_free()"] = "35840";
    python_.python.values["'boot.py' in os.listdir()"] = "True";
    python_.python.values["'main.py' in os.listdir()"] = "False";
    python_.python.values["'lib' in os.listdir() and 'mqtt.py' in os.listdir('lib')"] = "True";
    python_.python.values["'www' in os.listdir() and 'index.html' in os.listdir('www')"] = "False";
  }
  FakeMicropython python_;
  FakeBoard board_{clock_, &python_};
};

TEST_F(Expectations, EnoughMemoryIsFreeOrIsSaidHowMuch) {
  for (const std::uint32_t expected : {1U, 16384U, 35840U}) {
    spec_.memory_free_bytes = expected;
    EXPECT_TRUE(Check(board_).good());
  }
  spec_.memory_free_bytes = 35841;
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(VerdictName(verdict), "check-failed(free memory)");
  EXPECT_EQ(verdict.summary, "35840 octets of memory are free, expected at least 35841");
  EXPECT_EQ(verdict.version, "1.22.1");
}

// The proof comes first. What was asked again is not what a person has sent to be executed.
TEST_F(Expectations, OneLostOctetFailsNoQuestionOfOurOwn) {
  python_.garbled_execution = 2;
  spec_.memory_free_bytes = 16384;
  EXPECT_TRUE(Check(board_).good());
  spec_.memory_free_bytes = 0;
  spec_.files = {"boot.py"};
  EXPECT_TRUE(Check(board_).good());
  spec_.files.clear();
  spec_.run = {{"print(gc.mem_free())", "35840"}};
  EXPECT_EQ(VerdictName(Check(board_)).substr(0, 12), "check-failed");
  EXPECT_EQ(python_.executions, 2) << "asked once";
}

TEST_F(Expectations, MemoryThatIsNotToldIsNotEnough) {
  spec_.memory_free_bytes = 1;
  python_.python.values.erase("gc.mem_free()");
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(verdict.health, Health::kCheckFailed);
  EXPECT_NE(verdict.summary.find("the free memory is not told: \"NameError"), std::string::npos)
      << verdict.summary;
}

TEST_F(Expectations, FilesMustBeThereAndTheMissingAreNamed) {
  spec_.files = {"boot.py", "lib/mqtt.py"};
  EXPECT_TRUE(Check(board_).good());
  spec_.files = {"boot.py", "main.py", "lib/mqtt.py", "www/index.html"};
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(VerdictName(verdict), "check-failed(files missing)");
  EXPECT_EQ(verdict.summary, "not on the board: 'main.py', 'www/index.html'");
}

TEST_F(Expectations, BoardThatDoesNotTellItsFilesFails) {
  spec_.files = {"unheard_of.py"};
  const HealthVerdict verdict = Check(board_);
  EXPECT_EQ(VerdictName(verdict), "check-failed(no file list)");
}

TEST_F(Expectations, AllFilesAreOneQuestion) {
  spec_.files = {"a/b/c.py", "boot.py"};
  const auto expectations = ExpectationsOf(spec_);
  ASSERT_EQ(expectations.size(), 1U);
  EXPECT_EQ(
      expectations[0].code,
      "import os\n"
      "print('a' in os.listdir() and 'b' in os.listdir('a') and 'c.py' in os.listdir('a/b'))\n"
      "print('boot.py' in os.listdir())");
}

TEST_F(Expectations, AreMetInPasteModeAndOnTheFriendlyReplToo) {
  spec_.memory_free_bytes = 16384;
  spec_.files = {"boot.py", "lib/mqtt.py"};
  for (const bool paste : {true, false}) {
    FakeMicropython python = python_;
    python.raw = FakeMicropython::Raw::kMissing;
    python.paste = paste;
    FakeBoard board(clock_, &python);
    const HealthVerdict verdict = Check(board);
    EXPECT_TRUE(verdict.good()) << verdict.summary;
  }
}

TEST_F(Expectations, EachCommandHasItsOwnLimit) {
  python_.hangs_at_execution = 2;  // the first is the proof
  for (const int limit_s : {1, 30}) {
    spec_.run = {{.code = "print(1+1)", .expect = "2", .limit = seconds(limit_s)}};
    const milliseconds start = Elapsed();
    const HealthVerdict verdict = Check(board_);
    EXPECT_EQ(VerdictName(verdict), "check-failed(a command)");
    EXPECT_EQ(verdict.summary, "'print(1+1)' printed \"\", expected \"2\"");
    EXPECT_GE(Elapsed() - start, seconds(limit_s));
    EXPECT_LT(Elapsed() - start, seconds(limit_s + 4));
  }
}

}  // namespace
}  // namespace lastgood::test
