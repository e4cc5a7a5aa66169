// SPDX-License-Identifier: MIT
#include "plan/step_order.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/nearest_word.h"

namespace lastgood {
namespace {

using Steps = std::vector<StepSpec>;
using Indices = std::vector<std::size_t>;
using Mistakes = std::vector<std::string>;

const std::string& CalledBy(const StepSpec& step) {
  return step.name.empty() ? step.kind : step.name;
}

std::string PlaceOf(const StepSpec& step) {
  const toml::Position at = step.name.empty() ? step.fields.position : step.name_position;
  return fmt::format("{}:{}", step.document.name(), at.line);
}

void CheckName(const StepSpec& step, const Steps& steps, Mistakes& mistakes) {
  const auto first = std::find_if(steps.begin(), steps.end(), [&step](const StepSpec& other) {
    return other.name == step.name;
  });
  if (step.name.empty() || &*first == &step) return;
  mistakes.push_back(step.document.Diagnose(
      step.name_position,
      fmt::format("another step is named '{}' already, at {}", step.name, PlaceOf(*first))));
}

// A name is meant before a kind. Of two that have the same name the first: those are a mistake of
// their own.
Indices StepsCalled(const std::string& name, const Steps& steps) {
  Indices nameless;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (CalledBy(steps[i]) != name) continue;
    if (!steps[i].name.empty()) return {i};
    nameless.push_back(i);
  }
  return nameless;
}

std::string WhyUnknown(const std::string& name, const Steps& steps) {
  std::vector<std::string> names;
  for (const StepSpec& step : steps) names.push_back(CalledBy(step));
  if (const auto nearest = NearestWord(name, names))
    return fmt::format("no step is named '{}'; did you mean '{}'?", name, *nearest);
  return fmt::format("no step is named '{}'", name);
}

std::string WhyAmbiguous(const std::string& name, const Steps& steps, const Indices& meant) {
  std::vector<std::string> places;
  for (const std::size_t i : meant) places.push_back(PlaceOf(steps[i]));
  return fmt::format("'{}' may be the step at {}; give it a name", name,
                     fmt::join(places, " or at "));
}

// The steps that `step` needs, in the order in which it names them.
Indices NeedsOf(const StepSpec& step, const Steps& steps, Mistakes& mistakes) {
  Indices needs;
  for (const StepSpec::Need& need : step.needs) {
    const Indices meant = StepsCalled(need.step, steps);
    if (meant.size() == 1)
      needs.push_back(meant[0]);
    else
      mistakes.push_back(step.document.Diagnose(
          need.position,
          meant.empty() ? WhyUnknown(need.step, steps) : WhyAmbiguous(need.step, steps, meant)));
  }
  return needs;
}

// Where each step is in the new order, once it is there.
using Places = std::vector<std::optional<std::size_t>>;

std::optional<std::size_t> FirstMissing(const Indices& needs, const Places& places) {
  for (const std::size_t need : needs)
    if (!places[need]) return need;
  return std::nullopt;
}

// nullopt when none is left, or all that are left wait for one another.
std::optional<std::size_t> NextStep(const std::vector<Indices>& needs, const Places& places) {
  for (std::size_t step = 0; step < needs.size(); ++step)
    if (!places[step] && !FirstMissing(needs[step], places)) return step;
  return std::nullopt;
}

// Steps that wait for one another, the first of them again at the end.
Indices CircleIn(const std::vector<Indices>& needs, const Places& places) {
  const auto waiting = std::find(places.begin(), places.end(), std::nullopt);
  Indices way{static_cast<std::size_t>(waiting - places.begin())};
  for (;;) {
    const std::size_t next = *FirstMissing(needs[way.back()], places);
    const auto before = std::find(way.begin(), way.end(), next);
    const bool closes = before != way.end();
    if (closes) way.erase(way.begin(), before);
    way.push_back(next);
    if (closes) return way;
  }
}

tl::unexpected<Error> FailCircle(const Indices& circle, const Steps& steps,
                                 const std::vector<Indices>& needs) {
  std::vector<std::string> names;
  for (const std::size_t step : circle) names.push_back(CalledBy(steps[step]));
  const StepSpec& first = steps[circle[0]];
  const Indices& of_first = needs[circle[0]];
  const auto need = std::find(of_first.begin(), of_first.end(), circle[1]) - of_first.begin();
  return Fail(ExitCode::kInvalidManifest,
              first.document.Diagnose(first.needs[static_cast<std::size_t>(need)].position,
                                      fmt::format("{}", fmt::join(names, " needs "))));
}

}  // namespace

Result<std::vector<OrderedStep>> OrderSteps(const Steps& written) {
  Mistakes mistakes;
  std::vector<Indices> needs;
  for (const StepSpec& step : written) {
    CheckName(step, written, mistakes);
    needs.push_back(NeedsOf(step, written, mistakes));
  }
  if (!mistakes.empty())
    return Fail(ExitCode::kInvalidManifest, fmt::format("{}", fmt::join(mistakes, "\n")));
  Places places(written.size());
  std::vector<OrderedStep> ordered;
  while (ordered.size() < written.size()) {
    const auto next = NextStep(needs, places);
    if (!next) return FailCircle(CircleIn(needs, places), written, needs);
    OrderedStep step{written[*next], {}};
    for (const std::size_t need : needs[*next]) step.needs.push_back(*places[need]);
    places[*next] = ordered.size();
    ordered.push_back(std::move(step));
  }
  return ordered;
}

}  // namespace lastgood
