// SPDX-License-Identifier: MIT
// A report as one HTML page: landmarks and headings for who can not see it, words for who can not
// tell colours, and nothing that is fetched or run.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/exit_code.h"
#include "base/units.h"
#include "evidence/flash_map.h"
#include "evidence/html_figures.h"
#include "evidence/html_style.h"
#include "evidence/html_text.h"
#include "evidence/run_report.h"
#include "evidence/wire_text.h"
#include "report/timestamp.h"

namespace lastgood {
namespace {

// Octets become up to eight times as many characters: these keep the page below 1 MB.
constexpr std::size_t kTextBytesMax = 32 * 1024;   // of one text
constexpr std::size_t kTextsBytesMax = 88 * 1024;  // of all of them together
constexpr std::size_t kListsBytesMax = 24 * 1024;  // of all lists together
constexpr std::size_t kDumpBytesMax = 56 * 1024;
constexpr std::size_t kDumpRowOctets = 16;

// A word and its class; the word says it all.
struct Badge {
  std::string_view word;
  std::string_view look;
};

Badge BadgeOf(const RunReport& report) {
  if (!report.ended_at) return {"Not finished", "note"};
  switch (static_cast<ExitCode>(report.exit_code)) {
    case ExitCode::kDone:
      return {"Done", "ok"};
    case ExitCode::kRolledBack:
      return {"Rolled back", "note"};
    case ExitCode::kNeedsHands:
      return {"Needs hands", "fail"};
    case ExitCode::kRefused:
      return {"Refused", "note"};
    case ExitCode::kInterrupted:
      return {"Interrupted", "note"};
    case ExitCode::kRebootNeeded:
      return {"Reboot needed", "note"};
    default:
      return {"Failed", "fail"};
  }
}

class Page {
 public:
  explicit Page(const RunReport& report)
      : report_(report), stages_(PlaceStages(report)), map_(report.items) {}

  std::string Write() {
    Summary();
    Stages();
    Verdicts();
    Network();
    Flash();
    Wires();
    OtherEvidence();
    States();
    Documents();
    return Head() + body_ +
           "</main>\n<footer><p>Written by lastgood. What looks like a password, a token or a key "
           "in a URL, a header or a transcript is struck out (***). Text that a board or a server "
           "sent is shown with \\xNN for what can not be printed.</p></footer>\n</body></html>\n";
  }

 private:
  std::string Head() const {
    const Badge badge = BadgeOf(report_);
    std::string html = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<title>lastgood run {}, {}: {}</title>\n<style>{}</style></head>\n<body>\n{}<header>\n",
        report_.id, Html(report_.manifest_name), badge.word, kReportStyle, kReportPatterns);
    html += fmt::format(
        "<p>lastgood, report of a run</p>\n<h1>Run {}: {} {}</h1>\n<div class=\"verdict {}\" "
        "id=\"verdict\"><strong>{}</strong><p>{}</p>",
        report_.id, Html(report_.command), Html(report_.manifest_name), badge.look, badge.word,
        Html(OutcomeOf(report_)));
    if (const std::string remedy = RemedyOf(report_); !remedy.empty())
      html += fmt::format("<p><span class=\"word\">What to do:</span> {}</p>", Html(remedy));
    if (report_.ended_at) html += fmt::format("<p>{}</p>", Html(EndingOf(report_)));
    html += "</div>\n</header>\n<nav aria-label=\"Sections\"><ul>";
    for (const auto& [id, title] : sections_)
      html += fmt::format("<li><a href=\"#{}\">{}</a></li>", id, title);
    return html + "</ul></nav>\n<main>\n";
  }

  void Begin(const std::string& id, const std::string& title) {
    sections_.emplace_back(id, title);
    body_ += fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">"
        "{1}</h2>\n",
        id, title);
  }
  void End() { body_ += "</section>\n"; }

  void Fact(std::string_view name, const std::string& value) {
    if (!value.empty()) body_ += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, Html(value));
  }

  void Summary() {
    Begin("facts", "Facts");
    body_ += "<dl>\n";
    Fact("Board", report_.board);
    Fact("Chip and flash", report_.board_title);
    Fact("Serial device", report_.serial_device);
    Fact("Manifest", fmt::format("{} ({})", report_.manifest_name, report_.manifest_source));
    Fact("Started", TimestampUtc(report_.started_at) + ", by the host's clock");
    if (report_.ended_at) Fact("Ended", TimestampUtc(*report_.ended_at));
    for (const BeginEvidence* begin : AllOf<BeginEvidence>(report_)) {
      Fact(begin->resumed ? "Taken up by" : "Program", "lastgood " + begin->lastgood);
      Fact("Host", begin->host);
      Fact("System",
           begin->release + (begin->architecture.empty() ? "" : ", " + begin->architecture));
    }
    body_ += "</dl>\n";
    End();
  }

  void Stages() {
    if (stages_.empty()) return;
    Begin("stages", "Time line");
    body_ += TimeLineFigure(stages_);
    body_ +=
        "<table id=\"stage-table\"><caption>Stages, with seconds since the run began</caption>"
        "<thead><tr><th scope=\"col\" class=\"n\">#</th><th scope=\"col\">Stage</th><th "
        "scope=\"col\">What</th></tr></thead><tbody>\n";
    std::size_t number = 0;
    for (const PlacedStage& placed : stages_) {
      const std::string_view outcome = OutcomeName(placed.stage->outcome);
      body_ += fmt::format(
          "<tr><td class=\"n\">{}</td><td>{}<br><span class=\"word {}\">{}</span></td><td>{}{}"
          "<p class=\"when\">at {}, took {}</p></td></tr>\n",
          ++number, Html(placed.stage->stage), outcome,
          placed.stage->outcome == StageOutcome::kFail ? "FAIL" : outcome, Html(placed.stage->text),
          HtmlList(placed.stage->details, lists_room_), FormatOffset(placed.began),
          FormatSeconds(placed.ended - placed.began));
    }
    body_ += "</tbody></table>\n";
    End();
  }

  void Verdicts() {
    const auto verdicts = AllOf<VerdictEvidence>(report_);
    if (verdicts.empty()) return;
    Begin("verdicts", "What the firmware did");
    for (const VerdictEvidence* verdict : verdicts) {
      body_ += fmt::format("<div class=\"verdict {}\"><strong>{}: {}</strong><p>{}</p>",
                           verdict->good ? "ok" : "fail", Html(verdict->firmware),
                           Html(verdict->name), Html(verdict->summary));
      if (!verdict->cause.empty())
        body_ += fmt::format("<p><span class=\"word\">Cause:</span> {}</p>", Html(verdict->cause));
      if (!verdict->remedy.empty())
        body_ +=
            fmt::format("<p><span class=\"word\">Remedy:</span> {}</p>", Html(verdict->remedy));
      body_ += HtmlList(verdict->notes, lists_room_);
      std::string lines;
      for (const std::string& line : verdict->lines) lines += line + "\n";
      if (!lines.empty()) Pre("its own words", lines);
      body_ += "</div>\n";
    }
    End();
  }

  void Network() {
    const auto probes = AllOf<ProbeEvidence>(report_);
    const auto downloads = AllOf<DownloadEvidence>(report_);
    if (probes.empty() && downloads.empty()) return;
    Begin("network", "Network");
    if (!probes.empty()) {
      body_ +=
          "<table id=\"probe-table\"><caption>What was asked, and what came</caption><thead>"
          "<tr><th scope=\"col\">Question</th><th scope=\"col\">Answer</th></tr></thead>"
          "<tbody>\n";
      for (const ProbeEvidence* probe : probes)
        body_ += fmt::format(
            "<tr><td>{}{}<br>{}</td><td><span class=\"word\">{}</span><br>{}{}{}</td></tr>\n",
            Html(probe->subject), probe->via.empty() ? "" : " via " + Html(probe->via),
            Html(probe->url), Html(probe->outcome), Html(probe->text),
            probe->hint.empty() ? "" : "<br>", Html(probe->hint));
      body_ += "</tbody></table>\n";
    }
    if (!downloads.empty()) {
      body_ +=
          "<table id=\"download-table\"><caption>Downloads</caption><thead><tr><th "
          "scope=\"col\">What</th><th scope=\"col\" class=\"n\">Received</th><th "
          "scope=\"col\">Trouble</th></tr></thead><tbody>\n";
      for (const DownloadEvidence* download : downloads)
        body_ += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td>{}{}</td></tr>\n",
                             Html(download->title), FormatByteCount(download->bytes_received),
                             Html(download->error), HtmlList(download->rejected, lists_room_));
      body_ += "</tbody></table>\n";
    }
    End();
  }

  void Flash() {
    if (map_.sectors().empty()) return;
    Begin("flash", "Flash");
    body_ += FlashFigure(map_);
    body_ +=
        "<table id=\"sector-table\"><caption>Sectors as the run left them</caption><thead><tr>"
        "<th scope=\"col\">Letter</th><th scope=\"col\">What happened</th><th scope=\"col\" "
        "class=\"n\">Sectors</th><th scope=\"col\" class=\"n\">Octets</th></tr></thead>"
        "<tbody>\n";
    for (const SectorFate fate : kSectorFates)
      body_ += fmt::format(
          "<tr data-fate=\"{0}\"><td><svg class=\"key\" width=\"20\" height=\"14\" "
          "aria-hidden=\"true\"><rect class=\"f-{0}\" width=\"20\" height=\"14\"/></svg> "
          "{1}</td><td>{2}</td><td class=\"n\">{3}</td><td class=\"n\">{4}</td></tr>\n",
          FateName(fate), FateLetter(fate), FateTitle(fate), map_.Count(fate),
          map_.Count(fate) * kMapSectorBytes);
    body_ += "</tbody></table>\n";
    std::string stretches;
    for (const FlashStretch& stretch : map_.Stretches())
      if (stretch.fate != SectorFate::kUntouched)
        stretches += fmt::format("0x{:06x} to 0x{:06x}  {} {}\n", stretch.range.offset,
                                 stretch.range.offset + stretch.range.size_bytes - 1,
                                 FateLetter(stretch.fate), FateTitle(stretch.fate));
    if (!stretches.empty()) Pre("stretches of the flash", stretches);
    End();
  }

  void Wires() {
    const auto wires = AllOf<WireEvidence>(report_);
    if (wires.empty()) return;
    std::string text;
    std::uint64_t heard = 0;
    std::uint64_t sent = 0;
    for (const WireEvidence* wire : wires) {
      heard += wire->heard_bytes;
      sent += wire->sent_bytes;
      for (const std::string& line : WireLines(*wire)) text += line + "\n";
    }
    Begin("wires", "On the wires");
    body_ += fmt::format(
        "<p>{} octets heard from the board, {} sent to it. Long transfers and the "
        "middle of floods are left out.</p>\n",
        heard, sent);
    if (const std::string waves = LineFigures(report_); !waves.empty())
      body_ +=
          "<h3>Levels of the reset and boot lines</h3>\n<p>High is asserted, however the "
          "lines are wired.</p>\n" +
          waves;
    body_ += "<h3>As text</h3>\n<p>What was sent begins with &gt;.</p>\n";
    Pre("transcript as text", text);
    body_ +=
        "<h3>Octet by octet</h3>\n<div class=\"dump\" role=\"region\" tabindex=\"0\" "
        "aria-label=\"transcript as hex and text\">\n";
    DumpAll(wires);
    body_ += "</div>\n";
    End();
  }

  // Where it is too much, how it began and, more so, how it ended.
  void DumpAll(const std::vector<const WireEvidence*>& wires) {
    std::vector<const KeptWireEvent*> events;
    std::size_t over = 0;
    for (const WireEvidence* wire : wires)
      for (const KeptWireEvent& kept : wire->events) {
        events.push_back(&kept);
        over += CostOf(kept);
      }
    over -= std::min(over, kDumpBytesMax);
    std::size_t shown = 0;
    std::uint64_t left_out = 0;
    for (const KeptWireEvent* kept : events) {
      if (over > 0 && shown >= kDumpBytesMax / 4) {
        over -= std::min(over, CostOf(*kept));
        left_out += kept->event.octets.size();
        if (over == 0)
          body_ +=
              fmt::format("<h4 class=\"e\">{} octets are in the JSON report only</h4>\n", left_out);
        continue;
      }
      shown += CostOf(*kept);
      Dump(*kept);
    }
  }

  static std::size_t CostOf(const KeptWireEvent& kept) {
    return kept.event.octets.size() + kDumpRowOctets;
  }

  void Dump(const KeptWireEvent& kept) {
    const Bytes& octets = kept.event.octets;
    if (kept.gap > 0) body_ += fmt::format("<h4 class=\"e\">{} octets left out</h4>\n", kept.gap);
    if (octets.empty() && kept.more == 0) {
      if (const std::string told = DescribeWireEvent(kept.event); !told.empty())
        body_ += fmt::format("<h4 class=\"e\">{} {}</h4>\n", FormatOffset(kept.event.at), told);
      return;
    }
    const bool sent = kept.event.kind == WireEventKind::kSent;
    body_ += fmt::format("<h4 class=\"{}\">{} {} {}{}</h4>\n", sent ? "s" : "h",
                         FormatOffset(kept.event.at), sent ? "&#8594; sent" : "&#8592; heard",
                         octets.size() + kept.more,
                         kept.more > 0 ? fmt::format(", the first {}", octets.size()) : "");
    for (std::size_t i = 0; i < octets.size(); i += kDumpRowOctets)
      DumpRow(ByteSpan(octets).subspan(i, std::min(kDumpRowOctets, octets.size() - i)));
  }

  void DumpRow(ByteSpan row) {
    std::string text;
    body_ += "<p><i>";
    for (const std::uint8_t octet : row) {
      body_ += fmt::format("{:02x} ", octet);
      text += octet >= 0x20 && octet < 0x7F ? static_cast<char>(octet) : '.';
    }
    body_ += "</i><b>" + Html(text) + "</b></p>\n";
  }

  void OtherEvidence() {
    const auto texts = AllOf<TextEvidence>(report_);
    if (texts.empty()) return;
    Begin("evidence", "Other evidence");
    for (const TextEvidence* text : texts) {
      body_ += "<h3>" + Html(text->title) + "</h3>\n";
      Pre("evidence", text->text);
    }
    End();
  }

  void States() {
    Begin("states", "States");
    body_ +=
        "<table id=\"state-table\"><caption>Each was on disk before its action began</caption>"
        "<thead><tr><th scope=\"col\">When</th><th scope=\"col\">State</th><th scope=\"col\">"
        "Detail</th></tr></thead><tbody>\n";
    for (const ReportState& state : report_.states)
      body_ += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", TimestampUtc(state.at),
                           Html(state.state), Html(state.detail));
    body_ += "</tbody></table>\n";
    End();
  }

  void Documents() {
    Begin("documents", "What was asked for");
    for (const ReportDocument& document : report_.documents) {
      body_ += fmt::format("<h3>{}: {}</h3>\n", Html(document.title), Html(document.source));
      Pre(document.title, document.text);
    }
    End();
  }

  void Pre(std::string_view label, std::string_view text) {
    const std::size_t room = std::min(kTextBytesMax, kTextsBytesMax - texts_bytes_);
    texts_bytes_ += std::min(text.size(), room);
    body_ += fmt::format("<pre role=\"region\" tabindex=\"0\" aria-label=\"{}\">{}</pre>\n",
                         Html(label), HtmlLines(text, room));
  }

  const RunReport& report_;
  std::vector<PlacedStage> stages_;
  FlashMap map_;
  std::vector<std::pair<std::string, std::string>> sections_;
  std::string body_;
  std::size_t texts_bytes_ = 0;
  std::size_t lists_room_ = kListsBytesMax;
};

}  // namespace

std::string ReportHtml(const RunReport& report) { return Page(report).Write(); }

}  // namespace lastgood
