// SPDX-License-Identifier: MIT
// Any octets as what a board says: read, judged and compared, whatever they are.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "health/boot_comparison.h"
#include "health/log_verdict.h"
#include "health/pasted_line.h"

namespace {

using namespace lastgood;

void Require(bool what) {
  if (!what) std::abort();
}

void CheckAttempt(const BootAttempt& attempt) {
  Require(attempt.segments.size() <= 16 && attempt.evidence.size() <= 8);
  Require(attempt.second_stage.partitions.size() <= 32 && attempt.second_stage.errors.size() <= 8);
  Require(attempt.reset_cause >= -1 && attempt.reset_cause <= 0xff);
  if (!attempt.crash) return;
  Require(attempt.crash->registers.size() <= 64 && attempt.crash->backtrace.size() <= 256);
  DescribeCrash(*attempt.crash);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan heard(data, size);
  const BootLog log = ReadBootLog(heard);
  CheckAttempt(log.before);
  for (const BootAttempt& attempt : log.attempts) CheckAttempt(attempt);
  Require(log.evidence.size() <= 8 && log.starts <= log.attempts.size());
  Require((log.fault == BootFault::kNone) == (BootFaultName(log.fault) == "none"));

  const HealthVerdict verdict = JudgeLog(heard, std::chrono::milliseconds(1000));
  Require(verdict.remedy.empty() == verdict.good() && !verdict.summary.empty());
  Require(verdict.evidence.size() <= 8 && !VerdictName(verdict).empty());
  // A firmware whose last words are a crash's is not healthy.
  std::string crashed(AsText(heard));
  crashed += "\n\nFatal exception (28):\nepc1=0x40201234, epc2=0x00000000\n";
  Require(!JudgeLog(AsBytes(crashed), std::chrono::milliseconds(0)).good());

  const BootComparison comparison = CompareBoot(log, {{{0x40100000, 1000}}, 0x17});
  const bool differs =
      comparison.match == BootMatch::kOtherImage || comparison.match == BootMatch::kReadsWrongly;
  Require(comparison.text.empty() != differs);
  Require(OwnWords(AsText(heard)).size() <= size);
  return 0;
}
