// SPDX-License-Identifier: MIT
// Settings put into the text of a Raspberry Pi's config.txt, and taken out of it, so that they
// count for the hosts that a section is for. Every octet of the other lines stays.
//
// Rules (raspberrypi/documentation, config_txt/ and configuration/device-tree.adoc): the last
// assignment that a host sees counts. Each overlay is loaded, so another one of the same name is
// taken for ours with other parameters. A parameter belongs to the overlay before it if that has
// one of its name; "dtoverlay=" ends that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/host_facts.h"
#include "facts/host_files.h"

namespace lastgood {

// "enable_uart=1", "dtoverlay=gpio-ir,gpio_pin=17", "dtparam=uart0=on".
struct BootSetting {
  std::string key;    // "enable_uart", "dtoverlay", "dtparam"
  std::string name;   // "gpio-ir", "uart0"; empty for a plain key
  std::string value;  // "1", "gpio_pin=17", "on"

  std::string Thing() const;  // "enable_uart", "dtoverlay=gpio-ir", "dtparam=uart0"
  std::string Text() const;   // as a line of config.txt
};
BootSetting ParseBootSetting(std::string_view key, std::string_view value);

struct BootWish {
  std::string section = "all";
  std::vector<BootSetting> set;
  std::vector<BootSetting> remove;  // without a value: whatever it is
};

// `text` of the config.txt at `path`, with the wish fulfilled: the same text when it is already.
// For `model` when it is a Raspberry Pi that sees the section, otherwise for all that do.
// kSetupFailed names the line that is in the way.
Result<std::string> FulfilBootWish(const BootWish& wish, const HostFiles& files,
                                   const HostModel& model, const std::string& path,
                                   std::string_view text);

// Names of the sections that a wish may be for.
std::vector<std::string> BootSections();

}  // namespace lastgood
