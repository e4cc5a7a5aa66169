// SPDX-License-Identifier: MIT
#include "support/host_vector.h"

#include <fstream>
#include <sstream>

namespace lastgood::test {
namespace {

namespace fs = std::filesystem;

// The octets of a line, with its end.
std::string Octets(const std::string& line) {
  std::string octets;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char next = line[i] == '\\' && i + 1 < line.size() ? line[i + 1] : ' ';
    if (next == 'c' && i + 2 == line.size()) return octets;
    if (next == '0') {
      octets += '\0';
      i += 1;
    } else if (next == 'x') {
      octets += static_cast<char>(std::stoi(line.substr(i + 2, 2), nullptr, 16));
      i += 3;
    } else {
      octets += line[i];
    }
  }
  return octets + '\n';
}

void ClearWay(const fs::path& path) {
  fs::create_directories(path.parent_path());
  if (fs::is_symlink(path)) fs::remove(path);
}

// Begins the block of a line "--- …"; returns the file that the following lines go to.
fs::path Begin(const std::string& what, const fs::path& root) {
  constexpr std::string_view kArrow = " -> ";
  if (what.front() == '!') {
    fs::remove_all(root / what.substr(1));
    return {};
  }
  if (what.back() == '/') {
    fs::create_directories(root / what);
    return {};
  }
  if (const std::size_t arrow = what.find(kArrow); arrow != std::string::npos) {
    const fs::path link = root / what.substr(0, arrow);
    ClearWay(link);
    fs::remove(link);
    fs::create_symlink(what.substr(arrow + kArrow.size()), link);
    return {};
  }
  const fs::path file = root / what;
  ClearWay(file);
  std::ofstream(file, std::ios::trunc);
  return file;
}

// Further lines go to the end of `path`; nowhere when it is empty.
void Continue(std::ofstream& file, const fs::path& path) {
  file.close();
  if (!path.empty()) file.open(path, std::ios::app);
}

void Build(const fs::path& description, const fs::path& root, HostVector& vector) {
  std::ifstream input(description);
  std::ofstream file;
  for (std::string line; std::getline(input, line);) {
    if (line.starts_with("--- ")) {
      Continue(file, Begin(line.substr(4), root));
    } else if (line.starts_with("+++ ")) {
      Continue(file, root / line.substr(4));
    } else if (file.is_open()) {
      file << Octets(line);
    } else if (line.starts_with("parts: ")) {
      std::istringstream names(line.substr(7));
      for (std::string name; names >> name;)
        Build((description.parent_path() / "parts" / (name + ".part")).lexically_normal(), root,
              vector);
    } else if (line.starts_with("why: ")) {
      vector.why = line.substr(5);
    } else if (line.starts_with("board: ")) {
      vector.board = line.substr(7);
    } else if (line.starts_with("serial: ")) {
      vector.serial_device = line.substr(8);
    } else if (line.starts_with("expect: ")) {
      vector.expected.push_back(line.substr(8));
    }
  }
}

}  // namespace

HostVector BuildHost(const fs::path& vector, const fs::path& root) {
  HostVector result;
  Build(vector, root, result);
  return result;
}

}  // namespace lastgood::test
