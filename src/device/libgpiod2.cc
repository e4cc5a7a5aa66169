// SPDX-License-Identifier: MIT
#include <gpiod.h>

#include <cerrno>
#include <utility>

#include "device/libgpiod.h"

namespace lastgood::libgpiod {
namespace {

// The library's objects, each with the function that frees it.
template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using ChipHandle = std::unique_ptr<gpiod_chip, Free<gpiod_chip_close>>;
using ChipInfo = std::unique_ptr<gpiod_chip_info, Free<gpiod_chip_info_free>>;
using LineInfo = std::unique_ptr<gpiod_line_info, Free<gpiod_line_info_free>>;
using Settings = std::unique_ptr<gpiod_line_settings, Free<gpiod_line_settings_free>>;
using LineConfig = std::unique_ptr<gpiod_line_config, Free<gpiod_line_config_free>>;
using RequestConfig = std::unique_ptr<gpiod_request_config, Free<gpiod_request_config_free>>;
using Request = std::unique_ptr<gpiod_line_request, Free<gpiod_line_request_release>>;

gpiod_line_bias BiasOf(GpioBias bias) {
  switch (bias) {
    case GpioBias::kAsIs:
      return GPIOD_LINE_BIAS_AS_IS;
    case GpioBias::kDisabled:
      return GPIOD_LINE_BIAS_DISABLED;
    case GpioBias::kPullUp:
      return GPIOD_LINE_BIAS_PULL_UP;
    case GpioBias::kPullDown:
      return GPIOD_LINE_BIAS_PULL_DOWN;
  }
  return GPIOD_LINE_BIAS_AS_IS;
}

gpiod_line_value ValueOf(bool level) {
  return level ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
}

bool Fill(gpiod_line_settings* settings, const Output& output, gpiod_line_direction direction) {
  const bool is_output = direction == GPIOD_LINE_DIRECTION_OUTPUT;
  const bool is_open_drain = is_output && output.drive == GpioDrive::kOpenDrain;
  return gpiod_line_settings_set_direction(settings, direction) == 0 &&
         gpiod_line_settings_set_drive(settings, is_open_drain ? GPIOD_LINE_DRIVE_OPEN_DRAIN
                                                               : GPIOD_LINE_DRIVE_PUSH_PULL) == 0 &&
         gpiod_line_settings_set_output_value(settings, ValueOf(output.level)) == 0 &&
         gpiod_line_settings_set_bias(settings,
                                      BiasOf(is_output ? output.bias : output.bias_released)) == 0;
}

// Each line with settings of its own; null when there is no memory for it.
LineConfig MakeConfig(const std::vector<Output>& outputs, gpiod_line_direction direction) {
  LineConfig config(gpiod_line_config_new());
  const Settings settings(gpiod_line_settings_new());
  if (!config || !settings) return nullptr;
  for (const Output& output : outputs)
    if (!Fill(settings.get(), output, direction) ||
        gpiod_line_config_add_line_settings(config.get(), &output.offset, 1, settings.get()) != 0)
      return nullptr;
  return config;
}

class RequestedOutputs final : public Outputs {
 public:
  RequestedOutputs(Request request, std::vector<Output> outputs)
      : request_(std::move(request)), outputs_(std::move(outputs)) {}
  RequestedOutputs(const RequestedOutputs&) = delete;
  RequestedOutputs& operator=(const RequestedOutputs&) = delete;

  ~RequestedOutputs() override {
    if (BecomeInputs()) return;
    for (Output& output : outputs_) output.bias_released = GpioBias::kAsIs;
    BecomeInputs();
  }

  OrErrno<void> Set(const std::vector<bool>& levels) override {
    std::vector<unsigned> offsets;
    std::vector<gpiod_line_value> values;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      offsets.push_back(outputs_[i].offset);
      values.push_back(ValueOf(levels[i]));
    }
    if (gpiod_line_request_set_values_subset(request_.get(), offsets.size(), offsets.data(),
                                             values.data()) != 0)
      return tl::unexpected(errno);
    return {};
  }

 private:
  bool BecomeInputs() {
    const LineConfig config = MakeConfig(outputs_, GPIOD_LINE_DIRECTION_INPUT);
    return config && gpiod_line_request_reconfigure_lines(request_.get(), config.get()) == 0;
  }

  Request request_;
  std::vector<Output> outputs_;
};

std::string Text(const char* text) { return text != nullptr ? text : ""; }

}  // namespace

OrErrno<GpioChip> ReadChip(const std::string& path) {
  const ChipHandle chip(gpiod_chip_open(path.c_str()));
  if (!chip) return tl::unexpected(errno);
  const ChipInfo info(gpiod_chip_get_info(chip.get()));
  if (!info) return tl::unexpected(errno);
  GpioChip read{
      path, gpiod_chip_info_get_name(info.get()), gpiod_chip_info_get_label(info.get()), {}};
  for (unsigned offset = 0; offset < gpiod_chip_info_get_num_lines(info.get()); ++offset) {
    const LineInfo line(gpiod_chip_get_line_info(chip.get(), offset));
    if (!line) return tl::unexpected(errno);
    read.lines.push_back({Text(gpiod_line_info_get_name(line.get())),
                          Text(gpiod_line_info_get_consumer(line.get())),
                          gpiod_line_info_is_used(line.get())});
  }
  return read;
}

OrErrno<std::unique_ptr<Outputs>> RequestOutputs(const std::string& path,
                                                 const std::vector<Output>& outputs) {
  const ChipHandle chip(gpiod_chip_open(path.c_str()));  // a request stands without it
  if (!chip) return tl::unexpected(errno);
  const RequestConfig config(gpiod_request_config_new());
  const LineConfig lines = MakeConfig(outputs, GPIOD_LINE_DIRECTION_OUTPUT);
  if (!config || !lines) return tl::unexpected(ENOMEM);
  gpiod_request_config_set_consumer(config.get(), kConsumer);
  Request request(gpiod_chip_request_lines(chip.get(), config.get(), lines.get()));
  if (!request) return tl::unexpected(errno);
  return std::make_unique<RequestedOutputs>(std::move(request), outputs);
}

}  // namespace lastgood::libgpiod
