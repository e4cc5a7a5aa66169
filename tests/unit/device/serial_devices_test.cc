// SPDX-License-Identifier: MIT
#include "device/serial_devices.h"

#include <gtest/gtest.h>

#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

class SerialDevicesTest : public testing::Test {
 protected:
  // As the kernel lists them: `type` is there for UARTs of its serial core only.
  void Add(const std::string& name, bool has_device, const char* type) {
    fs::create_directories(class_ / name);
    if (has_device) fs::create_directory(class_ / name / "device");
    if (type != nullptr) test::WriteText(class_ / name / "type", type);
  }

  test::TemporaryDirectory directory_;
  fs::path class_ = directory_.path();
};

TEST_F(SerialDevicesTest, OnlyThoseWithHardwareAreListedAndSorted) {
  Add("ttyUSB0", true, nullptr);
  Add("ttyAMA0", true, "32\n");
  Add("ttyS0", true, "4\n");
  Add("ttyS1", true, "0\n");
  Add("tty1", false, nullptr);
  Add("console", false, nullptr);
  EXPECT_EQ(ListSerialDevices(class_),
            (std::vector<std::string>{"/dev/ttyAMA0", "/dev/ttyS0", "/dev/ttyUSB0"}));
}

TEST_F(SerialDevicesTest, MissingListIsAnEmptyList) {
  EXPECT_TRUE(ListSerialDevices(class_ / "missing").empty());
}

TEST_F(SerialDevicesTest, OnlyAnUnknownUartHasNoHardware) {
  Add("ttyS0", true, "4\n");
  Add("ttyS1", true, "0\n");
  Add("ttyS2", true, "nonsense\n");
  EXPECT_TRUE(HasHardware("ttyS0", class_));
  EXPECT_FALSE(HasHardware("ttyS1", class_));
  EXPECT_TRUE(HasHardware("ttyS2", class_));
  EXPECT_TRUE(HasHardware("ttyUSB7", class_));
}

struct ChoiceCase {
  const char* why;
  std::vector<SerialCandidate> candidates;
  std::size_t chosen;
};

TEST(ChooseSerialDevice, IsTheOneThatTheRecipeMeans) {
  const ChoiceCase cases[] = {
      {"a Raspberry Pi 4",
       {{"/dev/serial0", "/dev/ttyAMA0", true}, {"/dev/ttyAMA0", "/dev/ttyAMA0", true}},
       0},
      {"a Raspberry Pi 5 whose header is on: serial0 is its debug connector",
       {{"/dev/serial0", "/dev/ttyAMA10", true}, {"/dev/ttyAMA0", "/dev/ttyAMA0", true}},
       1},
      {"a Raspberry Pi 5 whose header is off",
       {{"/dev/serial0", "/dev/ttyAMA10", true}, {"/dev/ttyAMA0", "/dev/ttyAMA0", false}},
       0},
      {"the debug connector by its own name",
       {{"/dev/ttyAMA10", "/dev/ttyAMA10", true}, {"/dev/ttyAMA0", "/dev/ttyAMA0", true}},
       0},
      {"no UART is on",
       {{"/dev/serial0", "/dev/serial0", false}, {"/dev/ttyAMA0", "/dev/ttyAMA0", false}},
       0},
      {"the second adapter",
       {{"/dev/ttyUSB0", "/dev/ttyUSB0", false}, {"/dev/ttyACM0", "/dev/ttyACM0", true}},
       1},
  };
  for (const ChoiceCase& c : cases) EXPECT_EQ(ChooseSerialDevice(c.candidates), c.chosen) << c.why;
}

}  // namespace
}  // namespace lastgood
