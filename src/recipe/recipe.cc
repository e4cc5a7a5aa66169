// SPDX-License-Identifier: MIT
#include "recipe/recipe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "device/network_serial_name.h"
#include "manifest/chip_reader.h"
#include "manifest/schema.h"
#include "manifest/text_rules.h"
#include "recipe/lines_reader.h"

namespace lastgood {
namespace {

constexpr std::size_t kTitleSizeMax = 128;
constexpr std::size_t kSerialsMax = 16;
constexpr std::size_t kPathSizeMax = 1024;
constexpr std::size_t kBaudsMax = 16;
constexpr std::int64_t kBaudMin = 9600;
constexpr std::int64_t kBaudMax = 4'000'000;

// A device, one on the network, or a simulated board: what follows "sim:" is the simulator's to
// read.
Refusal WhyNotSerial(std::string_view text) {
  if (auto refusal = WhyNotLine(text, kPathSizeMax)) return refusal;
  if (text.starts_with("/") || text.starts_with("sim:")) return std::nullopt;
  if (IsNetworkSerial(text)) {
    if (ParseNetworkSerialName(text)) return std::nullopt;
    return "must hold network devices as tcp://HOST:TCP_PORT or rfc2217://HOST:TCP_PORT, an IPv6 "
           "address in brackets";
  }
  return "must hold absolute paths, such as \"/dev/ttyUSB0\", tcp://…, rfc2217://… or sim:…";
}

std::vector<std::string> ReadSerial(toml::TableReader& board, toml::Diagnostics& diagnostics) {
  auto serial = board.RequiredStrings("serial");
  AcceptEach(board, "serial", diagnostics, WhyNotSerial);
  Accept(board, "serial", WhyNotList(serial, kSerialsMax));
  return serial;
}

std::vector<std::uint32_t> ReadBaud(toml::TableReader& board, toml::Diagnostics& diagnostics) {
  const std::size_t mistakes = diagnostics.count();
  const auto rates = board.OptionalIntegers("baud", kBaudMin, kBaudMax);
  if (!board.Has("baud") || diagnostics.count() != mistakes) return BoardSpec{}.baud;
  if (rates.empty()) Accept(board, "baud", "must name at least one rate");
  if (rates.size() > kBaudsMax)
    Accept(board, "baud", fmt::format("must name at most {} rates", kBaudsMax));
  if (std::adjacent_find(rates.begin(), rates.end(), std::less_equal<>()) != rates.end())
    Accept(board, "baud", "must fall from rate to rate: the next is tried after errors");
  std::vector<std::uint32_t> baud;
  for (const std::int64_t rate : rates) baud.push_back(static_cast<std::uint32_t>(rate));
  return baud;
}

// What is left out comes from the recipe that it extends, so there must be one.
void ReadBoard(const toml::Table& table, RecipeFile& recipe, toml::Diagnostics& diagnostics) {
  toml::TableReader reader(table, "[board]", diagnostics);
  const bool stands_alone = recipe.extends.empty();
  const auto is_said = [&](std::string_view key) {
    return reader.Any(key) != nullptr || stands_alone;
  };
  if (is_said("chip")) recipe.chip = ReadChipName(reader);
  if (is_said("serial")) recipe.serial = ReadSerial(reader, diagnostics);
  if (is_said("baud")) recipe.baud = ReadBaud(reader, diagnostics);
  if (const toml::Table* lines =
          stands_alone ? reader.RequiredTable("lines") : reader.OptionalTable("lines"))
    recipe.lines = ReadLines(*lines, diagnostics);
  reader.Finish();
}

std::string ReadExtends(toml::TableReader& root) {
  if (root.Any("extends") == nullptr) return {};
  std::string extends = root.RequiredString("extends");
  if (extends.empty()) return extends;
  Accept(root, "extends",
         IsPath(extends) ? WhyNotLine(extends, kPathSizeMax) : WhyNotName(extends));
  return extends;
}

bool IsManifest(toml::TableReader& root) { return root.Has("firmware") && !root.Has("board"); }

void ReadRecipe(toml::TableReader& root, RecipeFile& recipe, toml::Diagnostics& diagnostics) {
  recipe.name = root.RequiredString("name");
  if (!recipe.name.empty()) Accept(root, "name", WhyNotName(recipe.name));
  recipe.title = root.OptionalString("title").value_or(recipe.name);
  Accept(root, "title", WhyNotLine(recipe.title, kTitleSizeMax));
  recipe.extends = ReadExtends(root);
  recipe.extends_position = root.PositionOf("extends");
  if (const toml::Table* board =
          root.Has("extends") ? root.OptionalTable("board") : root.RequiredTable("board"))
    ReadBoard(*board, recipe, diagnostics);
  recipe.steps = ReadSteps(root, diagnostics);
  root.Finish();
}

tl::unexpected<Error> FailAtExtends(const RecipeFile& file, const std::string& message) {
  return Fail(ExitCode::kInvalidManifest, file.document.Diagnose(file.extends_position, message));
}

// "a extends b extends a", from `first` to the last.
std::string DescribeCircle(const std::vector<RecipeFile>& files, std::size_t first) {
  std::vector<std::string> names;
  for (std::size_t i = first; i < files.size(); ++i) names.push_back(files[i].name);
  return fmt::format("{}", fmt::join(names, " extends "));
}

// What `over` says replaces what `board` has.
void Replace(BoardSpec& board, RecipeFile& over) {
  if (over.chip) board.chip = *over.chip;
  if (over.serial) board.serial = *std::move(over.serial);
  if (over.baud) board.baud = *std::move(over.baud);
  if (over.lines) board.lines = *std::move(over.lines);
}

}  // namespace

bool IsRecipe(const toml::Document& document) {
  const auto& entries = document.root().entries;
  return entries.contains("board") || entries.contains("extends");
}

Result<RecipeFile> ParseRecipeFile(std::string text, std::string name) {
  TRY(toml::Document document, toml::Document::Parse(std::move(text), std::move(name)));
  toml::Diagnostics diagnostics(document);
  toml::TableReader root(document.root(), "the recipe", diagnostics);
  RecipeFile recipe;
  if (IsManifest(root))
    root.Complain("firmware", "this is a manifest; a recipe says how a board is wired");
  else if (ReadSchema(root, diagnostics))
    ReadRecipe(root, recipe, diagnostics);
  TRY_DO(diagnostics.ToResult());
  recipe.document = std::move(document);
  return recipe;
}

// A file is recognised by its text: it may be reached by more than one path.
Result<void> CheckChain(const std::vector<RecipeFile>& files) {
  for (std::size_t i = 1; i < files.size(); ++i) {
    for (std::size_t earlier = 0; earlier < i; ++earlier)
      if (files[earlier].document.text() == files[i].document.text())
        return FailAtExtends(files[i - 1], DescribeCircle(files, earlier));
    if (i > kBaseRecipesMax)
      return FailAtExtends(files[i - 1],
                           fmt::format("more than {} recipes extend one another", kBaseRecipesMax));
  }
  return {};
}

Result<Recipe> JoinRecipe(std::vector<RecipeFile> files) {
  TRY_DO(CheckChain(files));
  if (!files.back().extends.empty())
    return FailAtExtends(files.back(),
                         fmt::format("recipe '{}' is not here", files.back().extends));
  for (std::size_t i = 0; i + 1 < files.size(); ++i)
    if (files[i].extends.empty())
      return Fail(ExitCode::kInvalidManifest,
                  fmt::format("'{}' comes with '{}', which does not extend it",
                              files[i + 1].document.name(), files[i].document.name()));
  Recipe recipe;
  recipe.name = files.front().name;
  recipe.title = files.front().title;
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    Replace(recipe.board, *file);
    std::move(file->steps.begin(), file->steps.end(), std::back_inserter(recipe.steps));
  }
  recipe.document = files.front().document;
  for (std::size_t i = 1; i < files.size(); ++i) recipe.bases.push_back(files[i].document);
  return recipe;
}

Result<Recipe> ParseRecipe(std::string text, std::string name) {
  TRY(RecipeFile file, ParseRecipeFile(std::move(text), std::move(name)));
  return JoinRecipe({std::move(file)});
}

}  // namespace lastgood
