// SPDX-License-Identifier: MIT
// The Raspberry Pi's config.txt as its firmware reads it: sections of other models left out, files
// that are included put in (raspberrypi/documentation, config_txt/).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "facts/host_facts.h"
#include "facts/host_files.h"

namespace lastgood {

// "dtoverlay=gpio-ir,gpio_pin=17" in line 12.
struct BootOverlay {
  std::string name;
  std::vector<std::string> parameters;  // "gpio_pin=17"
  std::string place;                    // "/boot/config.txt:12"
  std::string section;  // "[pi4]" that keeps it from this model; empty when it holds
};

struct BootValue {
  std::string value;
  std::string place;
};

struct BootConfig {
  std::string directory;  // "/boot/firmware"; empty when there is none
  std::string path;       // of config.txt
  HostFiles::State state = HostFiles::State::kMissing;
  std::map<std::string, BootValue> values;      // "enable_uart"; the last one counts
  std::map<std::string, BootValue> parameters;  // dtparam: "uart0" → "on"
  std::vector<BootOverlay> overlays;            // those that hold
  std::vector<BootOverlay> elsewhere;           // those in sections of other models
  std::vector<std::string> troubles;  // what was not understood: "/boot/config.txt:3: include …"

  // The first of these overlays that holds; nullptr when none does.
  const BootOverlay* Find(const std::vector<std::string_view>& names) const;
  const BootOverlay* FindElsewhere(const std::vector<std::string_view>& names) const;
  // Of a dtparam that is a switch: "on", "true", "yes", "1", or nothing.
  bool IsOn(const std::string& parameter) const;
};

// /boot/firmware since Bookworm, /boot before.
BootConfig ReadBootConfig(const HostFiles& files, const HostModel& model);

}  // namespace lastgood
