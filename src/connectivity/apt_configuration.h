// SPDX-License-Identifier: MIT
// apt's configuration as far as proxies go (apt.conf(5)): `Acquire::http::Proxy "…";`, the same in
// nested blocks, comments of three kinds. #include and #clear are not followed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

struct AptSetting {
  std::string name;   // lower case, as apt compares them: "acquire::http::proxy"
  std::string value;  // without its quotes
  bool operator==(const AptSetting&) const = default;
};

// In the order of the text. Text that breaks the rules ends what is read: apt refuses such a file.
std::vector<AptSetting> ParseAptConfiguration(std::string_view text);

}  // namespace lastgood
