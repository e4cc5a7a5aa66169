// SPDX-License-Identifier: MIT
#include "evidence/html_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/display_text.h"

namespace lastgood {

std::string Html(std::string_view text) {
  std::string html;
  for (const char c : ToPrintable(text)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string HtmlLines(std::string_view text, std::size_t bytes_max) {
  std::string html;
  const auto add = [&html](std::string_view part) {
    while (!part.empty()) {
      const std::size_t end = std::min(part.find('\n'), part.size());
      std::string_view line = part.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      html += Html(line) + "\n";
      part.remove_prefix(std::min(end + 1, part.size()));
    }
  };
  if (text.size() <= bytes_max) {
    add(text);
    return html;
  }
  add(text.substr(0, bytes_max / 2));
  html += fmt::format("[{} octets are left out here]\n", text.size() - bytes_max / 2 * 2);
  add(text.substr(text.size() - bytes_max / 2));
  return html;
}

std::string HtmlList(const std::vector<std::string>& items, std::size_t& room) {
  constexpr std::size_t kElementOctets = sizeof("<li></li>") - 1;
  if (items.empty()) return "";
  std::string html = "<ul>";
  std::size_t shown = 0;
  for (; shown < items.size() && items[shown].size() + kElementOctets <= room; ++shown) {
    html += "<li>" + Html(items[shown]) + "</li>";
    room -= items[shown].size() + kElementOctets;
  }
  if (shown < items.size())
    html += fmt::format("<li>[{} more are left out here]</li>", items.size() - shown);
  return html + "</ul>";
}

}  // namespace lastgood
