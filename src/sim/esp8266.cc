// SPDX-License-Identifier: MIT
#include "sim/esp8266.h"

#include <algorithm>
#include <utility>

#include "sim/board_options.h"

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

// Where the stub loaders that exist start (protocol reference, section 6; the entry words of the
// files in Debian's esptool 4.7 and npm's esptool-js 0.7).
struct KnownStub {
  std::uint32_t entry;
  StubGeneration generation;
};
constexpr KnownStub kKnownStubs[] = {{0x4010D004, StubGeneration::kFirst},
                                     {0x4010C504, StubGeneration::kSecond}};

bool IsData(std::uint8_t opcode) {
  constexpr std::uint8_t kFlashData = 0x03;
  constexpr std::uint8_t kDeflateData = 0x11;
  return opcode == kFlashData || opcode == kDeflateData;
}

TimePoint Earliest(TimePoint a, std::optional<TimePoint> b) { return b ? std::min(a, *b) : a; }

}  // namespace

Esp8266::Esp8266(const BoardOptions& options, FlashChip& flash, std::unique_ptr<Console> console,
                 TimePoint now)
    : options_(options),
      flash_(flash),
      given_console_(std::move(console)),
      faults_(options.faults, options.seed),
      power_dice_(options.seed),
      boot_model_(flash, options.flash_id),
      registers_(flash, options.flash_id, options.mac),
      rom_(flash, registers_),
      flash_work_(flash),
      now_(now),
      phase_until_(now),
      poll_at_(now) {
  if (const auto sector = faults_.StuckSector()) flash_.WearOut(*sector);
  if (!options_.unpowered) SetPower(true);
}

// --- Time. ---

std::optional<TimePoint> Esp8266::ScriptEvent() const {
  // While the flash works for the script, the flash's event is the script's.
  if (!Playing() || phase_ == Phase::kWorking) return std::nullopt;
  return phase_until_;
}

std::optional<TimePoint> Esp8266::ArrivalEvent() const {
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

TimePoint Esp8266::NextEvent() const {
  TimePoint next = TimePoint::max();
  if (flash_work_.Busy()) next = flash_work_.CurrentDone();
  next = Earliest(next, reset_takes_effect_);
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

void Esp8266::AdvanceTo(TimePoint now) {
  for (TimePoint next = NextEvent(); next <= now; next = NextEvent()) {
    now_ = std::max(now_, next);
    HandleNextEvent();
  }
  now_ = std::max(now_, now);
  if (listener_ == Listener::kNobody) from_host_.ListenFrom(now_);
  PollConsole();
}

void Esp8266::HandleNextEvent() {
  const auto due = [this](std::optional<TimePoint> at) { return at && *at <= now_; };
  if (flash_work_.Busy() && flash_work_.CurrentDone() <= now_) {
    HandleFlashWork();
  } else if (due(reset_takes_effect_)) {
    AssertReset();
  } else if (due(resets_itself_)) {
    Stop();
    Start(kCausePowerOn);
  } else if (due(rom_starts_)) {
    rom_starts_.reset();
    Play(boot_model_.FromReset(cause_, straps_));
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

void Esp8266::HandleFlashWork() {
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

void Esp8266::HandleArrival() {
  if (listener_ == Listener::kAutoBaud) {
    const auto edge = from_host_.EdgeSinceListening(kAutoBaudEdges);
    baud_ = edge->baud;
    registers_.SetBaudRate(baud_);
    rom_.Start();
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

void Esp8266::SetPower(bool on) {
  if (on == powered_) return;
  powered_ = on;
  if (!on) {
    flash_work_.LosePower(power_dice_);
    Stop();
    reset_takes_effect_.reset();
    return;
  }
  never_started_ = true;
  in_reset_ = reset_asserted_;
  if (!in_reset_) Start(kCausePowerOn);
}

void Esp8266::SetLines(bool reset_asserted, bool boot_asserted) {
  boot_asserted_ = boot_asserted;
  if (reset_asserted == reset_asserted_) return;
  reset_asserted_ = reset_asserted;
  if (!powered_) return;
  if (reset_asserted) {
    reset_takes_effect_ = now_ + faults_.ResetHoldNeeded();
    if (*reset_takes_effect_ <= now_) AssertReset();
    return;
  }
  reset_takes_effect_.reset();
  if (!in_reset_) return;
  ++statistics_.resets_by_line;
  Start(never_started_ ? kCausePowerOn : kCauseResetPin);
}

void Esp8266::AssertReset() {
  reset_takes_effect_.reset();
  in_reset_ = true;
  Stop();
}

void Esp8266::Start(int cause) {
  in_reset_ = false;
  never_started_ = false;
  cause_ = cause;
  const bool boot_pin = boot_asserted_ && !options_.boot_line_stuck_released;
  straps_ = boot_pin ? Straps::kDownload : Straps::kFlash;
  Restart();
}

// The straps stay as they were latched: after a session with the loader, an application that
// restarts itself ends up in the loader again.
void Esp8266::Restart() {
  Stop();
  ++statistics_.boots;
  rom_starts_ = now_ + kRomStart;
}

void Esp8266::Stop() {
  to_host_.CutOff(now_);
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
  loader_ = &rom_;
  stub_.reset();
  stub_event_.reset();
  baud_changes_.reset();
  resets_itself_.reset();
  rom_starts_.reset();
  registers_.Reset();
  baud_ = kRomTextBaud;
  Listen(Listener::kNobody);
}

// --- The boot script. ---

void Esp8266::Play(BootScript script) {
  script_ = std::move(script);
  step_ = 0;
  EnterStep();
}

void Esp8266::EnterStep() {
  if (!Playing()) return;
  phase_ = Phase::kWaiting;
  phase_until_ = now_ + script_.steps[step_].delay;
}

void Esp8266::HandleScript() {
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

void Esp8266::PerformStep() {
  const BootStep& step = script_.steps[step_];
  Send(AsBytes(step.text), step.baud);
  phase_ = Phase::kSending;
  phase_until_ = step.text.empty() ? now_ : to_host_.IdleFrom();
}

void Esp8266::FinishStep() {
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

void Esp8266::StartApplication() {
  built_in_console_ = given_console_ ? nullptr : MakeConsole(script_.facts.family);
  console_ = given_console_ ? given_console_.get() : built_in_console_.get();
  baud_ = kApplicationBaud;
  registers_.SetBaudRate(baud_);
  Listen(Listener::kApplication);
  poll_at_ = now_ + kPollInterval;
  Send(console_->Start(script_.facts), kApplicationBaud);
}

// --- Octets in and out. ---

void Esp8266::Listen(Listener listener) {
  listener_ = listener;
  from_host_.ListenFrom(now_);
}

void Esp8266::Send(ByteSpan octets, std::uint32_t baud) {
  for (const std::uint8_t octet : octets) to_host_.Send(now_, octet, baud);
  statistics_.octets_to_host += octets.size();
}

void Esp8266::ApplicationReceives(std::uint8_t octet) {
  Send(console_->Receive(octet), kApplicationBaud);
}

void Esp8266::PollConsole() {
  if (console_ == nullptr) return;
  Send(console_->Poll(), kApplicationBaud);
  poll_at_ = now_ + kPollInterval;
}

// A loader works on one request at a time; meanwhile its receive buffer fills.
void Esp8266::LoaderReceives(std::uint8_t octet) {
  if (loader_input_.size() >= loader_->receive_buffer_bytes()) return;
  loader_input_.push_back(octet);
  DrainLoaderInput();
}

void Esp8266::DrainLoaderInput() {
  while (!loader_input_.empty() && !request_waits_for_flash_ && !request_done_ && !works_behind_) {
    const std::uint8_t octet = loader_input_.front();
    loader_input_.pop_front();
    if (auto work = loader_->Receive(octet)) StartRequest(*std::move(work));
  }
}

void Esp8266::StartRequest(LoaderWork work) {
  if (faults_.LoaderFallsSilent(++requests_)) {
    Listen(Listener::kNobody);
    loader_input_.clear();
    return;
  }
  statistics_.digest_octets += work.digest_octets;
  const bool resets = IsData(work.opcode) && faults_.ResetsDuringThisWrite();
  if (resets) resets_itself_ = now_ + kPageProgramTime / 2;
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

void Esp8266::AnswerRequest() {
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

void Esp8266::LeaveLoader(LoaderLeave leave) {
  loader_input_.clear();
  Listen(Listener::kNobody);
  stub_.reset();
  loader_ = &rom_;
  if (leave == LoaderLeave::kRunFlash) Play(boot_model_.FromLoader(baud_));
  // Any other code that was loaded into RAM is not simulated: the chip runs it and says nothing.
  stub_to_start_ = leave == LoaderLeave::kRunRam ? UploadedStub() : std::nullopt;
  if (stub_to_start_ && !faults_.StubStaysSilent()) stub_event_ = now_ + kStubStart;
}

std::optional<StubGeneration> Esp8266::UploadedStub() const {
  if (registers_.Read(rom_.entry()) == 0) return std::nullopt;  // nothing was put there
  for (const KnownStub& known : kKnownStubs)
    if (known.entry == rom_.entry()) return known.generation;
  return std::nullopt;
}

// It greets first; the second generation takes some time before it listens.
void Esp8266::StartStub() {
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

SimulatedBoard::Statistics Esp8266::statistics() const {
  SimulatedBoard::Statistics statistics = statistics_;
  statistics.sectors_erased = flash_work_.counters().sectors_erased;
  statistics.blocks_erased = flash_work_.counters().blocks_erased;
  statistics.pages_programmed = flash_work_.counters().pages_programmed;
  statistics.bytes_programmed = flash_work_.counters().bytes_programmed;
  statistics.running_application = console_ != nullptr;
  return statistics;
}

}  // namespace lastgood::sim
