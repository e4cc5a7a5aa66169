// SPDX-License-Identifier: MIT
// Text as HTML, whatever it holds: what a board, a server or a manifest said can begin no element,
// end no attribute, and turn no line around.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lastgood {

// Control characters, octets that are not UTF-8 and marks of direction become \xNN.
std::string Html(std::string_view text);

// Several lines, for <pre>; of more than `bytes_max` octets the beginning and the end.
std::string HtmlLines(std::string_view text, std::size_t bytes_max);

// "<li>…</li>…" in <ul>; empty without items. The octets of what is shown are taken from `room`;
// what has none is left out, and it says how many.
std::string HtmlList(const std::vector<std::string>& items, std::size_t& room);

}  // namespace lastgood
