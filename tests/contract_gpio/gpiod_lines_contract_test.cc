// SPDX-License-Identifier: MIT
// The promises of BoardLines, kept by GPIO lines that are wired in several ways.
#include "contract/board_lines_contract.h"
#include "contract_gpio/gpio_wiring.h"

namespace lastgood::test {
namespace {

class GpioWiring : public Wiring {
 public:
  GpioWiring(const GpioLineSpec& reset, const GpioLineSpec& boot)
      : recorder_(chip_, reset, boot), lines_(Open(reset, boot, clock_)) {}
  BoardLines& Lines() override { return *lines_; }
  bool SetsLevels() const override { return true; }
  bool Released() override { return recorder_.Released(); }

 private:
  SimulatedChip chip_{"contract-chip", ContractNames()};
  PinRecorder recorder_;
  std::unique_ptr<BoardLines> lines_;
};

class ActiveLowWiring final : public GpioWiring {
 public:
  ActiveLowWiring() : GpioWiring(ResetLine(), BootLine()) {}
};
class MixedLevelsWiring final : public GpioWiring {
 public:
  MixedLevelsWiring() : GpioWiring(ResetLine(ActiveLevel::kHigh), BootLine()) {}
};
class OpenDrainWiring final : public GpioWiring {
 public:
  OpenDrainWiring() : GpioWiring(OpenDrain(ResetLine()), OpenDrain(BootLine())) {}
};
class MixedDrivesWiring final : public GpioWiring {
 public:
  MixedDrivesWiring() : GpioWiring(OpenDrain(ResetLine()), BootLine(ActiveLevel::kHigh)) {}
};
class OffsetWiring final : public GpioWiring {
 public:
  OffsetWiring()
      : GpioWiring({{}, "contract-chip", kReset}, {"CONTRACT_BOOT", "contract-chip", {}}) {}
};

class TwoChipsWiring final : public Wiring {
 public:
  TwoChipsWiring() {
    reset_chip_.Pull(kReset, true);
    boot_chip_.Pull(kBoot, true);
    lines_ = Open(ResetLine(), BootLine(), clock_);
  }
  BoardLines& Lines() override { return *lines_; }
  bool SetsLevels() const override { return true; }
  bool Released() override { return reset_chip_.Level(kReset) && boot_chip_.Level(kBoot); }

 private:
  SimulatedChip reset_chip_{"contract-reset", {{kReset, "CONTRACT_RESET"}}};
  SimulatedChip boot_chip_{"contract-boot", {{kBoot, "CONTRACT_BOOT"}}};
  std::unique_ptr<BoardLines> lines_;
};

using Wirings = testing::Types<ActiveLowWiring, MixedLevelsWiring, OpenDrainWiring,
                               MixedDrivesWiring, OffsetWiring, TwoChipsWiring>;
INSTANTIATE_TYPED_TEST_SUITE_P(Gpio, BoardLinesContract, Wirings);

}  // namespace
}  // namespace lastgood::test
