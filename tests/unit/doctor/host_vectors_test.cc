// SPDX-License-Identifier: MIT
// Every host in tests/vectors/hosts, examined: exactly the findings that its head names, in order.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "doctor/doctor.h"
#include "facts/host_facts.h"
#include "support/host_vector.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> Vectors() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(LASTGOOD_SOURCE_DIR "/tests/vectors/hosts"))
    if (entry.path().extension() == ".host") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string NameOf(const testing::TestParamInfo<fs::path>& info) {
  std::string name;
  bool upper = true;
  for (const char c : info.param.stem().string()) {
    if (c != '-') name += upper ? static_cast<char>(std::toupper(c)) : c;
    upper = c == '-';
  }
  return name;
}

std::string Show(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings)
    text += fmt::format("expect: {} {} | {} | {}\n", VerdictName(finding.verdict), finding.check,
                        finding.text, finding.remedy);
  return text;
}

class HostVectorTest : public testing::TestWithParam<fs::path> {
 protected:
  test::TemporaryDirectory directory_;
};

TEST_P(HostVectorTest, FindingsAreAsExpected) {
  const test::HostVector vector = test::BuildHost(GetParam(), directory_.path());
  std::optional<BoardQuestion> question;
  if (!vector.board.empty()) {
    const fs::path path = fs::path(LASTGOOD_SOURCE_DIR) / vector.board;
    const auto recipe = ParseRecipe(test::ReadText(path), path.string());
    ASSERT_TRUE(recipe) << recipe.error().message;
    question = BoardQuestion{recipe->name, recipe->board, vector.serial_device};
  }
  const Findings findings = Examine(MakeHostView(directory_.path(), question));
  SCOPED_TRACE(vector.why + "\n" + Show(findings));
  ASSERT_EQ(findings.size(), vector.expected.size());
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const std::vector<std::string> parts = SplitText(vector.expected[i], '|');
    EXPECT_EQ(fmt::format("{} {}", VerdictName(findings[i].verdict), findings[i].check),
              Trimmed(parts[0]));
    if (parts.size() > 1) {
      EXPECT_NE(findings[i].text.find(Trimmed(parts[1])), std::string::npos)
          << findings[i].text << " does not say: " << parts[1];
    }
    if (parts.size() > 2) {
      EXPECT_NE(findings[i].remedy.find(Trimmed(parts[2])), std::string::npos)
          << findings[i].remedy << " does not say: " << parts[2];
    }
    // What is wrong has a way out, what is right needs none.
    if (findings[i].verdict == FindingVerdict::kProblem) {
      EXPECT_FALSE(findings[i].remedy.empty()) << findings[i].check;
    }
    if (findings[i].verdict == FindingVerdict::kOk) {
      EXPECT_EQ(findings[i].remedy, "") << findings[i].check;
    }
  }
}

// Every check, and every verdict that a vector gives it, has its row: "| `check` | verdict | … |".
TEST(DoctorDocumentationTest, EveryVerdictIsDocumented) {
  const std::string text = test::ReadText(LASTGOOD_SOURCE_DIR "/docs/doctor.md");
  std::set<std::string> rows = {"| `serial-holder` | problem |", "| `serial-holder` | unknown |",
                                "| `gpio-holder` | problem |"};
  for (const fs::path& path : Vectors()) {
    for (const std::string& line : SplitText(test::ReadText(path), '\n')) {
      const std::vector<std::string> words = WordsOf(line);
      if (words.size() > 2 && words[0] == "expect:" && words[1] != "ok")
        rows.insert(fmt::format("| `{}` | {} |", words[2], words[1]));
    }
  }
  for (const std::string& row : rows) {
    // A problem is a note when no board was asked about.
    const bool general = row.starts_with("| `") && row.ends_with("| note |");
    const std::string problem = row.substr(0, row.rfind("| note")) + "| problem |";
    EXPECT_TRUE(text.find(row) != std::string::npos ||
                (general && text.find(problem) != std::string::npos))
        << row;
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, HostVectorTest, testing::ValuesIn(Vectors()), NameOf);

}  // namespace
}  // namespace lastgood
