// SPDX-License-Identifier: MIT
#include "health/log_verdict.h"

#include "health/boot_watch.h"
#include "health/firmware_version.h"
#include "health/verdict.h"

namespace lastgood {

HealthVerdict JudgeLog(ByteSpan heard, std::chrono::milliseconds watched) {
  const BootLog log = ReadBootLog(heard);
  if (BootHasFailed(log) || log.looping) return VerdictOfFailedBoot(log, watched);
  if (log.prompt || log.at_ready) {
    const std::string version =
        log.at_ready ? VersionOfAt(AsText(heard)) : VersionOfBanner(log.banner);
    return VerdictOfProof(log.at_ready ? "AT firmware" : "REPL", version, std::chrono::seconds(0));
  }
  return VerdictOfNoConsole(log,
                            {.console = "console", .heard = AsText(heard), .own_words = false});
}

}  // namespace lastgood
