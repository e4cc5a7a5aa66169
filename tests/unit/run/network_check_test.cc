// SPDX-License-Identifier: MIT
#include "run/network_check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "http/curl_http_client.h"
#include "support/fake_http_client.h"
#include "support/http_server.h"
#include "support/pattern.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const std::string kUrl = "https://micropython.org/fw.bin";
const std::string kPlain = "http://teacher.local/fw.bin";
const std::string kProxy = "http://pupil:secret@proxy:3128";

// A wall clock that somebody sets while others sleep.
class SettableClock final : public Clock {
 public:
  TimePoint Now() const override { return time_.Now(); }
  WallTime WallNow() const override { return time_.WallNow() + set_by_; }
  void SleepUntil(TimePoint when) override {
    time_.SleepUntil(when);
    if (on_sleep) on_sleep();
  }
  void SetBy(seconds jump) { set_by_ += jump; }
  VirtualClock& time() { return time_; }

  std::function<void()> on_sleep;

 private:
  VirtualClock time_;
  seconds set_by_{0};
};

class NetworkCheck : public testing::Test {
 protected:
  NetworkCheck() {
    around_.root = root_.path();
    around_.build_date = clock_.WallNow();
    around_.clock_is_synchronised = [this] { return synchronised_; };
    Write("etc/lastgood/network.toml", "schema = 1\nuse_defaults = false\n");
  }
  void Write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    WriteText(root_ / path, text);
  }
  NetworkReport Check(const std::vector<std::string>& urls) {
    auto report = CheckNetwork({http_, clock_, interrupt_, around_}, urls);
    EXPECT_TRUE(report);
    return report ? *std::move(report) : NetworkReport();
  }
  // The clock is `behind` until the URL has been asked so often that the wait has begun.
  void ScriptWrongClock(const std::string& url, HttpTrouble trouble) {
    FakeAnswer wrong;
    wrong.trouble = trouble;
    http_.Script(url, wrong);        // the target
    http_.Script(url, wrong);        // the diagnosis: over any family,
    http_.Script(url, wrong);        // IPv4
    http_.Script(url, wrong);        // and IPv6
    http_.Serve(url, Pattern(100));  // once the clock is right
  }

  TemporaryDirectory root_;
  SettableClock clock_;
  FakeHttpClient http_{clock_.time()};
  Interrupt interrupt_;
  NetworkSurroundings around_;
  bool synchronised_ = false;
};

TEST_F(NetworkCheck, AnsweringTargetNeedsNoDiagnosis) {
  http_.Serve(kUrl, Pattern(100));
  const NetworkReport report = Check({kUrl});
  EXPECT_EQ(report.verdict.reachability, Reachability::kDirect);
  EXPECT_EQ(report.verdict.summary, "direct, micropython.org answers");
  EXPECT_TRUE(report.notes.empty());
  EXPECT_EQ(http_.requests().size(), 1U);
}

TEST_F(NetworkCheck, MissingFileAndAuthenticStatusExplainThemselves) {
  http_.Trouble("file:///media/stick/fw.bin", HttpTrouble::kLocal);
  http_.Answer(kUrl, 404);
  const NetworkReport report = Check({"file:///media/stick/fw.bin", kUrl});
  EXPECT_EQ(report.verdict.reachability, Reachability::kServerDown);
  EXPECT_EQ(http_.requests().size(), 2U);
}

TEST_F(NetworkCheck, SchoolsOwnKnownAnswerShowsThePortal) {
  Write("etc/lastgood/network.toml",
        "schema = 1\nuse_defaults = false\n[[known_answer]]\n"
        "url = \"http://files.school.example/online\"\nexpect = \"yes\"\n");
  http_.Trouble(kUrl, HttpTrouble::kTls);
  http_.Redirect("http://files.school.example/online", "http://login.school/");
  const NetworkReport report = Check({kUrl});
  EXPECT_EQ(report.verdict.reachability, Reachability::kPortal);
  EXPECT_EQ(report.verdict.portal_url, "http://login.school/");
}

TEST_F(NetworkCheck, ProxyOfAptIsFoundAndToBeUsed) {
  Write("etc/apt/apt.conf.d/proxy", "Acquire::http::Proxy \"" + kProxy + "\";");
  http_.Trouble(kUrl, HttpTrouble::kUnreachable);
  http_.Serve(kUrl + " via " + kProxy, Pattern(100));
  const NetworkReport report = Check({kUrl});
  EXPECT_EQ(report.verdict.reachability, Reachability::kViaProxy);
  EXPECT_EQ(report.verdict.proxy, kProxy);
  EXPECT_EQ(report.verdict.summary,
            "via proxy proxy:3128 of /etc/apt/apt.conf.d/proxy, micropython.org answers");
}

// The first of two name servers is silent for 5 s: a run gets its firmware, so the doctor says so.
TEST_F(NetworkCheck, DoctorWaitsForASlowTargetAsARunDoes) {
  FakeAnswer slow;
  slow.body = Pattern(100);
  slow.takes = seconds(6);
  http_.Script(kUrl, slow);
  EXPECT_EQ(Check({kUrl}).verdict.reachability, Reachability::kDirect);
  const auto examined = ExamineNetwork({http_, clock_, interrupt_, around_}, {kUrl});
  ASSERT_TRUE(examined);
  EXPECT_EQ(examined->verdict.reachability, Reachability::kDirect);
}

TEST_F(NetworkCheck, SettingsAreInTheConfigurationThatIsNamed) {
  Write("etc/lastgood/network.toml", "schema = 1\nknown_answers = 1\n");
  Write("elsewhere/network.toml", "schema = 1\nuse_defaults = false\n");
  around_.configuration = root_ / "elsewhere";
  const auto settings = ReadNetworkSettings(around_);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_TRUE(settings->known_answers.empty());
}

TEST_F(NetworkCheck, MistakeInTheSettingsIsANoteToARunAndAnErrorToTheDoctor) {
  Write("etc/lastgood/network.toml", "schema = 1\nknown_answers = 1\n");
  http_.Trouble(kUrl, HttpTrouble::kConnect);
  const NetworkReport report = Check({kUrl});
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_EQ(report.notes[0].find("not used: " + (root_ / "etc/lastgood/network.toml").string() +
                                 ":2:1: error: "),
            0U)
      << report.notes[0];
  EXPECT_EQ(report.notes[0].find('\n'), std::string::npos);
  const auto examined = ExamineNetwork({http_, clock_, interrupt_, around_}, {kUrl});
  ASSERT_FALSE(examined);
  EXPECT_EQ(examined.error().code, ExitCode::kInvalidManifest);
}

TEST_F(NetworkCheck, PlainMirrorIsTakenAtOnceWhateverTheClockSays) {
  http_.Trouble(kUrl, HttpTrouble::kNotYetValid);
  FakeAnswer plain;
  plain.body = Pattern(100);
  plain.date = clock_.WallNow() + hours(24 * 3);
  http_.Script(kPlain, plain);
  const TimePoint start = clock_.Now();
  const NetworkReport report = Check({kUrl, kPlain});
  EXPECT_EQ(report.verdict.summary,
            "direct, teacher.local answers; the clock is 3 days behind, so micropython.org is not "
            "asked");
  EXPECT_EQ(clock_.Now(), start);
}

TEST_F(NetworkCheck, ClockThatIsSetMeanwhileIsWaitedFor) {
  const struct {
    std::string by;
    HttpTrouble trouble;
    seconds jump;
    bool synchronised;
  } cases[] = {
      {"a jump forward", HttpTrouble::kNotYetValid, hours(24 * 365), false},
      {"a jump back", HttpTrouble::kExpired, -hours(24 * 365), false},
      {"the time service's word", HttpTrouble::kNotYetValid, seconds(0), true},
  };
  for (const auto& row : cases) {
    http_ = FakeHttpClient(clock_.time());
    synchronised_ = false;
    ScriptWrongClock(kUrl, row.trouble);
    const TimePoint set_at = clock_.Now() + seconds(4);
    clock_.on_sleep = [this, &row, set_at] {
      if (clock_.Now() < set_at || !clock_.on_sleep) return;
      clock_.SetBy(row.jump);
      synchronised_ = row.synchronised;
      clock_.on_sleep = nullptr;
    };
    const NetworkReport report = Check({kUrl});
    EXPECT_EQ(report.verdict.reachability, Reachability::kDirect) << row.by;
    EXPECT_EQ(report.notes, std::vector<std::string>{"waited 4.0 s for the clock: it was wrong"})
        << row.by;
  }
}

TEST_F(NetworkCheck, ClockBehindTheBuildDateIsSaidWithItsAmount) {
  clock_.SetBy(-hours(24 * 366 * 3));
  ScriptWrongClock(kUrl, HttpTrouble::kNotYetValid);
  clock_.on_sleep = [this] {
    clock_.on_sleep = nullptr;
    clock_.SetBy(hours(24 * 366 * 3));
  };
  EXPECT_EQ(Check({kUrl}).notes,
            std::vector<std::string>{"waited 0.1 s for the clock: it was 3 years behind"});
}

TEST_F(NetworkCheck, ClockThatNobodySetsIsTheVerdictAfterHalfAMinute) {
  http_.Trouble(kUrl, HttpTrouble::kNotYetValid);
  const TimePoint start = clock_.Now();
  const NetworkReport report = Check({kUrl});
  EXPECT_EQ(clock_.Now() - start, seconds(30));
  EXPECT_EQ(report.verdict.reachability, Reachability::kClockWrong);
  EXPECT_EQ(report.notes, std::vector<std::string>{
                              "waited 30.0 s for the clock, which nobody has set: it is wrong"});
}

TEST_F(NetworkCheck, NothingIsWaitedForWhenTheTimeServiceHasDoneItsWork) {
  synchronised_ = true;
  http_.Trouble(kUrl, HttpTrouble::kExpired);
  const TimePoint start = clock_.Now();
  const NetworkReport report = Check({kUrl});
  EXPECT_EQ(clock_.Now(), start);
  EXPECT_EQ(report.verdict.reachability, Reachability::kClockWrong);
  EXPECT_TRUE(report.notes.empty());
}

TEST_F(NetworkCheck, WaitForTheClockCanBeInterrupted) {
  http_.Trouble(kUrl, HttpTrouble::kNotYetValid);
  clock_.on_sleep = [this] { interrupt_.Request(); };
  const auto report = CheckNetwork({http_, clock_, interrupt_, around_}, {kUrl});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ExitCode::kInterrupted);
}

TEST_F(NetworkCheck, DoctorAsksEverythingAlsoWhenTheTargetAnswers) {
  http_.Serve(kUrl, Pattern(100));
  const auto report = ExamineNetwork({http_, clock_, interrupt_, around_}, {kUrl});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->verdict.reachability, Reachability::kDirect);
  EXPECT_EQ(report->probes.size(), 4U);  // any family, IPv4, IPv6, a name that does not exist
}

TEST(NetworkCheckOverTheWeb, CertificateOfTheFutureIsAWrongClockUnlessAnotherServerKnowsBetter) {
  const TemporaryDirectory directory;
  const FaultServer future(directory.path(), "future");
  CurlSettings settings;
  settings.ca_file = directory / "ca.pem";
  CurlHttpClient http(settings);
  SystemClock clock;
  const Interrupt interrupt;
  NetworkSurroundings around;
  around.root = directory.path();
  std::filesystem::create_directories(directory / "etc/lastgood");
  const auto check = [&](const std::string& known) {
    WriteText(directory / "etc/lastgood/network.toml",
              "schema = 1\nuse_defaults = false\n" + known);
    return CheckNetwork({http, clock, interrupt, around}, {future.Url("a.bin")});
  };
  auto report = check("");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->verdict.reachability, Reachability::kClockWrong) << report->verdict.summary;
  const TemporaryDirectory pages;
  const FaultServer plain(pages.path());
  report = check("[[known_answer]]\nurl = \"" + plain.Url("status/404") + "\"\n");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->verdict.reachability, Reachability::kServerDown) << report->verdict.summary;
}

}  // namespace
}  // namespace lastgood::test
