// SPDX-License-Identifier: MIT
#include "report/output_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <string>

#include "support/temporary_directory.h"

namespace lastgood {
namespace {

class PipeTest : public testing::Test {
 protected:
  PipeTest() { EXPECT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0); }
  ~PipeTest() override {
    CloseReader();
    CloseWriter();
  }

  int Writer() const { return ends_[1]; }
  void CloseReader() { Close(ends_[0]); }
  void CloseWriter() { Close(ends_[1]); }

  // Reads what is there now.
  std::string ReadNow() {
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    std::string text;
    std::array<char, 65536> buffer;
    for (ssize_t count; (count = read(ends_[0], buffer.data(), buffer.size())) > 0;)
      text.append(buffer.data(), static_cast<std::size_t>(count));
    return text;
  }

 private:
  static void Close(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

TEST_F(PipeTest, TextArrivesAtOnce) {
  DescriptorSink sink(Writer());
  sink.Write("one\n");
  EXPECT_EQ(ReadNow(), "one\n");
  sink.Write("");
  sink.Write("two\n");
  EXPECT_EQ(ReadNow(), "two\n");
}

// A SIGPIPE would end this process: nobody ignores it here.
TEST_F(PipeTest, ClosedReaderIsNoFailure) {
  DescriptorSink sink(Writer());
  sink.Write("one\n");
  CloseReader();
  sink.Write("two\n");
  sink.Write("three\n");
}

TEST_F(PipeTest, StalledReaderGetsEverythingInTheEnd) {
  std::string written;
  std::string arrived;
  {
    DescriptorSink sink(Writer());
    for (int i = 0; i < 3000; ++i) {  // more than a pipe holds
      const std::string line = "line " + std::to_string(i) + std::string(40, '.') + "\n";
      sink.Write(line);
      written += line;
    }
    arrived = ReadNow();
    EXPECT_LT(arrived.size(), written.size());
    sink.Write("");  // the reader is back
    arrived += ReadNow();
    sink.Write("");
  }
  arrived += ReadNow();
  EXPECT_EQ(arrived.size(), written.size());
  EXPECT_TRUE(arrived == written);
}

TEST_F(PipeTest, ReaderThatNeverReadsCostsWholeTextsOnly) {
  const std::string line = std::string(9999, 'x') + "\n";
  std::string arrived;
  {
    DescriptorSink sink(Writer());
    for (int i = 0; i < 300; ++i) sink.Write(line);
    for (int i = 0; i < 300; ++i) {
      arrived += ReadNow();
      sink.Write("");
    }
  }
  arrived += ReadNow();
  EXPECT_GT(arrived.size(), 1U << 20);
  EXPECT_LT(arrived.size(), 300 * line.size());
  EXPECT_EQ(arrived.size() % line.size(), 0U);
}

TEST_F(PipeTest, NonBlockingDescriptorIsWaitedFor) {
  fcntl(Writer(), F_SETFL, O_NONBLOCK);
  DescriptorSink sink(Writer());
  sink.Write(std::string(200'000, 'x'));
  std::size_t arrived = 0;
  for (int i = 0; i < 10; ++i) {
    arrived += ReadNow().size();
    sink.Write("");
  }
  EXPECT_EQ(arrived, 200'000U);
}

TEST(DescriptorSink, DescriptorThatIsNotOpenIsNoFailure) {
  for (const int descriptor : {-1, 999}) {
    DescriptorSink sink(descriptor);
    sink.Write("text");
  }
}

TEST(DescriptorSink, FullDeviceIsNoFailure) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  {
    DescriptorSink sink(full);
    sink.Write("text");
    sink.Write("text");
  }
  close(full);
}

TEST(DescriptorSink, FileGetsEverything) {
  const test::TemporaryDirectory directory;
  const auto path = directory / "log";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(file, 0);
  const std::string text(300'000, 'y');
  {
    DescriptorSink sink(file);
    sink.Write(text);
  }
  close(file);
  EXPECT_TRUE(test::ReadText(path) == text);
}

}  // namespace
}  // namespace lastgood
