// SPDX-License-Identifier: MIT
// Text with places that facts of the host fill: @invoker@, @boot_directory@, @model@,
// @architecture@, @release@. "@@" is one '@'.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "manifest/text_rules.h"
#include "setup/setup_host.h"

namespace lastgood {

// A name that stands for nothing ("did you mean"), or an '@' that begins none.
Refusal WhyNotTemplate(std::string_view text);

// kSetupFailed when the host does not tell what `text` asks for.
// Precondition: WhyNotTemplate(text) has no objection.
Result<std::string> FillTemplate(std::string_view text, const SetupHost& host);

}  // namespace lastgood
