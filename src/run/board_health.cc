// SPDX-License-Identifier: MIT
#include "run/board_health.h"

#include <utility>

#include "health/boot_log.h"
#include "run/board_session.h"

namespace lastgood {
namespace {

HealthSpec Any(HealthKind kind) {
  HealthSpec spec;
  spec.kind = kind;
  return spec;
}

// What to look for when no MicroPython answered; nullopt: the verdict stands.
std::optional<HealthKind> NextKind(const HealthVerdict& verdict) {
  if (verdict.health == Health::kOtherFirmware && verdict.firmware.starts_with("AT"))
    return HealthKind::kAt;
  const bool no_console =
      verdict.health == Health::kBusyProgram || verdict.health == Health::kSilent;
  if (no_console && !ReadBootLog(verdict.transcript).attempts.empty()) return HealthKind::kBootLog;
  return std::nullopt;
}

Result<HealthVerdict> CheckAny(BoardSession& session) {
  TRY(HealthVerdict verdict, session.Check(Any(HealthKind::kMicropython)));
  if (const auto next = NextKind(verdict)) return session.Check(Any(*next));
  return verdict;
}

}  // namespace

Result<BoardHealth> CheckBoardHealth(const BoardSeams& seams, const BoardSpec& board,
                                     const std::string& serial_device,
                                     const std::optional<HealthSpec>& health) {
  TRY(BoardSession session, BoardSession::Open(seams, board, serial_device, LoaderChoice::kAuto));
  TRY(HealthVerdict verdict, health ? session.Check(*health) : CheckAny(session));
  return BoardHealth{session.device(), std::move(verdict)};
}

}  // namespace lastgood
