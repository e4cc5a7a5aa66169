// SPDX-License-Identifier: MIT
#include "recipe/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
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

BoardSpec ReadBoard(const toml::Table& table, toml::Diagnostics& diagnostics) {
  toml::TableReader reader(table, "[board]", diagnostics);
  BoardSpec board;
  board.chip = ReadChipName(reader);
  board.serial = ReadSerial(reader, diagnostics);
  board.baud = ReadBaud(reader, diagnostics);
  if (const toml::Table* lines = reader.RequiredTable("lines"))
    board.lines = ReadLines(*lines, diagnostics);
  reader.Finish();
  return board;
}

bool IsManifest(toml::TableReader& root) { return root.Has("firmware") && !root.Has("board"); }

void ReadRecipe(toml::TableReader& root, Recipe& recipe, toml::Diagnostics& diagnostics) {
  recipe.name = root.RequiredString("name");
  if (!recipe.name.empty()) Accept(root, "name", WhyNotName(recipe.name));
  recipe.title = root.OptionalString("title").value_or(recipe.name);
  Accept(root, "title", WhyNotLine(recipe.title, kTitleSizeMax));
  if (const toml::Table* board = root.RequiredTable("board"))
    recipe.board = ReadBoard(*board, diagnostics);
  recipe.steps = ReadSteps(root, diagnostics);
  root.Finish();
}

}  // namespace

Result<Recipe> ParseRecipe(std::string text, std::string name) {
  TRY(toml::Document document, toml::Document::Parse(std::move(text), std::move(name)));
  toml::Diagnostics diagnostics(document);
  toml::TableReader root(document.root(), "the recipe", diagnostics);
  Recipe recipe;
  if (IsManifest(root))
    root.Complain("firmware", "this is a manifest; a recipe says how a board is wired");
  else if (ReadSchema(root, diagnostics))
    ReadRecipe(root, recipe, diagnostics);
  TRY_DO(diagnostics.ToResult());
  recipe.document = std::move(document);
  return recipe;
}

}  // namespace lastgood
