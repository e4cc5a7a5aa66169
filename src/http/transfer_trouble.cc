// SPDX-License-Identifier: MIT
#include "http/transfer_trouble.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "host/descriptor.h"
#include "http/answer.h"

namespace lastgood {
namespace {

// OpenSSL's X509_V_ERR_… that tell causes apart; stable since its first release.
constexpr long kNotYetValid = 9;
constexpr long kExpired = 10;
constexpr long kSelfSigned = 18;
constexpr long kUnknownIssuerLocally = 20;
constexpr long kUnknownLeafIssuer = 21;
constexpr long kWrongName = 62;

constexpr std::string_view kClockHint =
    "set the clock ('timedatectl' shows it), or use a plain http:// mirror: the digest is checked "
    "anyway";
constexpr std::string_view kForeignCertificateHint =
    "this network may replace certificates, or the clock is wrong: use another network, or a plain "
    "http:// mirror: the digest is checked anyway";

std::string Seconds(std::chrono::milliseconds limit) {
  return fmt::format("{:g} s", static_cast<double>(limit.count()) / 1000.0);
}

TransferDiagnosis DiagnoseCertificate(const TransferFacts& facts) {
  TransferDiagnosis found{HttpTrouble::kTls, "certificate not trusted",
                          std::string(kForeignCertificateHint)};
  const long result = facts.tls_verified;
  if (result == kNotYetValid || result == kExpired) {
    found.trouble = result == kExpired ? HttpTrouble::kExpired : HttpTrouble::kNotYetValid;
    found.cause += result == kExpired ? ": it has expired, or the clock is ahead"
                                      : ": it is not valid yet, the clock is behind";
    found.hint = kClockHint;
  } else if (result >= kSelfSigned && result <= kUnknownLeafIssuer) {
    found.trouble = HttpTrouble::kForeignCertificate;
    found.cause += result < kUnknownIssuerLocally ? ": self-signed" : ": its issuer is unknown";
  } else if (result == kWrongName || result <= 1) {
    found.trouble = HttpTrouble::kForeignCertificate;
    found.cause += ": it belongs to another name";
  }
  return found;
}

TransferDiagnosis DiagnoseConnect(const TransferFacts& facts) {
  switch (facts.os_errno) {
    case ECONNREFUSED:
      return {HttpTrouble::kConnect, "connection refused", ""};
    case ENETUNREACH:
    case EADDRNOTAVAIL:
    case ENETDOWN:
      return {HttpTrouble::kNoNetwork, ErrnoText(facts.os_errno),
              "check the network cable or the Wi-Fi"};
    case EHOSTUNREACH:
      return {HttpTrouble::kUnreachable, ErrnoText(facts.os_errno),
              "check the network cable or the Wi-Fi"};
    case 0:
      return {HttpTrouble::kUnreachable, "cannot connect", ""};
    default:
      return {HttpTrouble::kUnreachable, "cannot connect, " + ErrnoText(facts.os_errno), ""};
  }
}

// libcurl calls a proxy's refusal a failed read.
TransferDiagnosis DiagnoseProxy(const TransferFacts& facts) {
  constexpr int kCredentialsWanted = 407;
  return {HttpTrouble::kProxy, "the proxy answers " + StatusForPeople(facts.proxy_status),
          facts.proxy_status == kCredentialsWanted
              ? "give the proxy's user name and password in http_proxy and https_proxy"
              : "the proxy lets nobody through to there: use a mirror, or a local file"};
}

// libcurl has one code for four limits.
TransferDiagnosis DiagnoseTimeout(const TransferFacts& facts, const HttpRequest& request) {
  const std::string to_connect = Seconds(std::min(request.connect_timeout, request.total_timeout));
  if (!facts.name_resolved) {
    return {HttpTrouble::kResolve, "name not resolved within " + to_connect,
            "check the network and the name server"};
  }
  if (!facts.connected)
    return {HttpTrouble::kUnreachable, "no connection within " + to_connect, ""};
  // libcurl's own clock runs from a little later than its limit.
  constexpr std::chrono::milliseconds kSlack{100};
  if (facts.elapsed + kSlack >= request.total_timeout) {
    return {HttpTrouble::kTimeout, "timed out after " + Seconds(request.total_timeout), ""};
  }
  return {HttpTrouble::kTooSlow,
          fmt::format("slower than {} bytes/s for {} s, given up", request.low_speed_bytes_per_s,
                      request.low_speed_time.count()),
          ""};
}

TransferDiagnosis DiagnoseCutOff(const TransferFacts& facts) {
  if (facts.body_bytes == 0 && !facts.content_length)
    return {HttpTrouble::kCutOff, "connection closed without an answer", ""};
  const std::uint64_t received = facts.first_octet + facts.body_bytes;
  if (!facts.content_length)
    return {HttpTrouble::kCutOff, fmt::format("cut off after {} bytes", received), ""};
  return {HttpTrouble::kCutOff,
          fmt::format("cut off after {} of {} bytes", received,
                      facts.first_octet + *facts.content_length),
          ""};
}

TransferDiagnosis DiagnoseRest(int curl_code) {
  return {HttpTrouble::kProtocol,
          fmt::format("{} (libcurl {})", curl_easy_strerror(static_cast<CURLcode>(curl_code)),
                      curl_code),
          ""};
}

}  // namespace

TransferDiagnosis DiagnoseTransfer(const TransferFacts& facts, const HttpRequest& request) {
  if (facts.proxy_status >= 400) return DiagnoseProxy(facts);
  switch (facts.curl_code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {HttpTrouble::kProxy, "name of the proxy not resolved",
              "check the proxy settings (http_proxy, https_proxy)"};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {HttpTrouble::kResolve, "name not resolved", "check the network and the name server"};
    case CURLE_COULDNT_CONNECT:
      return DiagnoseConnect(facts);
    case CURLE_PEER_FAILED_VERIFICATION:
      return DiagnoseCertificate(facts);
    case CURLE_SSL_CONNECT_ERROR:
      return {HttpTrouble::kTls, "no TLS spoken there",
              "a sign-in page may stand between: open a web page in a browser on this network"};
    case CURLE_SSL_CACERT_BADFILE:
      return {HttpTrouble::kTls, "no trusted certificates on this computer",
              "sudo apt install ca-certificates"};
    case CURLE_OPERATION_TIMEDOUT:
      return DiagnoseTimeout(facts, request);
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return DiagnoseCutOff(facts);
    case CURLE_UNSUPPORTED_PROTOCOL:
      // HTTP/0.9 is off, so this is also libcurl's word for an answer without a status line.
      return {HttpTrouble::kProtocol, "not an http, https or file URL, or no HTTP spoken there",
              ""};
    case CURLE_URL_MALFORMAT:
      return {HttpTrouble::kProtocol, "not a valid URL", ""};
    case CURLE_WEIRD_SERVER_REPLY:
      return {HttpTrouble::kProtocol, "an answer that is not HTTP", ""};
    case CURLE_OUT_OF_MEMORY:
      return {HttpTrouble::kLocal, "out of memory", ""};
    default:
      return DiagnoseRest(facts.curl_code);
  }
}

}  // namespace lastgood
