// SPDX-License-Identifier: MIT
#include "evidence/html_figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "evidence/html_text.h"
#include "evidence/wire_text.h"

namespace lastgood {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kSectorsPerRow = 64;
constexpr int kCell = 10;
constexpr std::size_t kWavesMax = 12;
constexpr microseconds kWaveGap{1'500'000};

double PerCent(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string Bar(const PlacedStage& placed, std::size_t number, std::int64_t total) {
  constexpr int kRow = 30;
  const int top = 22 + static_cast<int>(number - 1) * kRow;
  const double from = PerCent(placed.began.count(), total);
  const double width = PerCent((placed.ended - placed.began).count(), total);
  const std::string_view outcome = OutcomeName(placed.stage->outcome);
  const bool left = from < 55.0;
  return fmt::format(
      "<text x=\"{:.2f}%\" y=\"{}\" text-anchor=\"{}\">{} {}{}, {}</text>"
      "<rect class=\"b-{}\" x=\"{:.2f}%\" y=\"{}\" width=\"{:.2f}%\" height=\"9\"/>"
      "<line class=\"edge\" x1=\"{:.2f}%\" x2=\"{:.2f}%\" y1=\"{}\" y2=\"{}\"/>\n",
      left ? from : std::min(from + width, 100.0), top + 12, left ? "start" : "end", number,
      Html(placed.stage->stage),
      placed.stage->outcome == StageOutcome::kOk ? "" : fmt::format(" ({})", outcome),
      FormatSeconds(placed.ended - placed.began), outcome, from, top + 15, width, from, from,
      top + 14, top + 25);
}

// Levels from one time on; `known` is false before anybody moved them.
struct Levels {
  microseconds at{0};
  bool reset = false;
  bool boot = false;
};

std::vector<std::vector<Levels>> GroupEdges(const RunReport& report) {
  std::vector<std::vector<Levels>> groups;
  for (const WireEvidence* wire : AllOf<WireEvidence>(report)) {
    for (const KeptWireEvent& kept : wire->events) {
      if (kept.event.kind != WireEventKind::kLines) continue;
      const Levels levels{kept.event.at, kept.event.reset_asserted, kept.event.boot_asserted};
      const bool follows = !groups.empty() && levels.at >= groups.back().back().at &&
                           levels.at - groups.back().back().at <= kWaveGap;
      if (!follows) groups.emplace_back();
      groups.back().push_back(levels);
    }
  }
  return groups;
}

// High means asserted, however the line is wired.
std::string Trace(const std::vector<Levels>& group, bool Levels::*line, int top,
                  std::string_view name) {
  constexpr double kFrom = 14.0;
  constexpr double kTo = 98.0;
  const microseconds begin = group.front().at;
  const auto span = std::max<std::int64_t>((group.back().at - begin).count() * 9 / 8, 1);
  std::string svg = fmt::format("<text x=\"0\" y=\"{}\">{}</text>", top + 16, name);
  bool level = false;
  double x = kFrom - 2.0;
  const auto y_of = [top](bool asserted) { return asserted ? top + 4 : top + 18; };
  const auto draw_to = [&](double to, bool next) {
    svg += fmt::format("<line class=\"level\" x1=\"{:.2f}%\" x2=\"{:.2f}%\" y1=\"{}\" y2=\"{}\"/>",
                       x, to, y_of(level), y_of(level));
    if (next != level)
      svg +=
          fmt::format("<line class=\"level\" x1=\"{:.2f}%\" x2=\"{:.2f}%\" y1=\"{}\" y2=\"{}\"/>",
                      to, to, y_of(level), y_of(next));
    x = to;
    level = next;
  };
  for (const Levels& levels : group)
    draw_to(kFrom + (kTo - kFrom) * PerCent((levels.at - begin).count(), span) / 100.0,
            levels.*line);
  draw_to(100.0, level);
  return svg;
}

std::string Wave(const std::vector<Levels>& group) {
  const auto took = std::chrono::duration_cast<milliseconds>(group.back().at - group.front().at);
  std::string told;
  for (const Levels& levels : group)
    told +=
        fmt::format("{}{} reset {}, boot {}", told.empty() ? "" : "; ", FormatOffset(levels.at),
                    levels.reset ? "asserted" : "released", levels.boot ? "asserted" : "released");
  return fmt::format(
      "<figure><figcaption>From {}, {} ms, {} changes</figcaption><svg role=\"img\" width=\"100%\" "
      "height=\"50\" aria-label=\"{}\"><title>{}</title>{}{}</svg></figure>\n",
      FormatOffset(group.front().at), took.count(), group.size(), told, told,
      Trace(group, &Levels::reset, 0, "reset"), Trace(group, &Levels::boot, 25, "boot"));
}

}  // namespace

std::vector<PlacedStage> PlaceStages(const RunReport& report) {
  std::vector<PlacedStage> placed;
  milliseconds base{0};
  milliseconds newest{0};
  for (const EvidenceItem& item : report.items) {
    if (std::holds_alternative<BeginEvidence>(item.content)) base = newest;
    newest = std::max(newest, base + item.offset);
    if (const auto* stage = std::get_if<StageEvidence>(&item.content))
      placed.push_back({stage, base + std::min(stage->began, item.offset), base + item.offset});
  }
  return placed;
}

std::string TimeLineFigure(const std::vector<PlacedStage>& stages) {
  if (stages.empty()) return "";
  std::int64_t total = 1;
  for (const PlacedStage& placed : stages) total = std::max(total, placed.ended.count());
  const int height = 26 + static_cast<int>(stages.size()) * 30;
  std::string svg = fmt::format(
      "<figure><svg role=\"img\" width=\"100%\" height=\"{}\" aria-label=\"{} stages in {}, to "
      "scale; the table below has the same\">",
      height, stages.size(), FormatSeconds(milliseconds(total)));
  for (const int quarter : {0, 1, 2, 3, 4}) {
    const char* anchor = quarter == 0 ? "start" : quarter == 4 ? "end" : "middle";
    svg += fmt::format(
        "<line class=\"axis\" x1=\"{0}%\" x2=\"{0}%\" y1=\"18\" y2=\"{1}\"/><text x=\"{0}%\" "
        "y=\"13\" text-anchor=\"{2}\">{3}</text>\n",
        quarter * 25, height, anchor, FormatSeconds(milliseconds(total * quarter / 4)));
  }
  std::size_t number = 0;
  for (const PlacedStage& placed : stages) svg += Bar(placed, ++number, total);
  return svg +
         "</svg><figcaption>Filled: ok. Striped: fail. Dotted: note. Hollow: skip.</figcaption>"
         "</figure>\n";
}

std::string FlashFigure(const FlashMap& map) {
  const std::size_t rows = (map.sectors().size() + kSectorsPerRow - 1) / kSectorsPerRow;
  std::string svg = fmt::format(
      "<figure><svg class=\"map\" role=\"img\" viewBox=\"0 0 {} {}\" width=\"100%\" "
      "aria-label=\"map of {} sectors, 64 a row; the tables below have the same\">",
      kSectorsPerRow * kCell, rows * kCell, map.sectors().size());
  for (std::size_t i = 0; i < map.sectors().size();) {
    const SectorFate fate = map.sectors()[i];
    std::size_t end = i + 1;
    while (end < map.sectors().size() && end % kSectorsPerRow != 0 && map.sectors()[end] == fate)
      ++end;
    const std::size_t x = i % kSectorsPerRow * kCell;
    const std::size_t y = i / kSectorsPerRow * kCell;
    svg += fmt::format(
        "<rect class=\"f-{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>0x{:x}: "
        "{}</title></rect>",
        FateName(fate), x, y, (end - i) * kCell, kCell, i * kMapSectorBytes, FateTitle(fate));
    if (fate != SectorFate::kUntouched && fate != SectorFate::kSame)
      svg +=
          fmt::format("<text x=\"{}\" y=\"{}\">{}</text>", x + kCell / 2, y + 8, FateLetter(fate));
    svg += "\n";
    i = end;
  }
  return svg +
         "</svg><figcaption>Each square is a sector of 4096 octets, a row is 256 KB, the "
         "flash begins at the top left.</figcaption></figure>\n";
}

std::string LineFigures(const RunReport& report) {
  const auto groups = GroupEdges(report);
  std::string html;
  for (std::size_t i = 0; i < std::min(groups.size(), kWavesMax); ++i) html += Wave(groups[i]);
  if (groups.size() > kWavesMax)
    html += fmt::format("<p>{} more groups of changes are in the transcript.</p>\n",
                        groups.size() - kWavesMax);
  return html;
}

}  // namespace lastgood
