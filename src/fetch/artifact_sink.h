// SPDX-License-Identifier: MIT
// Takes one answer's body into a part file, and refuses what cannot be the artifact as soon as that
// is known. Private to fetch/.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "fetch/fetch.h"
#include "fetch/part_file.h"
#include "http/http_client.h"

namespace lastgood {

class ArtifactSink final : public HttpSink {
 public:
  enum class Refusal {
    kNone,
    kStatus,      // 404 and the like
    kNoRange,     // 416: resuming is of no use there
    kLater,       // 429 or 503: ask again after a while
    kWrongBytes,  // delivered, but not the artifact
  };

  // `part` must outlive it; it is emptied when a whole answer begins, and not before. `resume`: the
  // rest of it was asked for. `progress` is told the bytes in the part file.
  ArtifactSink(PartFile& part, std::string url, std::uint64_t size_bytes, bool resume,
               std::function<void(std::uint64_t)> progress);

  Result<void> OnResponse(const HttpResponse& response) override;
  Result<void> OnBody(ByteSpan piece) override;

  Refusal refusal() const { return refusal_; }
  // "404 Not Found", "600 bytes announced, the manifest says 600888 (an HTML page: '<!DOC…')".
  std::string Reason() const;
  // kLater: how long the server asks to be left alone, if it says so.
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }
  // kWrongBytes: what came; nullopt when nothing did.
  const std::optional<WrongAnswer>& wrong_answer() const { return wrong_answer_; }
  std::uint64_t received_bytes() const { return received_bytes_; }
  // What was there before is part of what is there now.
  bool continued() const { return continued_; }

 private:
  Result<void> Refuse(Refusal refusal, std::string reason);
  Result<void> Accept(const HttpResponse& response);
  Result<void> RefuseSurplus(ByteSpan piece);
  void KeepAsEvidence(ByteSpan piece);

  PartFile& part_;
  std::string url_;
  std::uint64_t size_bytes_;
  bool resume_;
  std::function<void(std::uint64_t)> progress_;
  Refusal refusal_ = Refusal::kNone;
  std::string reason_;
  std::optional<std::chrono::seconds> retry_after_;
  std::optional<WrongAnswer> wrong_answer_;
  std::uint64_t received_bytes_ = 0;
  bool continued_ = false;
};

// The evidence that `part` holds; Discard must follow.
WrongAnswer WrongAnswerOf(PartFile& part, const std::string& url, const std::string& reason);

// What came, for a message: how it begins, and its digest.
std::string DescribeAnswer(const WrongAnswer& answer);

// "an HTML page: '<!DOCTYPE html>…'" or "it begins with '\xe9\x03…'"; empty when `start` is.
std::string DescribeStart(ByteSpan start);

}  // namespace lastgood
