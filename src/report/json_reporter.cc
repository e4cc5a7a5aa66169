// SPDX-License-Identifier: MIT
#include "report/json_reporter.h"

#include <algorithm>
#include <limits>

#include "json/json_object.h"
#include "report/timestamp.h"

namespace lastgood {
namespace {

constexpr int kVersion = 1;
constexpr std::chrono::milliseconds kProgressInterval{200};

JsonObject Begin(std::string_view event, const std::string& device, const Clock& clock) {
  JsonObject object;
  object.Set("v", kVersion).Set("event", event).Set("time", TimestampUtc(clock.WallNow()));
  if (!device.empty()) object.Set("device", device);
  return object;
}

void SetTextOrNull(JsonObject& object, std::string_view key, const std::string& text) {
  if (text.empty()) {
    object.SetNull(key);
  } else {
    object.Set(key, text);
  }
}

void SetCountOrNull(JsonObject& object, std::string_view key, std::optional<std::uint64_t> count) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (count) {
    object.Set(key, static_cast<std::int64_t>(std::min(*count, kMax)));
  } else {
    object.SetNull(key);
  }
}

void WriteLine(OutputSink& sink, const JsonObject& object) { sink.Write(object.Dump() + "\n"); }

}  // namespace

JsonReporter::~JsonReporter() {
  for (auto& [device, followed] : followed_) WriteHeldBack(followed);
}

void JsonReporter::Stage(const StageEvent& event) {
  Followed& followed = followed_[event.device];
  WriteHeldBack(followed);
  followed.stage.clear();
  JsonObject object = Begin("stage", event.device, clock_);
  object.Set("stage", event.stage)
      .Set("outcome", OutcomeName(event.outcome))
      .Set("text", event.text)
      .Set("details", event.details)
      .Set("elapsed_ms", event.elapsed.count());
  WriteLine(sink_, object);
}

void JsonReporter::Progress(const ProgressEvent& event) {
  const TimePoint now = clock_.Now();
  Followed& followed = followed_[event.device];
  const bool new_stage = event.stage != followed.stage;
  if (new_stage) {
    WriteHeldBack(followed);
    followed.stage = event.stage;
    followed.meter.Reset();
  }
  followed.meter.Add(event.bytes_done, now);
  if (!new_stage && now - followed.last_written < kProgressInterval) {
    followed.held_back = event;
    return;
  }
  followed.held_back.reset();
  followed.last_written = now;
  WriteProgress(event, followed.meter);
}

void JsonReporter::State(const StateEvent& event) {
  WriteHeldBack(followed_[event.device]);
  JsonObject object = Begin("state", event.device, clock_);
  object.Set("run", event.run).Set("state", event.state).Set("detail", event.detail);
  WriteLine(sink_, object);
}

void JsonReporter::Outcome(const OutcomeEvent& event) {
  WriteHeldBack(followed_[event.device]);
  JsonObject object = Begin("outcome", event.device, clock_);
  if (event.run == 0) {
    object.SetNull("run");
  } else {
    object.Set("run", event.run);
  }
  object.Set("exit_code", event.exit_code).Set("text", event.text);
  SetTextOrNull(object, "board", event.board);
  SetTextOrNull(object, "firmware", event.firmware);
  object.SetBool("changed", event.changed).SetBool("rolled_back", event.rolled_back);
  WriteLine(sink_, object);
}

void JsonReporter::WriteProgress(const ProgressEvent& event, const RateMeter& meter) {
  const auto total = event.bytes_total == 0 ? std::nullopt : std::optional(event.bytes_total);
  const auto left = meter.TimeLeft(event.bytes_total);
  JsonObject object = Begin("progress", event.device, clock_);
  object.Set("stage", event.stage);
  SetCountOrNull(object, "bytes_done", event.bytes_done);
  SetCountOrNull(object, "bytes_total", total);
  SetCountOrNull(object, "bytes_per_s", meter.BytesPerSecond());
  SetCountOrNull(object, "seconds_left",
                 left ? std::optional<std::uint64_t>(left->count()) : std::nullopt);
  WriteLine(sink_, object);
}

void JsonReporter::WriteHeldBack(Followed& followed) {
  if (!followed.held_back) return;
  WriteProgress(*followed.held_back, followed.meter);
  followed.held_back.reset();
}

}  // namespace lastgood
