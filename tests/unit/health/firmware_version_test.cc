// SPDX-License-Identifier: MIT
#include "health/firmware_version.h"

#include <gtest/gtest.h>

namespace lastgood {
namespace {

struct TextCase {
  std::string_view text;
  std::string_view version;
};

TEST(FirmwareVersion, BannersTellTheirs) {
  const TextCase kCases[] = {
      {"MicroPython v1.8.7 on 2017-01-08; ESP module with ESP8266\r\n", "1.8.7"},
      {"MicroPython v1.8.7-213-gaac2db9 on 2017-02-12; ESP module", "1.8.7-213-gaac2db9"},
      {"\r\n>>> MicroPython v1.22.1 on 2024-01-05; ESP module (1M) with ESP8266\r\n", "1.22.1"},
      {"MicroPython (with v2.0 preview) v1.24.0-preview.12.g0a1b2c3 on 2024-09-01; x",
       "1.24.0-preview.12.g0a1b2c3"},
      {"MicroPython v1.9.3 on 2017-11-01; x\nMicroPython v1.9.4 on 2018-05-11; x\n", "1.9.4"},
      {"MicroPython 1.20.2.r4 on 2021-01-12; x", "1.20.2.r4"},
      {"MicroPython v1.8", ""},
      {"MicroPython (with v2.0 preview on 2024", ""},
      {"CircuitPython 3.1.2 on 2019-01-07", ""},
      {">>> ", ""},
      {"", ""},
  };
  for (const TextCase& test : kCases) EXPECT_EQ(VersionOfBanner(test.text), test.version);
  const std::string endless = "MicroPython v1" + std::string(100000, '1') + " on x";
  EXPECT_LE(VersionOfBanner(endless).size(), 64U);
}

struct ImplementationCase {
  std::string_view text;
  std::string_view product;
  std::string_view version;
};

TEST(FirmwareVersion, ImplementationTuplesTellTheirs) {
  const ImplementationCase kCases[] = {
      {"(name='micropython', version=(1, 8, 7))\r\n", "MicroPython", "1.8.7"},
      {"(name='micropython', version=(1, 27, 0, ''), _machine='JS', _mpy=774)\n", "MicroPython",
       "1.27.0"},
      {"(name='micropython', version=(1, 24, 0, 'preview'))", "MicroPython", "1.24.0"},
      {"(name='circuitpython', version=(8, 2, 6), mpy=517)\r\n", "CircuitPython", "8.2.6"},
      {"(name='other', version=(1, 2))", "", "1.2"},
      {"version=(", "", ""},
      {"NameError: name 'sys' isn't defined", "", ""},
  };
  for (const ImplementationCase& test : kCases) {
    EXPECT_EQ(NameOfImplementation(test.text).product, test.product) << test.text;
    EXPECT_EQ(NameOfImplementation(test.text).version, test.version) << test.text;
  }
}

TEST(FirmwareVersion, AtAnswersTellTheirs) {
  const TextCase kCases[] = {
      {"AT+GMR\r\r\nAT version:1.1.0.0(May 11 2016 18:09:56)\r\nSDK version:1.5.4\r\n\r\nOK\r\n",
       "1.1.0.0"},
      {"AT version:2.0.0.0(88c2cde - Jul  9 2019 11:03:33)\nSDK version:v3.2\n", "2.0.0.0"},
      {"AT+GMR\r\r\n00160901\r\n\r\nOK\r\n", "00160901"},
      {"0018000902-AI03\r\nOK\r\n", "0018000902-AI03"},
      {"SDK version:v3.2\r\nOK\r\n", "3.2"},
      {"WIFI CONNECTED\r\nAT version:1.7.4.0(May 11 2020 19:13:04)\r\nSDK "
       "version:3.0.4(9532ceb)\r\n"
       "Bin version(Wroom 02):1.7.4\r\n\r\nOK\r\n",
       "1.7.4.0"},
      {"AT+GMR\r\nAT version:2.0.0.0(88c2cde - Jul  9 2019 11:03:33)\r\nSDK version:v3.2\r\n"
       "compile time:Jul 15 2019 09:23:26\r\nBin version:2.0.0(WROOM-02)\r\n\r\nOK\r\n",
       "2.0.0.0"},
      {"AT version:4.1.1.0-dev(s-f4b3c7a - ESP8266)\r\n\r\nOK\r\n", "4.1.1.0-dev"},
      {"AT+GMR\r\r\n\r\nERROR\r\n", ""},
      {"1234567\r\nOK\r\n", ""},
      {"", ""},
  };
  for (const TextCase& test : kCases) EXPECT_EQ(VersionOfAt(test.text), test.version);
}

struct MatchCase {
  std::string_view expected;
  std::string_view told;
  bool matches;
};

TEST(FirmwareVersion, PrefixMustEndWhereAComponentEnds) {
  const MatchCase kCases[] = {
      {"1.22.1", "1.22.1", true},
      {"v1.22.1", "1.22.1", true},
      {"1.22", "1.22.1", true},
      {"1.8.7", "1.8.7-7-gb5a1a20a3", true},
      {"1.8.7-7", "1.8.7-7-gb5a1a20a3", true},
      {"1.", "1.22.1", true},
      {"", "1.22.1", true},
      {"", "", true},
      {"1.2", "1.22.1", false},
      {"1.22.1", "1.22", false},
      {"1.22.1", "1.22.10", false},
      {"1.8.7-7-gb5", "1.8.7-7-gb5a1a20a3", false},
      {"1.22", "11.22", false},
      {"1.22.1", "", false},
      {"1.22", "1.22rc1", false},
  };
  for (const MatchCase& test : kCases)
    EXPECT_EQ(VersionMatches(test.expected, test.told), test.matches)
        << test.expected << " / " << test.told;
}

}  // namespace
}  // namespace lastgood
