// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "evidence/run_report.h"

namespace lastgood::test {

inline WallTime At(std::int64_t seconds) {
  return WallTime(std::chrono::seconds(1'793'491'200 + seconds));
}

inline KeptWireEvent Heard(std::int64_t at_ms, const std::string& text) {
  KeptWireEvent kept;
  kept.event.at = std::chrono::milliseconds(at_ms);
  kept.event.octets = ToBytes(text);
  return kept;
}

inline KeptWireEvent Sent(std::int64_t at_ms, const std::string& text) {
  KeptWireEvent kept = Heard(at_ms, text);
  kept.event.kind = WireEventKind::kSent;
  return kept;
}

inline KeptWireEvent Lines(std::int64_t at_ms, bool reset, bool boot) {
  KeptWireEvent kept;
  kept.event.at = std::chrono::milliseconds(at_ms);
  kept.event.kind = WireEventKind::kLines;
  kept.event.reset_asserted = reset;
  kept.event.boot_asserted = boot;
  return kept;
}

inline KeptWireEvent Rate(std::int64_t at_ms, std::uint32_t baud) {
  KeptWireEvent kept;
  kept.event.at = std::chrono::milliseconds(at_ms);
  kept.event.kind = WireEventKind::kRate;
  kept.event.baud = baud;
  return kept;
}

inline KeptWireEvent ResetInto(std::int64_t at_ms, bool loader) {
  KeptWireEvent kept;
  kept.event.at = std::chrono::milliseconds(at_ms);
  kept.event.kind = WireEventKind::kReset;
  kept.event.to_download = loader;
  return kept;
}

// One item of every kind.
inline std::vector<EvidenceItem> AllKinds() {
  using std::chrono::milliseconds;
  KeptWireEvent bulk = Sent(4'000, "\xC0\x01");
  bulk.more = 4096;
  bulk.gap = 12;
  return {
      {At(0), milliseconds(0),
       BeginEvidence{"0.1.0", "Raspberry Pi 4", "Debian 12", "arm64", false}},
      {At(1), milliseconds(1'000),
       StageEvidence{"fetch", StageOutcome::kOk, "642 KB", {"from a mirror"}, milliseconds(200)}},
      {At(2), milliseconds(2'000), StateEvidence{"identified", "attempt 1"}},
      {At(4), milliseconds(4'000),
       WireEvidence{{Rate(2'000, 74880), Lines(2'010, true, false), ResetInto(2'011, false),
                     Heard(2'100, "ets Jan  8 2013\r\n"), Sent(2'200, "\x03"), bulk},
                    17,
                    4'111}},
      {At(4), milliseconds(4'000),
       ProbeEvidence{"the target", "https://h/fw.bin", "IPv4", "status 404", "h says 404", "wait"}},
      {At(5), milliseconds(5'000),
       FlashEvidence{"flash", 65536, {{0, 8192}}, {{8192, 8192}}, {{8192, 4096}}, {{32768, 4096}}}},
      {At(6), milliseconds(6'000),
       VerdictEvidence{"health",
                       "MicroPython 1.22.1",
                       "boot-loop(init data missing)",
                       false,
                       "init data missing",
                       "boot loop: 4 resets in 2 s",
                       "set size = \"detect\"",
                       {"a note"},
                       {"rf_cal[0] !=0x05,is 0xFF"}}},
      {At(7), milliseconds(7'000),
       DownloadEvidence{"MicroPython 1.22.1", 1, 641964, {"a mirror: 404"}, ""}},
      {At(8), milliseconds(8'000),
       HintEvidence{"check the wires; the whole story: lastgood show 3"}},
      {At(8), milliseconds(8'000), TextEvidence{"a title", "two\nlines"}},
  };
}

inline RunReport SampleReport() {
  RunReport report;
  report.id = 3;
  report.command = "provision";
  report.manifest_name = "sample";
  report.manifest_source = "/sample.toml";
  report.serial_device = "/dev/ttyAMA0";
  report.started_at = At(0);
  report.ended_at = At(9);
  report.board = "18:fe:34:ab:cd:ef";
  report.board_title = "ESP8266EX, 4 MB flash, flash id 0x1640ef";
  report.exit_code = 8;
  report.outcome = "MicroPython 1.22.1 did not prove itself; rolled back";
  report.states = {{"planned", "", At(0)}, {"identified", "attempt 1", At(2)}};
  report.items = AllKinds();
  report.documents = {{"manifest", "/sample.toml", "schema = 1\nname = \"sample\"\n"}};
  return report;
}

}  // namespace lastgood::test
