// SPDX-License-Identifier: MIT
// TOML as a value tree in which every node knows its line and column, and a reader that turns
// mistakes of syntax and of meaning alike into "file:line:col: error: …", the line, a caret and
// "did you mean". The only directory that knows toml++.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace lastgood::toml {

struct Position {
  std::uint32_t line = 0;    // from 1; 0 = nowhere
  std::uint32_t column = 0;  // from 1, in bytes
};

struct Value;
using Array = std::vector<Value>;

struct Table {
  Position position;
  std::vector<std::string> order;  // keys as they stand in the text
  std::map<std::string, Value, std::less<>> entries;
  std::map<std::string, Position, std::less<>> key_positions;
};

struct Value {
  Position position;
  std::variant<std::string, std::int64_t, double, bool, Array, Table> data;
};

// The text of a file and its tree. Copies share the text. One that was not parsed is empty.
class Document {
 public:
  // `name` is what messages call the file. kInvalidManifest on a syntax error, a duplicate key,
  // text that is not UTF-8, or more than 1 MiB.
  static Result<Document> Parse(std::string text, std::string name);

  const Table& root() const;
  const std::string& text() const;
  const std::string& name() const;

  // "name:line:col: error: message\n  12 | the line\n     | ^" for a place in this text.
  std::string Diagnose(Position position, std::string_view message) const;

 private:
  struct Shared;
  const Shared& shared() const;
  std::shared_ptr<const Shared> shared_;
};

// Collects the mistakes of one document, so that a person sees all of them at once (at most 20).
class Diagnostics {
 public:
  explicit Diagnostics(Document document) : document_(std::move(document)) {}
  void Add(Position position, std::string_view message);
  bool empty() const { return mistakes_.empty(); }
  std::size_t count() const { return mistakes_.size(); }
  // Puts another mistake in the place of the one that was added as number `index`, from 0.
  void Replace(std::size_t index, Position position, std::string_view message);
  const Document& document() const { return document_; }
  // kInvalidManifest with all messages in order of position, separated by newlines; success when
  // there is none.
  Result<void> ToResult() const;

 private:
  struct Mistake {
    Position position;
    std::string message;
  };
  Document document_;
  std::vector<Mistake> mistakes_;
};

// Reads one table key by key. A getter notes a wrong type or a missing key in the diagnostics and
// returns a neutral value (empty, `min`, nullptr), so that reading goes on: a required string or
// list is empty only when a mistake was noted. Finish() notes every key that nobody asked for, with
// the nearest known key as a suggestion.
class TableReader {
 public:
  // `where` names the table in messages: "[firmware.flash]", "the manifest" for a root. Table and
  // diagnostics must outlive the reader.
  TableReader(const Table& table, std::string where, Diagnostics& diagnostics);

  std::string RequiredString(std::string_view key);
  std::optional<std::string> OptionalString(std::string_view key);
  std::int64_t RequiredInteger(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<std::int64_t> OptionalInteger(std::string_view key, std::int64_t min,
                                              std::int64_t max);
  std::optional<bool> OptionalBool(std::string_view key);
  std::vector<std::string> OptionalStrings(std::string_view key);  // array of strings
  std::vector<std::string> RequiredStrings(std::string_view key);  // not empty
  std::vector<std::int64_t> OptionalIntegers(std::string_view key, std::int64_t min,
                                             std::int64_t max);
  // One of `allowed`; anything else is an error with "did you mean". Returns the index.
  std::optional<std::size_t> OptionalChoice(std::string_view key,
                                            const std::vector<std::string_view>& allowed);
  std::optional<std::size_t> RequiredChoice(std::string_view key,
                                            const std::vector<std::string_view>& allowed);
  const Table* RequiredTable(std::string_view key);
  const Table* OptionalTable(std::string_view key);
  std::vector<const Table*> OptionalTables(std::string_view key);  // [[array of tables]]
  std::vector<const Table*> RequiredTables(std::string_view key);  // not empty
  bool Has(std::string_view key) const;
  // The value whatever its type, marked as asked for; nullptr when absent.
  const Value* Any(std::string_view key);

  // For mistakes of meaning: position of the key's value (of the table when absent).
  Position PositionOf(std::string_view key) const;
  void Complain(std::string_view key, std::string_view message);

  void Finish();

 private:
  struct MissingKey {
    std::string key;
    std::size_t mistake;  // its number in the diagnostics
  };
  template <class T>
  const T* FindAs(std::string_view key, bool required, std::string_view expected);
  template <class T>
  std::vector<const Value*> FindAll(std::string_view key, bool required, std::string_view expected);
  const Value* Find(std::string_view key, bool required, std::string_view expected);
  void ComplainOfType(std::string_view key, const Value& value, std::string_view expected);
  void ComplainOfUnknown(const std::string& key);
  std::string PathOf(std::string_view key) const;  // "firmware.part"
  const Table& table_;
  std::string where_;
  Diagnostics& diagnostics_;
  std::vector<std::string> known_;
  std::vector<MissingKey> missing_;
};

// A TOML basic string literal, quoted and escaped.
std::string Quote(std::string_view text);

}  // namespace lastgood::toml
