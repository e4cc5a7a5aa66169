// SPDX-License-Identifier: MIT
#include "setup/line_in_file_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "setup/file_plan.h"

namespace lastgood {
namespace {

constexpr std::size_t kTextSizeMax = 1U << 20;
constexpr std::size_t kLineSizeMax = 4096;

struct TextLine {
  std::string_view text;
  std::string_view end;  // "\n", "\r\n"; of the last line perhaps none
};

std::vector<TextLine> LinesOf(std::string_view text) {
  std::vector<TextLine> lines;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::size_t size = newline == text.npos ? text.size() : newline + 1;
    std::size_t end = newline == text.npos ? size : newline;
    if (newline != text.npos && end > 0 && text[end - 1] == '\r') --end;
    lines.push_back({text.substr(0, end), text.substr(end, size - end)});
    text.remove_prefix(size);
  }
  return lines;
}

// How the file ends its lines: as its first one does.
std::string_view LineEnd(const std::vector<TextLine>& lines) {
  return lines.empty() || lines.front().end.empty() ? "\n" : lines.front().end;
}

bool IsText(ByteSpan content) {
  return std::find(content.begin(), content.end(), std::uint8_t{0}) == content.end();
}

Refusal WhyNotFileLine(std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (text.size() > kLineSizeMax)
    return fmt::format("must have at most {} characters, not {}", kLineSizeMax, text.size());
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  };
  if (std::any_of(text.begin(), text.end(), is_control))
    return "must be one line, without control characters but tab";
  return std::nullopt;
}

struct LineFields {
  std::string path;
  std::string line;
  std::string replaces;
  bool is_wanted = true;
  bool create = false;
};

class LineInFileStep final : public Step {
 public:
  LineInFileStep(LineFields fields, const SetupHost& host)
      : fields_(std::move(fields)), host_(host) {}

  std::string Describe() const override {
    return fmt::format("line-in-file: {} {} '{}'", fields_.path,
                       fields_.is_wanted ? "with" : "without", fields_.line);
  }

  Result<std::vector<Change>> Pending() override {
    TRY(const FilePlace place, FindFile(fields_.path, host_));
    if (place.now.kind == FileKind::kAbsent) {
      if (!fields_.is_wanted) return std::vector<Change>();
      if (!fields_.create)
        return Fail(ExitCode::kSetupFailed, fmt::format("'{}' does not exist", place.path),
                    "create = true makes it");
    }
    TRY_DO(CheckText(place));
    const std::string_view text = AsText(place.now.content);
    const std::string wanted = fields_.is_wanted ? WithLine(text, fields_.line, fields_.replaces)
                                                 : WithoutLine(text, fields_.line);
    FilePlan plan(host_);
    TRY_DO(plan.WantFile(place, ToBytes(wanted), {}));
    return plan.Take();
  }

  // Whoever wants the whole file to be something else can not leave the line alone.
  std::vector<Claim> Claims() const override {
    const std::string file = FileClaim(fields_.path, host_);
    std::vector<Claim> claims = {
        {file, "a file with lines of several steps"},
        {fmt::format("line '{}' of {}", fields_.line, file), fields_.is_wanted ? "there" : "gone"}};
    if (!fields_.replaces.empty())
      claims.push_back({fmt::format("line '{}…' of {}", fields_.replaces, file), fields_.line});
    return claims;
  }

 private:
  static Result<void> CheckText(const FilePlace& place) {
    if (place.now.content.size() > kTextSizeMax)
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("'{}' has {} bytes, at most {} are edited", place.path,
                              place.now.content.size(), kTextSizeMax));
    if (!IsText(place.now.content))
      return Fail(ExitCode::kSetupFailed, fmt::format("'{}' is not a text file", place.path));
    return {};
  }

  LineFields fields_;
  const SetupHost& host_;
};

}  // namespace

std::string WithLine(std::string_view text, std::string_view line, std::string_view replaces) {
  const std::vector<TextLine> lines = LinesOf(text);
  const auto makes_room = [&](const TextLine& candidate) {
    return candidate.text == line || (!replaces.empty() && candidate.text.starts_with(replaces));
  };
  auto place = std::find_if(lines.begin(), lines.end(),
                            [line](const TextLine& candidate) { return candidate.text == line; });
  if (place == lines.end()) place = std::find_if(lines.begin(), lines.end(), makes_room);
  std::string result;
  for (auto candidate = lines.begin(); candidate != lines.end(); ++candidate) {
    if (candidate != place && makes_room(*candidate)) continue;
    result += candidate == place ? line : candidate->text;
    result += candidate->end;
  }
  if (place != lines.end()) return result;
  const std::string_view end = LineEnd(lines);
  if (!lines.empty() && lines.back().end.empty()) result += end;
  return result.append(line).append(end);
}

std::string WithoutLine(std::string_view text, std::string_view line) {
  std::string result;
  for (const TextLine& candidate : LinesOf(text))
    if (candidate.text != line) result.append(candidate.text).append(candidate.end);
  return result;
}

std::unique_ptr<Step> MakeLineInFileStep(const StepSpec&, toml::TableReader& reader,
                                         toml::Diagnostics&, SetupHost& host) {
  LineFields fields;
  fields.path = ReadHostPath(reader, "path");
  fields.line = reader.RequiredString("line");
  if (!fields.line.empty()) Accept(reader, "line", WhyNotFileLine(fields.line));
  fields.replaces = reader.OptionalString("replaces").value_or("");
  if (reader.Has("replaces")) Accept(reader, "replaces", WhyNotFileLine(fields.replaces));
  fields.is_wanted = reader.OptionalChoice("state", {"present", "absent"}).value_or(0) == 0;
  fields.create = reader.OptionalBool("create").value_or(false);
  if (!fields.is_wanted)
    for (const char* key : {"replaces", "create"})
      if (reader.Has(key))
        reader.Complain(key, fmt::format("'{}' is for a line that is to be present", key));
  return std::make_unique<LineInFileStep>(std::move(fields), host);
}

}  // namespace lastgood
