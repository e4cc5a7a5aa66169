// SPDX-License-Identifier: MIT
// Evidence as JSON: how it lies in the record, and what `lastgood show --json` says of it
// (docs/report.md has the fields).
#pragma once

#include <string>
#include <string_view>

#include "evidence/evidence.h"
#include "json/json_object.h"

namespace lastgood {

// Of the content and the offset, secrets struck out; octets that are not UTF-8 become U+FFFD, but
// for those of the wires, which are hex digits.
std::string EncodeEvidence(const EvidenceItem& item);

// What `kind` and `json` say. What this version does not understand becomes a TextEvidence with the
// JSON as it is: a report is never refused.
EvidenceItem DecodeEvidence(std::string_view kind, WallTime at, std::string_view json);

// With "kind" and "at" before the rest.
JsonObject JsonOf(const EvidenceItem& item);

// `content` with its secrets struck out.
EvidenceContent StruckEvidence(EvidenceContent content);

}  // namespace lastgood
