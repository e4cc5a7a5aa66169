// SPDX-License-Identifier: MIT
#include "setup/kernel_cmdline_step.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facts/boot_config.h"
#include "manifest/host_conditions.h"
#include "setup/boot_files.h"

namespace lastgood {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kEndOfLine = "\r\n";
constexpr std::string_view kEndOfWords = "--";  // what follows is for init

struct Word {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

// As the kernel splits them (lib/cmdline.c): blanks between quotes belong to the word.
std::vector<Word> WordsIn(std::string_view line) {
  std::vector<Word> words;
  for (std::size_t at = line.find_first_not_of(kBlanks); at < line.size();
       at = line.find_first_not_of(kBlanks, at)) {
    const std::size_t begin = at;
    for (bool quoted = false; at < line.size(); ++at) {
      if (line[at] == '"') quoted = !quoted;
      if (!quoted && kBlanks.find(line[at]) != std::string_view::npos) break;
    }
    words.push_back({begin, at, std::string(line.substr(begin, at - begin))});
  }
  return words;
}

// The first line of a cmdline.txt, without its end.
class CommandLine {
 public:
  explicit CommandLine(std::string_view line) : line_(line) {}

  const std::string& text() const { return line_; }
  bool IsBlank() const { return WordsIn(line_).empty(); }
  bool Has(std::string_view pattern) const { return Find(pattern).has_value(); }

  // With the blanks before it, so that those between others stay.
  void Remove(std::string_view pattern) {
    while (const auto found = Find(pattern)) {
      const std::vector<Word> words = WordsIn(line_);
      const bool is_first = *found == 0;
      const bool is_last = *found + 1 == words.size();
      const std::size_t begin = is_first ? words[0].begin : words[*found - 1].end;
      const std::size_t end = is_first && !is_last ? words[1].begin : words[*found].end;
      line_.erase(begin, end - begin);
    }
  }

  void Add(const std::string& word) {
    if (Has(word)) return;
    const std::vector<Word> words = WordsIn(line_);
    const auto end = EndOf(words);
    if (end != words.end()) {
      line_.insert(end->begin, word + ' ');
    } else {
      line_.insert(words.empty() ? 0 : words.back().end, words.empty() ? word : ' ' + word);
    }
  }

 private:
  static std::vector<Word>::const_iterator EndOf(const std::vector<Word>& words) {
    return std::find_if(words.begin(), words.end(),
                        [](const Word& word) { return word.text == kEndOfWords; });
  }

  // The index of the kernel's first word that matches.
  std::optional<std::size_t> Find(std::string_view pattern) const {
    const std::vector<Word> words = WordsIn(line_);
    const auto end = EndOf(words);
    const auto found = std::find_if(words.begin(), end, [pattern](const Word& word) {
      return FitsPattern(word.text, pattern);
    });
    if (found == end) return std::nullopt;
    return static_cast<std::size_t>(found - words.begin());
  }

  std::string line_;
};

// `cmdline` and `os_prefix` of config.txt (raspberrypi/documentation, config_txt/boot.adoc): what
// is not there with the prefix is taken without it.
Result<std::string> NameOfCommandLine(const SetupHost& host) {
  const BootConfig config = ReadBootConfig(host.files, host.facts.model);
  const auto value = [&config](const std::string& key) {
    const auto found = config.values.find(key);
    return found == config.values.end() ? std::string() : found->second.value;
  };
  const std::string told = value("cmdline");
  std::string name = told.empty() ? "cmdline.txt" : told;
  const std::string with_prefix = value("os_prefix") + name;
  if (host.files.Exists(config.directory + "/" + with_prefix)) name = with_prefix;
  const std::filesystem::path path(name);
  if (std::find(path.begin(), path.end(), "..") != path.end())
    return Fail(
        ExitCode::kSetupFailed,
        fmt::format("{} names a command line outside of its directory: {}", config.path, name),
        "look at 'cmdline' and 'os_prefix' there");
  return name;
}

struct CommandLineFields {
  std::vector<std::string> add;
  std::vector<std::string> remove;
};

class KernelCmdlineStep final : public Step {
 public:
  KernelCmdlineStep(CommandLineFields fields, const SetupHost& host)
      : fields_(std::move(fields)), host_(host) {}

  std::string Describe() const override {
    std::vector<std::string> words = fields_.add;
    for (const std::string& pattern : fields_.remove) words.push_back("no " + pattern);
    return fmt::format("kernel-cmdline: {}", fmt::join(words, ", "));
  }

  Result<std::vector<Change>> Pending() override {
    TRY(const std::string name, NameOfCommandLine(host_));
    TRY(const BootFile file, ReadBootFile(host_, name));
    const std::string_view text = file.Text();
    const std::size_t end = std::min(text.find_first_of(kEndOfLine), text.size());
    CommandLine line(text.substr(0, end));
    if (line.IsBlank())
      return Fail(
          ExitCode::kSetupFailed,
          fmt::format("the first line of {} has no words, and no other one counts", file.name),
          "bring it back from a copy: without root= the kernel does not start");
    const bool had_root = line.Has("root=*");
    for (const std::string& pattern : fields_.remove) line.Remove(pattern);
    if (line.IsBlank() || (had_root && !line.Has("root=*")))
      return Fail(ExitCode::kSetupFailed,
                  fmt::format("{} would lose {}: the kernel would not start", file.name,
                              had_root ? "its root=" : "all its words"),
                  "look at 'remove' of the step");
    for (const std::string& word : fields_.add) line.Add(word);
    return ChangesOf(file, line.text() + std::string(text.substr(end)));
  }

  std::vector<Claim> Claims() const override {
    std::vector<Claim> claims;
    for (const std::string& word : fields_.add)
      claims.push_back({"kernel-cmdline " + word, "there"});
    for (const std::string& word : fields_.remove)
      claims.push_back({"kernel-cmdline " + word, "gone"});
    return claims;
  }

 private:
  CommandLineFields fields_;
  const SetupHost& host_;
};

// Why a word can not be asked for; empty when it can.
std::string WhyNotWord(std::string_view word, bool is_pattern) {
  const bool is_printable =
      std::all_of(word.begin(), word.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!is_printable) return "a word of the command line must be printable ASCII";
  if (std::count(word.begin(), word.end(), '"') % 2 != 0)
    return fmt::format("'{}' begins a quotation that does not end", word);
  const std::vector<Word> words = WordsIn(word);
  if (words.size() != 1 || words[0].text != word)
    return fmt::format("'{}' is not one word; several are several strings", word);
  if (word == kEndOfWords) return "'--' ends the kernel's words; what follows is not its own";
  const std::size_t star = is_pattern ? word.find('*') : std::string_view::npos;
  if (star != std::string_view::npos && (star == 0 || star + 1 != word.size()))
    return fmt::format("in '{}' a * may stand at the end only, behind something", word);
  return {};
}

void CheckWords(toml::TableReader& reader, std::string_view key,
                const std::vector<std::string>& words) {
  for (const std::string& word : words)
    if (const std::string why = WhyNotWord(word, key == "remove"); !why.empty())
      reader.Complain(key, why);
}

}  // namespace

std::unique_ptr<Step> MakeKernelCmdlineStep(const StepSpec& spec, toml::TableReader& reader,
                                            toml::Diagnostics& mistakes, SetupHost& host) {
  CommandLineFields fields;
  fields.add = reader.OptionalStrings("add");
  fields.remove = reader.OptionalStrings("remove");
  CheckWords(reader, "add", fields.add);
  CheckWords(reader, "remove", fields.remove);
  for (const std::string& word : fields.add)
    for (const std::string& pattern : fields.remove)
      if (FitsPattern(word, pattern))
        reader.Complain("add", fmt::format("'{}' is removed by the same step", word));
  if (mistakes.empty() && fields.add.empty() && fields.remove.empty())
    mistakes.Add(spec.fields.position, "the step needs 'add' or 'remove'");
  return std::make_unique<KernelCmdlineStep>(std::move(fields), host);
}

}  // namespace lastgood
