// SPDX-License-Identifier: MIT
// What the ESP32 family does from reset until the application runs, from the flash alone (protocol
// reference, 12.3 and 13.3). Texts at 115200 baud.
#pragma once

#include "base/board_identity.h"
#include "sim/boot_model.h"
#include "sim/flash_chip.h"

namespace lastgood::sim {

class FamilyBootModel {
 public:
  FamilyBootModel(const FlashChip& flash, Chip chip, std::uint32_t flash_id)
      : flash_(flash), chip_(chip), flash_id_(flash_id) {}

  BootScript FromReset(int cause, Straps straps) const;
  // The loader was left without a reset.
  BootScript FromLoader() const;

 private:
  std::string ResetText(int cause, Straps straps) const;
  BootScript LoadAndRun(std::string text) const;
  void RunApplication(BootScript& script) const;

  const FlashChip& flash_;
  Chip chip_;
  std::uint32_t flash_id_;
};

}  // namespace lastgood::sim
