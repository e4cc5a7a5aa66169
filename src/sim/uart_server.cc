// SPDX-License-Identifier: MIT
#include "sim/uart_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "device/termios2.h"
#include "sim/lines_socket.h"
#include "sim/real_time_pump.h"

namespace lastgood::sim {
namespace {

// What the user's program finds when it sets nothing up; raw, so that it gets no echo and gives
// none.
constexpr std::uint32_t kInitialBaud = 115200;
// The board's end only carries octets: the faster it is, the sooner a driver hands them over.
constexpr std::uint32_t kCarrierBaud = 921600;

Result<Descriptor> OpenEnd(const std::filesystem::path& path, std::uint32_t baud) {
  Descriptor device(RetryOnInterrupt(
      [&] { return ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC); }));
  if (!device || !SetRawMode(device.Get(), baud))
    return Fail(
        ExitCode::kBoard,
        fmt::format("cannot use '{}' for the simulated board: {}", path.string(), ErrnoText(errno)),
        "name a serial device that is crossed with the one that the board's user opens");
  return device;
}

class CrossedUart final : public UartUser {
 public:
  CrossedUart(Descriptor uart, Descriptor peer, std::optional<GpioSimPins> pins,
              SimulatedBoard& board)
      : uart_(std::move(uart)), peer_(std::move(peer)), pins_(std::move(pins)), board_(board) {}

  std::uint32_t BaudRate() override {
    const auto baud = GetRate(peer_.Get());
    if (baud && *baud > 0) baud_ = *baud;
    return baud_;
  }

  Sent Take(std::size_t size_max, bool) override {
    Bytes octets(size_max);
    const ssize_t count =
        RetryOnInterrupt([&] { return ::read(uart_.Get(), octets.data(), octets.size()); });
    octets.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return {std::move(octets)};
  }

  std::size_t Give(ByteSpan octets) override {
    if (octets.empty()) return 0;
    const ssize_t count =
        RetryOnInterrupt([&] { return ::write(uart_.Get(), octets.data(), octets.size()); });
    return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }

  void AddWaits(bool may_take, bool has_octets, std::vector<pollfd>& waits) const override {
    const int events = (may_take ? POLLIN : 0) | (has_octets ? POLLOUT : 0);
    waits.push_back({uart_.Get(), static_cast<short>(events), 0});
    if (pins_) waits.push_back({pins_->Edges(), POLLIN, 0});
  }

  void Attend(TimePoint now) override {
    if (!pins_) return;
    pins_->Follow(now, [this](bool reset, bool boot) { board_.SetLines(reset, boot); });
  }
  TimePoint NextEvent() const override { return pins_ ? pins_->NextLook() : TimePoint::max(); }

 private:
  Descriptor uart_;
  Descriptor peer_;
  std::optional<GpioSimPins> pins_;
  SimulatedBoard& board_;
  std::uint32_t baud_ = kInitialBaud;
};

}  // namespace

Result<void> ServeOnUart(SimulatedBoard& board, const UartServerOptions& options, Clock& clock,
                         const Interrupt& interrupt, const std::function<void()>& ready) {
  TRY(Descriptor uart, OpenEnd(options.uart, kCarrierBaud));
  TRY(Descriptor peer, OpenEnd(options.peer_uart, kInitialBaud));
  std::optional<GpioSimPins> pins;
  if (options.pins) {
    TRY(GpioSimPins opened, GpioSimPins::Open(*options.pins));
    pins.emplace(std::move(opened));
  }
  std::optional<LinesSocket> lines;
  if (!options.lines_socket.empty()) {
    TRY(LinesSocket socket, LinesSocket::Listen(options.lines_socket));
    lines.emplace(std::move(socket));
  }
  if (ready) ready();
  CrossedUart user(std::move(uart), std::move(peer), std::move(pins), board);
  PumpInRealTime(board, user, lines ? &*lines : nullptr, clock, interrupt);
  return {};
}

}  // namespace lastgood::sim
