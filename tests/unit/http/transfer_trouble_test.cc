// SPDX-License-Identifier: MIT
// The codes are numbers here: they are what was measured, and what users find in curl's manual.
#include "http/transfer_trouble.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <string_view>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

HttpRequest TenSeconds() {
  HttpRequest request;
  request.connect_timeout = milliseconds(3'000);
  request.total_timeout = milliseconds(10'000);
  return request;
}

TransferFacts Facts(int curl_code) {
  TransferFacts facts;
  facts.curl_code = curl_code;
  return facts;
}

TEST(DiagnoseTransfer, EveryCauseHasItsClassAndWords) {
  const struct {
    int curl_code;
    int os_errno;
    long tls_verified;
    HttpTrouble trouble;
    std::string_view cause;
  } cases[] = {
      {5, 0, 0, HttpTrouble::kProxy, "name of the proxy not resolved"},
      {6, 0, 0, HttpTrouble::kResolve, "name not resolved"},
      {7, ECONNREFUSED, 0, HttpTrouble::kConnect, "connection refused"},
      {7, ENETUNREACH, 0, HttpTrouble::kNoNetwork, "network is unreachable"},
      {7, EADDRNOTAVAIL, 0, HttpTrouble::kNoNetwork, "cannot assign requested address"},
      {7, EHOSTUNREACH, 0, HttpTrouble::kUnreachable, "no route to host"},
      {7, ETIMEDOUT, 0, HttpTrouble::kUnreachable, "cannot connect, connection timed out"},
      {7, 0, 0, HttpTrouble::kUnreachable, "cannot connect"},
      {35, 0, 1, HttpTrouble::kTls, "no TLS spoken there"},
      {60, 0, 9, HttpTrouble::kNotYetValid,
       "certificate not trusted: it is not valid yet, the clock is behind"},
      {60, 0, 10, HttpTrouble::kExpired,
       "certificate not trusted: it has expired, or the clock is ahead"},
      {60, 0, 18, HttpTrouble::kForeignCertificate, "certificate not trusted: self-signed"},
      {60, 0, 19, HttpTrouble::kForeignCertificate, "certificate not trusted: self-signed"},
      {60, 0, 20, HttpTrouble::kForeignCertificate,
       "certificate not trusted: its issuer is unknown"},
      {60, 0, 1, HttpTrouble::kForeignCertificate,
       "certificate not trusted: it belongs to another name"},
      {60, 0, 62, HttpTrouble::kForeignCertificate,
       "certificate not trusted: it belongs to another name"},
      {60, 0, 26, HttpTrouble::kTls, "certificate not trusted"},
      {77, 0, 0, HttpTrouble::kTls, "no trusted certificates on this computer"},
      {52, 0, 0, HttpTrouble::kCutOff, "connection closed without an answer"},
      {1, 0, 0, HttpTrouble::kProtocol, "not an http, https or file URL, or no HTTP spoken there"},
      {3, 0, 0, HttpTrouble::kProtocol, "not a valid URL"},
      {8, 0, 0, HttpTrouble::kProtocol, "an answer that is not HTTP"},
      {27, 0, 0, HttpTrouble::kLocal, "out of memory"},
      {61, 0, 0, HttpTrouble::kProtocol,
       "Unrecognized or bad HTTP Content or Transfer-Encoding (libcurl 61)"},
  };
  for (const auto& row : cases) {
    TransferFacts facts = Facts(row.curl_code);
    facts.os_errno = row.os_errno;
    facts.tls_verified = row.tls_verified;
    const TransferDiagnosis found = DiagnoseTransfer(facts, TenSeconds());
    EXPECT_EQ(found.trouble, row.trouble) << row.cause;
    EXPECT_EQ(found.cause, row.cause);
  }
}

TEST(DiagnoseTransfer, OneTimeoutCodeIsFourCauses) {
  TransferFacts facts = Facts(28);
  facts.elapsed = milliseconds(3'001);
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).cause, "name not resolved within 3 s");
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).trouble, HttpTrouble::kResolve);

  facts.name_resolved = true;
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).cause, "no connection within 3 s");
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).trouble, HttpTrouble::kUnreachable);

  facts.connected = true;
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).cause,
            "slower than 256 bytes/s for 30 s, given up");
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).trouble, HttpTrouble::kTooSlow);

  // What libcurl has measured when its limit of 10 s is over may be less.
  facts.elapsed = milliseconds(9'999);
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).cause, "timed out after 10 s");
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).trouble, HttpTrouble::kTimeout);
}

TEST(DiagnoseTransfer, ShortTotalLimitIsTheOneNamed) {
  HttpRequest request = TenSeconds();
  request.total_timeout = milliseconds(1'500);
  EXPECT_EQ(DiagnoseTransfer(Facts(28), request).cause, "name not resolved within 1.5 s");
}

TEST(DiagnoseTransfer, CutOffCountsFromTheStartOfTheFile) {
  TransferFacts facts = Facts(18);
  facts.body_bytes = 1234;
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).cause, "cut off after 1234 bytes");
  facts.content_length = 600'888;
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).cause, "cut off after 1234 of 600888 bytes");
  facts.first_octet = 600'000;
  facts.content_length = 888;
  facts.body_bytes = 100;
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).cause, "cut off after 600100 of 600888 bytes");
}

TEST(DiagnoseTransfer, ResetIsACutOffHoweverLibcurlCallsIt) {
  for (const int curl_code : {16, 18, 52, 55, 56, 92})
    EXPECT_EQ(DiagnoseTransfer(Facts(curl_code), TenSeconds()).trouble, HttpTrouble::kCutOff)
        << curl_code;
}

TEST(DiagnoseTransfer, RefusalOfAProxyIsNotTakenForTheServers) {
  TransferFacts facts = Facts(56);
  facts.proxy_status = 407;
  TransferDiagnosis found = DiagnoseTransfer(facts, TenSeconds());
  EXPECT_EQ(found.trouble, HttpTrouble::kProxy);
  EXPECT_EQ(found.cause, "the proxy answers 407 Proxy Authentication Required");
  EXPECT_EQ(found.hint, "give the proxy's user name and password in http_proxy and https_proxy");
  facts.proxy_status = 403;
  found = DiagnoseTransfer(facts, TenSeconds());
  EXPECT_EQ(found.cause, "the proxy answers 403 Forbidden");
  EXPECT_EQ(found.hint, "the proxy lets nobody through to there: use a mirror, or a local file");
  facts.proxy_status = 200;
  EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).trouble, HttpTrouble::kCutOff);
}

TEST(DiagnoseTransfer, WrongClockIsToldFromAForeignCertificate) {
  TransferFacts facts = Facts(60);
  for (const long clock : {9, 10}) {
    facts.tls_verified = clock;
    EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).hint.find("set the clock"), 0U) << clock;
  }
  for (const long foreign : {18, 19, 20, 21}) {
    facts.tls_verified = foreign;
    EXPECT_EQ(DiagnoseTransfer(facts, TenSeconds()).hint.find("this network may replace"), 0U)
        << foreign;
  }
}

}  // namespace
}  // namespace lastgood
