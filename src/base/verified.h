// SPDX-License-Identifier: MIT
// Bytes whose digest was compared with an expected one. Only verify/ can make a Verified<T>, so a
// function that takes one can not be handed bytes that nobody checked.
#pragma once

#include <utility>

namespace lastgood {

class ArtifactVerifier;  // verify/artifact_verifier.h

template <class T>
class Verified {
 public:
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }

 private:
  friend class ArtifactVerifier;
  explicit Verified(T value) : value_(std::move(value)) {}
  T value_;
};

}  // namespace lastgood
