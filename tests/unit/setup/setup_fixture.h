// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "manifest/manifest.h"
#include "setup/setup_runner.h"
#include "setup/step.h"
#include "support/fake_process_runner.h"
#include "support/temporary_directory.h"
#include "toml/document.h"

namespace lastgood::test {

// The value of a Result that must be one.
template <class T>
T Must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().message;
  return std::move(result).value();
}

// What a manifest's parser hands on for each [[step]]; `text` has at least one.
inline std::vector<StepSpec> SpecsOf(const std::string& text) {
  toml::Diagnostics mistakes(Must(toml::Document::Parse(text, "recipe.toml")));
  toml::TableReader root(mistakes.document().root(), "the recipe", mistakes);
  std::vector<StepSpec> specs = ReadSteps(root, mistakes);
  const auto read = mistakes.ToResult();
  EXPECT_TRUE(read) << read.error().message;
  return specs;
}

inline StepSpec SpecOf(const std::string& text) { return SpecsOf(text).at(0); }

// "thing: value" of each claim.
inline std::vector<std::string> ClaimsOf(const Step& step) {
  std::vector<std::string> claims;
  for (const Claim& claim : step.Claims()) claims.push_back(claim.thing + ": " + claim.value);
  return claims;
}

// A log in memory.
class RecordingLog final : public SetupLog {
 public:
  Result<void> BeforeStep(std::size_t index, const Step& step) override {
    if (fail_at == static_cast<int>(index)) return Fail(ExitCode::kInternal, "disk full");
    told.push_back(std::to_string(index) + " " + step.Describe());
    return {};
  }
  Result<std::int64_t> BeforeChange(const Step& step, const RecordedChange& change) override {
    const auto id = static_cast<std::int64_t>(changes.size() + 1);
    changes.push_back({id, step.Describe(), change});
    return id;
  }
  Result<void> AfterChange(std::int64_t id, const RecordedChange& change) override {
    changes.at(static_cast<std::size_t>(id - 1)).change = change;
    return {};
  }
  Result<std::vector<LoggedChange>> Made() override {
    std::vector<LoggedChange> made;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change)
      if (std::find(undone.begin(), undone.end(), change->id) == undone.end())
        made.push_back(*change);
    return made;
  }
  Result<void> Undone(std::int64_t id) override {
    undone.push_back(id);
    return {};
  }

  std::vector<std::string> told;
  std::vector<LoggedChange> changes;
  std::vector<std::int64_t> undone;
  int fail_at = -1;
};

// A host in a temporary directory, with programs that exist only in a script.
class TestHost {
 public:
  TestHost() : host_(OpenSetupHost(directory_ / "host", runner, "", "")) {
    std::filesystem::create_directories(directory_ / "host");
  }

  SetupHost& host() { return host_; }
  // Facts are read anew, after files were arranged.
  void Reopen(const std::string& invoker = "", const std::string& model = "") {
    const bool is_running = host_.is_running;
    host_.facts = OpenSetupHost(directory_ / "host", runner, invoker, model).facts;
    host_.invoker = invoker;
    host_.is_running = is_running;
  }
  const ContentStore& contents() const { return contents_; }

  void Write(const std::string& path, std::string_view text) {
    const auto outside = At(path);
    std::filesystem::create_directories(outside.parent_path());
    WriteText(outside, text);
  }
  std::string Read(const std::string& path) const { return ReadText(At(path)); }
  bool Exists(const std::string& path) const {
    return std::filesystem::exists(std::filesystem::symlink_status(At(path)));
  }
  std::filesystem::path At(const std::string& path) const {
    return directory_ / "host" / std::filesystem::path(path).relative_path();
  }

  std::unique_ptr<Step> Make(const std::string& text) {
    return Must(MakeStep(SpecOf(text), host_));
  }

  // Runs the steps of `text`; what was made is in `log`.
  Result<SetupSummary> Run(const std::string& text) {
    std::vector<PlannedStep> steps;
    for (auto& step : Must(MakeSteps(SpecsOf(text), host_))) steps.push_back({std::move(step), {}});
    return RunSteps(steps, host_, contents_, log, interrupt, {});
  }
  // Takes back all that was made.
  UndoSummary UndoAll() { return Must(UndoChanges(Must(log.Made()), host_, contents_, log)); }

  FakeProcessRunner runner;
  RecordingLog log;
  Interrupt interrupt;

 private:
  TemporaryDirectory directory_;
  ContentStore contents_{directory_ / "contents"};
  SetupHost host_;
};

}  // namespace lastgood::test
