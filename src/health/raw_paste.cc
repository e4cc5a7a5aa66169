// SPDX-License-Identifier: MIT
#include "health/raw_paste.h"

#include <algorithm>
#include <optional>

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kRequest =
    "\x05"
    "A\x01";
constexpr std::string_view kRawBannerEnd = "to exit\r\n>";
constexpr char kGrant = '\x01';
constexpr char kEnd = '\x04';
constexpr milliseconds kPatience{1500};

class Sender {
 public:
  explicit Sender(LineListener& line) : line_(line) {}
  Result<RawPasteResult> Send(std::string_view code);

 private:
  Result<std::optional<RawPaste>> Request();
  Result<std::optional<char>> Next();
  Result<bool> SendAll(std::string_view code);
  Result<bool> End();

  LineListener& line_;
  std::size_t at_ = 0;  // in SinceMark(): what has been read
  std::size_t window_ = 0;
  std::size_t credit_ = 0;  // what may be sent before the next grant
};

// The next octet from the board; nullopt when none came.
Result<std::optional<char>> Sender::Next() {
  const Deadline deadline(line_.clock(), kPatience);
  while (line_.SinceMark().size() <= at_) {
    if (deadline.Expired()) return std::nullopt;
    TRY_DO(line_.Hear(deadline.Remaining()));
  }
  return line_.SinceMark()[at_++];
}

// nullopt: it is ready to take the code.
Result<std::optional<RawPaste>> Sender::Request() {
  line_.Mark();
  TRY_DO(line_.Send(kRequest));
  TRY(const auto first, Next());
  TRY(const auto second, Next());
  if (first == 'r') {
    // Before 1.14 a control code starts the raw REPL anew.
    TRY(const bool again, line_.WaitFor(kRawBannerEnd, kPatience));
    return again ? RawPaste::kNotKnown : RawPaste::kSilent;
  }
  if (first == 'R' && second == '\0') return RawPaste::kNotKnown;
  if (first != 'R' || second != kGrant) return RawPaste::kSilent;
  TRY(const auto low, Next());
  TRY(const auto high, Next());
  if (!low || !high) return RawPaste::kSilent;
  window_ = static_cast<std::size_t>(static_cast<unsigned char>(*low) |
                                     static_cast<unsigned char>(*high) << 8);
  credit_ = window_;
  return std::nullopt;
}

// False: the board stopped granting, or wants no more.
Result<bool> Sender::SendAll(std::string_view code) {
  while (!code.empty()) {
    while (credit_ == 0 || line_.SinceMark().size() > at_) {
      TRY(const auto octet, Next());
      if (octet != kGrant || window_ == 0) return false;
      credit_ += window_;
    }
    const std::string_view piece = code.substr(0, credit_);
    TRY_DO(line_.Send(piece));
    credit_ -= piece.size();
    code.remove_prefix(piece.size());
  }
  return true;
}

Result<bool> Sender::End() {
  TRY_DO(line_.Send(std::string_view(&kEnd, 1)));
  std::optional<char> octet;
  do {
    TRY(octet, Next());
  } while (octet == kGrant);
  return octet == kEnd;
}

Result<RawPasteResult> Sender::Send(std::string_view code) {
  TRY(const auto refused, Request());
  if (refused) return RawPasteResult{*refused, 0};
  TRY(const bool sent, SendAll(code));
  if (!sent) return RawPasteResult{};
  TRY(const bool ended, End());
  return ended ? RawPasteResult{RawPaste::kTaken, at_} : RawPasteResult{};
}

}  // namespace

Result<RawPasteResult> SendByRawPaste(LineListener& line, std::string_view code) {
  return Sender(line).Send(code);
}

}  // namespace lastgood
