// SPDX-License-Identifier: MIT
#include "trust/seen_versions.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "digest/digest.h"
#include "host/file_lock.h"
#include "host/files.h"
#include "manifest/schema.h"
#include "manifest/text_rules.h"
#include "toml/document.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kLockWait{5};
constexpr std::uint64_t kNoteBytesMax = 16384;

fs::path DirectoryOf(const fs::path& state) { return state / "sources"; }

fs::path NoteOf(const fs::path& state, const std::string& source) {
  return DirectoryOf(state) / (Sha256(AsBytes(source)).ToHex() + ".toml");
}

Result<SeenVersion> ParseNote(std::string text, std::string name) {
  TRY(const toml::Document document, toml::Document::Parse(std::move(text), std::move(name)));
  toml::Diagnostics diagnostics(document);
  toml::TableReader root(document.root(), "the note", diagnostics);
  SeenVersion seen;
  if (ReadSchema(root, diagnostics)) {
    seen.source = root.RequiredString("source");
    seen.version = root.RequiredInteger("version", 1, std::numeric_limits<std::int64_t>::max());
    const std::string sha256 = root.RequiredString("sha256");
    if (!sha256.empty() && Accept(root, "sha256", WhyNotSha256(sha256)))
      seen.sha256 = ParseSha256(sha256).value_or(Sha256Digest{});
    root.Finish();
  }
  TRY_DO(diagnostics.ToResult());
  return seen;
}

std::string FormatNote(const SeenVersion& seen) {
  return fmt::format("schema = 1\nsource = {}\nversion = {}\nsha256 = \"{}\"\n",
                     toml::Quote(seen.source), seen.version, seen.sha256.ToHex());
}

Result<std::optional<SeenVersion>> ReadNote(const fs::path& path) {
  std::error_code error;
  if (fs::status(path, error).type() == fs::file_type::not_found) return std::nullopt;
  const Result<Bytes> content = ReadFile(path, kNoteBytesMax);
  Result<SeenVersion> seen = content ? ParseNote(std::string(AsText(*content)), path.string())
                                     : Result<SeenVersion>(tl::unexpected<Error>(content.error()));
  if (seen) return std::optional(*std::move(seen));
  return Fail(ExitCode::kNotTrusted, seen.error().message,
              fmt::format("it says which index was seen last; when you accept any version once: "
                          "rm '{}'",
                          path.string()));
}

}  // namespace

Result<void> CheckSeen(const fs::path& state, const SeenVersion& now) {
  TRY(const std::optional<SeenVersion> seen, ReadNote(NoteOf(state, now.source)));
  if (!seen || now.version > seen->version) return {};
  if (now.version < seen->version) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("index '{}' has version {}, and version {} was seen before", now.source,
                            now.version, seen->version),
                "an old index is being served: by a cache or mirror that is behind, or on purpose");
  }
  if (now.sha256 == seen->sha256) return {};
  return Fail(ExitCode::kNotTrusted,
              fmt::format("index '{}' has version {} as before, but another content", now.source,
                          now.version),
              "its author has to raise the version with every change");
}

Result<void> NoteSeen(const fs::path& state, const SeenVersion& now, Clock& clock) {
  TRY_DO(CreateDirectories(DirectoryOf(state)));
  TRY(const FileLock lock, FileLock::Acquire(DirectoryOf(state) / "lock", clock, kLockWait));
  TRY_DO(CheckSeen(state, now));
  const fs::path path = NoteOf(state, now.source);
  const std::string note = FormatNote(now);
  // The same again is no reason to write to an SD card.
  if (const auto before = ReadFile(path, kNoteBytesMax); before && AsText(*before) == note)
    return {};
  return WriteFileDurably(path, AsBytes(note));
}

}  // namespace lastgood
