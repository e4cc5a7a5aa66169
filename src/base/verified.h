// SPDX-License-Identifier: MIT
// Bytes whose digest was compared with an expected one. Only verify/ can make a Verified<T>, so a
// function that takes one can not be handed bytes that nobody checked. What a pure function makes
// of them (a member of an archive) is as trustworthy as they are: Derive().
#pragma once

#include <utility>

#include "base/result.h"

namespace lastgood {

class ArtifactVerifier;  // verify/artifact_verifier.h

template <class T>
class Verified {
 public:
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }

  // `make` takes a const T& and returns Result<T>; it must look at nothing else.
  template <class Make>
  Result<Verified> Derive(Make make) const {
    TRY(T derived, make(value_));
    return Verified(std::move(derived));
  }

 private:
  friend class ArtifactVerifier;
  explicit Verified(T value) : value_(std::move(value)) {}
  T value_;
};

}  // namespace lastgood
