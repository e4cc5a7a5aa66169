// SPDX-License-Identifier: MIT
#include "setup/reboot_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifest/text_rules.h"

namespace lastgood {
namespace {

constexpr std::size_t kExpectMax = 16;
constexpr std::size_t kPathMax = 255;

class RebootStep final : public Step {
 public:
  RebootStep(std::string name, std::vector<std::string> expect, const SetupHost& host)
      : name_(std::move(name)), expect_(std::move(expect)), host_(host) {}

  std::string Describe() const override { return name_.empty() ? "reboot" : "reboot: " + name_; }

  void ComesAfter(const std::vector<std::string>& earlier) override { earlier_ = earlier; }

  Result<std::vector<Change>> Pending() override {
    if (!host_.tree.IsRunningHost()) return std::vector<Change>();
    if (std::any_of(earlier_.begin(), earlier_.end(), [this](const std::string& step) {
          return host_.changed_since_boot.contains(step);
        }))
      return std::vector{Change{RebootChange{}, {}}};
    for (const std::string& path : expect_)
      if (host_.files.Look(path) == HostFiles::State::kMissing)
        return Fail(ExitCode::kSetupFailed,
                    fmt::format("'{}' is missing, though no step before this one changed the host "
                                "since it was started",
                                path),
                    "see what it should come from: lastgood doctor");
    return std::vector<Change>();
  }

 private:
  std::string name_;
  std::vector<std::string> expect_;
  const SetupHost& host_;
  std::vector<std::string> earlier_;  // Describe() of the steps before
};

Refusal WhyNotExpected(std::string_view path) {
  if (!path.starts_with('/')) return "must be an absolute path";
  return WhyNotLine(path, kPathMax);
}

}  // namespace

std::unique_ptr<Step> MakeRebootStep(const StepSpec& spec, toml::TableReader& reader,
                                     toml::Diagnostics& mistakes, SetupHost& host) {
  std::vector<std::string> expect = reader.OptionalStrings("expect");
  Accept(reader, "expect", WhyNotList(expect, kExpectMax));
  AcceptEach(reader, "expect", mistakes, WhyNotExpected);
  return std::make_unique<RebootStep>(spec.name, std::move(expect), host);
}

}  // namespace lastgood
