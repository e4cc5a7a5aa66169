// SPDX-License-Identifier: MIT
#include <gpiod.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "device/libgpiod.h"

namespace lastgood::libgpiod {
namespace {

struct CloseChip {
  void operator()(gpiod_chip* chip) const { gpiod_chip_close(chip); }
};
using ChipHandle = std::unique_ptr<gpiod_chip, CloseChip>;

int FlagsOf(GpioBias bias) {
  switch (bias) {
    case GpioBias::kAsIs:
      return 0;
    case GpioBias::kDisabled:
      return GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
    case GpioBias::kPullUp:
      return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    case GpioBias::kPullDown:
      return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
  }
  return 0;
}

int FlagsOf(const Output& output) {
  return FlagsOf(output.bias) |
         (output.drive == GpioDrive::kOpenDrain ? GPIOD_LINE_REQUEST_FLAG_OPEN_DRAIN : 0);
}

// Lines of one request.
class Request {
 public:
  Request() { gpiod_line_bulk_init(&lines_); }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  void Add(gpiod_line* line, std::size_t index, const Output& output) {
    gpiod_line_bulk_add(&lines_, line);
    indexes_.push_back(index);
    outputs_.push_back(output);
  }
  bool Takes(const Output& output) const { return FlagsOf(outputs_[0]) == FlagsOf(output); }

  bool Make() {
    std::vector<int> levels;
    for (const Output& output : outputs_) levels.push_back(output.level ? 1 : 0);
    const gpiod_line_request_config config{kConsumer, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT,
                                           FlagsOf(outputs_[0])};
    held_ = gpiod_line_request_bulk(&lines_, &config, levels.data()) == 0;
    return held_;
  }

  bool Set(const std::vector<bool>& all) {
    std::vector<int> levels;
    for (const std::size_t index : indexes_) levels.push_back(all[index] ? 1 : 0);
    return gpiod_line_set_value_bulk(&lines_, levels.data()) == 0;
  }

  ~Request() {
    if (!held_) return;
    const GpioBias bias = outputs_[0].bias_released;
    if (gpiod_line_set_config_bulk(&lines_, GPIOD_LINE_REQUEST_DIRECTION_INPUT, FlagsOf(bias),
                                   nullptr) != 0)
      gpiod_line_set_direction_input_bulk(&lines_);
    gpiod_line_release_bulk(&lines_);
    // A request has one bias for all its lines, so the others get theirs in one of their own.
    for (std::size_t i = 1; i < outputs_.size(); ++i) {
      if (outputs_[i].bias_released == bias) continue;
      gpiod_line* const line = gpiod_line_bulk_get_line(&lines_, static_cast<unsigned>(i));
      const gpiod_line_request_config config{kConsumer, GPIOD_LINE_REQUEST_DIRECTION_INPUT,
                                             FlagsOf(outputs_[i].bias_released)};
      if (gpiod_line_request(line, &config, 0) == 0) gpiod_line_release(line);
    }
  }

 private:
  gpiod_line_bulk lines_{};
  std::vector<std::size_t> indexes_;  // in what Set() gets
  std::vector<Output> outputs_;
  bool held_ = false;
};

class ChipOutputs final : public Outputs {
 public:
  explicit ChipOutputs(ChipHandle chip) : chip_(std::move(chip)) {}

  bool Make(const std::vector<Output>& outputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      gpiod_line* const line = gpiod_chip_get_line(chip_.get(), outputs[i].offset);
      if (line == nullptr) return false;
      auto request = std::find_if(requests_.begin(), requests_.end(),
                                  [&](const auto& made) { return made->Takes(outputs[i]); });
      if (request == requests_.end())
        request = requests_.insert(requests_.end(), std::make_unique<Request>());
      (*request)->Add(line, i, outputs[i]);
    }
    return std::all_of(requests_.begin(), requests_.end(),
                       [](const auto& request) { return request->Make(); });
  }

  OrErrno<void> Set(const std::vector<bool>& levels) override {
    for (const auto& request : requests_)
      if (!request->Set(levels)) return tl::unexpected(errno);
    return {};
  }

 private:
  ChipHandle chip_;  // outlives the requests
  std::vector<std::unique_ptr<Request>> requests_;
};

std::string Text(const char* text) { return text != nullptr ? text : ""; }

}  // namespace

OrErrno<GpioChip> ReadChip(const std::string& path) {
  const ChipHandle chip(gpiod_chip_open(path.c_str()));
  if (!chip) return tl::unexpected(errno);
  GpioChip read{path, gpiod_chip_name(chip.get()), gpiod_chip_label(chip.get()), {}};
  for (unsigned offset = 0; offset < gpiod_chip_num_lines(chip.get()); ++offset) {
    gpiod_line* const line = gpiod_chip_get_line(chip.get(), offset);
    if (line == nullptr) return tl::unexpected(errno);
    read.lines.push_back(
        {Text(gpiod_line_name(line)), Text(gpiod_line_consumer(line)), gpiod_line_is_used(line)});
  }
  return read;
}

OrErrno<std::unique_ptr<Outputs>> RequestOutputs(const std::string& path,
                                                 const std::vector<Output>& outputs) {
  ChipHandle chip(gpiod_chip_open(path.c_str()));
  if (!chip) return tl::unexpected(errno);
  auto held = std::make_unique<ChipOutputs>(std::move(chip));
  if (!held->Make(outputs)) {
    const int error = errno;  // letting go of what was made may change it
    held.reset();
    return tl::unexpected(error);
  }
  return held;
}

}  // namespace lastgood::libgpiod
