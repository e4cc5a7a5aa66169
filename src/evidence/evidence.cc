// SPDX-License-Identifier: MIT
#include "evidence/evidence.h"

#include <array>

namespace lastgood {

std::string_view KindName(const EvidenceContent& content) {
  constexpr std::array<std::string_view, std::variant_size_v<EvidenceContent>> kNames = {
      "begin", "stage", "state", "wire", "probe", "flash", "verdict", "download", "hint", "text"};
  return kNames[content.index()];
}

}  // namespace lastgood
