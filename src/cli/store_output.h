// SPDX-License-Identifier: MIT
// How the store's files look: lines for a person, objects for --json (docs/events.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/clock.h"
#include "run/store_pins.h"
#include "verify/artifact_store.h"

namespace lastgood {

// "f727607f…  642 KB    3 days  known good on 18:fe:34:ab:cd:ef: MicroPython 1.22.1"
std::string StoredHeading();
std::string StoredLine(const StoredFile& file, const Pins& pins, WallTime now);

// `verdict`: "kept", "whole", "damaged" or "removed".
std::string StoredJson(const StoredFile& file, const Pins& pins, std::string_view verdict);

// What a file is needed for, or what it is; never empty.
std::string StoredPurpose(const StoredFile& file, const Pins& pins);

}  // namespace lastgood
