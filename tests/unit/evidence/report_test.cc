// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "evidence/flash_map.h"
#include "evidence/run_report.h"
#include "evidence_fixture.h"

namespace lastgood {
namespace {

using Json = nlohmann::ordered_json;
using test::SampleReport;

// Everything that a text could do to a page, or to a terminal.
const std::string kHostile =
    std::string("<script>alert(1)</script>\"><img src=x onerror=alert(1)>'&amp;") +
    "\x1b[31m\x07\xff\xfe \xe2\x80\xae evil \xe2\x81\xa6 </pre></style>";

RunReport HostileReport() {
  RunReport report = SampleReport();
  report.manifest_name = report.manifest_source = report.outcome = report.serial_device = kHostile;
  report.board_title = kHostile;
  report.states.push_back({kHostile, kHostile, test::At(1)});
  for (const EvidenceContent& content : std::vector<EvidenceContent>{
           BeginEvidence{kHostile, kHostile, kHostile, kHostile, true},
           StageEvidence{kHostile, StageOutcome::kFail, kHostile, {kHostile}, {}},
           WireEvidence{{test::Heard(1, kHostile), test::Sent(2, kHostile)}, 1, 1},
           ProbeEvidence{kHostile, kHostile, kHostile, kHostile, kHostile, kHostile},
           VerdictEvidence{kHostile,
                           kHostile,
                           kHostile,
                           false,
                           kHostile,
                           kHostile,
                           kHostile,
                           {kHostile},
                           {kHostile}},
           DownloadEvidence{kHostile, 1, 1, {kHostile}, kHostile}, HintEvidence{kHostile},
           TextEvidence{kHostile, kHostile}})
    report.items.push_back({test::At(9), std::chrono::milliseconds(9'000), content});
  report.documents.push_back({kHostile, kHostile, kHostile});
  return report;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ReportTextTest, TheStoryIsToldInOrder) {
  const std::string text = ReportText(SampleReport());
  std::size_t at = 0;
  for (const char* part : {"Run 3: provision sample (/sample.toml)\n",
                           "did not prove itself; rolled back\nhint: check the wires\n",
                           "\nStates\n",
                           "identified         attempt 1\n",
                           "\nWhere\n",
                           "lastgood 0.1.0 on Raspberry Pi 4, Debian 12, arm64\n",
                           "ok    fetch     642 KB  (0.8 s)\n",
                           "                from a mirror\n",
                           "asked the network: the target via IPv4",
                           "status 404: h says 404\n",
                           "--- verdict on MicroPython 1.22.1 ---\n",
                           "remedy: set size = \"detect\"\n",
                           "--- a title ---\ntwo\nlines\n",
                           "erased and written\n",
                           "--- heard from the board, and sent (>) ---\n",
                           "74880 baud]\n",
                           "reset asserted, boot released]\n",
                           "  ets Jan  8 2013\n",
                           "> \\x03\n",
                           "[12 octets left out]\n",
                           "> [4098 octets: c0 01 …]\n"}) {
    const std::size_t found = text.find(part, at);
    EXPECT_NE(found, std::string::npos) << part << "\n" << text;
    if (found != std::string::npos) at = found;
  }
}

TEST(ReportTextTest, ALoadersManyFramesAreTwoAtEachEnd) {
  RunReport report = SampleReport();
  WireEvidence wire;
  for (int i = 0; i < 40; ++i)
    wire.events.push_back(test::Sent(100 * i, "\xC0" + std::to_string(1000 + i)));
  wire.events.push_back(test::Heard(5'000, ">>> "));
  wire.events.push_back(test::Sent(5'100, "\r\x03print(1)\r"));
  report.items = {{{}, {}, wire}};
  EXPECT_NE(ReportText(report).find("> [5 octets: c0 31 30 30 30 ]\n> [5 octets: c0 31 30 30 31 ]\n"
                                    "  [36 more frames]\n"
                                    "> [5 octets: c0 31 30 33 38 ]\n> [5 octets: c0 31 30 33 39 ]\n"
                                    "  >>> \n> \\r\\x03print(1)\\r\n"),
            std::string::npos)
      << ReportText(report);
}

TEST(ReportTextTest, AHostileTextDoesNothingToATerminal) {
  const std::string text = ReportText(HostileReport());
  EXPECT_TRUE(std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == '\xff' || c == 0x7f;
  }));
  EXPECT_FALSE(Contains(text, "\xe2\x80\xae"));
}

TEST(ReportTextTest, AnUnfinishedRunSaysSo) {
  RunReport report = SampleReport();
  report.ended_at.reset();
  EXPECT_TRUE(Contains(ReportText(report), "not finished: lastgood resume\n"));
  EXPECT_TRUE(Contains(ReportHtml(report), "Not finished"));
  const Json json = Json::parse(ReportJson(report).Dump());
  EXPECT_TRUE(json["ended"].is_null());
  EXPECT_TRUE(json["exit_code"].is_null());
}

TEST(ReportTest, WhatToDoIsWhatAPersonWasTold) {
  RunReport report = SampleReport();
  EXPECT_EQ(RemedyOf(report), "check the wires");
  report.items.push_back({{}, {}, HintEvidence{"the whole story: lastgood show 3"}});
  EXPECT_EQ(RemedyOf(report), "set size = \"detect\"");
  report.items.clear();
  EXPECT_EQ(RemedyOf(report), "");
}

TEST(ReportTest, SecretsAreStruckFromEveryText) {
  const std::string secret = "s3cret";
  const std::string url = "https://ann:" + secret + "@h/f?sig=" + secret;
  RunReport report = SampleReport();
  report.manifest_source = report.outcome = report.serial_device = url;
  report.states.push_back({"x", url, {}});
  report.documents.push_back(
      {"manifest", url, "urls = [\"" + url + "\"]\npassword = \"" + secret + "\"\n"});
  report.items.push_back({{}, {}, StageEvidence{"fetch", StageOutcome::kFail, url, {url}, {}}});
  report.items.push_back(
      {{}, {}, WireEvidence{{test::Heard(1, "wlan.connect('a', '" + secret + "')\n")}, 1, 0}});
  const RunReport struck = Struck(report);
  for (const std::string& output :
       {ReportText(struck), ReportJson(struck).Dump(), ReportHtml(struck)}) {
    EXPECT_FALSE(Contains(output, secret));
    EXPECT_FALSE(Contains(output, "73 33 63 72 65 74"));
    EXPECT_FALSE(Contains(output, "733363726574"));
  }
}

TEST(ReportHtmlTest, NothingIsFetchedOrRun) {
  const std::string html = ReportHtml(HostileReport());
  EXPECT_TRUE(html.starts_with("<!doctype html>\n"));
  EXPECT_TRUE(Contains(html, "default-src 'none'"));
  for (const char* part : {"<script", "<img", "<link", "<iframe", "@import", "\x1b", "\xff",
                           "\xe2\x80\xae", "\xe2\x81\xa6"})
    EXPECT_FALSE(Contains(html, part)) << part;
  const std::string without_values = std::regex_replace(html, std::regex("\"[^\"]*\""), "\"\"");
  EXPECT_FALSE(
      std::regex_search(without_values, std::regex("<[a-z][^>]*\\s(src|srcset|on[a-z]+)=")));
  EXPECT_FALSE(std::regex_search(html, std::regex("url\\([^#]")));
  const std::regex reference("(href|xlink:href)=\"([^\"]*)\"");
  for (auto match = std::sregex_iterator(html.begin(), html.end(), reference);
       match != std::sregex_iterator(); ++match)
    EXPECT_EQ((*match)[2].str().front(), '#');
}

// Every element that is opened is closed, in order: a page that a browser need not mend.
TEST(ReportHtmlTest, ElementsAreBalanced) {
  for (const RunReport& report : {SampleReport(), HostileReport()}) {
    const std::string html = ReportHtml(report);
    const std::set<std::string> empty_ones = {"meta", "br", "rect", "line", "path", "circle"};
    std::vector<std::string> open;
    const std::regex tag("<(/?)([a-z0-9]+)[^>]*?(/?)>");
    for (auto match = std::sregex_iterator(html.begin(), html.end(), tag);
         match != std::sregex_iterator(); ++match) {
      const std::string name = (*match)[2];
      if (!(*match)[3].str().empty() || empty_ones.contains(name)) continue;
      if ((*match)[1].str().empty()) {
        open.push_back(name);
        continue;
      }
      ASSERT_FALSE(open.empty()) << name;
      ASSERT_EQ(open.back(), name);
      open.pop_back();
    }
    EXPECT_TRUE(open.empty());
  }
}

TEST(ReportHtmlTest, EverySectionIsThereAndInTheNavigation) {
  const std::string html = ReportHtml(SampleReport());
  for (const char* id : {"facts", "stages", "verdicts", "network", "flash", "wires", "evidence",
                         "states", "documents"}) {
    EXPECT_TRUE(Contains(html, std::string("<section id=\"") + id + "\"")) << id;
    EXPECT_TRUE(Contains(html, std::string("<a href=\"#") + id + "\"")) << id;
  }
  EXPECT_TRUE(Contains(html, "<td class=\"n\">1</td><td>fetch"));
  EXPECT_TRUE(Contains(html, "65 74 73 20 4a 61 6e 20 20 38 20 32 30 31 33 0d "));
}

// As much as a run can leave on its way through all of its states.
TEST(ReportHtmlTest, ThePageStaysBelowAMegabyte) {
  RunReport report = HostileReport();
  for (int state = 0; state < 32; ++state) {
    WireEvidence wire;
    for (int i = 0; i < 12; ++i) wire.events.push_back(test::Heard(i, std::string(1024, '<')));
    report.items.push_back({{}, {}, wire});
    report.items.push_back({{}, {}, TextEvidence{"a diff", std::string(64 * 1024, '&')}});
  }
  report.items.push_back({{}, {}, FlashEvidence{"flash", 16U << 20, {}, {{0, 16U << 20}}, {}, {}}});
  report.documents.push_back({"manifest", "/m.toml", std::string(1024 * 1024, '#')});
  const std::string html = ReportHtml(report);
  EXPECT_LT(html.size(), 1'000'000U);
  EXPECT_TRUE(Contains(html, "octets are in the JSON report only"));
  EXPECT_TRUE(Contains(html, "octets are left out here"));
}

TEST(ReportHtmlTest, LongListsAreCutAndSaySo) {
  RunReport report = HostileReport();
  for (int i = 0; i < 40; ++i) {
    StageEvidence stage;
    stage.stage = "setup";
    stage.details.assign(40, std::string(400, '\''));
    report.items.push_back({{}, {}, stage});
  }
  const std::string html = ReportHtml(report);
  EXPECT_LT(html.size(), 400'000U);
  EXPECT_NE(html.find("<ul><li>[40 more are left out here]</li></ul>"), html.npos);
}

TEST(ReportJsonTest, SectorsAddUp) {
  const Json json = Json::parse(ReportJson(SampleReport()).Dump());
  std::int64_t sum = 0;
  for (const auto& [name, count] : json["flash"]["sectors"].items()) sum += count.get<int>();
  EXPECT_EQ(sum, 16);
  EXPECT_EQ(json["flash"]["sectors"]["erased-and-written"], 1);
  EXPECT_EQ(json["flash"]["sectors"]["in-doubt"], 1);
}

// Names of fields, those of array elements and of nested objects included.
void FieldsOf(const Json& json, const std::string& prefix, std::set<std::string>& fields) {
  if (json.is_array())
    for (const Json& element : json) FieldsOf(element, prefix, fields);
  if (!json.is_object()) return;
  for (const auto& [name, value] : json.items()) {
    fields.insert(prefix + name);
    FieldsOf(value, prefix + name + ".", fields);
  }
}

// docs/report.md: its example has every field that a report has, and names each in its tables.
TEST(ReportJsonTest, TheDocumentationHasEveryField) {
  std::ifstream file(std::string(LASTGOOD_SOURCE_DIR) + "/docs/report.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  const std::size_t begin = page.find("```json\n");
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = page.find("\n```", begin);
  const Json example = Json::parse(page.substr(begin + 8, end - begin - 8));
  std::set<std::string> documented;
  FieldsOf(example, "", documented);
  std::set<std::string> real;
  FieldsOf(Json::parse(ReportJson(SampleReport()).Dump()), "", real);
  EXPECT_EQ(documented, real);
  for (const std::string& field : real) {
    const std::string name = field.substr(field.rfind('.') + 1);
    EXPECT_TRUE(Contains(page, "`" + name + "`")) << name;
  }
  std::set<std::string> kinds;
  for (const Json& item : example["evidence"]) kinds.insert(item["kind"].get<std::string>());
  EXPECT_EQ(kinds.size(), std::variant_size_v<EvidenceContent>);
}

}  // namespace
}  // namespace lastgood
