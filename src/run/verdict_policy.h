// SPDX-License-Identifier: MIT
// What follows for a firmware from its verdict on one board: whether it is tried there again
// unattended. Neither gullible (what fails every night is not written every night) nor nervous
// (wires, supply and flash chips are no firmware's fault).
#pragma once

#include <array>
#include <string_view>

#include "health/health_verdict.h"

namespace lastgood {

enum class Blame {
  kFirmware,     // it was heard failing: nothing but the firmware can have said that
  kIfProvenOut,  // only when a fallback answers over the same wires afterwards
  kNotFirmware,  // wires, pins, supply: a person has to look, the firmware may be as good as any
};

struct BlameRow {
  Health health;
  Blame blame;
  std::string_view why;
};

inline constexpr std::array kBlameTable = {
    BlameRow{Health::kHealthy, Blame::kNotFirmware, "it works"},
    BlameRow{Health::kWrongVersion, Blame::kFirmware, "its console said so itself"},
    BlameRow{Health::kBootLoop, Blame::kFirmware,
             "the board was heard starting it again and again"},
    BlameRow{Health::kCrash, Blame::kFirmware, "the board was heard when it ended"},
    BlameRow{Health::kSilent, Blame::kIfProvenOut,
             "a cut wire is as silent as a firmware that says nothing"},
    BlameRow{Health::kGarbage, Blame::kNotFirmware,
             "a rate, a missing ground or a second program on the line"},
    BlameRow{Health::kDownloadMode, Blame::kNotFirmware,
             "the boot pin is held low: the firmware never ran"},
    BlameRow{Health::kBusyProgram, Blame::kIfProvenOut,
             "a board that can not hear this host is as deaf as a busy one"},
    BlameRow{Health::kOtherFirmware, Blame::kFirmware, "its console said so itself"},
    BlameRow{Health::kCheckFailed, Blame::kFirmware, "the manifest's own check said so"},
};

// The table's row, but for a flash that can not be read and a brown-out, which are the chip's or
// the supply's fault, and but for silence in which not even the ROM's boot log was heard.
Blame BlameFor(const HealthVerdict& verdict);

// Whether the firmware's console had answered, or been heard at all, when the verdict fell.
bool HadAnswered(Health health);

}  // namespace lastgood
