// SPDX-License-Identifier: MIT
#include <utility>

#include "sim/console.h"

namespace lastgood::sim {
namespace {

class ConsoleChoice final : public Console {
 public:
  explicit ConsoleChoice(std::unique_ptr<Console> micropython)
      : micropython_(std::move(micropython)) {}

  Bytes Start(const FirmwareFacts& facts) override {
    const bool is_micropython = facts.family == FirmwareFacts::Family::kMicropython;
    if (!is_micropython) built_in_ = MakeConsole(facts.family);
    current_ = is_micropython ? micropython_.get() : built_in_.get();
    return current_->Start(facts);
  }
  Bytes Receive(std::uint8_t octet) override {
    return current_ != nullptr ? current_->Receive(octet) : Bytes();
  }
  Bytes Poll() override { return current_ != nullptr ? current_->Poll() : Bytes(); }
  void Stop() override {
    if (current_ != nullptr) current_->Stop();
    current_ = nullptr;
  }
  std::string Problem() const override { return micropython_->Problem(); }

 private:
  std::unique_ptr<Console> micropython_;
  std::unique_ptr<Console> built_in_;
  Console* current_ = nullptr;  // one of the two while an application runs
};

}  // namespace

std::unique_ptr<Console> ForMicropythonOnly(std::unique_ptr<Console> console) {
  return std::make_unique<ConsoleChoice>(std::move(console));
}

}  // namespace lastgood::sim
