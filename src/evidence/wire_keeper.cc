// SPDX-License-Identifier: MIT
#include "evidence/wire_keeper.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lastgood {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kEventBytes = 24;  // what an event takes besides its octets, about
constexpr std::size_t kBulkBytes = 256;
constexpr std::size_t kBulkKeptBytes = 64;
constexpr std::size_t kMergedBytesMax = 1024;
constexpr microseconds kMergedGapMax{20'000};
constexpr std::uint8_t kFrameDelimiter = 0xC0;

bool HasOctets(const WireEvent& event) {
  return event.kind == WireEventKind::kHeard || event.kind == WireEventKind::kSent;
}

std::size_t CostOf(const KeptWireEvent& kept) { return kEventBytes + kept.event.octets.size(); }

std::uint64_t BytesOf(const KeptWireEvent& kept) {
  return kept.gap + kept.event.octets.size() + kept.more;
}

bool IsFrame(const Bytes& octets) { return !octets.empty() && octets.front() == kFrameDelimiter; }

// Behind a gap a line may have lost what tells that it holds a secret. Returns the octets dropped.
std::uint64_t DropBrokenLine(std::deque<KeptWireEvent>& events, WireEventKind direction) {
  std::uint64_t dropped = 0;
  for (KeptWireEvent& kept : events) {
    Bytes& octets = kept.event.octets;
    if (kept.event.kind != direction || IsFrame(octets)) continue;
    const auto end = std::find(octets.begin(), octets.end(), '\n');
    const bool found = end != octets.end();
    const auto behind = found ? end + 1 : end;
    dropped += static_cast<std::uint64_t>(behind - octets.begin());
    octets.erase(octets.begin(), behind);
    if (found || dropped > kMergedBytesMax) break;
  }
  return dropped;
}

}  // namespace

void WireKeeper::Add(WireEvent event) {
  if (!IsOnTheWires(event.kind)) return;
  if (event.kind == WireEventKind::kHeard) heard_ += event.octets.size();
  if (event.kind == WireEventKind::kSent) {
    sent_ += event.octets.size();
    loader_ = IsFrame(event.octets);
  }
  if (event.kind == WireEventKind::kReset || event.kind == WireEventKind::kLines) loader_ = false;
  if (MergesWithLast(event)) {
    Bytes& octets = open_->event.octets;
    const std::size_t room = kBulkBytes > octets.size() ? kBulkBytes - octets.size() : 0;
    const std::size_t kept = loader_ ? std::min(room, event.octets.size()) : event.octets.size();
    Append(octets, ByteSpan(event.octets).first(kept));
    open_->more += event.octets.size() - kept;
    open_until_ = event.at;
    return;
  }
  if (open_) Keep(*std::exchange(open_, std::nullopt));
  open_until_ = event.at;
  open_ = KeptWireEvent{std::move(event), 0, 0};
  // A single write may be large: what is cut here is not held until it is merged.
  if (loader_ && open_->event.octets.size() > kBulkBytes) {
    open_->more = open_->event.octets.size() - kBulkBytes;
    open_->event.octets.resize(kBulkBytes);
    open_->event.octets.shrink_to_fit();
  }
}

bool WireKeeper::MergesWithLast(const WireEvent& event) const {
  return open_ && HasOctets(event) && open_->event.kind == event.kind &&
         event.at - open_until_ <= kMergedGapMax &&
         (loader_ || open_->event.octets.size() + event.octets.size() <= kMergedBytesMax);
}

void WireKeeper::Keep(KeptWireEvent kept) {
  Bytes& octets = kept.event.octets;
  if (kept.more != 0 && octets.size() > kBulkKeptBytes) {
    kept.more += octets.size() - kBulkKeptBytes;
    octets.resize(kBulkKeptBytes);
  }
  // A read of a console that is larger than any event.
  while (octets.size() > kMergedBytesMax) {
    KeptWireEvent piece = kept;
    piece.more = 0;
    piece.event.octets.resize(kMergedBytesMax);
    Store(std::move(piece));
    octets.erase(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(kMergedBytesMax));
  }
  octets.shrink_to_fit();
  Store(std::move(kept));
}

std::size_t WireKeeper::HalfLimit() const {
  const std::size_t left = kRunBytesMax - std::min(run_bytes_, kRunBytesMax);
  return std::clamp(left, kLeastBytes, kStretchBytesMax) / 2;
}

void WireKeeper::Store(KeptWireEvent kept) {
  const std::size_t cost = CostOf(kept);
  head_full_ = head_full_ || head_bytes_ + cost > HalfLimit();
  if (!head_full_) {
    head_bytes_ += cost;
    head_.push_back(std::move(kept));
    return;
  }
  tail_bytes_ += cost;
  tail_.push_back(std::move(kept));
  while (tail_bytes_ > HalfLimit() && tail_.size() > 1) {
    gap_ += BytesOf(tail_.front());
    tail_bytes_ -= CostOf(tail_.front());
    tail_.pop_front();
  }
}

WireEvidence WireKeeper::Take() {
  if (open_) Keep(*std::exchange(open_, std::nullopt));
  if (gap_ > 0) {
    gap_ += DropBrokenLine(tail_, WireEventKind::kHeard);
    gap_ += DropBrokenLine(tail_, WireEventKind::kSent);
  }
  if (!tail_.empty()) tail_.front().gap = std::exchange(gap_, 0);
  run_bytes_ += std::exchange(head_bytes_, 0) + std::exchange(tail_bytes_, 0);
  head_full_ = false;
  WireEvidence wire{std::exchange(head_, {}), std::exchange(heard_, 0), std::exchange(sent_, 0)};
  std::move(tail_.begin(), tail_.end(), std::back_inserter(wire.events));
  tail_.clear();
  return wire;
}

}  // namespace lastgood
