// SPDX-License-Identifier: MIT
#include "contract_gpio/simulated_chip.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "host/descriptor.h"

namespace lastgood::test {
namespace {

namespace fs = std::filesystem;

const fs::path kConfig = "/sys/kernel/config/gpio-sim";
const fs::path kTracing = "/sys/kernel/tracing";

void Write(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  EXPECT_TRUE(file) << path << ": cannot write '" << text << "'";
}

std::string ReadLine(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  EXPECT_TRUE(std::getline(file, line)) << path << ": cannot read";
  return line;
}

void MakeDirectory(const fs::path& path) {
  std::error_code error;
  fs::create_directory(path, error);
  EXPECT_FALSE(error) << "gpio-sim is needed: " << path << ": " << error.message();
}

Descriptor OpenChip(const std::string& path) {
  return Descriptor(open(path.c_str(), O_RDWR | O_CLOEXEC));
}

}  // namespace

SimulatedChip::SimulatedChip(const std::string& label, const LineNames& names,
                             const std::vector<Hog>& hogs)
    : label_(label) {
  static int count = 0;
  directory_ = kConfig / fmt::format("contract-{}-{}", getpid(), count++);
  const fs::path bank = directory_ / "bank0";
  MakeDirectory(directory_);
  MakeDirectory(bank);
  Write(bank / "num_lines", "8");
  Write(bank / "label", label);
  for (const auto& [offset, name] : names) {
    MakeDirectory(bank / fmt::format("line{}", offset));
    Write(bank / fmt::format("line{}", offset) / "name", name);
  }
  for (const Hog& hog : hogs) {
    const fs::path line = bank / fmt::format("line{}", hog.offset);
    if (!fs::exists(line)) MakeDirectory(line);
    MakeDirectory(line / "hog");
    Write(line / "hog" / "name", hog.consumer);
    Write(line / "hog" / "direction", "output-high");
  }
  Write(directory_ / "live", "1");
  name_ = ReadLine(bank / "chip_name");
  board_ = fs::path("/sys/devices/platform") / ReadLine(directory_ / "dev_name") / name_;
}

SimulatedChip::~SimulatedChip() {
  Write(directory_ / "live", "0");
  // Directories of configfs go one by one, from the inside.
  std::vector<fs::path> directories = {directory_};
  std::error_code error;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory_, error))
    if (entry.is_directory()) directories.push_back(entry.path());
  for (auto path = directories.rbegin(); path != directories.rend(); ++path)
    EXPECT_EQ(rmdir(path->c_str()), 0) << *path << ": " << ErrnoText(errno);
}

unsigned SimulatedChip::base() const {
  for (const fs::directory_entry& chip : fs::directory_iterator("/sys/class/gpio"))
    if (fs::exists(chip.path() / "label") && ReadLine(chip.path() / "label") == label_)
      return static_cast<unsigned>(std::stoul(ReadLine(chip.path() / "base")));
  ADD_FAILURE() << label_ << " is not in /sys/class/gpio";
  return 0;
}

fs::path SimulatedChip::Attribute(unsigned offset, const char* name) const {
  return board_ / fmt::format("sim_gpio{}", offset) / name;
}

bool SimulatedChip::Level(unsigned offset) const {
  return ReadLine(Attribute(offset, "value")) == "1";
}
bool SimulatedChip::IsPulledUp(unsigned offset) const {
  return ReadLine(Attribute(offset, "pull")) == "pull-up";
}
void SimulatedChip::Pull(unsigned offset, bool up) {
  Write(Attribute(offset, "pull"), up ? "pull-up" : "pull-down");
}

SimulatedChip::Line SimulatedChip::Info(unsigned offset) const {
  gpio_v2_line_info info{};
  info.offset = offset;
  const Descriptor chip = OpenChip(path());
  EXPECT_EQ(ioctl(chip.Get(), GPIO_V2_GET_LINEINFO_IOCTL, &info), 0) << ErrnoText(errno);
  return {info.flags, info.consumer};
}

GpioTrace::GpioTrace() {
  Write(kTracing / "trace", "");
  for (const char* event : {"gpio_value", "gpio_direction"})
    Write(kTracing / "events/gpio" / event / "enable", "1");
}

GpioTrace::~GpioTrace() { Write(kTracing / "events/gpio/enable", "0"); }

// "  program-123 [000] .....  5.616765: gpio_value: 997 set 0"
// "  program-123 [000] .....  5.616765: gpio_direction: 997 out (0)"
std::vector<GpioTrace::Event> GpioTrace::Events() const {
  std::vector<Event> events;
  std::ifstream file(kTracing / "trace");
  for (std::string line; std::getline(file, line);) {
    const bool is_value = line.find(": gpio_value: ") != std::string::npos;
    const std::size_t begin = line.find(is_value ? "gpio_value: " : "gpio_direction: ");
    if (line.starts_with("#") || begin == std::string::npos) continue;
    std::istringstream words(line.substr(line.find(' ', begin)));
    Event event{};
    std::string level;
    words >> event.number >> event.what >> level;
    if (is_value && event.what != "set") continue;
    if (is_value) event.what = level;
    events.push_back(event);
  }
  return events;
}

int RequestLineAsSomebody(const std::string& path, unsigned offset, const std::string& consumer) {
  gpio_v2_line_request request{};
  request.offsets[0] = offset;
  request.num_lines = 1;
  request.config.flags = GPIO_V2_LINE_FLAG_INPUT;
  std::copy(consumer.begin(), consumer.end(), request.consumer);
  const Descriptor chip = OpenChip(path);
  return ioctl(chip.Get(), GPIO_V2_GET_LINE_IOCTL, &request) == 0 ? request.fd : -1;
}

int RequestLineThroughFirstInterface(const std::string& path, unsigned offset,
                                     const std::string& consumer) {
  gpiohandle_request request{};
  request.lineoffsets[0] = offset;
  request.lines = 1;
  request.flags = GPIOHANDLE_REQUEST_INPUT;
  std::copy(consumer.begin(), consumer.end(), request.consumer_label);
  const Descriptor chip = OpenChip(path);
  return ioctl(chip.Get(), GPIO_GET_LINEHANDLE_IOCTL, &request) == 0 ? request.fd : -1;
}

}  // namespace lastgood::test
