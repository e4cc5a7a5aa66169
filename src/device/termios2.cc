// SPDX-License-Identifier: MIT
#include "device/termios2.h"

#include <asm/termbits.h>
#include <sys/ioctl.h>

namespace lastgood {
namespace {

void PutRate(termios2& settings, std::uint32_t baud) {
  settings.c_cflag &= ~static_cast<tcflag_t>(CBAUD | CIBAUD);
  settings.c_cflag |= BOTHER | (BOTHER << IBSHIFT);
  settings.c_ispeed = baud;
  settings.c_ospeed = baud;
}

}  // namespace

bool SetRawMode(int descriptor, std::uint32_t baud) {
  termios2 settings{};
  if (ioctl(descriptor, TCGETS2, &settings) != 0) return false;
  settings.c_iflag = 0;
  settings.c_oflag = 0;
  settings.c_lflag = 0;
  settings.c_cflag = CS8 | CREAD | CLOCAL;  // hence no CRTSCTS, no HUPCL, one stop bit, no parity
  // With VMIN = 0 a read without data would return 0, which is also what a hung-up device returns.
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  PutRate(settings, baud);
  return ioctl(descriptor, TCSETS2, &settings) == 0;
}

bool SetRate(int descriptor, std::uint32_t baud) {
  termios2 settings{};
  if (ioctl(descriptor, TCGETS2, &settings) != 0) return false;
  PutRate(settings, baud);
  return ioctl(descriptor, TCSETS2, &settings) == 0;
}

std::optional<std::uint32_t> GetRate(int descriptor) {
  termios2 settings{};
  if (ioctl(descriptor, TCGETS2, &settings) != 0) return std::nullopt;
  return settings.c_ospeed;
}

}  // namespace lastgood
