// SPDX-License-Identifier: MIT
#include "fetch/artifact_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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
    const ByteSpan start = piece.first(std::min(piece.size(), kAnswerStartBytes));
    evidence_.assign(start.begin(), start.end());
    return Refuse(refusal_, reason_);
  }
  if (piece.size() > size_bytes_ - part_.size_bytes()) return RefuseSurplus(piece);
  TRY_DO(part_.Append(piece));
  progress_(part_.size_bytes());
  return {};
}

Result<void> ArtifactSink::RefuseSurplus(ByteSpan piece) {
  evidence_ = part_.Start();
  if (evidence_.empty()) Append(evidence_, piece.first(std::min(piece.size(), kAnswerStartBytes)));
  TRY_DO(part_.Discard());
  return Refuse(Refusal::kWrongBytes,
                fmt::format("more than the {} bytes of the manifest", size_bytes_));
}

Result<void> ArtifactSink::Refuse(Refusal refusal, std::string reason) {
  refusal_ = refusal;
  reason_ = std::move(reason);
  return Fail(ExitCode::kCannotDownload, reason_);
}

std::string ArtifactSink::Reason() const {
  const std::string evidence = DescribeStart(evidence_);
  return evidence.empty() ? reason_ : fmt::format("{}; {}", reason_, evidence);
}

std::string DescribeStart(ByteSpan start) {
  if (start.empty()) return {};
  return (LooksLikeHtml(start) ? "an HTML page: " : "it begins with ") + QuoteStart(start);
}

}  // namespace lastgood
