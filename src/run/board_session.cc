// SPDX-License-Identifier: MIT
#include "run/board_session.h"

#include <utility>

#include "run/recorded_check.h"

namespace lastgood {

Result<BoardSession> BoardSession::Open(const BoardSeams& seams, const BoardSpec& board,
                                        const std::string& serial_device, LoaderChoice loader) {
  TRY(BoardConnection connection, seams.connector.Connect(board, serial_device));
  return BoardSession(seams, board, std::move(connection), loader);
}

BoardSession::BoardSession(const BoardSeams& seams, const BoardSpec& board,
                           BoardConnection connection, LoaderChoice loader)
    : seams_(seams),
      choice_(loader),
      chip_(board.chip),
      bauds_(board.baud),
      keeps_alive_(std::move(connection.keeps_alive)),
      serial_port_(std::move(connection.serial_port)),
      lines_(std::make_unique<PatientLines>(std::move(connection.lines))),
      note_(std::move(connection.note)) {}

BoardSession::BoardSession(BoardSession&& other) noexcept
    : seams_(other.seams_),
      choice_(other.choice_),
      chip_(other.chip_),
      bauds_(std::move(other.bauds_)),
      baud_index_(other.baud_index_),
      may_be_in_loader_(std::exchange(other.may_be_in_loader_, false)),
      keeps_alive_(std::move(other.keeps_alive_)),
      serial_port_(std::move(other.serial_port_)),
      lines_(std::move(other.lines_)),
      note_(std::move(other.note_)),
      loader_(std::move(other.loader_)),
      runs_firmware_(other.runs_firmware_) {
  other.loader_.reset();
}

BoardSession::~BoardSession() {
  // Best effort on the way out: what could not be done here is found again by the next start.
  // Nobody is asked to press a button for a loader that never answered.
  if (loader_ || (may_be_in_loader_ && MovedBy() == LinesMover::kHost))
    static_cast<void>(RunFirmware());
}

Result<std::string> BoardSession::NameRunningFirmware() {
  return lastgood::NameRunningFirmware(*serial_port_, seams_.clock, seams_.interrupt);
}

Result<BootObservation> BoardSession::ObserveBoot(BoardMode mode) {
  loader_.reset();
  may_be_in_loader_ = mode == BoardMode::kDownload;
  TRY(BootObservation seen,
      lastgood::ObserveBoot(*serial_port_, *lines_, seams_.clock, seams_.interrupt, chip_, mode));
  if (seen.readable()) lines_->Learn();
  return seen;
}

Result<void> BoardSession::EnterLoader() {
  if (loader_) return {};
  runs_firmware_ = false;
  may_be_in_loader_ = true;
  for (;;) {
    Result<EspLoader> loader =
        EspLoader::Connect(*serial_port_, *lines_, seams_.clock,
                           LoaderSettings{baud(), choice_, seams_.stubs}, seams_.interrupt);
    if (loader) {
      loader_.emplace(*std::move(loader));
      chip_ = loader_->chip();
      lines_->Learn();
      return {};
    }
    // A person who was asked twice is not asked again for another rate: the loader's usual one has
    // been tried.
    const bool last = baud_index_ + 1 >= bauds_.size() || MovedBy() != LinesMover::kHost;
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

Result<std::string> BoardSession::DescribeLoader() {
  TRY_DO(EnterLoader());
  return loader_->Describe();
}

Result<std::vector<std::string>> BoardSession::Losses() {
  TRY_DO(EnterLoader());
  return loader_->Losses();
}

Result<bool> BoardSession::CanRead() {
  TRY_DO(EnterLoader());
  return loader_->can_read();
}

Result<std::optional<FlashDifference>> BoardSession::Compare(const FlashPlan& plan) {
  TRY_DO(EnterLoader());
  return loader_->Compare(plan.images);
}

Result<bool> BoardSession::CanDigest() {
  TRY_DO(EnterLoader());
  return loader_->can_digest();
}

Result<Bytes> BoardSession::Read(const FlashRange& range) {
  TRY_DO(EnterLoader());
  if (!loader_->can_read()) return Bytes();
  return loader_->Read(range.offset, range.size_bytes, {});
}

Result<FlashFindings> BoardSession::Inspect(const FlashPlan& plan) {
  TRY_DO(EnterLoader());
  FlashFindings findings;
  if (!loader_->can_read() || !HasParameterArea(plan)) return findings;
  findings.readable = true;
  TRY(const Bytes header, Read(kHeaderPlace));
  TRY(const Bytes second_image, Read(kSecondImagePlace));
  TRY(const Bytes size_word, Read(kSizeWordPlace));
  Recognise(header, second_image, size_word, findings);
  TRY(findings.init_data, Read({InitDataAddress(plan), kInitDataBytes}));
  if (const auto start = FileSystemStart(plan)) {
    TRY(findings.file_system_head, Read({*start, kFileSystemHeadBytes}));
  }
  return findings;
}

Result<FlashDump> BoardSession::Dump(const BoardIdentity& board,
                                     std::span<const KnownContent> known) {
  TRY_DO(EnterLoader());
  const FlashAccess access{
      [this](std::uint32_t offset, std::uint32_t size) { return loader_->Digest(offset, size); },
      [this](std::uint32_t offset, std::uint32_t size) { return loader_->Read(offset, size, {}); }};
  return DumpFlash(access, board.flash_size_bytes, known,
                   [this](std::uint64_t done, std::uint64_t total) {
                     seams_.reporter.Progress({"backup", done, total});
                   });
}

Result<std::vector<FlashRange>> BoardSession::Erase(const std::vector<FlashRange>& ranges) {
  std::vector<FlashRange> refused;
  if (ranges.empty()) return refused;
  TRY_DO(EnterLoader());
  for (const FlashRange& range : ranges) {
    Result<void> erased = loader_->Erase(range.offset, range.size_bytes);
    if (!erased && erased.error().code != ExitCode::kRefused)
      return Fail(std::move(erased).error());
    if (!erased) refused.push_back(range);
  }
  return refused;
}

Result<WriteSummary> BoardSession::Write(const FlashPlan& plan, bool erase_all,
                                         const BoardIdentity& board,
                                         const std::optional<FlashDifference>& known,
                                         const std::string& stage) {
  constexpr int kAttemptsPerImage = 2;
  TRY_DO(EnterLoader());
  if (erase_all && board.flash_size_bytes != 0) TRY_DO(loader_->Erase(0, board.flash_size_bytes));
  return loader_->Write(plan.images, erase_all ? std::nullopt : known, kAttemptsPerImage,
                        [this, &stage](std::uint64_t done, std::uint64_t total) {
                          seams_.reporter.Progress({stage, done, total});
                        });
}

Result<HealthVerdict> BoardSession::Check(const HealthSpec& health) {
  loader_.reset();
  const std::uint32_t seed = seams_.random();
  Note({.kind = WireEventKind::kCheck,
        .text = FormatRecordedCheck({health, seed, chip_, lines_->MovedBy()})});
  Result<HealthVerdict> verdict =
      CheckHealth(*serial_port_, *lines_, seams_.clock, health, seed, seams_.interrupt, chip_);
  if (verdict) Note({.kind = WireEventKind::kVerdict, .text = VerdictName(*verdict)});
  runs_firmware_ = verdict.has_value();
  if (verdict) may_be_in_loader_ = false;
  return verdict;
}

Result<void> BoardSession::RunFirmware() {
  loader_.reset();
  if (runs_firmware_ && MovedBy() != LinesMover::kHost) return {};
  may_be_in_loader_ = false;
  return lines_->Reset(BoardMode::kRun, 0);
}

}  // namespace lastgood
