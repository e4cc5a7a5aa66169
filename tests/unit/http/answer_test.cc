// SPDX-License-Identifier: MIT
#include "http/answer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace lastgood {
namespace {

TEST(UrlForPeople, CredentialsAreLeftOut) {
  const struct {
    std::string_view url;
    std::string_view shown;
  } cases[] = {
      {"http://host/x", "http://host/x"},
      {"https://teacher:secret@host:8080/x?y=1", "https://host:8080/x?y=1"},
      {"http://a@b@host/x", "http://host/x"},
      {"http://host/user@home", "http://host/user@home"},
      {"http://user:pass@host", "http://host"},
      {"file:///media/a@b.bin", "file:///media/a@b.bin"},
      {"user:secret@proxy:3128", "proxy:3128"},
      {"proxy:3128", "proxy:3128"},
      {"media/a@b.bin", "media/a@b.bin"},
      {"not a url", "not a url"},
      {"", ""},
  };
  for (const auto& row : cases) EXPECT_EQ(UrlForPeople(row.url), row.shown) << row.url;
}

TEST(UrlForPeople, EndlessUrlIsCut) {
  const std::string shown = UrlForPeople("http://host/" + std::string(60'000, 'x'));
  EXPECT_EQ(shown.size(), 200 + std::string_view("…").size());
}

TEST(UrlHost, HostAndTcpPortWithoutCredentials) {
  EXPECT_EQ(UrlHost("https://micropython.org/resources/x.bin"), "micropython.org");
  EXPECT_EQ(UrlHost("http://user:secret@127.0.0.1:8080/x"), "127.0.0.1:8080");
  EXPECT_EQ(UrlHost("http://[::1]:80?x"), "[::1]:80");
  EXPECT_EQ(UrlHost("file:///x"), "");
  EXPECT_EQ(UrlHost("x.bin"), "");
}

TEST(UrlScheme, LowerCaseOrEmpty) {
  EXPECT_EQ(UrlScheme("HTTPS://x"), "https");
  EXPECT_EQ(UrlScheme("file:///x"), "file");
  EXPECT_EQ(UrlScheme("x.bin"), "");
}

TEST(StatusForPeople, NameWhenThereIsOne) {
  EXPECT_EQ(StatusForPeople(404), "404 Not Found");
  EXPECT_EQ(StatusForPeople(511), "511 Network Authentication Required");
  EXPECT_EQ(StatusForPeople(599), "599");
}

TEST(LooksLikeHtml, WebPagesAreRecognised) {
  for (const std::string_view page :
       {"<!DOCTYPE html>\r\n<html>", "<!doctype HTML PUBLIC", "<html lang=en>", "  \r\n\t<HTML>",
        "\xef\xbb\xbf<!DOCTYPE html>", "<!-- portal --><html>", "<head><meta",
        "<meta http-equiv"}) {
    EXPECT_TRUE(LooksLikeHtml(AsBytes(page))) << page;
  }
}

TEST(LooksLikeHtml, FirmwareAndOtherTextAreNot) {
  const Bytes esp_image = {0xe9, 0x03, 0x02, 0x40, 0x00, 0x00, 0x10, 0x40};
  EXPECT_FALSE(LooksLikeHtml(esp_image));
  for (const std::string_view other :
       {"", "   ", "<", "<xml>", "schema = 1\n", "html", "PK\x03\x04"})
    EXPECT_FALSE(LooksLikeHtml(AsBytes(other))) << other;
}

TEST(QuoteStart, OctetsThatDoNotPrintAreEscaped) {
  const Bytes image = {0xe9, 'A', '\\', 0x00, 0x1b, 0x7f, '\r', '\n'};
  EXPECT_EQ(QuoteStart(image), R"('\xe9A\\\x00\x1b\x7f\r\n')");
  EXPECT_EQ(QuoteStart({}), "''");
}

TEST(QuoteStart, LongAnswerIsCut) {
  EXPECT_EQ(QuoteStart(Bytes(5000, 'a')), "'" + std::string(kAnswerStartBytes, 'a') + "…'");
}

}  // namespace
}  // namespace lastgood
