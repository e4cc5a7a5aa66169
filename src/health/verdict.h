// SPDX-License-Identifier: MIT
// From what was heard to what a person is told: verdict, one line of facts, one line of remedy.
// The transcript is the caller's to add.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "health/boot_log.h"
#include "health/firmware_words.h"
#include "health/health_verdict.h"
#include "manifest/manifest.h"

namespace lastgood {

// BootHasFailed(log) or log.looping, watched for `watched` since the reset.
HealthVerdict VerdictOfFailedBoot(const BootLog& log, std::chrono::milliseconds watched);

// The two of which it consists, for those who know which it is. `watched`: 0 when not known.
HealthVerdict VerdictOfLoop(const BootLog& log, std::chrono::milliseconds watched);
HealthVerdict VerdictOfCrash(const BootLog& log);

// It had proven itself on its console and did not stay up.
struct Relapse {
  std::string_view version;
  bool repeated = false;   // more than once
  bool came_back = false;  // its console answers again
};
HealthVerdict VerdictOfLateCrash(const BootLog& log, std::chrono::milliseconds watched,
                                 const Relapse& relapse);

// What was heard when no console could be had.
struct NoConsole {
  std::string console;     // "REPL", "AT firmware"
  std::string_view heard;  // since the first question
  bool own_words = false;  // exactly what was sent, and never anything else
};
HealthVerdict VerdictOfNoConsole(const BootLog& log, const NoConsole& facts);

HealthVerdict VerdictOfOtherFirmware(std::string_view found, std::string_view version,
                                     std::string_view expected);
HealthVerdict VerdictOfWrongVersion(std::string_view console, std::string_view version,
                                    std::string_view expected);
// It greets as firmware that no console here talks to (firmware_words.h).
HealthVerdict VerdictOfGreeting(const BootLog& log, const ProductName& found,
                                std::string_view expected);
HealthVerdict VerdictOfFailedCommand(const HealthCommand& command, std::string_view printed);
// `free`: nullopt when it could not be told; `printed` is what came instead.
HealthVerdict VerdictOfMemoryFree(std::optional<std::uint32_t> free, std::uint32_t expected,
                                  std::string_view printed);
HealthVerdict VerdictOfMissingFiles(const std::vector<std::string>& missing);
HealthVerdict VerdictOfNoFileList(std::string_view printed);
HealthVerdict VerdictOfProof(std::string_view console, std::string_view version,
                             std::chrono::seconds settle);
// Of a log alone: nobody asked, and nobody knows for how long it stays up.
HealthVerdict VerdictOfSelfReport(const BootLog& log, std::string_view console,
                                  std::string_view version);
// Of a log alone, too: it ends where the second stage has started the application.
HealthVerdict VerdictOfStart(const BootLog& log, std::string_view application);
HealthVerdict VerdictOfSettledBoot(const BootLog& log, std::chrono::seconds settle);

}  // namespace lastgood
