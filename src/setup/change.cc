// SPDX-License-Identifier: MIT
#include "setup/change.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "digest/digest.h"
#include "json/json_object.h"
#include "json/json_value.h"

namespace lastgood {
namespace {

constexpr std::int64_t kFormat = 1;

// In the order of FileKind.
constexpr std::array<std::string_view, 5> kKindNames = {"absent", "file", "directory", "link",
                                                        "other"};

bool IsPlainWord(std::string_view word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./:,@%^";
  return !word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos;
}

JsonObject JsonOf(const FileMark& mark) {
  JsonObject object;
  object.Set("kind", kKindNames[static_cast<std::size_t>(mark.kind)]);
  if (mark.sha256) object.Set("sha256", mark.sha256->ToHex());
  if (!mark.target.empty()) object.Set("target", mark.target);
  object.Set("mode", mark.mode).Set("uid", mark.uid).Set("gid", mark.gid);
  return object.Set("modified_ns", mark.modified_ns);
}

std::vector<JsonObject> JsonOf(const std::vector<Argv>& commands) {
  std::vector<JsonObject> objects;
  for (const Argv& argv : commands) objects.push_back(JsonObject().Set("argv", argv));
  return objects;
}

// Reads one object of our own making; what is missing or of another type is noted once.
class Reader {
 public:
  const json::Value& Member(const json::Value& object, std::string_view key) {
    static const json::Value kNothing;
    const json::Value* found = object.Find(key);
    if (found == nullptr) sound_ = false;
    return found != nullptr ? *found : kNothing;
  }
  std::string Text(const json::Value& value) {
    const auto text = value.AsText();
    if (!text) sound_ = false;
    return std::string(text.value_or(""));
  }
  std::int64_t Integer(const json::Value& value) {
    const auto integer = value.AsInteger();
    if (!integer) sound_ = false;
    return integer.value_or(0);
  }
  const json::Array& Elements(const json::Value& value) {
    static const json::Array kNone;
    const json::Array* array = value.AsArray();
    if (array == nullptr) sound_ = false;
    return array != nullptr ? *array : kNone;
  }

  FileMark Mark(const json::Value& object) {
    FileMark mark;
    const std::string kind = Text(Member(object, "kind"));
    const auto* const name = std::find(kKindNames.begin(), kKindNames.end(), kind);
    if (name == kKindNames.end()) sound_ = false;
    mark.kind = static_cast<FileKind>(name - kKindNames.begin());
    if (object.Find("sha256") != nullptr) {
      mark.sha256 = ParseSha256(Text(Member(object, "sha256")));
      sound_ = sound_ && mark.sha256;
    }
    if (object.Find("target") != nullptr) mark.target = Text(Member(object, "target"));
    mark.mode = static_cast<std::uint32_t>(Integer(Member(object, "mode")));
    mark.uid = static_cast<std::uint32_t>(Integer(Member(object, "uid")));
    mark.gid = static_cast<std::uint32_t>(Integer(Member(object, "gid")));
    mark.modified_ns = Integer(Member(object, "modified_ns"));
    return mark;
  }

  std::vector<Argv> Commands(const json::Value& array) {
    std::vector<Argv> commands;
    for (const json::Value& command : Elements(array)) {
      Argv argv;
      for (const json::Value& word : Elements(Member(command, "argv"))) argv.push_back(Text(word));
      commands.push_back(std::move(argv));
    }
    return commands;
  }

  bool sound() const { return sound_; }

 private:
  bool sound_ = true;
};

}  // namespace

FileMark MarkOf(const FileState& state) {
  FileMark mark{state.kind, std::nullopt, state.target,     state.mode,
                state.uid,  state.gid,    state.modified_ns};
  if (state.kind == FileKind::kFile) mark.sha256 = Sha256(state.content);
  return mark;
}

bool HasSameContent(const FileMark& a, const FileMark& b) {
  return a.kind == b.kind && a.sha256 == b.sha256 && a.target == b.target;
}

std::string EncodeChange(const RecordedChange& change) {
  std::vector<JsonObject> files;
  for (const RecordedFile& file : change.files) {
    JsonObject object;
    object.Set("path", file.path).Set("before", std::vector{JsonOf(file.before)});
    if (file.after) object.Set("after", std::vector{JsonOf(*file.after)});
    files.push_back(object);
  }
  return JsonObject()
      .Set("format", kFormat)
      .Set("files", files)
      .Set("undo", JsonOf(change.undo))
      .Set("reload", JsonOf(change.reload))
      .Set("timeout_ms", change.timeout.count())
      .SetBool("needs_root", change.needs_root)
      .Dump();
}

Result<RecordedChange> DecodeChange(const std::string& text) {
  const auto fail = [] {
    return Fail(ExitCode::kInternal, "a recorded change of the host can not be read",
                "it is of another version of lastgood: undo it with that one");
  };
  const Result<json::Value> parsed = json::Parse(text, "a recorded change");
  if (!parsed) return fail();
  Reader reader;
  RecordedChange change;
  if (reader.Integer(reader.Member(*parsed, "format")) != kFormat) return fail();
  for (const json::Value& object : reader.Elements(reader.Member(*parsed, "files"))) {
    RecordedFile file;
    file.path = reader.Text(reader.Member(object, "path"));
    for (const json::Value& mark : reader.Elements(reader.Member(object, "before")))
      file.before = reader.Mark(mark);
    if (object.Find("after") != nullptr)
      for (const json::Value& mark : reader.Elements(reader.Member(object, "after")))
        file.after = reader.Mark(mark);
    change.files.push_back(std::move(file));
  }
  change.undo = reader.Commands(reader.Member(*parsed, "undo"));
  change.reload = reader.Commands(reader.Member(*parsed, "reload"));
  change.timeout = std::chrono::milliseconds(reader.Integer(reader.Member(*parsed, "timeout_ms")));
  change.needs_root = reader.Member(*parsed, "needs_root").AsBool().value_or(true);
  if (!reader.sound()) return fail();
  return change;
}

std::string CommandLineOf(const Argv& argv) {
  std::string line;
  for (const std::string& word : argv) {
    if (!line.empty()) line += ' ';
    if (IsPlainWord(word)) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

}  // namespace lastgood
