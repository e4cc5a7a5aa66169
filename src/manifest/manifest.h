// SPDX-License-Identifier: MIT
// What a user asks for (docs/manifest.md): one firmware, its pinned fallbacks, its health check,
// and the recipe it builds on. Plain values; parsing is at the bottom.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/board_identity.h"
#include "base/digest_value.h"
#include "base/result.h"
#include "manifest/host_conditions.h"
#include "toml/document.h"

namespace lastgood {

// An artifact to download and where its bytes, or those of one of its members, go in flash.
struct PartSpec {
  std::uint32_t offset = 0;       // multiple of 4096
  std::vector<std::string> urls;  // tried in order; http, https or file
  Sha256Digest sha256;            // of the artifact, with a member: of the archive
  std::uint64_t size_bytes = 0;   // the same
  std::string
      member;  // "bin/at/user1.bin" of an archive, "*" of a .gz; empty = the artifact itself

  bool operator==(const PartSpec&) const = default;
};

enum class SizePolicy { kDetect, kKeep, kFixed };

// How the image header's flash fields are set (rules B1–B3 of the protocol reference, section 15).
struct FlashSpec {
  SizePolicy size = SizePolicy::kDetect;
  std::uint32_t fixed_size_bytes = 0;  // with kFixed
  std::string mode = "keep";           // keep | qio | qout | dio | dout
  std::string frequency = "keep";      // keep | 40m | 26m | 20m | 80m
  bool erase_all = false;              // erase = "all"; "auto" erases what is written

  bool operator==(const FlashSpec&) const = default;
};

enum class HealthKind { kMicropython, kAt, kBootLog, kNone };
std::string_view HealthKindName(HealthKind kind);  // as manifests spell it

struct HealthCommand {
  std::string code;                // run on the board's REPL, or sent as an AT command
  std::string expect;              // must be contained in what it prints
  std::chrono::seconds limit{10};  // within this time

  bool operator==(const HealthCommand&) const = default;
};

struct HealthSpec {
  HealthKind kind = HealthKind::kBootLog;
  std::string version;             // prefix of the version that the board must report; empty = any
  std::chrono::seconds settle{5};  // must stay up this long after the first answer
  std::vector<HealthCommand> run;
  std::uint32_t memory_free_bytes = 0;  // at least, behind a garbage collection; 0 = any
  std::vector<std::string> files{};     // must be on the board, by their paths in its file system

  bool operator==(const HealthSpec&) const = default;
};

struct FirmwareSpec {
  std::string name;  // "micropython", "at"
  std::string version;
  Chip chip = Chip::kEsp8266;
  std::vector<PartSpec> parts;  // not empty, in order of offset, not overlapping
  FlashSpec flash;
  HealthSpec health;

  std::string Title() const;  // for people: "MicroPython 1.22.1", "AT firmware 1.7.4"
  bool operator==(const FirmwareSpec&) const = default;
};

// A [[step]] or a dependency, unread: its kind's file in setup/ reads the fields.
struct StepSpec {
  // What another step needs, and where it says so.
  struct Need {
    std::string step;  // its name
    toml::Position position;
  };

  std::string kind;
  std::string name;  // what others name it by; empty when it has none
  toml::Position name_position{};
  std::vector<Need> needs;  // steps that come before it
  HostConditions when;
  toml::Table fields;       // the kind's own: without those above
  toml::Document document;  // for messages
};

// A step in its place among all steps of a plan.
struct OrderedStep {
  StepSpec spec;
  std::vector<std::size_t> needs;  // indices of earlier ones
};

struct Manifest {
  std::string name;
  std::string recipe;  // name of a recipe, or a path to one (contains '/' or ends in .toml)
  std::vector<StepSpec> steps;
  FirmwareSpec firmware;
  std::vector<FirmwareSpec> fallbacks;  // in the order in which they are tried
  toml::Document document;
};

// kInvalidManifest with all mistakes, each with its place. `name` is what messages call the file.
Result<Manifest> ParseManifest(std::string text, std::string name);

// A FirmwareSpec as TOML ([firmware] and its sub-tables), and back: how the record keeps known-good
// firmware. ParseFirmware(FormatFirmware(f)) == f in every field.
std::string FormatFirmware(const FirmwareSpec& firmware);
Result<FirmwareSpec> ParseFirmware(std::string text);
// The health check alone: the table [`path`.health]. ReadHealth (manifest/firmware_reader.h) reads
// it.
std::string FormatHealth(const HealthSpec& health, std::string_view path);

// Reads every [[step]] of `root`: shared with recipes.
std::vector<StepSpec> ReadSteps(toml::TableReader& root, toml::Diagnostics& diagnostics);
std::vector<StepSpec> SpecsOf(const std::vector<OrderedStep>& steps);

}  // namespace lastgood
