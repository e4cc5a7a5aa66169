// SPDX-License-Identifier: MIT
// What a run leaves for who must find out from afar why a board failed: values, in the order in
// which they came about. Nothing here decides anything, and nothing of it is needed to go on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/flash_range.h"
#include "capture/wire_event.h"
#include "host/clock.h"
#include "report/reporter.h"

namespace lastgood {

// A process took the run up: the first of all, or one that resumed it. Offsets count from here.
struct BeginEvidence {
  std::string lastgood;      // version
  std::string host;          // "Raspberry Pi 4 Model B Rev 1.4"; empty when unknown
  std::string release;       // "Debian GNU/Linux 12 (bookworm)"
  std::string architecture;  // "arm64"
  bool resumed = false;

  bool operator==(const BeginEvidence&) const = default;
};

struct StageEvidence {
  std::string stage;
  StageOutcome outcome = StageOutcome::kOk;
  std::string text;
  std::vector<std::string> details;
  std::chrono::milliseconds began{0};  // as the item's offset, which is when it ended

  bool operator==(const StageEvidence&) const = default;
};

struct StateEvidence {
  std::string state;
  std::string detail;

  bool operator==(const StateEvidence&) const = default;
};

struct KeptWireEvent {
  WireEvent event;         // `at` counts as the item's offset does
  std::uint64_t more = 0;  // octets of the same read or write that were left out behind these
  std::uint64_t gap = 0;   // octets of whole reads and writes that were left out before it
  bool operator==(const KeptWireEvent&) const = default;
};

// The wires since the item of this kind before.
struct WireEvidence {
  std::vector<KeptWireEvent> events;
  std::uint64_t heard_bytes = 0;  // kept or not
  std::uint64_t sent_bytes = 0;

  bool operator==(const WireEvidence&) const = default;
};

// A question asked of the network.
struct ProbeEvidence {
  std::string subject;  // "target", "mirror", "known answer", …
  std::string url;
  std::string via;      // "", "IPv4", a proxy
  std::string outcome;  // "answers", "page", "status 404", "no answer"
  std::string text;
  std::string hint;

  bool operator==(const ProbeEvidence&) const = default;
};

// What was done to the flash. Whole sectors.
struct FlashEvidence {
  std::string stage;
  std::uint32_t flash_size_bytes = 0;  // 0 when unknown
  std::vector<FlashRange> same;        // compared, and as they should be
  std::vector<FlashRange> erased;
  std::vector<FlashRange> written;
  std::vector<FlashRange> in_doubt;  // begun, and nobody knows how far it came

  bool operator==(const FlashEvidence&) const = default;
};

// On a firmware that was asked.
struct VerdictEvidence {
  std::string stage;
  std::string firmware;  // that was to prove itself
  std::string name;      // "boot-loop(init data missing)"
  bool good = false;
  std::string cause;
  std::string summary;
  std::string remedy;
  std::vector<std::string> notes;
  std::vector<std::string> lines;  // of the boot log or console

  bool operator==(const VerdictEvidence&) const = default;
};

struct DownloadEvidence {
  std::string title;
  std::uint64_t artifacts = 0;       // that were missing
  std::uint64_t bytes_received = 0;  // over the network, this time
  std::vector<std::string> rejected;
  std::string error;

  bool operator==(const DownloadEvidence&) const = default;
};

// What a person was told to do next.
struct HintEvidence {
  std::string text;

  bool operator==(const HintEvidence&) const = default;
};

struct TextEvidence {
  std::string title;
  std::string text;

  bool operator==(const TextEvidence&) const = default;
};

using EvidenceContent =
    std::variant<BeginEvidence, StageEvidence, StateEvidence, WireEvidence, ProbeEvidence,
                 FlashEvidence, VerdictEvidence, DownloadEvidence, HintEvidence, TextEvidence>;

struct EvidenceItem {
  WallTime at{};                        // by the host's clock, which may jump
  std::chrono::milliseconds offset{0};  // since the last BeginEvidence, on the monotonic clock
  EvidenceContent content;

  bool operator==(const EvidenceItem&) const = default;
};

// "begin", "stage", "state", "wire", "probe", "flash", "verdict", "download", "hint", "text"
std::string_view KindName(const EvidenceContent& content);

}  // namespace lastgood
