// SPDX-License-Identifier: MIT
#include "host/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace lastgood {
namespace {

int OpenNull() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool IsOpen(int number) { return fcntl(number, F_GETFD) >= 0; }

TEST(DescriptorTest, ClosesWhenItGoesOutOfScope) {
  const int number = OpenNull();
  {
    const Descriptor descriptor(number);
    EXPECT_TRUE(descriptor);
  }
  EXPECT_FALSE(IsOpen(number));
}

TEST(DescriptorTest, MovedFromOwnsNothing) {
  Descriptor first(OpenNull());
  const int number = first.Get();
  Descriptor second(std::move(first));
  EXPECT_EQ(second.Get(), number);
  Descriptor third(OpenNull());
  const int replaced = third.Get();
  third = std::move(second);
  EXPECT_EQ(third.Get(), number);
  EXPECT_FALSE(IsOpen(replaced));
  EXPECT_TRUE(IsOpen(number));
}

TEST(DescriptorTest, ReleasedOneStaysOpen) {
  Descriptor descriptor(OpenNull());
  const int number = descriptor.Release();
  EXPECT_FALSE(descriptor);
  EXPECT_TRUE(IsOpen(number));
  Descriptor(number).Reset();
  EXPECT_FALSE(IsOpen(number));
}

TEST(DescriptorTest, ClosingKeepsErrnoForTheReport) {
  Descriptor descriptor(OpenNull());
  errno = EACCES;
  descriptor.Reset();
  EXPECT_EQ(errno, EACCES);
}

TEST(DescriptorTest, InterruptedCallIsRepeated) {
  int calls = 0;
  const int result = RetryOnInterrupt([&] {
    errno = EINTR;
    return ++calls < 3 ? -1 : 7;
  });
  EXPECT_EQ(result, 7);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(RetryOnInterrupt([&] {
              errno = EIO;
              return -1;
            }),
            -1);
}

TEST(DescriptorTest, SystemsWordsBecomeOurs) {
  EXPECT_EQ(ErrnoText(ENOENT), "no such file or directory");
  EXPECT_EQ(ErrnoText(EIO), "input/output error");
}

}  // namespace
}  // namespace lastgood
