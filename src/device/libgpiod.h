// SPDX-License-Identifier: MIT
// What differs between the generations of libgpiod, as little as possible: libgpiod1.cc speaks API
// 1.6, libgpiod2.cc API 2, and CMake compiles the one that is installed. Nothing is decided there
// and no text is made; a failure is an errno.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "device/board_lines.h"
#include "device/gpio_chips.h"

namespace lastgood::libgpiod {

template <class T>
using OrErrno = tl::expected<T, int>;

// What we call ourselves to others who look at a line.
inline constexpr const char* kConsumer = "lastgood";

// EINVAL when the kernel lacks the interface for lines that this generation speaks.
OrErrno<GpioChip> ReadChip(const std::string& path);

// A line of a chip as an output. Levels are those of the pin, true is high.
struct Output {
  std::uint32_t offset = 0;
  bool level = true;  // from the first moment on
  GpioDrive drive = GpioDrive::kPushPull;
  GpioBias bias = GpioBias::kAsIs;           // while it is held
  GpioBias bias_released = GpioBias::kAsIs;  // from then on
};

// Lines that are held. When it is destroyed they are inputs with `bias_released`, and free.
class Outputs {
 public:
  virtual ~Outputs() = default;
  virtual OrErrno<void> Set(const std::vector<bool>& levels) = 0;  // one for each line, in order
};

// Lines of one chip, in one request where the interface has one: the first asks for all lines of a
// request to have one drive and one bias. Fails with EBUSY when one of them is in use, and then
// holds none.
OrErrno<std::unique_ptr<Outputs>> RequestOutputs(const std::string& path,
                                                 const std::vector<Output>& outputs);

}  // namespace lastgood::libgpiod
