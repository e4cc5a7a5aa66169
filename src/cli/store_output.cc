// SPDX-License-Identifier: MIT
#include "cli/store_output.h"

#include <fmt/format.h>

#include "base/units.h"
#include "json/json_object.h"
#include "report/timestamp.h"

namespace lastgood {
namespace {

std::string_view KindName(StoredKind kind) {
  switch (kind) {
    case StoredKind::kImage:
      return "image";
    case StoredKind::kPart:
      return "part";
    case StoredKind::kDamaged:
      return "damaged";
    case StoredKind::kLeftover:
      return "leftover";
  }
  return "";
}

std::string Age(std::chrono::system_clock::duration age) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(age).count();
  if (minutes < 0) return "-";  // from the future, by a clock that was wrong
  if (minutes < 120) return fmt::format("{} min", minutes);
  if (minutes < 48 * 60) return fmt::format("{} h", minutes / 60);
  return fmt::format("{} days", minutes / (24 * 60));
}

const std::vector<std::string>* ReasonsOf(const StoredFile& file, const Pins& pins) {
  if (!file.sha256) return nullptr;
  const auto found = pins.find(*file.sha256);
  return found == pins.end() ? nullptr : &found->second;
}

std::string Line(const std::string& digest, const std::string& size, const std::string& age,
                 const std::string& purpose) {
  return fmt::format("{:<9}  {:>8}  {:>8}  {}\n", digest, size, age, purpose);
}

}  // namespace

std::string StoredHeading() { return Line("digest", "size", "age", "what it is"); }

std::string StoredPurpose(const StoredFile& file, const Pins& pins) {
  const std::vector<std::string>* reasons = ReasonsOf(file, pins);
  std::string needed;
  if (reasons != nullptr) {
    needed = reasons->front();
    if (reasons->size() > 1) needed += fmt::format(", and {} more", reasons->size() - 1);
  }
  switch (file.kind) {
    case StoredKind::kImage:
      return needed.empty() ? "not needed by anything" : needed;
    case StoredKind::kPart:
      return "unfinished download" + (needed.empty() ? "" : " of " + needed);
    case StoredKind::kDamaged:
      return "damaged, set aside" + (needed.empty() ? "" : "; was " + needed);
    case StoredKind::kLeftover:
      break;
  }
  return "left over from a write that was cut";
}

std::string StoredLine(const StoredFile& file, const Pins& pins, WallTime now) {
  return Line(file.sha256 ? Abbreviate(*file.sha256) : "-", FormatByteCount(file.size_bytes),
              Age(now - file.modified), StoredPurpose(file, pins));
}

std::string StoredJson(const StoredFile& file, const Pins& pins, std::string_view verdict) {
  JsonObject object;
  object.Set("v", 1).Set("event", "artifact").Set("kind", KindName(file.kind));
  if (file.sha256) {
    object.Set("sha256", file.sha256->ToHex());
  } else {
    object.SetNull("sha256");
  }
  object.Set("size_bytes", static_cast<std::int64_t>(file.size_bytes));
  object.Set("stored", TimestampUtcSeconds(file.modified));
  const std::vector<std::string>* reasons = ReasonsOf(file, pins);
  object.Set("needed_by", reasons != nullptr ? *reasons : std::vector<std::string>());
  object.Set("verdict", verdict);
  return object.Dump();
}

}  // namespace lastgood
