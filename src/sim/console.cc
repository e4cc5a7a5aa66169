// SPDX-License-Identifier: MIT
#include "sim/console.h"

#include "sim/at_console.h"
#include "sim/micropython_console.h"

namespace lastgood::sim {
namespace {

class SilentConsole final : public Console {
 public:
  Bytes Start(const FirmwareFacts&) override { return {}; }
  Bytes Receive(std::uint8_t) override { return {}; }
};

}  // namespace

std::unique_ptr<Console> MakeConsole(FirmwareFacts::Family family) {
  switch (family) {
    case FirmwareFacts::Family::kMicropython:
    case FirmwareFacts::Family::kCircuitpython:
      return std::make_unique<MicropythonConsole>();
    case FirmwareFacts::Family::kAt:
      return std::make_unique<AtConsole>();
    case FirmwareFacts::Family::kOther:
      break;
  }
  return std::make_unique<SilentConsole>();
}

}  // namespace lastgood::sim
