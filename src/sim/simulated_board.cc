// SPDX-License-Identifier: MIT
#include "sim/simulated_board.h"

#include <utility>

#include "sim/board_options.h"
#include "sim/host_side.h"

namespace lastgood::sim {

struct SimulatedBoard::Model : HostSide {
  using HostSide::HostSide;
};

Result<std::unique_ptr<SimulatedBoard>> SimulatedBoard::Make(const BoardOptions& options,
                                                             Clock& clock,
                                                             std::unique_ptr<Console> console) {
  const std::uint32_t default_flash_id = BoardOptions().flash_id;
  BoardOptions used = options;
  if (used.flash_id == default_flash_id) used.flash_id = FlashIdFor(used.flash_size_bytes);
  TRY(auto flash, FlashChip::Open(used.flash_file, used.flash_size_bytes));
  return std::unique_ptr<SimulatedBoard>(new SimulatedBoard(
      std::make_unique<Model>(used, clock, std::move(flash), std::move(console))));
}

SimulatedBoard::SimulatedBoard(std::unique_ptr<Model> model) : model_(std::move(model)) {}
SimulatedBoard::~SimulatedBoard() = default;

std::unique_ptr<SerialPort> SimulatedBoard::OpenSerialPort() {
  return MakeSimulatedSerialPort(*model_);
}

std::unique_ptr<BoardLines> SimulatedBoard::OpenLines() { return MakeSimulatedLines(*model_); }

void SimulatedBoard::SetLines(bool reset_asserted, bool boot_asserted) {
  model_->Advance();
  model_->chip().SetLines(reset_asserted, boot_asserted);
}

void SimulatedBoard::HostSends(ByteSpan octets, std::uint32_t host_baud) {
  model_->Send(octets, host_baud);
}

Bytes SimulatedBoard::HostReceives(std::uint32_t host_baud) {
  if (host_baud != model_->baud()) model_->SetBaudRate(host_baud);
  model_->Advance();
  return std::exchange(model_->received(), {});
}

TimePoint SimulatedBoard::NextEvent() const { return model_->NextEvent(); }

void SimulatedBoard::SetPower(bool on) {
  model_->Advance();
  model_->chip().SetPower(on);
}

ByteSpan SimulatedBoard::flash() const {
  model_->Advance();
  return model_->flash().content();
}

void SimulatedBoard::WriteFlash(std::uint32_t offset, ByteSpan data) {
  model_->Advance();
  model_->flash().Overwrite(offset, data);
}

SimulatedBoard::Statistics SimulatedBoard::statistics() const {
  model_->Advance();
  return model_->chip().statistics();
}

}  // namespace lastgood::sim
