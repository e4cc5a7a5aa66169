// SPDX-License-Identifier: MIT
#include "report/output_sink.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace lastgood {
namespace {

constexpr int kWaitMs = 200;
constexpr int kLastWaitMs = 2000;
constexpr std::size_t kKeptBytesMax = 1 << 20;

}  // namespace

DescriptorSink::~DescriptorSink() { Drain(kLastWaitMs); }

void DescriptorSink::Write(std::string_view text) {
  // Whole texts are dropped, so that what is read later is never half a line.
  if (closed_ || kept_.size() + text.size() > kKeptBytesMax) return;
  kept_ += text;
  Drain(stalled_ ? 0 : kWaitMs);
}

void DescriptorSink::Drain(int wait_ms) {
  while (!kept_.empty() && !closed_) {
    stalled_ = !HasRoom(wait_ms);
    if (stalled_ || !WriteSome()) return;
  }
}

bool DescriptorSink::HasRoom(int wait_ms) {
  pollfd wanted{descriptor_, POLLOUT, 0};
  int ready = 0;
  do {
    ready = poll(&wanted, 1, wait_ms);
  } while (ready < 0 && errno == EINTR);
  // A pipe without a reader says so here, before a write to it would raise SIGPIPE.
  if (ready < 0 || (wanted.revents & (POLLERR | POLLNVAL | POLLHUP)) != 0) closed_ = true;
  return ready > 0 && !closed_;
}

bool DescriptorSink::WriteSome() {
  // A pipe that poll() calls writable takes this much without blocking.
  const std::size_t size = std::min<std::size_t>(kept_.size(), PIPE_BUF);
  const ssize_t written = write(descriptor_, kept_.data(), size);
  if (written < 0) {
    if (errno == EINTR) return true;
    if (errno == EAGAIN) {
      stalled_ = true;
    } else {
      closed_ = true;
    }
    return false;
  }
  kept_.erase(0, static_cast<std::size_t>(written));
  return true;
}

}  // namespace lastgood
