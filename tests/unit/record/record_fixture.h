// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>

#include "host/clock.h"
#include "record/record.h"
#include "support/temporary_directory.h"

namespace lastgood::test {

// The value of a Result that must be one.
template <class T>
T Must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().message;
  return std::move(result).value();
}
inline void Must(const Result<void>& result) { EXPECT_TRUE(result) << result.error().message; }

inline Sha256Digest DigestOf(int fill) {
  Sha256Digest digest;
  digest.octets.fill(static_cast<std::uint8_t>(fill));
  return digest;
}

inline BoardIdentity BoardNumber(int number) {
  const auto octet = static_cast<std::uint8_t>(number);
  BoardIdentity board;
  board.mac = MacAddress{{0x18, 0xFE, 0x34, 0, 0, octet}};
  board.flash_id = 0x1640EF;
  board.flash_size_bytes = 4U << 20;
  return board;
}

class RecordTest : public testing::Test {
 protected:
  std::filesystem::path Directory() const { return directory_ / "state"; }
  std::filesystem::path Database() const { return Directory() / "lastgood.db"; }

  Record Open() {
    std::string notice;
    Record record = Must(Record::Open(Directory(), clock_, notice));
    EXPECT_EQ(notice, "");
    return record;
  }

  std::optional<Record> OpenReadOnly() { return Must(Record::OpenReadOnly(Directory(), clock_)); }

  RunId StartOn(Record& record, const BoardIdentity& board, const std::string& name = "m") {
    RunStart start;
    start.command = "provision";
    start.manifest_name = name;
    const RunId run = Must(record.StartRun(start));
    Must(record.SetBoard(run, board));
    return run;
  }

  // A whole run that proves the firmware of this digest.
  RunId Prove(Record& record, const BoardIdentity& board, int digest) {
    const RunId run = StartOn(record, board);
    Record::RunEnd end;
    end.running = "firmware " + std::to_string(digest);
    end.now_good = KnownGood{"toml " + std::to_string(digest), DigestOf(digest), {}};
    Must(record.EndRun(run, end));
    return run;
  }

  TemporaryDirectory directory_;
  VirtualClock clock_;
};

}  // namespace lastgood::test
