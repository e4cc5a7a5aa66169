// SPDX-License-Identifier: MIT
// A simulated board served on a pty by a thread, and a program's view of that pty.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "device/termios2.h"
#include "host/clock.h"
#include "host/descriptor.h"
#include "host/interrupt.h"
#include "sim/image_factory.h"
#include "sim/pty_server.h"
#include "support/temporary_directory.h"

namespace lastgood::sim {

// A serial device, opened as a careless program does: no exclusive use, nothing flushed.
class Device {
 public:
  explicit Device(const std::filesystem::path& path, std::uint32_t baud = 115200)
      : descriptor_(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
    EXPECT_TRUE(descriptor_) << path;
    SetBaud(baud);
  }

  int Get() const { return descriptor_.Get(); }
  void SetBaud(std::uint32_t baud) { EXPECT_TRUE(SetRawMode(descriptor_.Get(), baud)); }
  void Write(std::string_view text) {
    EXPECT_EQ(::write(descriptor_.Get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }

  // Reads until `wanted` has been seen, or far too much time has passed.
  std::string ReadUntil(std::string_view wanted, int patience_ms = 20'000) {
    std::string heard;
    while (heard.find(wanted) == std::string::npos) {
      pollfd waiting{descriptor_.Get(), POLLIN, 0};
      if (::poll(&waiting, 1, patience_ms) != 1) break;
      std::array<char, 4096> buffer;
      const ssize_t count = ::read(descriptor_.Get(), buffer.data(), buffer.size());
      if (count <= 0) break;
      heard.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return heard;
  }
  // What is there, and what comes within a short while.
  std::string ReadRest() { return ReadUntil("\x01 never \x02", 100); }

 private:
  Descriptor descriptor_;
};

class ServedBoard : public testing::Test {
 protected:
  ~ServedBoard() override { Join(); }

  void Flash(const ImageRequest& request) { image_ = MakeImage(request); }

  void Serve(std::unique_ptr<Console> console = nullptr, const BoardOptions& options = {}) {
    auto board = SimulatedBoard::Make(options, clock_, std::move(console));
    ASSERT_TRUE(board);
    board_ = *std::move(board);
    if (!image_.empty()) board_->WriteFlash(0, image_);
    ready_ = false;
    thread_ = std::thread([this] {
      result_ =
          ServeOnPty(*board_, {link_, socket_}, clock_, interrupt_, [this] { ready_ = true; });
      ready_ = true;
    });
    while (!ready_) clock_.SleepFor(std::chrono::milliseconds(1));
  }

  // What the server returned.
  Result<void> Stop() {
    Join();
    return result_;
  }

  void Lines(std::string_view request) {
    const auto sent = SendLines(socket_, request, clock_);
    EXPECT_TRUE(sent) << sent.error().message;
  }

  // A release that boots with any header, so that no header has to be patched here.
  static ImageRequest Firmware(ImageRequest::Kind kind = ImageRequest::Kind::kMicropythonSdk1) {
    ImageRequest request;
    request.kind = kind;
    request.version = "1.8.3";
    return request;
  }

  void Join() {
    interrupt_.Request();
    if (thread_.joinable()) thread_.join();
  }

  test::TemporaryDirectory directory_;
  const std::filesystem::path link_ = directory_ / "ttySIM";
  const std::filesystem::path socket_ = directory_ / "lines";
  SystemClock clock_;
  Interrupt interrupt_;
  Bytes image_;
  std::unique_ptr<SimulatedBoard> board_;
  Result<void> result_;
  std::atomic<bool> ready_ = false;
  std::thread thread_;
};

}  // namespace lastgood::sim
