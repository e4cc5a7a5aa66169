// SPDX-License-Identifier: MIT
#include "run/board_session.h"

#include <utility>

namespace lastgood {

Result<BoardSession> BoardSession::Open(Seams& seams, const BoardSpec& board,
                                        const std::string& serial_device) {
  TRY(BoardConnection connection, seams.connector.Connect(board, serial_device));
  return BoardSession(seams, board, std::move(connection));
}

BoardSession::BoardSession(Seams& seams, const BoardSpec& board, BoardConnection connection)
    : seams_(&seams), bauds_(board.baud), connection_(std::move(connection)) {}

BoardSession::BoardSession(BoardSession&& other) noexcept
    : seams_(other.seams_),
      bauds_(std::move(other.bauds_)),
      baud_index_(other.baud_index_),
      connection_(std::move(other.connection_)),
      loader_(std::move(other.loader_)) {
  other.loader_.reset();
}

BoardSession::~BoardSession() {
  // Best effort on the way out: what could not be done here is found again by the next start.
  if (loader_) static_cast<void>(RunFirmware());
}

Result<std::string> BoardSession::NameRunningFirmware() {
  return lastgood::NameRunningFirmware(*connection_.serial_port, seams_->clock, seams_->interrupt);
}

Result<void> BoardSession::EnterLoader() {
  if (loader_) return {};
  for (;;) {
    Result<EspLoader> loader = EspLoader::Connect(
        *connection_.serial_port, *connection_.lines, seams_->clock,
        LoaderSettings{baud(), LoaderChoice::kAuto, seams_->stubs}, seams_->interrupt);
    if (loader) {
      loader_.emplace(*std::move(loader));
      return {};
    }
    const bool last = baud_index_ + 1 >= bauds_.size();
    if (last || loader.error().code != ExitCode::kBoard) return Fail(std::move(loader).error());
    StepDown();
  }
}

Result<BoardIdentity> BoardSession::Identify() {
  TRY_DO(EnterLoader());
  return loader_->Identify();
}

void BoardSession::StepDown() {
  if (baud_index_ + 1 < bauds_.size()) ++baud_index_;
  loader_.reset();  // the ROM measures the rate once a session
}

Result<WriteSummary> BoardSession::Write(const FlashPlan& plan, bool erase_all,
                                         const BoardIdentity& board, const std::string& stage) {
  constexpr int kAttemptsPerImage = 2;
  TRY_DO(EnterLoader());
  if (erase_all && board.flash_size_bytes != 0) TRY_DO(loader_->Erase(0, board.flash_size_bytes));
  return loader_->Write(plan.images, std::nullopt, kAttemptsPerImage,
                        [this, &stage](std::uint64_t done, std::uint64_t total) {
                          seams_->reporter.Progress({stage, done, total});
                        });
}

Result<HealthVerdict> BoardSession::Check(const HealthSpec& health) {
  loader_.reset();
  return CheckHealth(*connection_.serial_port, *connection_.lines, seams_->clock, health,
                     seams_->random(), seams_->interrupt);
}

Result<void> BoardSession::RunFirmware() {
  loader_.reset();
  return connection_.lines->Reset(BoardMode::kRun, 0);
}

}  // namespace lastgood
