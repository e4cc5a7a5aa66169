// SPDX-License-Identifier: MIT
// Bringing a stub loader to life through the ROM, and asking which one runs (protocol reference,
// section 6).
#pragma once

#include <string>

#include "base/result.h"
#include "flash/loader_link.h"
#include "flash/stub_library.h"

namespace lastgood {

// nullopt when the stub says that it runs; else what went wrong, worth a new start or going on
// with the ROM. The ROM must be listening; after a failure nobody may be.
Result<std::optional<std::string>> StartStub(LoaderLink& link, const StubImage& stub);

// Of the stub that runs: 1 or 2, 0 when it is none of these. They refuse an unknown command with
// different codes.
Result<int> AskStubGeneration(LoaderLink& link);

}  // namespace lastgood
