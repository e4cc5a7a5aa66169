// SPDX-License-Identifier: MIT
// Octets of a serial line as text that a person can read and attach.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "evidence/evidence.h"

namespace lastgood {

// Printable text as it is, line ends kept, everything else as \xNN.
std::string Printable(ByteSpan octets);

// A loader's frame, or nothing that was meant for people.
bool IsBinary(ByteSpan octets);

// "115200 baud", "reset asserted, boot released", "reset into the loader"; empty for octets.
std::string DescribeWireEvent(const WireEvent& event);

// "3.214 s"
std::string FormatOffset(std::chrono::microseconds at);

// A line for each event that is no text, and the lines of the texts; what was sent begins with ">
// ". Of a loader's many frames in a row the first and the last two.
std::vector<std::string> WireLines(const WireEvidence& wire);

}  // namespace lastgood
