// SPDX-License-Identifier: MIT
#include "device/telnet_stream.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace lastgood {
namespace {

// "ab" for data, "[253 44]" for a consent, "[SB 44: 1 0]" for a subnegotiation, as they stand.
std::string Read(const Bytes& stream, std::size_t piece) {
  TelnetReader reader;
  std::string story;
  Bytes data;
  const auto tell_data = [&] {
    story += AsText(data);
    data.clear();
  };
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    const auto part = ByteSpan(stream).subspan(at, std::min(piece, stream.size() - at));
    reader.Feed(part, data, [&](const TelnetCommand& command) {
      tell_data();
      if (command.verb == TelnetVerb::kSubnegotiation)
        story += fmt::format("[SB {}: {}]", command.option, fmt::join(command.value, " "));
      else
        story += fmt::format("[{} {}]", static_cast<int>(command.verb), command.option);
    });
    tell_data();
  }
  return story;
}

TEST(TelnetStream, IsTakenApartTheSameHoweverItIsCut) {
  struct Case {
    Bytes stream;
    const char* story;
  };
  const Bytes long_value(300, 7);
  Bytes too_long = {255, 250, 44};
  Append(too_long, long_value);
  Append(too_long, Bytes{255, 240, 'x'});
  for (const Case& c : {
           Case{{'a', 0, 'b'}, nullptr},
           Case{{'a', 255, 255, 'b'},
                "a\xff"
                "b"},
           Case{{'a', 255, 253, 44, 'b', 255, 254, 0}, "a[253 44]b[254 0]"},
           Case{{255, 250, 44, 101, 0, 1, 255, 240, 'x'}, "[SB 44: 101 0 1]x"},
           Case{{255, 250, 44, 101, 255, 255, 255, 240}, "[SB 44: 101 255]"},
           Case{{255, 250, 255, 240, 'x'}, "x"},                // empty
           Case{{255, 241, 'a', 255, 246, 'b'}, "ab"},          // NOP, are you there
           Case{{255, 250, 44, 1, 255, 251, 3, 'x'}, "\x03x"},  // no SE: given up
           Case{too_long, "x"},
       }) {
    const std::string story = c.story != nullptr ? c.story : std::string("a\0b", 3);
    for (const std::size_t piece : {1U, 2U, 3U, 1000U})
      EXPECT_EQ(Read(c.stream, piece), story) << "in pieces of " << piece;
  }
}

TEST(TelnetStream, ACommandMayChangeTheDataBeforeIt) {
  TelnetReader reader;
  Bytes data;
  reader.Feed(Bytes{'o', 'l', 'd', 255, 253, 0, 'n', 'e', 'w'}, data,
              [&](const TelnetCommand&) { data.clear(); });
  EXPECT_EQ(AsText(data), "new");
}

TEST(TelnetStream, WhatIsWrittenReadsBackAndOctet255IsDoubled) {
  Bytes out;
  AppendTelnetData(out, Bytes{1, 255, 2});
  EXPECT_EQ(out, (Bytes{1, 255, 255, 2}));
  out.clear();
  AppendTelnetCommand(out, {TelnetVerb::kWill, 44, {}});
  AppendTelnetCommand(out, {TelnetVerb::kSubnegotiation, 44, {1, 0, 255}});
  EXPECT_EQ(out, (Bytes{255, 251, 44, 255, 250, 44, 1, 0, 255, 255, 255, 240}));
}

}  // namespace
}  // namespace lastgood
