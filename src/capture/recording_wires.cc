// SPDX-License-Identifier: MIT
#include "capture/recording_wires.h"

#include <utility>

namespace lastgood {
namespace {

class RecordingSerialPort final : public SerialPort {
 public:
  RecordingSerialPort(std::unique_ptr<SerialPort> serial_port,
                      std::shared_ptr<WireRecorder> recorder)
      : serial_port_(std::move(serial_port)), recorder_(std::move(recorder)) {}

  Result<std::size_t> Read(std::span<std::uint8_t> buffer,
                           std::chrono::milliseconds timeout) override {
    TRY(const std::size_t size, serial_port_->Read(buffer, timeout));
    if (size > 0) Note(WireEventKind::kHeard, buffer.first(size));
    return size;
  }
  Result<void> Write(ByteSpan data) override {
    TRY_DO(serial_port_->Write(data));
    Note(WireEventKind::kSent, data);
    return {};
  }
  Result<void> Drain() override { return serial_port_->Drain(); }
  Result<void> SetBaudRate(std::uint32_t baud) override {
    TRY_DO(serial_port_->SetBaudRate(baud));
    WireEvent event;
    event.kind = WireEventKind::kRate;
    event.baud = baud;
    recorder_->Add(std::move(event));
    return {};
  }
  Result<void> DiscardInput() override { return serial_port_->DiscardInput(); }
  std::string Name() const override { return serial_port_->Name(); }

 private:
  void Note(WireEventKind kind, ByteSpan octets) {
    WireEvent event;
    event.kind = kind;
    event.octets.assign(octets.begin(), octets.end());
    recorder_->Add(std::move(event));
  }

  std::unique_ptr<SerialPort> serial_port_;
  std::shared_ptr<WireRecorder> recorder_;
};

class RecordingLines final : public BoardLines {
 public:
  RecordingLines(std::unique_ptr<BoardLines> lines, std::shared_ptr<WireRecorder> recorder)
      : lines_(std::move(lines)), recorder_(std::move(recorder)) {
    lines_->Watch([this](bool reset_asserted, bool boot_asserted) {
      WireEvent event;
      event.kind = WireEventKind::kLines;
      event.reset_asserted = reset_asserted;
      event.boot_asserted = boot_asserted;
      recorder_->Add(std::move(event));
      TellWatcher(reset_asserted, boot_asserted);
    });
  }

  Result<void> Reset(BoardMode mode, int patience) override {
    WireEvent event;
    event.kind = WireEventKind::kReset;
    event.to_download = mode == BoardMode::kDownload;
    recorder_->Add(std::move(event));
    TRY_DO(lines_->Reset(mode, patience));
    recorder_->Add(WireEvent{.kind = WireEventKind::kResetDone});
    return {};
  }
  LinesMover MovedBy() const override { return lines_->MovedBy(); }
  std::string Name() const override { return lines_->Name(); }

 private:
  std::unique_ptr<BoardLines> lines_;
  std::shared_ptr<WireRecorder> recorder_;
};

}  // namespace

void WireRecorder::Add(WireEvent event) {
  event.at = std::chrono::duration_cast<std::chrono::microseconds>(clock_.Now() - began_);
  log_.Add(std::move(event));
}

std::unique_ptr<SerialPort> RecordSerialPort(std::unique_ptr<SerialPort> serial_port,
                                             std::shared_ptr<WireRecorder> recorder) {
  return std::make_unique<RecordingSerialPort>(std::move(serial_port), std::move(recorder));
}

std::unique_ptr<BoardLines> RecordLines(std::unique_ptr<BoardLines> lines,
                                        std::shared_ptr<WireRecorder> recorder) {
  return std::make_unique<RecordingLines>(std::move(lines), std::move(recorder));
}

}  // namespace lastgood
