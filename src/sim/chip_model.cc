// SPDX-License-Identifier: MIT
#include "sim/chip_model.h"

#include <algorithm>
#include <utility>

#include "sim/board_options.h"
#include "sim/family_rom_loader.h"

namespace lastgood::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr unsigned kAutoBaudEdges = 30;  // "more than 29"
constexpr milliseconds kRomStart{2};
constexpr microseconds kRequestTime{100};
constexpr milliseconds kPollInterval{10};
constexpr milliseconds kStubStart{10};
constexpr milliseconds kBaudChange{10};

std::unique_ptr<Loader> MakeRom(Chip chip, const FlashChip& flash, ChipRegisters& registers) {
  if (IsEsp32Family(chip)) return std::make_unique<FamilyRomLoader>(flash, registers);
  return std::make_unique<RomLoader>(flash, registers);
}

bool IsData(std::uint8_t opcode) { return opcode == kFlashData || opcode == kDeflateData; }

TimePoint Earliest(TimePoint a, std::optional<TimePoint> b) { return b ? std::min(a, *b) : a; }

}  // namespace

ChipModel::ChipModel(const BoardOptions& options, FlashChip& flash,
                     std::unique_ptr<Console> console, TimePoint now)
    : options_(options),
      flash_(flash),
      given_console_(std::move(console)),
      faults_(options.faults, options.seed),
      power_dice_(options.seed),
      boot_model_(flash, options.flash_id),
      family_boot_(flash, options.chip, options.flash_id),
      registers_(flash, options.flash_id, options.mac, options.chip, options.security),
      rom_(MakeRom(options.chip, flash, registers_)),
      loader_(rom_.get()),
      flash_work_(flash, options.timings),
      now_(now),
      phase_until_(now),
      baud_(FactsOf(options.chip).text_baud),
      poll_at_(now),
      light_goes_out_(now) {
  if (const auto sector = faults_.StuckSector()) flash_.WearOut(*sector);
  if (!options_.unpowered) SetPower(true);
}

// --- Time. ---

std::optional<TimePoint> ChipModel::ScriptEvent() const {
  // While the flash works for the script, the flash's event is the script's.
  if (!Playing() || phase_ == Phase::kWorking) return std::nullopt;
  return phase_until_;
}

std::optional<TimePoint> ChipModel::ArrivalEvent() const {
  switch (listener_) {
    case Listener::kNobody:
      return std::nullopt;
    case Listener::kAutoBaud:
      if (const auto edge = from_host_.EdgeSinceListening(kAutoBaudEdges)) return edge->at;
      return std::nullopt;
    case Listener::kLoader:
    case Listener::kApplication:
      return from_host_.NextArrival(baud_);
  }
  return std::nullopt;
}

TimePoint ChipModel::NextEvent() const {
  TimePoint next = TimePoint::max();
  if (flash_work_.Busy()) next = flash_work_.CurrentDone();
  next = Earliest(next, reset_takes_effect_);
  next = Earliest(next, reset_ends_);
  next = Earliest(next, resets_itself_);
  next = Earliest(next, rom_starts_);
  next = Earliest(next, ScriptEvent());
  next = Earliest(next, request_done_);
  next = Earliest(next, stub_event_);
  next = Earliest(next, baud_changes_);
  next = Earliest(next, ArrivalEvent());
  if (console_ != nullptr) next = std::min(next, poll_at_);
  return next;
}

void ChipModel::AdvanceTo(TimePoint now) {
  for (TimePoint next = NextEvent(); next <= now; next = NextEvent()) {
    now_ = std::max(now_, next);
    HandleNextEvent();
  }
  now_ = std::max(now_, now);
  if (listener_ == Listener::kNobody) from_host_.ListenFrom(now_);
  PollConsole();
}

void ChipModel::HandleNextEvent() {
  const auto due = [this](std::optional<TimePoint> at) { return at && *at <= now_; };
  if (flash_work_.Busy() && flash_work_.CurrentDone() <= now_) {
    HandleFlashWork();
  } else if (due(reset_takes_effect_)) {
    AssertReset();
  } else if (due(reset_ends_)) {
    EndReset();
  } else if (due(resets_itself_)) {
    Stop();
    Start(kCausePowerOn);
  } else if (due(rom_starts_)) {
    rom_starts_.reset();
    Play(is_family() ? family_boot_.FromReset(cause_, straps_)
                     : boot_model_.FromReset(cause_, straps_));
  } else if (due(request_done_)) {
    AnswerRequest();
  } else if (due(baud_changes_)) {
    baud_changes_.reset();
    baud_ = baud_to_be_;
    registers_.SetBaudRate(baud_);
    Listen(Listener::kLoader);
  } else if (due(stub_event_)) {
    StartStub();
  } else if (due(ScriptEvent())) {
    HandleScript();
  } else if (due(ArrivalEvent())) {
    HandleArrival();
  } else {
    PollConsole();
  }
}

void ChipModel::HandleFlashWork() {
  flash_work_.FinishCurrent();
  if (flash_work_.Busy()) return;
  if (request_waits_for_flash_) {
    request_waits_for_flash_ = false;
    request_done_ = now_ + kRequestTime;
  } else if (works_behind_) {
    works_behind_ = false;
    DrainLoaderInput();
  } else if (Playing() && phase_ == Phase::kWorking) {
    PerformStep();
  }
}

void ChipModel::HandleArrival() {
  if (listener_ == Listener::kAutoBaud) {
    const auto edge = from_host_.EdgeSinceListening(kAutoBaudEdges);
    baud_ = edge->baud;
    registers_.SetBaudRate(baud_);
    rom_->Start();
    Listen(Listener::kLoader);
    return;
  }
  const auto reception = from_host_.Receive(now_, baud_);
  if (!reception) return;
  ++statistics_.octets_from_host;
  const auto octet = faults_.OnOctetFromHost(reception->octet);
  if (!octet) return;
  if (listener_ == Listener::kLoader) {
    LoaderReceives(*octet);
  } else {
    ApplicationReceives(*octet);
  }
}

// --- Power and pins. ---

void ChipModel::SetPower(bool on) {
  if (on == powered_) return;
  powered_ = on;
  if (!on) {
    flash_work_.LosePower(power_dice_);
    Stop();
    reset_takes_effect_.reset();
    reset_ends_.reset();
    return;
  }
  never_started_ = true;
  in_reset_ = reset_asserted_;
  if (!in_reset_) Start(kCausePowerOn);
}

void ChipModel::SetLines(bool reset_asserted, bool boot_asserted) {
  boot_asserted_ = boot_asserted;
  if (options_.reset_line_stuck_released) return;
  if (reset_asserted == reset_asserted_) return;
  reset_asserted_ = reset_asserted;
  if (!powered_) return;
  if (reset_asserted) {
    reset_ends_.reset();
    if (in_reset_) return;
    reset_takes_effect_ = now_ + std::max<std::chrono::milliseconds>(faults_.ResetHoldNeeded(),
                                                                     options_.reset_rise / 10);
    if (*reset_takes_effect_ <= now_) AssertReset();
    return;
  }
  reset_takes_effect_.reset();
  if (!in_reset_) return;
  reset_ends_ = now_ + options_.reset_rise;
  if (*reset_ends_ <= now_) EndReset();
}

// The pin has risen: only now are the straps looked at.
void ChipModel::EndReset() {
  reset_ends_.reset();
  ++statistics_.resets_by_line;
  Start(never_started_ ? kCausePowerOn : kCauseResetPin);
}

void ChipModel::AssertReset() {
  reset_takes_effect_.reset();
  in_reset_ = true;
  Stop();
}

void ChipModel::Start(int cause) {
  in_reset_ = false;
  never_started_ = false;
  restarted_itself_ = false;
  cause_ = cause;
  const bool boot_pin = boot_asserted_ && !options_.boot_line_stuck_released;
  straps_ = boot_pin ? Straps::kDownload : Straps::kFlash;
  Restart();
}

// The straps stay as they were latched: after a session with the loader, an application that
// restarts itself ends up in the loader again.
void ChipModel::Restart() {
  Stop();
  ++statistics_.boots;
  rom_starts_ = now_ + kRomStart;
}

void ChipModel::Stop() {
  to_host_.CutOff(now_);
  light_goes_out_ = now_;
  if (console_ != nullptr) console_->Stop();
  console_ = nullptr;
  built_in_console_.reset();
  flash_work_.Abandon();
  script_ = {};
  step_ = 0;
  loader_input_.clear();
  requests_ = 0;
  synced_ = false;
  request_waits_for_flash_ = false;
  request_done_.reset();
  works_behind_ = false;
  loader_ = rom_.get();
  stub_.reset();
  stub_event_.reset();
  baud_changes_.reset();
  resets_itself_.reset();
  rom_starts_.reset();
  registers_.Reset();
  baud_ = registers_.facts().text_baud;
  Listen(Listener::kNobody);
}

// --- The boot script. ---

void ChipModel::Play(BootScript script) {
  script_ = std::move(script);
  step_ = 0;
  EnterStep();
}

void ChipModel::EnterStep() {
  if (!Playing()) return;
  phase_ = Phase::kWaiting;
  phase_until_ = now_ + script_.steps[step_].delay;
}

void ChipModel::HandleScript() {
  BootStep& step = script_.steps[step_];
  if (phase_ == Phase::kSending) {
    FinishStep();
  } else if (step.flash.empty()) {
    PerformStep();
  } else {
    phase_ = Phase::kWorking;
    flash_work_.Start(now_, std::move(step.flash));
  }
}

void ChipModel::PerformStep() {
  const BootStep& step = script_.steps[step_];
  Send(AsBytes(step.text), step.baud);
  phase_ = Phase::kSending;
  phase_until_ = step.text.empty() ? now_ : to_host_.IdleFrom();
  if (!step.text.empty() && !is_family()) LightWhileSending();
}

void ChipModel::LightWhileSending() {
  if (light_goes_out_ <= now_) ++statistics_.light_flashes;
  light_goes_out_ = to_host_.IdleFrom();
}

void ChipModel::FinishStep() {
  switch (script_.steps[step_].then) {
    case BootStep::Then::kNext:
      break;
    case BootStep::Then::kListenForHost:
      Listen(Listener::kAutoBaud);
      break;
    case BootStep::Then::kStartApplication:
      StartApplication();
      break;
    case BootStep::Then::kRestart:
      Restart();
      return;
  }
  ++step_;
  EnterStep();
}

void ChipModel::StartApplication() {
  built_in_console_ = given_console_ ? nullptr : MakeConsole(script_.facts.family);
  console_ = given_console_ ? given_console_.get() : built_in_console_.get();
  script_.facts.main_never_returns = faults_.MainNeverReturns();
  script_.facts.raw_paste_falls_silent = faults_.RawPasteFallsSilent();
  baud_ = console_baud();
  registers_.SetBaudRate(baud_);
  Listen(Listener::kApplication);
  poll_at_ = now_ + kPollInterval;
  Send(console_->Start(script_.facts), console_baud());
  const auto restart = faults_.RestartsAfterPrompt();
  if (restart && !std::exchange(restarted_itself_, true))
    script_.steps.push_back({*restart, {}, "", kApplicationBaud, BootStep::Then::kRestart});
}

// --- Octets in and out. ---

void ChipModel::Listen(Listener listener) {
  listener_ = listener;
  from_host_.ListenFrom(now_);
}

void ChipModel::Send(ByteSpan octets, std::uint32_t baud) {
  for (const std::uint8_t octet : octets) to_host_.Send(now_, octet, baud);
  statistics_.octets_to_host += octets.size();
}

void ChipModel::ApplicationReceives(std::uint8_t octet) {
  Send(console_->Receive(octet), console_baud());
}

void ChipModel::PollConsole() {
  if (console_ == nullptr) return;
  Send(console_->Poll(), console_baud());
  poll_at_ = now_ + kPollInterval;
}

// A loader works on one request at a time; meanwhile its receive buffer fills.
void ChipModel::LoaderReceives(std::uint8_t octet) {
  if (loader_input_.size() >= loader_->receive_buffer_bytes()) return;
  loader_input_.push_back(octet);
  DrainLoaderInput();
}

void ChipModel::DrainLoaderInput() {
  while (!loader_input_.empty() && !request_waits_for_flash_ && !request_done_ && !works_behind_) {
    const std::uint8_t octet = loader_input_.front();
    loader_input_.pop_front();
    if (auto work = loader_->Receive(octet)) StartRequest(*std::move(work));
  }
}

void ChipModel::StartRequest(LoaderWork work) {
  if (faults_.LoaderFallsSilent(++requests_)) {
    Listen(Listener::kNobody);
    loader_input_.clear();
    return;
  }
  statistics_.digest_octets += work.digest_octets;
  const bool resets = IsData(work.opcode) && faults_.ResetsDuringThisWrite();
  if (resets) resets_itself_ = now_ + options_.timings.page_program / 2;
  if (work.answer_first) {
    behind_answer_ = std::move(work);
    request_done_ = now_ + kRequestTime;
    return;
  }
  request_waits_for_flash_ = !work.flash.empty();
  if (request_waits_for_flash_) {
    flash_work_.Start(now_, std::move(work.flash));
  } else {
    request_done_ = now_ + kRequestTime + work.pause;
  }
}

void ChipModel::AnswerRequest() {
  request_done_.reset();
  const LoaderAnswer answer = loader_->Finish();
  if (answer.opcode == RomLoader::kSyncOpcode && !std::exchange(synced_, true))
    Send(faults_.NoiseBeforeSync(), baud_);
  const bool lost = IsData(answer.opcode) && faults_.LosesThisAcknowledgement();
  if (!lost) Send(answer.octets, baud_);
  if (answer.baud != 0) {
    baud_to_be_ = answer.baud;
    baud_changes_ = to_host_.IdleFrom() + kBaudChange;
  }
  if (answer.leave != LoaderLeave::kStay) {
    LeaveLoader(answer.leave);
    return;
  }
  if (behind_answer_.answer_first) {
    LoaderWork work = std::exchange(behind_answer_, {});
    works_behind_ = !work.flash.empty();
    if (works_behind_) flash_work_.Start(now_ + work.pause, std::move(work.flash));
  }
  DrainLoaderInput();
}

void ChipModel::LeaveLoader(LoaderLeave leave) {
  loader_input_.clear();
  Listen(Listener::kNobody);
  stub_.reset();
  loader_ = rom_.get();
  if (leave == LoaderLeave::kRunFlash)
    Play(is_family() ? family_boot_.FromLoader() : boot_model_.FromLoader(baud_));
  // Any other code that was loaded into RAM is not simulated: the chip runs it and says nothing.
  stub_to_start_ = leave == LoaderLeave::kRunRam ? UploadedStub() : std::nullopt;
  if (stub_to_start_ && !faults_.StubStaysSilent()) stub_event_ = now_ + kStubStart;
}

std::optional<StubGeneration> ChipModel::UploadedStub() const {
  const std::uint32_t entry = rom_->entry();
  if (registers_.Read(entry / 4 * 4) == 0) return std::nullopt;  // nothing was put there
  for (const KnownStub& known : registers_.facts().stubs)
    if (known.entry == entry) return known.generation;
  return std::nullopt;
}

// It greets first; the second generation takes some time before it listens.
void ChipModel::StartStub() {
  stub_event_.reset();
  if (!stub_) {
    stub_.emplace(*stub_to_start_, flash_, registers_, baud_);
    Send(StubLoader::Greeting(), baud_);
    if (*stub_to_start_ == StubGeneration::kSecond) {
      stub_event_ = to_host_.IdleFrom() + kStubStart;
      return;
    }
  }
  loader_ = &*stub_;
  Listen(Listener::kLoader);
}

SimulatedBoard::Statistics ChipModel::statistics() const {
  SimulatedBoard::Statistics statistics = statistics_;
  statistics.sectors_erased = flash_work_.counters().sectors_erased;
  statistics.blocks_erased = flash_work_.counters().blocks_erased;
  statistics.pages_programmed = flash_work_.counters().pages_programmed;
  statistics.bytes_programmed = flash_work_.counters().bytes_programmed;
  statistics.running_application = console_ != nullptr;
  statistics.light_is_lit = now_ < light_goes_out_;
  return statistics;
}

}  // namespace lastgood::sim
