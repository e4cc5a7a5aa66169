// SPDX-License-Identifier: MIT
// Errors are values. A function that can fail returns Result<T>; callers branch on the code, people
// read the message and the hint. Only cli/ turns an Error into text and an exit status.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/exit_code.h"

namespace lastgood {

struct Error {
  ExitCode code = ExitCode::kInternal;
  std::string message;  // what, on which object, why: lower case, no full stop
  std::string hint;     // what to do next; empty when there is nothing to do
};

// tl::expected is not [[nodiscard]]; a Result that nobody looks at is a lost failure.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}
};

inline tl::unexpected<Error> Fail(ExitCode code, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(hint)});
}
inline tl::unexpected<Error> Fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace lastgood

#define LASTGOOD_JOIN_(a, b) a##b
#define LASTGOOD_JOIN(a, b) LASTGOOD_JOIN_(a, b)

// TRY(auto image, ParseImage(bytes)); declares `image`, or returns the error to the caller.
#define TRY(declaration, ...) \
  TRY_IMPL_(LASTGOOD_JOIN(try_result_, __LINE__), declaration, __VA_ARGS__)
#define TRY_IMPL_(name, declaration, ...)                      \
  auto name = (__VA_ARGS__);                                   \
  if (!name) return ::lastgood::Fail(std::move(name).error()); \
  declaration = *std::move(name)

// TRY_DO(port.Write(frame)); for a Result<void>.
#define TRY_DO(...)                                            \
  do {                                                         \
    if (auto try_result_ = (__VA_ARGS__); !try_result_)        \
      return ::lastgood::Fail(std::move(try_result_).error()); \
  } while (false)
