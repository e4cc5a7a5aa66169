// SPDX-License-Identifier: MIT
// Where a reporter's text goes. Writing never fails: a pipe that nobody reads and a terminal that
// is stopped are not the board's problem.
#pragma once

#include <string>
#include <string_view>

namespace lastgood {

class OutputSink {
 public:
  virtual ~OutputSink() = default;
  virtual void Write(std::string_view text) = 0;
};

// A file descriptor that somebody else owns. A reader that stalls (a pager, a stopped terminal) is
// waited for a moment; after that, text is kept and written when there is room, so that flashing
// never stops because nobody scrolls. A closed reader swallows the rest.
class DescriptorSink final : public OutputSink {
 public:
  explicit DescriptorSink(int descriptor) : descriptor_(descriptor), closed_(descriptor < 0) {}
  ~DescriptorSink() override;  // a last try to write what is kept
  DescriptorSink(const DescriptorSink&) = delete;
  DescriptorSink& operator=(const DescriptorSink&) = delete;

  void Write(std::string_view text) override;

 private:
  void Drain(int wait_ms);
  bool HasRoom(int wait_ms);
  bool WriteSome();

  int descriptor_;
  std::string kept_;
  bool stalled_ = false;
  bool closed_;
};

}  // namespace lastgood
