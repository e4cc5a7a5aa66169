// SPDX-License-Identifier: MIT
#include "fetch/artifact_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "digest/digest.h"
#include "http/answer.h"

namespace lastgood {

ArtifactSink::ArtifactSink(PartFile& part, std::string url, std::uint64_t size_bytes, bool resume,
                           std::function<void(std::uint64_t)> progress)
    : part_(part),
      url_(std::move(url)),
      size_bytes_(size_bytes),
      resume_(resume),
      progress_(std::move(progress)) {}

Result<void> ArtifactSink::OnResponse(const HttpResponse& response) {
  if (response.status == 416 && resume_)
    return Refuse(Refusal::kNoRange, StatusForPeople(response.status));
  if (response.status == 429 || response.status == 503) {
    retry_after_ = response.retry_after;
    return Refuse(Refusal::kLater, StatusForPeople(response.status));
  }
  if (response.status != 200 && response.status != 206)
    return Refuse(Refusal::kStatus, StatusForPeople(response.status));
  const std::uint64_t from = response.status == 206 ? part_.size_bytes() : 0;
  if (response.content_length && *response.content_length != size_bytes_ - from) {
    // Refused with the first octets of the body as evidence; nothing of it is kept.
    refusal_ = Refusal::kWrongBytes;
    reason_ = fmt::format("{} bytes announced, the manifest says {}",
                          from + *response.content_length, size_bytes_);
    return {};
  }
  return Accept(response);
}

Result<void> ArtifactSink::Accept(const HttpResponse& response) {
  continued_ = response.status == 206;
  if (continued_) return {};
  TRY_DO(part_.Discard());
  part_.RememberEtag(url_, response.etag);
  return {};
}

Result<void> ArtifactSink::OnBody(ByteSpan piece) {
  received_bytes_ += piece.size();
  if (refusal_ != Refusal::kNone) {
    KeepAsEvidence(piece);
    return Refuse(refusal_, reason_);
  }
  if (piece.size() > size_bytes_ - part_.size_bytes()) return RefuseSurplus(piece);
  TRY_DO(part_.Append(piece));
  if (progress_) progress_(part_.size_bytes());
  return {};
}

Result<void> ArtifactSink::RefuseSurplus(ByteSpan piece) {
  reason_ = fmt::format("more than the {} bytes of the manifest", size_bytes_);
  if (part_.size_bytes() == 0) {
    KeepAsEvidence(piece);
  } else {
    wrong_answer_ = WrongAnswerOf(part_, url_, reason_);
  }
  TRY_DO(part_.Discard());
  return Refuse(Refusal::kWrongBytes, reason_);
}

void ArtifactSink::KeepAsEvidence(ByteSpan piece) {
  WrongAnswer answer{UrlForPeople(url_), reason_, piece.size(), Sha256(piece), {}};
  Append(answer.start, piece.first(std::min(piece.size(), kEvidenceBytes)));
  wrong_answer_ = std::move(answer);
}

Result<void> ArtifactSink::Refuse(Refusal refusal, std::string reason) {
  refusal_ = refusal;
  reason_ = std::move(reason);
  return Fail(ExitCode::kCannotDownload, reason_);
}

std::string ArtifactSink::Reason() const {
  return wrong_answer_ ? fmt::format("{}; {}", reason_, DescribeAnswer(*wrong_answer_)) : reason_;
}

WrongAnswer WrongAnswerOf(PartFile& part, const std::string& url, const std::string& reason) {
  const std::uint64_t bytes = part.size_bytes();
  Bytes start = part.Start(kEvidenceBytes);
  return {UrlForPeople(url), reason, bytes, part.FinishDigest(), std::move(start)};
}

std::string DescribeAnswer(const WrongAnswer& answer) {
  return fmt::format("{} (sha256 {})", DescribeStart(answer.start), Abbreviate(answer.sha256));
}

std::string DescribeStart(ByteSpan start) {
  if (start.empty()) return {};
  return (LooksLikeHtml(start) ? "an HTML page: " : "it begins with ") + QuoteStart(start);
}

}  // namespace lastgood
