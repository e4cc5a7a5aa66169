// SPDX-License-Identifier: MIT
#include "cli/boot_output.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lastgood {
namespace {

// Sets what is known.
class Fields {
 public:
  explicit Fields(JsonObject& object) : object_(object) {}

  void Text(std::string_view key, const std::string& value) {
    value.empty() ? object_.SetNull(key) : object_.Set(key, value);
  }
  void Number(std::string_view key, std::optional<std::int64_t> value) {
    value ? object_.Set(key, *value) : object_.SetNull(key);
  }
  // Below 0: not known.
  void Count(std::string_view key, int value) {
    Number(key, value < 0 ? std::nullopt : std::optional<std::int64_t>(value));
  }

 private:
  JsonObject& object_;
};

template <class Value>
std::optional<std::int64_t> Wide(const std::optional<Value>& value) {
  return value ? std::optional<std::int64_t>(*value) : std::nullopt;
}

JsonObject JsonOf(const SecondStage& stage) {
  JsonObject object;
  Fields fields(object);
  fields.Text("version", stage.version);
  fields.Text("spi_speed", stage.spi_speed);
  fields.Text("spi_mode", stage.spi_mode);
  fields.Text("flash_size", stage.flash_size);
  fields.Text("jumps_to", stage.jumps_to);
  fields.Number("app_offset", Wide(stage.app_offset));
  std::vector<JsonObject> partitions;
  for (const BootPartition& partition : stage.partitions) {
    JsonObject& entry = partitions.emplace_back();
    entry.Set("label", partition.label).Set("type", std::int64_t{partition.type});
    entry.Set("subtype", std::int64_t{partition.subtype});
    entry.Set("offset", std::int64_t{partition.offset});
    entry.Set("size_bytes", std::int64_t{partition.size_bytes});
  }
  object.Set("partitions", partitions).Set("errors", stage.errors);
  return object;
}

JsonObject JsonOf(const CrashReport& crash) {
  JsonObject object;
  Fields fields(object);
  fields.Count("number", crash.number);
  fields.Text("name", crash.name);
  fields.Count("core", crash.core);
  JsonObject registers;
  for (const CrashRegister& entry : crash.registers)
    registers.Set(entry.name, std::int64_t{entry.value});
  object.Set("registers", registers);
  fields.Text("backtrace", crash.backtrace);
  return object;
}

std::vector<JsonObject> JsonOf(const std::vector<BootSegment>& segments) {
  std::vector<JsonObject> list;
  for (const BootSegment& segment : segments)
    list.emplace_back()
        .Set("address", std::int64_t{segment.address})
        .Set("size_bytes", std::int64_t{segment.size_bytes});
  return list;
}

JsonObject JsonOf(const BootAttempt& start) {
  JsonObject object;
  Fields fields(object);
  fields.Text("reset_line", start.reset_line);
  fields.Count("reset_cause", start.reset_cause);
  fields.Text("reset_name", start.reset_name);
  fields.Count("boot_mode", start.boot_mode);
  fields.Count("boot_word", start.boot_word);
  fields.Text("boot_text", start.boot_text);
  object.Set("segments", JsonOf(start.segments));
  fields.Number("chksum", Wide(start.last_chksum));
  fields.Number("csum", Wide(start.csum));
  fields.Number("invalid_header", Wide(start.invalid_header));
  fields.Number("flash_read_error", Wide(start.flash_read_error));
  object.SetBool("handed_over", start.handed_over());
  start.second_stage.seen ? object.Set("second_stage", JsonOf(start.second_stage))
                          : object.SetNull("second_stage");
  object.SetBool("writes_init_data", start.writes_init_data);
  fields.Number("rf_cal", Wide(start.rf_cal));
  start.crash ? object.Set("crash", JsonOf(*start.crash)) : object.SetNull("crash");
  object.Set("fault", BootFaultName(start.fault));
  fields.Text("last_words", start.last_words);
  return object;
}

bool SaysSomething(const BootAttempt& start) {
  return !start.last_words.empty() || start.handed_over() || !start.segments.empty();
}

}  // namespace

std::vector<JsonObject> JsonOf(const BootLog& log) {
  std::vector<JsonObject> starts;
  if (SaysSomething(log.before)) starts.push_back(JsonOf(log.before));
  for (const BootAttempt& attempt : log.attempts) starts.push_back(JsonOf(attempt));
  return starts;
}

}  // namespace lastgood
