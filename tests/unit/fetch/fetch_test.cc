// SPDX-License-Identifier: MIT
// Fetch's decisions, over scripted answers and in virtual time. Over real servers:
// fetch_web_test.cc.
#include "fetch/fetch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "digest/digest.h"
#include "support/fake_http_client.h"
#include "support/pattern.h"
#include "support/temporary_directory.h"

namespace lastgood::test {
namespace {

constexpr std::size_t kSize = 100'000;
const std::string kUrl = "http://a/fw.bin";
const std::string kMirror = "http://b/fw.bin";

class FetchTest : public testing::Test {
 protected:
  FetchTest() {
    request_.urls = {kUrl};
    request_.sha256 = Sha256(image_);
    request_.size_bytes = kSize;
    request_.destination = directory_ / "image";
  }

  Result<FetchSummary> Run() {
    FetchListener listener;
    listener.progress = [this](std::uint64_t done) {
      done_.push_back(done);
      if (interrupt_at_ && done >= *interrupt_at_) interrupt_.Request();
    };
    listener.wrong_answer = [this](const WrongAnswer& answer) { wrong_answers_.push_back(answer); };
    return Fetch({http_, clock_, random_, interrupt_}, request_, listener);
  }

  Error Failure() {
    auto summary = Run();
    EXPECT_FALSE(summary);
    return summary ? Error{} : summary.error();
  }

  void LeavePart(const Bytes& content) { WriteText(directory_ / "image.part", AsText(content)); }
  void LeaveHalf() { LeavePart(Bytes(image_.begin(), image_.begin() + kSize / 2)); }
  bool PartExists() { return std::filesystem::exists(directory_ / "image.part"); }

  // The artifact under its name, and nothing beside it.
  void ExpectArtifactAlone() {
    EXPECT_EQ(ReadAll(directory_ / "image"), image_);
    ExpectFiles(1);
  }
  void ExpectFiles(std::size_t count) {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      ++found;
      if (found > count) ADD_FAILURE() << "left behind: " << entry.path();
    }
    EXPECT_EQ(found, count);
  }

  const Bytes image_ = Pattern(kSize);
  TemporaryDirectory directory_;
  VirtualClock clock_;
  FakeHttpClient http_{clock_};
  Interrupt interrupt_;
  FetchRequest request_;
  // Only for jitter: none, unless a test says otherwise.
  std::function<std::uint32_t()> random_ = [] { return 0U; };
  std::vector<std::uint64_t> done_;
  std::vector<WrongAnswer> wrong_answers_;
  std::optional<std::uint64_t> interrupt_at_;
};

TEST_F(FetchTest, WholeFileGetsItsNameAndNothingElseStays) {
  http_.Serve(kUrl, image_);
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->url, kUrl);
  EXPECT_EQ(summary->bytes_received, kSize);
  EXPECT_FALSE(summary->resumed);
  EXPECT_TRUE(summary->rejected.empty());
  ExpectArtifactAlone();
}

TEST_F(FetchTest, ProgressGrowsToTheTotal) {
  http_.Serve(kUrl, image_);
  ASSERT_TRUE(Run());
  ASSERT_GT(done_.size(), 1U);
  EXPECT_TRUE(std::is_sorted(done_.begin(), done_.end()));
  EXPECT_EQ(done_.back(), kSize);
}

TEST_F(FetchTest, ProgressMayBeAbsent) {
  http_.Serve(kUrl, image_);
  EXPECT_TRUE(Fetch({http_, clock_, random_, interrupt_}, request_, {}));
}

TEST_F(FetchTest, ArtifactThatIsThereNeedsNoNetwork) {
  WriteText(directory_ / "image", AsText(image_));
  const auto summary = Run();
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->bytes_received, 0U);
  EXPECT_TRUE(http_.requests().empty());
  ExpectArtifactAlone();
}

TEST_F(FetchTest, DamagedArtifactsAreReplaced) {
  http_.Serve(kUrl, image_);
  Bytes flipped = image_;
  flipped[500] ^= 1;
  for (const Bytes& damaged : {Bytes(), flipped, Pattern(10)}) {
    WriteText(directory_ / "image", AsText(damaged));
    ASSERT_TRUE(Run());
    ExpectArtifactAlone();
  }
}

TEST_F(FetchTest, DamagedArtifactStaysUntilItsSuccessorIsWhole) {
  WriteText(directory_ / "image", "damaged");
  http_.Trouble(kUrl, HttpTrouble::kConnect);
  EXPECT_FALSE(Run());
  EXPECT_EQ(ReadText(directory_ / "image"), "damaged");
}

TEST_F(FetchTest, PartialFileIsContinued) {
  LeaveHalf();
  http_.Serve(kUrl, image_);
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_TRUE(summary->resumed);
  EXPECT_EQ(summary->bytes_received, kSize / 2);
  EXPECT_EQ(http_.requests()[0].range_from, kSize / 2);
  EXPECT_GT(done_.front(), kSize / 2);
  ExpectArtifactAlone();
}

TEST_F(FetchTest, InterruptKeepsThePartialFileAndTheNextRunContinues) {
  http_.Serve(kUrl, image_);
  interrupt_at_ = 30'000;
  EXPECT_EQ(Failure().code, ExitCode::kInterrupted);
  EXPECT_FALSE(std::filesystem::exists(request_.destination));
  const std::uint64_t kept = std::filesystem::file_size(directory_ / "image.part");
  EXPECT_GE(kept, 30'000U);
  EXPECT_LT(kept, kSize);

  interrupt_.Clear();
  interrupt_at_.reset();
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->bytes_received, kSize - kept);
  ExpectArtifactAlone();
}

TEST_F(FetchTest, InterruptBeforehandAsksNothing) {
  interrupt_.Request();
  EXPECT_EQ(Failure().code, ExitCode::kInterrupted);
  EXPECT_TRUE(http_.requests().empty());
  ExpectFiles(0);
}

TEST_F(FetchTest, EtagIsSentToItsOwnUrlOnly) {
  http_.CutOff(kUrl, image_, 1000);
  http_.CutOff(kUrl, image_, 0);
  http_.Serve(kMirror, image_);
  request_.urls = {kUrl, kMirror};
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  const auto& requests = http_.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[0].if_range, "");
  EXPECT_EQ(requests[1].if_range, "\"fake\"");
  EXPECT_EQ(requests[3].url, kMirror);
  EXPECT_EQ(requests[3].range_from, 1000U);
  EXPECT_EQ(requests[3].if_range, "");
  ExpectArtifactAlone();
}

TEST_F(FetchTest, EtagsUnfitForIfRangeAreNotSent) {
  for (const std::string etag : {"W/\"weak\"", "unquoted", "", "\"", "\"a b\"", "\"a\r\nX: y\""}) {
    FakeHttpClient http;
    FakeAnswer answer;
    answer.body = image_;
    answer.etag = etag;
    answer.cut_after = 50'000;
    http.Script(kUrl, answer);
    ASSERT_TRUE(Fetch({http, clock_, random_, interrupt_}, request_, {})) << etag;
    ASSERT_EQ(http.requests().size(), 2U);
    EXPECT_EQ(http.requests()[1].if_range, "") << etag;
    std::filesystem::remove(request_.destination);
  }
}

TEST_F(FetchTest, GarbledEtagFileIsIgnored) {
  LeaveHalf();
  WriteText(directory_ / "image.part.etag", std::string_view("\0\0\0\n\"x", 6));
  http_.Serve(kUrl, image_);
  ASSERT_TRUE(Run());
  EXPECT_EQ(http_.requests()[0].if_range, "");
  EXPECT_EQ(http_.requests()[0].range_from, kSize / 2);
  ExpectArtifactAlone();
}

TEST_F(FetchTest, ServerThatKnowsNoRangesSendsTheWhole) {
  LeaveHalf();
  FakeAnswer answer;
  answer.body = image_;
  answer.serves_ranges = false;
  http_.Script(kUrl, answer);
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_FALSE(summary->resumed);
  EXPECT_EQ(summary->bytes_received, kSize);
  EXPECT_EQ(http_.requests().size(), 1U);
  ExpectArtifactAlone();
}

TEST_F(FetchTest, RangeNotSatisfiableIsAskedAgainAsAWhole) {
  LeaveHalf();
  http_.Answer(kUrl, 416, "");
  http_.Serve(kUrl, image_);
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  ASSERT_EQ(http_.requests().size(), 2U);
  EXPECT_EQ(http_.requests()[1].range_from, 0U);
  ExpectArtifactAlone();
}

TEST_F(FetchTest, NonsenseToARangeIsAskedAgainAsAWhole) {
  LeaveHalf();
  http_.Trouble(kUrl, HttpTrouble::kProtocol);
  http_.Serve(kUrl, image_);
  ASSERT_TRUE(Run());
  EXPECT_EQ(http_.requests()[1].range_from, 0U);
  ExpectArtifactAlone();
}

TEST_F(FetchTest, PartialFileSurvivesServersThatGiveNothing) {
  LeaveHalf();
  request_.urls = {kUrl, kMirror, "http://c/fw.bin", "http://d/fw.bin"};
  http_.Answer(kUrl, 416, "");
  http_.Answer(kMirror, 404);
  http_.Trouble("http://c/fw.bin", HttpTrouble::kProtocol);
  http_.Answer("http://d/fw.bin", 200, "<html>sign in</html>");
  const Error error = Failure();
  EXPECT_EQ(std::filesystem::file_size(directory_ / "image.part"), kSize / 2);
  ExpectFiles(1);
}

TEST_F(FetchTest, ForgedPartialFileIsThrownAwayAndFetchedWholeOnce) {
  LeavePart(Pattern(kSize / 2, 99));
  http_.Serve(kUrl, image_);
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(http_.requests().size(), 2U);
  EXPECT_FALSE(summary->resumed);
  EXPECT_EQ(summary->bytes_received, kSize / 2 + kSize);
  ExpectArtifactAlone();
}

TEST_F(FetchTest, WrongAgainAfterTheWholeFetchIsNotTrusted) {
  LeaveHalf();
  http_.Serve(kUrl, Pattern(kSize, 99));
  EXPECT_EQ(Failure().code, ExitCode::kNotTrusted);
  EXPECT_EQ(http_.requests().size(), 2U);
  ExpectFiles(0);
}

TEST_F(FetchTest, WrongWholeThatCameInPiecesIsNotFetchedAThirdTime) {
  LeaveHalf();
  http_.CutOff(kUrl, Pattern(kSize, 99), 60'000);
  EXPECT_EQ(Failure().code, ExitCode::kNotTrusted);
  ASSERT_EQ(http_.requests().size(), 3U);
  EXPECT_EQ(http_.requests()[1].range_from, 0U);
  EXPECT_EQ(http_.requests()[2].range_from, 60'000U);
  ExpectFiles(0);
}

TEST_F(FetchTest, WholePartialFileIsPublishedWithoutNetwork) {
  LeavePart(image_);
  const auto summary = Run();
  ASSERT_TRUE(summary);
  EXPECT_TRUE(summary->resumed);
  EXPECT_TRUE(http_.requests().empty());
  ExpectArtifactAlone();
}

TEST_F(FetchTest, PartialFilesThatCannotBeRightAreDiscarded) {
  for (const Bytes& part : {Pattern(kSize, 99), Pattern(kSize + 1), Bytes()}) {
    FakeHttpClient http;
    http.Serve(kUrl, image_);
    LeavePart(part);
    ASSERT_TRUE(Fetch({http, clock_, random_, interrupt_}, request_, {}));
    EXPECT_EQ(http.requests()[0].range_from, 0U);
    ExpectArtifactAlone();
    std::filesystem::remove(request_.destination);
  }
}

TEST_F(FetchTest, SymbolicLinkInPlaceOfThePartialFileIsNotFollowed) {
  WriteText(directory_ / "elsewhere", "precious");
  std::filesystem::create_symlink(directory_ / "elsewhere", directory_ / "image.part");
  http_.Serve(kUrl, image_);
  EXPECT_EQ(Failure().code, ExitCode::kInternal);
  EXPECT_EQ(ReadText(directory_ / "elsewhere"), "precious");
}

TEST_F(FetchTest, CutOffIsResumedAfterAPause) {
  http_.CutOff(kUrl, image_, 40'000);
  const TimePoint start = clock_.Now();
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(http_.requests().size(), 3U);
  EXPECT_EQ(summary->bytes_received, kSize);
  EXPECT_TRUE(summary->resumed);
  EXPECT_EQ(clock_.Now() - start, std::chrono::milliseconds(500 + 1000));
  ExpectArtifactAlone();
}

TEST_F(FetchTest, TriesAreBounded) {
  http_.CutOff(kUrl, image_, 10);
  const Error error = Failure();
  EXPECT_EQ(error.code, ExitCode::kCannotDownload);
  EXPECT_EQ(error.message, "cannot download: http://a/fw.bin: cut off");
  EXPECT_EQ(error.hint, "150 of 100000 bytes are kept: run it again to go on from there");
  EXPECT_EQ(http_.requests().size(), 15U);  // three turns of five
}

TEST_F(FetchTest, TriesWithoutANewByteAreFewer) {
  for (const HttpTrouble trouble :
       {HttpTrouble::kCutOff, HttpTrouble::kTooSlow, HttpTrouble::kTimeout}) {
    FakeHttpClient http;
    http.Trouble(kUrl, trouble);
    EXPECT_FALSE(Fetch({http, clock_, random_, interrupt_}, request_, {}));
    EXPECT_EQ(http.requests().size(), 2U);
  }
}

TEST_F(FetchTest, HopelessTroublesAreNotTriedAgain) {
  for (const HttpTrouble trouble :
       {HttpTrouble::kResolve, HttpTrouble::kConnect, HttpTrouble::kUnreachable, HttpTrouble::kTls,
        HttpTrouble::kProtocol, HttpTrouble::kLocal}) {
    FakeHttpClient http;
    http.Trouble(kUrl, trouble);
    EXPECT_FALSE(Fetch({http, clock_, random_, interrupt_}, request_, {}));
    EXPECT_EQ(http.requests().size(), 1U);
  }
  ExpectFiles(0);
}

TEST_F(FetchTest, InterruptEndsThePauseBetweenTries) {
  class InterruptingClock final : public Clock {
   public:
    explicit InterruptingClock(Interrupt& interrupt) : interrupt_(interrupt) {}
    TimePoint Now() const override { return clock_.Now(); }
    WallTime WallNow() const override { return clock_.WallNow(); }
    void SleepUntil(TimePoint when) override {
      EXPECT_LE(when - Now(), std::chrono::milliseconds(100));
      clock_.SleepUntil(when);
      interrupt_.Request();
    }

   private:
    VirtualClock clock_;
    Interrupt& interrupt_;
  } clock(interrupt_);
  http_.CutOff(kUrl, image_, 1000);
  const auto summary = Fetch({http_, clock, random_, interrupt_}, request_, {});
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ExitCode::kInterrupted);
  EXPECT_EQ(http_.requests().size(), 1U);
  EXPECT_TRUE(PartExists());
}

TEST_F(FetchTest, NextUrlDeliversWhatTheFirstDoesNot) {
  request_.urls = {kUrl, "http://gone/fw.bin", kMirror};
  http_.Trouble(kUrl, HttpTrouble::kConnect);
  http_.Answer("http://gone/fw.bin", 404);
  http_.Serve(kMirror, image_);
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->url, kMirror);
  EXPECT_EQ(summary->rejected, (std::vector<std::string>{"http://a/fw.bin: connection refused",
                                                         "http://gone/fw.bin: 404 Not Found"}));
  ExpectArtifactAlone();
}

TEST_F(FetchTest, WrongBytesOfOneUrlDoNotSpoilTheNext) {
  request_.urls = {kUrl, kMirror};
  http_.Serve(kUrl, Pattern(kSize, 99));
  http_.Serve(kMirror, image_);
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->rejected.size(), 1U);
  EXPECT_EQ(http_.requests()[1].range_from, 0U);
  ExpectArtifactAlone();
}

TEST_F(FetchTest, MirrorContinuesWhatTheFirstUrlBegan) {
  request_.urls = {kUrl, kMirror};
  http_.CutOff(kUrl, image_, 60'000);
  http_.Trouble(kUrl, HttpTrouble::kConnect);
  http_.Serve(kMirror, image_);
  const auto summary = Run();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->bytes_received, kSize);
  EXPECT_TRUE(summary->resumed);
}

// Message, code and what stays, for each kind of wrong answer.
struct WrongAnswer {
  std::string name;
  FakeAnswer answer;
  ExitCode code;
  std::string message;
};

std::vector<WrongAnswer> WrongAnswers() {
  const auto body = [](Bytes bytes) {
    FakeAnswer answer;
    answer.body = std::move(bytes);
    return answer;
  };
  const auto unannounced = [&](Bytes bytes) {
    FakeAnswer answer = body(std::move(bytes));
    answer.announces_length = false;
    return answer;
  };
  const auto status = [&](int number) {
    FakeAnswer answer = body(ToBytes("<html>"));
    answer.status = number;
    return answer;
  };
  const auto digest = [](const std::string& came) {
    return " (sha256 " + Abbreviate(Sha256(AsBytes(came))) + ")";
  };
  const std::string page = "<!DOCTYPE html>\n<html>Sign in</html>";
  Bytes esp_image(kSize, 0);
  esp_image[0] = 0xe9;
  const std::string zeros = "it begins with '\\xe9" + [] {
    std::string text;
    for (int i = 0; i < 63; ++i) text += "\\x00";
    return text;
  }() + "…'";
  const ExitCode not_trusted = ExitCode::kNotTrusted;
  const ExitCode cannot_download = ExitCode::kCannotDownload;
  return {
      {"portal page", body(ToBytes(page)), not_trusted,
       "36 bytes announced, the manifest says 100000; an HTML page: '<!DOCTYPE "
       "html>\\n<html>Sign in</html>'" +
           digest(page)},
      {"portal page without a length", unannounced(ToBytes(page)), not_trusted,
       "a short file, 36 of 100000 bytes; an HTML page: '<!DOCTYPE html>\\n<html>Sign in</html>'" +
           digest(page)},
      {"empty file", body({}), not_trusted, "0 bytes announced, the manifest says 100000"},
      {"empty file without a length", unannounced({}), not_trusted,
       "a short file, 0 of 100000 bytes"},
      {"longer file", body(Bytes(kSize + 1, 'a')), not_trusted,
       "100001 bytes announced, the manifest says 100000; it begins with '" + std::string(64, 'a') +
           "…'" + digest(std::string(16 * 1024, 'a'))},
      {"longer file without a length", unannounced(Bytes(kSize * 3, 'a')), not_trusted,
       "more than the 100000 bytes of the manifest; it begins with '" + std::string(64, 'a') +
           "…'" + digest(std::string(6 * 16 * 1024, 'a'))},
      {"other bytes", body(esp_image), not_trusted,
       "has SHA-256 " + Sha256(esp_image).ToHex() + ", the manifest says " +
           Sha256(Pattern(kSize)).ToHex() + "; " + zeros},
      {"not found", status(404), cannot_download, "404 Not Found"},
      {"server error", status(500), cannot_download, "500 Internal Server Error"},
      {"no content", status(204), cannot_download, "204 No Content"},
      {"sign-in required", status(511), cannot_download, "511 Network Authentication Required"},
      {"not modified", status(304), cannot_download, "304"},
  };
}

TEST_F(FetchTest, WrongAnswersAreNamedAndLeaveNothing) {
  for (const WrongAnswer& row : WrongAnswers()) {
    SCOPED_TRACE(row.name);
    FakeHttpClient http;
    http.Script(kUrl, row.answer);
    const auto summary = Fetch({http, clock_, random_, interrupt_}, request_, {});
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().code, row.code);
    const std::string start = row.code == ExitCode::kNotTrusted ? "not what the manifest asks for: "
                                                                : "cannot download: ";
    EXPECT_EQ(summary.error().message, start + kUrl + ": " + row.message);
    EXPECT_EQ(http.requests().size(), 1U);
    ExpectFiles(0);
  }
}

TEST_F(FetchTest, WrongAnswersAreKeptAsEvidence) {
  request_.urls = {kUrl, "http://other/fw.bin", kMirror};
  const std::string page = "<html>" + std::string(1000, 'x') + "</html>";
  http_.Answer(kUrl, 200, page);
  http_.Serve("http://other/fw.bin", Pattern(kSize, 99));
  http_.Serve(kMirror, image_);
  ASSERT_TRUE(Run());
  ASSERT_EQ(wrong_answers_.size(), 2U);
  EXPECT_EQ(wrong_answers_[0].url, kUrl);
  EXPECT_EQ(wrong_answers_[0].reason, "1013 bytes announced, the manifest says 100000");
  EXPECT_EQ(wrong_answers_[0].bytes, page.size());
  EXPECT_EQ(wrong_answers_[0].sha256, Sha256(AsBytes(page)));
  EXPECT_EQ(AsText(wrong_answers_[0].start), page.substr(0, kEvidenceBytes));
  EXPECT_EQ(wrong_answers_[1].bytes, kSize);
  EXPECT_EQ(wrong_answers_[1].sha256, Sha256(Pattern(kSize, 99)));
  EXPECT_EQ(wrong_answers_[1].start.size(), kEvidenceBytes);
}

TEST_F(FetchTest, NeverMoreThanTheManifestsSizeIsWritten) {
  FakeAnswer endless;
  endless.body = Bytes(kSize * 10, 'a');
  endless.announces_length = false;
  http_.Script(kUrl, endless);
  EXPECT_FALSE(Run());
  for (const std::uint64_t done : done_) EXPECT_LE(done, kSize);
  EXPECT_FALSE(PartExists());
}

TEST_F(FetchTest, OneWrongDeliveryAmongSilentUrlsIsNotTrusted) {
  request_.urls = {kUrl, kMirror};
  http_.Trouble(kUrl, HttpTrouble::kConnect);
  http_.Serve(kMirror, Pattern(kSize, 99));
  const Error error = Failure();
  EXPECT_EQ(error.code, ExitCode::kNotTrusted);
  EXPECT_EQ(error.message.find("not what the manifest asks for: http://a/fw.bin: connection "
                               "refused; http://b/fw.bin: has SHA-256 "),
            0U);
}

TEST_F(FetchTest, NoUrlAtAllIsSaid) {
  request_.urls.clear();
  EXPECT_EQ(Failure().message, "cannot download: no URL to fetch it from");
}

TEST_F(FetchTest, NoRoomIsNoticedBeforeTheNetwork) {
  request_.size_bytes = std::uint64_t{1} << 60;
  const Error error = Failure();
  EXPECT_EQ(error.code, ExitCode::kInternal);
  EXPECT_EQ(error.message.find("no room for 1152921504606846976 bytes in '"), 0U);
  EXPECT_EQ(error.hint,
            "make room on this disk: 'lastgood cache prune' removes what no board needs");
  EXPECT_TRUE(http_.requests().empty());
  ExpectFiles(0);
}

TEST_F(FetchTest, MissingDirectoryIsInternal) {
  request_.destination = directory_ / "missing/image";
  http_.Serve(kUrl, image_);
  EXPECT_EQ(Failure().code, ExitCode::kInternal);
}

TEST_F(FetchTest, PasswordInAUrlIsNotReportedAndNotStored) {
  const std::string url = "http://teacher:secret@a/fw.bin";
  request_.urls = {url};
  http_.CutOff(url, image_, 1000);
  http_.Answer(url, 404);
  const Error error = Failure();
  EXPECT_EQ(error.message, "cannot download: http://a/fw.bin: 404 Not Found");
  EXPECT_EQ(ReadText(directory_ / "image.part.etag").find("secret"), std::string::npos);
}

}  // namespace
}  // namespace lastgood::test
