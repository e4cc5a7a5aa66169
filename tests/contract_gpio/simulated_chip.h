// SPDX-License-Identifier: MIT
// GPIO chips of the kernel's gpio-sim: real ones for whoever drives them, with the board's side in
// sysfs. Needs root. Every failure is the failure of a test: nothing is skipped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lastgood::test {

using LineNames = std::map<unsigned, std::string>;

class SimulatedChip {
 public:
  struct Hog {  // a line that the kernel itself drives
    unsigned offset;
    std::string consumer;
  };

  // Eight lines, pulled down.
  explicit SimulatedChip(const std::string& label, const LineNames& names = {},
                         const std::vector<Hog>& hogs = {});
  ~SimulatedChip();
  SimulatedChip(const SimulatedChip&) = delete;
  SimulatedChip& operator=(const SimulatedChip&) = delete;

  const std::string& name() const { return name_; }  // "gpiochip1"
  std::string path() const { return "/dev/" + name_; }
  unsigned base() const;  // what the kernel's trace adds to an offset

  // What the board sees, and its own drive.
  bool Level(unsigned offset) const;
  bool IsPulledUp(unsigned offset) const;
  void Pull(unsigned offset, bool up);

  // What the kernel says of a line: flags as in <linux/gpio.h>.
  struct Line {
    std::uint64_t flags;
    std::string consumer;
    bool Has(std::uint64_t flag) const { return (flags & flag) != 0; }
  };
  Line Info(unsigned offset) const;

 private:
  std::filesystem::path Attribute(unsigned offset, const char* name) const;

  std::filesystem::path directory_;  // in configfs
  std::filesystem::path board_;      // in sysfs
  std::string name_;
  std::string label_;
};

// Everything that happens to lines while it lives, in order, through the kernel's tracing.
class GpioTrace {
 public:
  GpioTrace();
  ~GpioTrace();
  GpioTrace(const GpioTrace&) = delete;
  GpioTrace& operator=(const GpioTrace&) = delete;

  struct Event {
    unsigned number;   // base + offset
    std::string what;  // "in", "out", "0", "1"
  };
  std::vector<Event> Events() const;
};

// A request of a line by somebody else, through the interface that the kernel has had from Linux
// 5.10 on (or through the first one); the file descriptor, or -1 and errno.
int RequestLineAsSomebody(const std::string& path, unsigned offset, const std::string& consumer);
int RequestLineThroughFirstInterface(const std::string& path, unsigned offset,
                                     const std::string& consumer);

}  // namespace lastgood::test
