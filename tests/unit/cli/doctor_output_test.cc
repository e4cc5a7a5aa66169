// SPDX-License-Identifier: MIT
#include "cli/doctor_output.h"

#include <gtest/gtest.h>

#include <fstream>

namespace lastgood {
namespace {

// What docs/events.md shows.
Findings Shown() {
  return {{"serial-console",
           FindingVerdict::kProblem,
           "the kernel's console is on ttyS0 (console=ttyS0,115200)",
           "sudo raspi-config nonint do_serial_cons 1; then: sudo reboot",
           {"/proc/cmdline: console=ttyS0,115200"}},
          {"gpio-access", FindingVerdict::kOk, "user 'pi' may use /dev/gpiochip0", "", {}}};
}

std::string DocumentedExamples() {
  std::ifstream file(LASTGOOD_SOURCE_DIR "/docs/events.md");
  std::string examples;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("{\"v\":1,\"event\":\"finding\"") ||
        line.starts_with("{\"v\":1,\"event\":\"doctor\""))
      examples += line + "\n";
  return examples;
}

TEST(DoctorOutputTest, JsonIsAsDocumented) {
  EXPECT_EQ(JsonOf(Shown(), "espiot-phat"), DocumentedExamples());
}

TEST(DoctorOutputTest, WithoutABoardThereIsNone) {
  EXPECT_EQ(JsonOf({}, ""),
            "{\"v\":1,\"event\":\"doctor\",\"board\":null,\"exit_code\":0,\"ok\":0,\"notes\":0,"
            "\"problems\":[],\"unknown\":[]}\n");
}

TEST(DoctorOutputTest, RemedyStandsBelowItsFinding) {
  EXPECT_EQ(TextOf(Shown(), {}),
            "  PROBLEM  serial-console   the kernel's console is on ttyS0 (console=ttyS0,115200)\n"
            "                            → sudo raspi-config nonint do_serial_cons 1; then: sudo "
            "reboot\n"
            "  ok       gpio-access      user 'pi' may use /dev/gpiochip0\n");
}

TEST(DoctorOutputTest, VerboseShowsWhereItWasRead) {
  DoctorText look;
  look.verbose = true;
  look.quiet = true;
  EXPECT_EQ(TextOf(Shown(), look),
            "  PROBLEM  serial-console   the kernel's console is on ttyS0 (console=ttyS0,115200)\n"
            "                            → sudo raspi-config nonint do_serial_cons 1; then: sudo "
            "reboot\n"
            "                            · /proc/cmdline: console=ttyS0,115200\n");
}

TEST(DoctorOutputTest, LinesFitTheTerminal) {
  DoctorText look;
  look.width = 60;
  EXPECT_EQ(TextOf({Shown()[0]}, look),
            "  PROBLEM  serial-console   the kernel's console is on ttyS0\n"
            "                            (console=ttyS0,115200)\n"
            "                            → sudo raspi-config nonint\n"
            "                            do_serial_cons 1; then: sudo\n"
            "                            reboot\n");
}

TEST(DoctorOutputTest, ColourOnlyAddsToTheWord) {
  DoctorText look;
  look.colour = true;
  EXPECT_EQ(TextOf({{"a", FindingVerdict::kNote, "b", "", {}}}, look),
            "  \x1b[36mnote\x1b[0m     a                b\n");
}

TEST(DoctorOutputTest, WhatAHostSaysDoesNotReachTheTerminal) {
  DoctorText look;
  look.verbose = true;
  const std::string out =
      TextOf({{"host", FindingVerdict::kOk, "\x1b[2J", "\x07", {"\x1b]0;t\x07"}}}, look);
  EXPECT_EQ(out.find('\x1b'), std::string::npos);
  EXPECT_EQ(out.find('\x07'), std::string::npos);
}

TEST(DoctorOutputTest, LastLineSaysHowItStands) {
  const Findings unknown = {{"serial-holder", FindingVerdict::kUnknown, "x", "", {}}};
  EXPECT_EQ(VerdictText({}, "phat"),
            "Nothing on this host keeps board 'phat' from being reached.\n");
  EXPECT_EQ(
      VerdictText(unknown, "phat"),
      "Nothing on this host keeps board 'phat' from being reached. 1 thing could not be looked "
      "at.\n");
  EXPECT_NE(VerdictText({}, "").find("lastgood doctor BOARD"), std::string::npos);
}

TEST(DoctorOutputTest, ErrorNamesTheChecks) {
  Findings findings = Shown();
  findings.push_back(findings[0]);
  findings.push_back({"serial-holder", FindingVerdict::kProblem, "x", "y", {}});
  EXPECT_EQ(ErrorOf(findings, "phat").message,
            "3 problems keep board 'phat' from being reached: serial-console, serial-holder");
  EXPECT_EQ(ErrorOf(findings, "phat").code, ExitCode::kBoard);
  findings = {{"serial-holder", FindingVerdict::kProblem, "x", "y", {}}};
  EXPECT_EQ(ErrorOf(findings, "phat").message,
            "1 problem keeps board 'phat' from being reached: serial-holder");
  EXPECT_EQ(ErrorOf(findings, "phat").code, ExitCode::kBusy);
}

}  // namespace
}  // namespace lastgood
