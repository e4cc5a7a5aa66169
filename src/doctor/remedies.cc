// SPDX-License-Identifier: MIT
// The functions of raspi-config and their arguments: RPi-Distro/raspi-config (do_serial: 2 is
// "no console, UART on"; since Bookworm do_serial_hw and do_serial_cons: 0 is on, 1 is off).
#include "doctor/remedies.h"

#include <fmt/format.h>

namespace lastgood {
namespace {

std::string ConfigPath(const HostView& view) {
  if (!view.boot.path.empty()) return view.boot.path;
  return view.release.IsBullseyeOrOlder() ? "/boot/config.txt" : "/boot/firmware/config.txt";
}

}  // namespace

std::string AddToConfig(const HostView& view, std::string_view lines) {
  return fmt::format("add {} under [all] at the end of {}, then: {}", lines, ConfigPath(view),
                     kReboot);
}

std::string SwitchUartOn(const HostView& view) {
  if (!view.release.raspi_config)
    return AddToConfig(
        view, view.model.header == HeaderUart::kRp1 ? "dtparam=uart0=on" : "enable_uart=1");
  const std::string_view command =
      view.release.IsBullseyeOrOlder() ? "do_serial 2" : "do_serial_hw 0";
  return fmt::format("sudo raspi-config nonint {}; then: {}", command, kReboot);
}

std::string TakeConsoleOff(const HostView& view, std::string_view word) {
  if (view.release.raspi_config)
    return fmt::format("sudo raspi-config nonint {}; then: {}",
                       view.release.IsBullseyeOrOlder() ? "do_serial 2" : "do_serial_cons 1",
                       kReboot);
  if (view.model.IsPi() || !view.boot.directory.empty()) {
    const std::string directory =
        view.boot.directory.empty() ? "/boot/firmware" : view.boot.directory;
    return fmt::format("take {} out of {}/cmdline.txt, then: {}", word, directory, kReboot);
  }
  return fmt::format(
      "take {} out of GRUB_CMDLINE_LINUX in /etc/default/grub, then: sudo update-grub; {}", word,
      kReboot);
}

}  // namespace lastgood
