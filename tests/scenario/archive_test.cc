// SPDX-License-Identifier: MIT
// Firmware that comes in an archive, from the manifest to the board.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "base/units.h"
#include "digest/digest.h"
#include "scenario/workbench.h"

namespace lastgood::test {
namespace {

constexpr std::size_t kTarBlock = 512;

// One file of a POSIX tar archive.
void AppendTarFile(Bytes& tar, std::string_view name, ByteSpan content) {
  std::string header(kTarBlock, '\0');
  header.replace(0, name.size(), name);
  header.replace(100, 8, std::string("0000644\0", 8));
  header.replace(124, 12, fmt::format("{:011o}", content.size()) + '\0');
  header.replace(136, 12, std::string("00000000000\0", 12));
  header.replace(148, 8, "        ");
  header[156] = '0';
  header.replace(257, 8, std::string("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  header.replace(148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  Append(tar, AsBytes(header));
  Append(tar, content);
  tar.resize((tar.size() + kTarBlock - 1) / kTarBlock * kTarBlock, 0);
}

class FromArchive : public testing::Test {
 protected:
  FromArchive() {
    sim::ImageRequest request;
    request.version = "1.22.1";
    const Bytes image = sim::MakeImage(request);
    AppendTarFile(tar_, "release/firmware.bin", image);
    AppendTarFile(tar_, "release/data.bin", Bytes(100, 0x77));
    tar_.resize(tar_.size() + 2 * kTarBlock, 0);
    WriteText(bench_.directory / "release.tar", AsText(tar_));
  }

  std::string Part(std::uint32_t offset, std::string_view member) const {
    return fmt::format(
        "[[firmware.part]]\noffset = {:#x}\nurls = [\"file://{}\"]\nsha256 = \"{}\"\nsize = "
        "{}\nmember = \"{}\"\n",
        offset, (bench_.directory / "release.tar").string(), Sha256(tar_).ToHex(), tar_.size(),
        member);
  }

  RunOutcome ProvisionParts(const std::string& parts) {
    RunOptions options;
    options.no_fallback = true;
    return bench_.ProvisionText(
        "schema = 1\nname = \"test\"\nrecipe = \"bench\"\n[firmware]\nname = "
        "\"micropython\"\nversion = \"1.22.1\"\nchip = \"esp8266\"\n" +
            parts + "[firmware.health]\nkind = \"micropython\"\n",
        options);
  }

  Workbench bench_;
  Bytes tar_;
};

TEST_F(FromArchive, MembersOfOneArchiveAreWrittenAndItIsFetchedOnce) {
  const RunOutcome outcome =
      ProvisionParts(Part(0, "release/firmware.bin") + Part(0x200000, "release/data.bin"));
  ASSERT_EQ(outcome.code, ExitCode::kDone) << outcome.text;
  EXPECT_EQ(bench_.BoardHealth(), "healthy 1.22.1");
  EXPECT_EQ(bench_.board->flash()[0x200000], 0x77);
  EXPECT_EQ(bench_.board->flash()[0x200064], 0xFF);
  EXPECT_EQ(bench_.reporter.LastOf("fetch"),
            fmt::format("{}, sha256 {}", FormatByteCount(tar_.size()), Abbreviate(Sha256(tar_))));
}

TEST_F(FromArchive, ItComesOutOfTheStoreTheNextTime) {
  ASSERT_EQ(ProvisionParts(Part(0, "release/firmware.bin")).code, ExitCode::kDone);
  std::filesystem::remove(bench_.directory / "release.tar");
  const RunOutcome again = ProvisionParts(Part(0, "release/firmware.bin"));
  EXPECT_EQ(again.code, ExitCode::kDone) << again.text;
  EXPECT_FALSE(again.changed);
}

TEST_F(FromArchive, MemberThatIsNotThereStopsTheRunBeforeTheBoardIsTouched) {
  const RunOutcome outcome = ProvisionParts(Part(0, "firmware.bin"));
  EXPECT_EQ(outcome.code, ExitCode::kInvalidManifest);
  EXPECT_EQ(outcome.text, "'release.tar': archive has no member 'firmware.bin'");
  EXPECT_EQ(outcome.hint, "did you mean 'release/firmware.bin'?");
  EXPECT_EQ(bench_.connects, 0);
}

TEST_F(FromArchive, MembersThatOverlapInFlashStopTheRunBeforeAnythingIsWritten) {
  const RunOutcome outcome =
      ProvisionParts(Part(0, "release/firmware.bin") + Part(0x1000, "release/data.bin"));
  EXPECT_EQ(outcome.code, ExitCode::kInvalidManifest) << outcome.text;
  EXPECT_EQ(outcome.text.find(
                "MicroPython 1.22.1: the part at 0x1000 overlaps the one at 0x0, which ends at"),
            0U)
      << outcome.text;
  EXPECT_EQ(bench_.board->statistics().sectors_erased, 0U);
}

}  // namespace
}  // namespace lastgood::test
