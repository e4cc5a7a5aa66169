// SPDX-License-Identifier: MIT
#include "run/boards_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "report/device_reporter.h"
#include "run/board_claims.h"
#include "run/walk.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

// Links followed, so that two names of one device are the same.
std::string Resolved(const std::string& device) {
  std::error_code error;
  const fs::path path = fs::canonical(device, error);
  return error ? device : path.string();
}

Result<void> CheckDevices(const std::vector<std::string>& devices) {
  if (devices.size() > kBoardsMax)
    return Fail(ExitCode::kUsage, fmt::format("{} boards at once, at most {} are possible",
                                              devices.size(), kBoardsMax));
  for (std::size_t i = 0; i < devices.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (Resolved(devices[i]) == Resolved(devices[j]))
        return Fail(ExitCode::kUsage,
                    fmt::format("'{}' and '{}' are the same serial device", devices[j], devices[i]),
                    "give each board's device once");
  return {};
}

// What one board's thread owns. Does not move: its parts refer to each other.
struct BoardRun {
  BoardRun(const Seams& shared, Record own_record, std::mutex& reporting, std::string name,
           const RunOptions& shared_options, BoardClaims& claims)
      : device(std::move(name)),
        record(std::move(own_record)),
        reporter(shared.reporter, reporting, device),
        interrupt(&shared.interrupt),
        options(shared_options),
        seams{shared.clock,          reporter,         shared.http,
              shared.process_runner, shared.connector, record,
              shared.store,          interrupt,        shared.random,
              shared.stubs,          &claims,          shared.network,
              shared.mirrors,        shared.host,      shared.contents,
              shared.resume_command, shared.version,   shared.state_directory} {
    options.serial_device = device;
  }

  std::string device;
  Record record;
  DeviceReporter reporter;
  Interrupt interrupt;
  RunOptions options;
  Seams seams;
  std::optional<Walk> walk;
  BoardResult result;
};

using BoardRuns = std::vector<std::unique_ptr<BoardRun>>;

Result<void> StartRuns(BoardRuns& boards, const Plan& plan, const PlanSource& source) {
  for (const auto& board : boards) {
    TRY(const RunId run, StartRun(board->seams, plan, source, board->options));
    board->walk.emplace(board->seams, plan, board->options, run);
    board->result.device = board->device;
  }
  return {};
}

// The first board's run lays the groundwork; the others take it over. False: nobody has any.
bool LayOnce(BoardRuns& boards) {
  Walk& first = *boards.front()->walk;
  const Result<void> laid = first.LayGroundwork();
  for (const auto& board : boards) {
    Result<void> taken = laid;
    if (laid && board != boards.front()) taken = board->walk->TakeGroundwork(first);
    if (!taken) board->result.outcome = board->walk->GiveUp(taken.error());
  }
  return laid.has_value();
}

void Walked(BoardRun& board) {
  const TimePoint began = board.seams.clock.Now();
  if (board.result.outcome.code == ExitCode::kDone) board.result.outcome = board.walk->Forward();
  board.result.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(board.seams.clock.Now() - began);
}

// Where the system gives no more threads, the boards that have one are not abandoned.
void StartThread(BoardRun& board, std::vector<std::thread>& threads) {
  try {
    threads.emplace_back([&board] { Walked(board); });
  } catch (const std::system_error& error) {
    board.result.outcome = board.walk->GiveUp(
        {ExitCode::kInternal, std::string("cannot start a thread: ") + error.what(),
         "provision fewer boards at once"});
  }
}

}  // namespace

Result<std::vector<BoardResult>> ProvisionBoards(Seams& seams, const OpenRecord& open_record,
                                                 const Plan& plan, const PlanSource& source,
                                                 const RunOptions& options,
                                                 const std::vector<std::string>& devices) {
  TRY_DO(CheckDevices(devices));
  TRY_DO(DropUnbegun(seams.record));
  std::mutex reporting;
  BoardClaims claims;
  BoardRuns boards;
  for (const std::string& device : devices) {
    TRY(Record record, open_record());
    boards.push_back(
        std::make_unique<BoardRun>(seams, std::move(record), reporting, device, options, claims));
  }
  TRY_DO(StartRuns(boards, plan, source));
  if (source.trust) boards.front()->walk->Say(*source.trust);
  if (LayOnce(boards)) {
    std::vector<std::thread> threads;
    threads.reserve(boards.size());
    for (const auto& board : boards) StartThread(*board, threads);
    for (std::thread& thread : threads) thread.join();
  }
  std::vector<BoardResult> results;
  for (const auto& board : boards) results.push_back(board->result);
  return results;
}

ExitCode MostSerious(const std::vector<BoardResult>& results) {
  constexpr std::array kBySeverity = {
      ExitCode::kNeedsHands,     ExitCode::kInterrupted, ExitCode::kRolledBack,
      ExitCode::kInternal,       ExitCode::kBoard,       ExitCode::kNotTrusted,
      ExitCode::kCannotDownload, ExitCode::kSetupFailed, ExitCode::kRebootNeeded,
      ExitCode::kRefused,        ExitCode::kBusy};
  for (const ExitCode code : kBySeverity)
    if (std::any_of(results.begin(), results.end(),
                    [code](const BoardResult& result) { return result.outcome.code == code; }))
      return code;
  const auto failed = std::find_if(results.begin(), results.end(), [](const BoardResult& result) {
    return result.outcome.code != ExitCode::kDone;
  });
  return failed == results.end() ? ExitCode::kDone : failed->outcome.code;
}

}  // namespace lastgood
