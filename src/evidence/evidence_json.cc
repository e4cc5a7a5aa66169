// SPDX-License-Identifier: MIT
#include "evidence/evidence_json.h"

#include <array>
#include <optional>
#include <utility>

#include "base/digest_value.h"
#include "evidence/strike_secrets.h"
#include "json/json_value.h"
#include "report/timestamp.h"

namespace lastgood {
namespace {

using json::Value;
using std::chrono::milliseconds;
using Texts = std::vector<std::string>;

constexpr std::string_view kDigits = "0123456789abcdef";

std::string HexOf(const Bytes& octets) { return ToHex(octets.data(), octets.size()); }

std::optional<Bytes> FromHex(std::string_view text) {
  Bytes octets;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const std::size_t high = kDigits.find(text[i]);
    const std::size_t low = kDigits.find(text[i + 1]);
    if (high == kDigits.npos || low == kDigits.npos) return std::nullopt;
    octets.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return octets;
}

std::int64_t Number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

std::vector<JsonObject> JsonOf(const std::vector<FlashRange>& ranges) {
  std::vector<JsonObject> list;
  for (const FlashRange& range : ranges) {
    list.emplace_back();
    list.back().Set("offset", Number(range.offset)).Set("size_bytes", Number(range.size_bytes));
  }
  return list;
}

JsonObject JsonOf(const KeptWireEvent& kept) {
  const WireEvent& event = kept.event;
  JsonObject object;
  object.Set("at_us", std::int64_t{event.at.count()});
  switch (event.kind) {
    case WireEventKind::kHeard:
      object.Set("heard", HexOf(event.octets));
      break;
    case WireEventKind::kSent:
      object.Set("sent", HexOf(event.octets));
      break;
    case WireEventKind::kRate:
      object.Set("baud", Number(event.baud));
      break;
    case WireEventKind::kLines:
      object.SetBool("reset_asserted", event.reset_asserted);
      object.SetBool("boot_asserted", event.boot_asserted);
      break;
    case WireEventKind::kReset:
      object.Set("reset_into", event.to_download ? "loader" : "firmware");
      break;
    case WireEventKind::kResetDone:
    case WireEventKind::kOpened:
    case WireEventKind::kCheck:
    case WireEventKind::kVerdict:
      break;  // no keeper keeps these
  }
  if (kept.more != 0) object.Set("more_bytes", Number(kept.more));
  if (kept.gap != 0) object.Set("left_out_before_bytes", Number(kept.gap));
  return object;
}

// One overload a kind: the fields behind kind, time and offset.
struct Writer {
  JsonObject& object;

  void operator()(const BeginEvidence& begin) const {
    object.Set("lastgood", begin.lastgood).Set("host", begin.host).Set("release", begin.release);
    object.Set("architecture", begin.architecture).SetBool("resumed", begin.resumed);
  }
  void operator()(const StageEvidence& stage) const {
    object.Set("stage", stage.stage).Set("outcome", OutcomeName(stage.outcome));
    object.Set("text", stage.text).Set("details", stage.details);
    object.Set("began_ms", std::int64_t{stage.began.count()});
  }
  void operator()(const StateEvidence& state) const {
    object.Set("state", state.state).Set("detail", state.detail);
  }
  void operator()(const WireEvidence& wire) const {
    std::vector<JsonObject> events;
    for (const KeptWireEvent& kept : wire.events) events.push_back(JsonOf(kept));
    object.Set("heard_bytes", Number(wire.heard_bytes));
    object.Set("sent_bytes", Number(wire.sent_bytes)).Set("events", events);
  }
  void operator()(const ProbeEvidence& probe) const {
    object.Set("subject", probe.subject).Set("url", probe.url).Set("via", probe.via);
    object.Set("outcome", probe.outcome).Set("text", probe.text).Set("hint", probe.hint);
  }
  void operator()(const FlashEvidence& flash) const {
    object.Set("stage", flash.stage).Set("flash_size_bytes", Number(flash.flash_size_bytes));
    object.Set("same", JsonOf(flash.same)).Set("erased", JsonOf(flash.erased));
    object.Set("written", JsonOf(flash.written)).Set("in_doubt", JsonOf(flash.in_doubt));
  }
  void operator()(const VerdictEvidence& verdict) const {
    object.Set("stage", verdict.stage).Set("firmware", verdict.firmware);
    object.Set("name", verdict.name).SetBool("good", verdict.good).Set("cause", verdict.cause);
    object.Set("summary", verdict.summary).Set("remedy", verdict.remedy);
    object.Set("notes", verdict.notes).Set("lines", verdict.lines);
  }
  void operator()(const DownloadEvidence& download) const {
    object.Set("title", download.title).Set("artifacts", Number(download.artifacts));
    object.Set("bytes_received", Number(download.bytes_received));
    object.Set("rejected", download.rejected).Set("error", download.error);
  }
  void operator()(const HintEvidence& hint) const { object.Set("text", hint.text); }
  void operator()(const TextEvidence& text) const {
    object.Set("title", text.title).Set("text", text.text);
  }
};

// Reads what the Writer wrote; `missing` once something is not there.
class Reader {
 public:
  explicit Reader(const Value& value) : value_(value) {}

  bool missing() const { return missing_; }

  std::string Text(std::string_view key) {
    const Value* found = value_.Find(key);
    const auto text = found != nullptr ? found->AsText() : std::nullopt;
    missing_ |= !text;
    return std::string(text.value_or(""));
  }
  std::int64_t Integer(std::string_view key) {
    const Value* found = value_.Find(key);
    const auto number = found != nullptr ? found->AsInteger() : std::nullopt;
    missing_ |= !number;
    return number.value_or(0);
  }
  std::int64_t IntegerOr0(std::string_view key) { return Has(key) ? Integer(key) : 0; }
  bool Flag(std::string_view key) {
    const Value* found = value_.Find(key);
    const auto flag = found != nullptr ? found->AsBool() : std::nullopt;
    missing_ |= !flag;
    return flag.value_or(false);
  }
  bool Has(std::string_view key) const { return value_.Find(key) != nullptr; }
  Bytes Octets(std::string_view key) {
    const auto octets = FromHex(Text(key));
    missing_ |= !octets;
    return octets.value_or(Bytes());
  }
  Texts List(std::string_view key) {
    Texts texts;
    for (const Value& value : Items(key)) texts.emplace_back(value.AsText().value_or(""));
    return texts;
  }
  std::vector<FlashRange> Ranges(std::string_view key) {
    std::vector<FlashRange> ranges;
    for (const Value& value : Items(key)) {
      Reader range(value);
      ranges.push_back({static_cast<std::uint32_t>(range.Integer("offset")),
                        static_cast<std::uint32_t>(range.Integer("size_bytes"))});
      missing_ |= range.missing();
    }
    return ranges;
  }
  const json::Array& Items(std::string_view key) {
    static const json::Array kNone;
    const Value* found = value_.Find(key);
    const json::Array* items = found != nullptr ? found->AsArray() : nullptr;
    missing_ |= items == nullptr;
    return items != nullptr ? *items : kNone;
  }

 private:
  const Value& value_;
  bool missing_ = false;
};

StageOutcome OutcomeOf(std::string_view name) {
  for (const StageOutcome outcome : {StageOutcome::kOk, StageOutcome::kFail, StageOutcome::kSkip})
    if (name == OutcomeName(outcome)) return outcome;
  return StageOutcome::kNote;
}

KeptWireEvent WireEventOf(Reader& from) {
  KeptWireEvent kept;
  WireEvent& event = kept.event;
  event.at = std::chrono::microseconds(from.Integer("at_us"));
  if (from.Has("heard")) {
    event.octets = from.Octets("heard");
  } else if (from.Has("sent")) {
    event.kind = WireEventKind::kSent;
    event.octets = from.Octets("sent");
  } else if (from.Has("baud")) {
    event.kind = WireEventKind::kRate;
    event.baud = static_cast<std::uint32_t>(from.Integer("baud"));
  } else if (from.Has("reset_into")) {
    event.kind = WireEventKind::kReset;
    event.to_download = from.Text("reset_into") == "loader";
  } else {
    event.kind = WireEventKind::kLines;
    event.reset_asserted = from.Flag("reset_asserted");
    event.boot_asserted = from.Flag("boot_asserted");
  }
  kept.more = static_cast<std::uint64_t>(from.IntegerOr0("more_bytes"));
  kept.gap = static_cast<std::uint64_t>(from.IntegerOr0("left_out_before_bytes"));
  return kept;
}

std::optional<WireEvidence> WireOf(Reader& from) {
  WireEvidence wire;
  wire.heard_bytes = static_cast<std::uint64_t>(from.Integer("heard_bytes"));
  wire.sent_bytes = static_cast<std::uint64_t>(from.Integer("sent_bytes"));
  for (const Value& value : from.Items("events")) {
    Reader event(value);
    wire.events.push_back(WireEventOf(event));
    if (event.missing()) return std::nullopt;
  }
  return wire;
}

std::optional<EvidenceContent> ContentOf(std::string_view kind, Reader& from) {
  if (kind == "begin")
    return BeginEvidence{from.Text("lastgood"), from.Text("host"), from.Text("release"),
                         from.Text("architecture"), from.Flag("resumed")};
  if (kind == "stage")
    return StageEvidence{from.Text("stage"), OutcomeOf(from.Text("outcome")), from.Text("text"),
                         from.List("details"), milliseconds(from.Integer("began_ms"))};
  if (kind == "state") return StateEvidence{from.Text("state"), from.Text("detail")};
  if (kind == "wire") return WireOf(from);
  if (kind == "probe")
    return ProbeEvidence{from.Text("subject"), from.Text("url"),  from.Text("via"),
                         from.Text("outcome"), from.Text("text"), from.Text("hint")};
  if (kind == "flash")
    return FlashEvidence{
        from.Text("stage"),     static_cast<std::uint32_t>(from.Integer("flash_size_bytes")),
        from.Ranges("same"),    from.Ranges("erased"),
        from.Ranges("written"), from.Ranges("in_doubt")};
  if (kind == "verdict")
    return VerdictEvidence{from.Text("stage"),  from.Text("firmware"), from.Text("name"),
                           from.Flag("good"),   from.Text("cause"),    from.Text("summary"),
                           from.Text("remedy"), from.List("notes"),    from.List("lines")};
  if (kind == "download")
    return DownloadEvidence{from.Text("title"),
                            static_cast<std::uint64_t>(from.Integer("artifacts")),
                            static_cast<std::uint64_t>(from.Integer("bytes_received")),
                            from.List("rejected"), from.Text("error")};
  if (kind == "hint") return HintEvidence{from.Text("text")};
  if (kind == "text") return TextEvidence{from.Text("title"), from.Text("text")};
  return std::nullopt;
}

// A secret may be spread over several reads, an echo over as many as it has letters.
void MaskOctets(WireEvidence& wire, WireEventKind direction) {
  std::string all;
  for (const KeptWireEvent& kept : wire.events) {
    if (kept.event.kind == direction) all += AsText(kept.event.octets);
  }
  MaskSecrets(all);
  std::size_t at = 0;
  for (KeptWireEvent& kept : wire.events) {
    if (kept.event.kind != direction) continue;
    for (std::uint8_t& octet : kept.event.octets) octet = static_cast<std::uint8_t>(all[at++]);
  }
}

struct Striker {
  static void Strike(std::string& text) { text = StrikeSecrets(text); }
  static void Strike(Texts& texts) { texts = StrikeSecrets(texts); }

  void operator()(BeginEvidence&) const {}
  void operator()(StateEvidence& state) const { Strike(state.detail); }
  void operator()(FlashEvidence&) const {}
  void operator()(StageEvidence& stage) const {
    Strike(stage.text);
    Strike(stage.details);
  }
  void operator()(WireEvidence& wire) const {
    MaskOctets(wire, WireEventKind::kHeard);
    MaskOctets(wire, WireEventKind::kSent);
  }
  void operator()(ProbeEvidence& probe) const {
    for (std::string* text : {&probe.url, &probe.via, &probe.text, &probe.hint}) Strike(*text);
  }
  void operator()(VerdictEvidence& verdict) const {
    for (std::string* text :
         {&verdict.firmware, &verdict.name, &verdict.cause, &verdict.summary, &verdict.remedy})
      Strike(*text);
    Strike(verdict.notes);
    Strike(verdict.lines);
  }
  void operator()(DownloadEvidence& download) const {
    Strike(download.title);
    Strike(download.rejected);
    Strike(download.error);
  }
  void operator()(HintEvidence& hint) const { Strike(hint.text); }
  void operator()(TextEvidence& text) const {
    Strike(text.title);
    Strike(text.text);
  }
};

}  // namespace

std::string EncodeEvidence(const EvidenceItem& item) {
  JsonObject object;
  object.Set("offset_ms", std::int64_t{item.offset.count()});
  std::visit(Writer{object}, StruckEvidence(item.content));
  return object.Dump();
}

EvidenceItem DecodeEvidence(std::string_view kind, WallTime at, std::string_view json) {
  const auto unknown = [&](std::string_view why) {
    return EvidenceItem{
        at,
        {},
        StruckEvidence(TextEvidence{std::string(kind) + std::string(why), std::string(json)})};
  };
  const Result<Value> value = json::Parse(json, "evidence");
  if (!value) return unknown(", which can not be read");
  Reader reader(*value);
  const milliseconds offset(reader.IntegerOr0("offset_ms"));
  std::optional<EvidenceContent> content = ContentOf(kind, reader);
  if (!content || reader.missing()) return unknown(", of another version");
  return {at, offset, StruckEvidence(*std::move(content))};
}

JsonObject JsonOf(const EvidenceItem& item) {
  JsonObject object;
  object.Set("kind", KindName(item.content)).Set("at", TimestampUtc(item.at));
  object.Set("offset_ms", std::int64_t{item.offset.count()});
  std::visit(Writer{object}, item.content);
  return object;
}

EvidenceContent StruckEvidence(EvidenceContent content) {
  std::visit(Striker(), content);
  return content;
}

}  // namespace lastgood
