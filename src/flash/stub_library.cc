// SPDX-License-Identifier: MIT
#include "flash/stub_library.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "flash/stub_file.h"

namespace lastgood {
namespace {

constexpr std::uintmax_t kFileMax = 1U << 20;

struct Candidate {
  std::string file;
  int generation = 0;
};

// esptool 4 ("stub_flasher_32c3.json"), esptool 5 (a directory for each generation) and esptool-js
// (the second generation only).
std::array<Candidate, 4> CandidatesFor(Chip chip) {
  const std::string name(ChipName(chip));
  return {{{"2/" + name + ".json", 2},
           {name + ".json", 2},
           {"1/" + name + ".json", 1},
           {"stub_flasher_" + name.substr(3) + ".json", 1}}};
}

Result<std::string> ReadStubFile(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("cannot read the stub loader '{}'", path.string()),
                "check its permissions, or name another directory");
  }
  if (size > kFileMax) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("'{}' is no stub loader: it is too large", path.string()));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

Result<std::optional<StubImage>> StubLibrary::Find(Chip chip) const {
  for (const std::filesystem::path& directory : directories_) {
    for (const Candidate& candidate : CandidatesFor(chip)) {
      const std::filesystem::path path = directory / candidate.file;
      std::error_code error;
      if (!std::filesystem::exists(path, error)) continue;
      TRY(const std::string text, ReadStubFile(path));
      TRY(StubImage stub, ParseStubFile(text, chip, candidate.generation, path.string()));
      return std::optional<StubImage>(std::move(stub));
    }
  }
  return std::optional<StubImage>();
}

}  // namespace lastgood
