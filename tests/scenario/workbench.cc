// SPDX-License-Identifier: MIT
#include "scenario/workbench.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "device/no_lines.h"
#include "digest/digest.h"
#include "health/health_check.h"
#include "manifest/manifest.h"
#include "plan/plan.h"
#include "recipe/recipe.h"
#include "record/record.h"
#include "run/rollback_plan.h"
#include "verify/artifact_store.h"

namespace lastgood::test {
namespace {

constexpr std::uint32_t kNonceSeed = 20170108;

std::string FirmwareTables(const std::filesystem::path& directory, const Firmware& firmware,
                           const std::string& prefix) {
  const std::filesystem::path file = directory / firmware.file;
  const Bytes bytes = ReadAll(file);
  return fmt::format(
      "name = \"{}\"\nversion = \"{}\"\nchip = \"esp8266\"\n[[{}.part]]\noffset = 0x0\nurls = "
      "[\"file://{}\"]\nsha256 = "
      "\"{}\"\nsize = {}\n[{}.flash]\n{}\n[{}.health]\nkind = \"{}\"\nversion = \"{}\"\nsettle_s = "
      "5\n",
      firmware.name, firmware.version, prefix, file.string(), Sha256(bytes).ToHex(), bytes.size(),
      prefix, firmware.flash, prefix, firmware.health,
      firmware.health == "micropython" ? firmware.version : "");
}

RunOutcome OutcomeOf(const Result<RunOutcome>& outcome) {
  if (outcome) return *outcome;
  RunOutcome refused;
  refused.code = outcome.error().code;
  refused.text = outcome.error().message;
  refused.hint = outcome.error().hint;
  return refused;
}

// The board's end of the wires, until its TX is cut.
class CuttableSerialPort final : public SerialPort {
 public:
  CuttableSerialPort(std::unique_ptr<SerialPort> wire, const bool& cut)
      : wire_(std::move(wire)), cut_(cut) {}

  Result<std::size_t> Read(std::span<std::uint8_t> buffer,
                           std::chrono::milliseconds timeout) override {
    TRY(const std::size_t count, wire_->Read(buffer, timeout));
    return cut_ ? 0 : count;
  }
  Result<void> Write(ByteSpan data) override { return wire_->Write(data); }
  Result<void> Drain() override { return wire_->Drain(); }
  Result<void> SetBaudRate(std::uint32_t baud) override { return wire_->SetBaudRate(baud); }
  Result<void> DiscardInput() override { return wire_->DiscardInput(); }
  std::string Name() const override { return wire_->Name(); }

 private:
  std::unique_ptr<SerialPort> wire_;
  const bool& cut_;
};

}  // namespace

std::string ListeningReporter::LastOf(const std::string& stage) const {
  const auto last = std::find_if(stages.rbegin(), stages.rend(), [&stage](const StageEvent& event) {
    return event.stage == stage;
  });
  return last == stages.rend() ? "" : last->text;
}

Workbench::Workbench(sim::BoardOptions options) : options_(std::move(options)) {
  options_.flash_file = directory / "board.flash";
  ReloadBoard();
}

void Workbench::ReloadBoard() {
  board.reset();
  auto made = sim::SimulatedBoard::Make(options_, clock);
  EXPECT_TRUE(made) << made.error().message;
  board = *std::move(made);
}

void Workbench::Swap(const MacAddress& mac, std::uint32_t flash_size_bytes) {
  options_.mac = mac;
  options_.flash_size_bytes = flash_size_bytes;
  options_.flash_file = directory / (mac.ToString() + ".flash");
  ReloadBoard();
}

void Workbench::WithoutFaults() {
  options_.faults.clear();
  ReloadBoard();
}

void Workbench::Break(bool sim::BoardOptions::*wire) {
  options_.*wire = true;
  ReloadBoard();
}

Firmware Workbench::Make(sim::ImageRequest::Kind kind, const std::string& version,
                         std::uint32_t seed) {
  sim::ImageRequest request;
  request.kind = kind;
  request.version = version;
  request.seed = seed;
  const Bytes image = sim::MakeImage(request);
  Firmware firmware;
  firmware.version = version;
  firmware.file = fmt::format("{}-{}-{}.bin", static_cast<int>(kind), version, seed);
  if (kind == sim::ImageRequest::Kind::kAt) {
    firmware.name = "at";
    firmware.health = "at";
    firmware.flash = "size = \"keep\"";
  }
  WriteText(directory / firmware.file, AsText(image));
  return firmware;
}

// The simulated board knows a stub by where it starts; the code itself is not run.
void Workbench::InstallStub(int generation) {
  const bool first = generation == 1;
  const std::string text = "AAECAwQFBgcICQoLDA0ODw==";  // 16 octets
  std::filesystem::create_directories(directory / "stubs");
  WriteText(
      directory / "stubs/esp8266.json",
      fmt::format(
          R"({{"entry": {}, "text_start": {}, "text": "{}", "data_start": {}, "data": "{}"}})",
          first ? 0x4010D004 : 0x4010C504, first ? 0x4010D000 : 0x4010C500, text,
          first ? 0x3FFFACA8 : 0x3FFFAE6C, text));
  stubs_.emplace(std::vector<std::filesystem::path>{directory / "stubs"});
}

std::string Workbench::ManifestText(const Firmware& firmware,
                                    const std::vector<Firmware>& fallbacks) const {
  std::string text = "schema = 1\nname = \"test\"\nrecipe = \"bench\"\n[firmware]\n" +
                     FirmwareTables(directory.path(), firmware, "firmware");
  for (const Firmware& fallback : fallbacks) {
    text += "[[fallback]]\n" + FirmwareTables(directory.path(), fallback, "fallback");
  }
  return text;
}

Recipe Workbench::MakeRecipe() const {
  const std::string text =
      "schema = 1\nname = \"bench\"\ntitle = \"a bench\"\n[board]\nchip = \"esp8266\"\nserial = "
      "[\"sim:\"]\n"
      "baud = [460800, 115200]\n[board.lines]\nkind = \"none\"\n" +
      steps;
  auto recipe = ParseRecipe(text, "bench.toml");
  EXPECT_TRUE(recipe) << recipe.error().message;
  return *std::move(recipe);
}

Result<BoardConnection> Workbench::Connect(const BoardSpec&, const std::string&) {
  ++connects;
  if (by_hand)
    return BoardConnection{nullptr, board->OpenSerialPort(),
                           std::make_unique<NoLines>(person, "the board")};
  return BoardConnection{nullptr,
                         std::make_unique<CuttableSerialPort>(board->OpenSerialPort(), deaf),
                         board->OpenLines()};
}

Result<RunOutcome> Workbench::With(const std::function<Result<RunOutcome>(Seams&)>& action) {
  TRY(const ArtifactStore store, ArtifactStore::Open(directory / "state"));
  std::string notice;
  TRY(Record record, Record::Open(directory / "state", clock, notice));
  Seams seams{clock,  reporter, http_,     process_runner_,          *this,
              record, store,    interrupt, [] { return kNonceSeed; }};
  if (stubs_) seams.stubs = &*stubs_;
  SetupHost host = OpenSetupHost("/", process_runner_, "", "");
  host.boot_id = boot_id;
  host.is_running = false;
  const ContentStore contents(directory / "state/undo");
  seams.host = &host;
  seams.contents = &contents;
  return action(seams);
}

RunOutcome Workbench::ProvisionText(const std::string& text, RunOptions options) {
  auto outcome = With([&](Seams& seams) -> Result<RunOutcome> {
    TRY(Manifest manifest, ParseManifest(text, "test.toml"));
    TRY(const Plan plan, MakePlan(std::move(manifest), MakeRecipe()));
    return lastgood::Provision(seams, plan, {"provision", "test.toml", "bench.toml"}, options);
  });
  EXPECT_TRUE(outcome) << outcome.error().message;
  return outcome ? *outcome : RunOutcome{};
}

RunOutcome Workbench::Provision(const Firmware& firmware, const std::vector<Firmware>& fallbacks,
                                RunOptions options) {
  return ProvisionText(ManifestText(firmware, fallbacks), std::move(options));
}

RunOutcome Workbench::RollBack(const std::string& version) {
  const auto outcome = With([&version](Seams& seams) -> Result<RunOutcome> {
    TRY(const RollbackPlan rollback, PlanRollback(seams.record, "", version));
    RunOptions options;
    options.no_fallback = true;
    options.retry = true;
    return lastgood::Provision(seams, rollback.plan, rollback.source, options);
  });
  return OutcomeOf(outcome);
}

RunOutcome Workbench::UndoHost(const UndoRequest& request) {
  return OutcomeOf(With([&](Seams& seams) { return lastgood::UndoHost(seams, request); }));
}

std::optional<RunOutcome> Workbench::Resume() {
  std::optional<RunOutcome> resumed;
  auto outcome = With([&](Seams& seams) -> Result<RunOutcome> {
    TRY(resumed, ResumeRuns(seams));
    return RunOutcome{};
  });
  EXPECT_TRUE(outcome) << outcome.error().message;
  return resumed;
}

std::optional<RunOutcome> Workbench::FinishUnproven() {
  std::optional<RunOutcome> finished;
  auto outcome = With([&](Seams& seams) -> Result<RunOutcome> {
    TRY(finished, lastgood::FinishUnproven(seams));
    return RunOutcome{};
  });
  EXPECT_TRUE(outcome) << outcome.error().message;
  return finished;
}

BoardExamination Workbench::Examine(LoaderChoice loader) {
  const ArtifactStore store = ArtifactStore::OpenReadOnly(directory / "state");
  const auto record = Record::OpenReadOnly(directory / "state", clock);
  EXPECT_TRUE(record) << record.error().message;
  ExaminationSeams seams{BoardSeams{clock, reporter, *this, interrupt, [] { return kNonceSeed; },
                                    stubs_ ? &*stubs_ : nullptr},
                         *record, store};
  RunOptions options;
  options.loader = loader;
  auto found = ExamineBoard(seams, MakeRecipe().board, options);
  EXPECT_TRUE(found) << found.error().message;
  return found ? *std::move(found) : BoardExamination{};
}

std::string Workbench::BoardHealth() {
  const auto serial_port = board->OpenSerialPort();
  const auto lines = board->OpenLines();
  const Interrupt none;
  std::string text;
  for (const HealthKind kind : {HealthKind::kMicropython, HealthKind::kAt}) {
    HealthSpec spec;
    spec.kind = kind;
    const auto verdict = CheckHealth(*serial_port, *lines, clock, spec, kNonceSeed, none);
    EXPECT_TRUE(verdict) << verdict.error().message;
    if (!verdict) return "unreachable";
    if (verdict->good()) return "healthy " + verdict->version;
    if (text.empty()) text = HealthName(verdict->health);
  }
  return text;
}

std::string Workbench::Running() {
  std::string running;
  const auto outcome = With([&](Seams& seams) -> Result<RunOutcome> {
    TRY(const auto boards, seams.record.Boards());
    if (!boards.empty()) running = boards.front().running;
    return RunOutcome{};
  });
  EXPECT_TRUE(outcome);
  return running;
}

std::vector<std::string> Workbench::KnownGoodTitles() {
  std::vector<std::string> titles;
  const auto outcome = With([&](Seams& seams) -> Result<RunOutcome> {
    TRY(const auto boards, seams.record.Boards());
    if (boards.empty()) return RunOutcome{};
    for (const KnownGood& good : boards.front().known_good) {
      TRY(const FirmwareSpec firmware, ParseFirmware(good.firmware_toml));
      titles.push_back(firmware.Title());
    }
    return RunOutcome{};
  });
  EXPECT_TRUE(outcome);
  return titles;
}

std::vector<std::string> Workbench::Quarantined() {
  std::vector<std::string> all;
  const auto outcome = With([&](Seams& seams) -> Result<RunOutcome> {
    TRY(const auto quarantines, seams.record.Quarantines());
    for (const Quarantine& quarantine : quarantines)
      all.push_back(fmt::format("{} in run {}", quarantine.mac.ToString(), quarantine.run));
    return RunOutcome{};
  });
  EXPECT_TRUE(outcome);
  return all;
}

std::vector<std::string> Workbench::BackupTitles() {
  std::vector<std::string> titles;
  const auto outcome = With([&](Seams& seams) -> Result<RunOutcome> {
    TRY(const auto boards, seams.record.Boards());
    if (boards.empty()) return RunOutcome{};
    for (const BoardBackup& backup : boards.front().backups) {
      TRY(const FirmwareSpec firmware, ParseFirmware(backup.firmware_toml));
      titles.push_back(firmware.Title());
    }
    return RunOutcome{};
  });
  EXPECT_TRUE(outcome);
  return titles;
}

bool Workbench::FlashEquals(const Firmware& firmware) const {
  const Bytes image = ReadAll(directory / firmware.file);
  const ByteSpan flash = board->flash();
  return std::equal(image.begin() + 4, image.end(), flash.begin() + 4);
}

}  // namespace lastgood::test
