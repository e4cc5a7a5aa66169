// SPDX-License-Identifier: MIT
#include "evidence/evidence_json.h"

#include <gtest/gtest.h>

#include <string>

#include "evidence_fixture.h"

namespace lastgood {
namespace {

using test::AllKinds;
using test::At;

TEST(EvidenceJsonTest, EveryKindComesBackAsItWas) {
  const std::vector<EvidenceItem> items = AllKinds();
  ASSERT_EQ(items.size(), std::variant_size_v<EvidenceContent>);
  for (std::size_t kind = 0; kind < items.size(); ++kind) {
    EXPECT_EQ(items[kind].content.index(), kind);
    const EvidenceItem& item = items[kind];
    const std::string_view name = KindName(item.content);
    EXPECT_EQ(DecodeEvidence(name, item.at, EncodeEvidence(item)), item) << name;
  }
}

TEST(EvidenceJsonTest, WhatIsNotUnderstoodStaysReadable) {
  for (
      const auto& [kind, json] :
      {std::pair("stage", "{broken"), std::pair("stage", R"({"offset_ms":1,"stage":"x"})"),
       std::pair("hologram", R"({"offset_ms":1})"),
       std::pair(
           "wire",
           R"({"offset_ms":1,"heard_bytes":0,"sent_bytes":0,"events":[{"at_us":1,"heard":"zz"}]})")}) {
    const EvidenceItem item = DecodeEvidence(kind, At(1), json);
    const auto* text = std::get_if<TextEvidence>(&item.content);
    ASSERT_NE(text, nullptr) << kind;
    EXPECT_NE(text->title.find(kind), std::string::npos);
    EXPECT_EQ(text->text, json);
    EXPECT_EQ(item.at, At(1));
  }
}

// An echo gives a password letter by letter, each a read of its own.
TEST(EvidenceJsonTest, ASecretThatIsSpreadOverReadsIsMaskedInPlace) {
  WireEvidence wire;
  for (const char letter : std::string("wlan.connect(\"home\",\"s3cret\")\r\n"))
    wire.events.push_back(test::Heard(1, std::string(1, letter)));
  const auto struck = std::get<WireEvidence>(StruckEvidence(wire));
  std::string heard;
  for (const KeptWireEvent& kept : struck.events) heard += AsText(kept.event.octets);
  EXPECT_EQ(heard, "wlan.connect(\"home\",\"******\")\r\n");
  EXPECT_EQ(EncodeEvidence({{}, {}, wire}).find("733363726574"), std::string::npos);
}

TEST(EvidenceJsonTest, NothingSecretIsEncoded) {
  const std::string secret = "s3cret";
  const std::string url = "https://ann:" + secret + "@h/f?token=" + secret;
  for (const EvidenceContent& content : std::vector<EvidenceContent>{
           StageEvidence{"fetch", StageOutcome::kFail, url, {url}, {}}, StateEvidence{"x", url},
           WireEvidence{{test::Sent(1, "AT+CWJAP=\"a\",\"" + secret + "\"\r\n")}, 0, 1},
           ProbeEvidence{"the target", url, url, "no answer", url, url},
           VerdictEvidence{"health", url, url, false, url, url, url, {url}, {url}},
           DownloadEvidence{url, 1, 0, {url}, url}, HintEvidence{url}, TextEvidence{url, url}})
    EXPECT_EQ(EncodeEvidence({{}, {}, content}).find(secret), std::string::npos)
        << KindName(content);
}

}  // namespace
}  // namespace lastgood
