// SPDX-License-Identifier: MIT
// set-baud-base DEVICE...: lets these UARTs run at up to 3000000 baud. An emulated UART has no limit of its own, but its driver
// takes a real one's, 115200, for granted.
#include <fcntl.h>
#include <linux/serial.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    struct serial_struct settings;
    const int device = open(argv[i], O_RDWR | O_NONBLOCK | O_NOCTTY);
    if (device < 0 || ioctl(device, TIOCGSERIAL, &settings) != 0) return perror(argv[i]), 1;
    settings.baud_base = 3000000;
    if (ioctl(device, TIOCSSERIAL, &settings) != 0) return perror(argv[i]), 1;
  }
  return 0;
}
