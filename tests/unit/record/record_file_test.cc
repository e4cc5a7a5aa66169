// SPDX-License-Identifier: MIT
// The database file: damage, other versions, reading without a trace.
#include "record/record_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "record/record.h"
#include "record/schema.h"
#include "record_fixture.h"

namespace lastgood {
namespace {

namespace fs = std::filesystem;

using sqlite::Access;
using test::BoardNumber;
using test::Must;
using test::ReadText;
using test::WriteText;

constexpr std::chrono::milliseconds kShortLimit{50};

class RecordFileTest : public test::RecordTest {
 protected:
  sqlite::Connection Raw() {
    return Must(sqlite::Connection::Open(Database(), Access::kCreate, kShortLimit));
  }

  // Names and contents of everything in the state directory.
  std::map<std::string, std::string> Snapshot() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(Directory()))
      files[entry.path().filename().string()] = ReadText(entry.path());
    return files;
  }

  void CopyState(const fs::path& to) const {
    fs::create_directories(to);
    for (const auto& entry : fs::directory_iterator(Directory()))
      fs::copy_file(entry.path(), to / entry.path().filename());
  }
};

TEST_F(RecordFileTest, DirectoryAndDatabaseAreCreated) {
  Open();
  EXPECT_TRUE(fs::is_regular_file(Database()));
  struct stat status {};
  ASSERT_EQ(stat(Database().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777 & ~0644U, 0U);
}

TEST_F(RecordFileTest, ClosedDatabaseIsOneFile) {
  Prove(*std::make_unique<Record>(Open()), BoardNumber(1), 1);
  EXPECT_EQ(Snapshot().size(), 1U);
}

TEST_F(RecordFileTest, DirectoryThatCannotBeMadeIsNamed) {
  WriteText(Directory(), "a file");
  std::string notice;
  const auto record = Record::Open(Directory(), clock_, notice);
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, ExitCode::kInternal);
  EXPECT_NE(record.error().message.find(Directory().string()), std::string::npos);
}

TEST_F(RecordFileTest, DirectoryInPlaceOfTheDatabaseIsNamed) {
  fs::create_directories(Database());
  std::string notice;
  const auto record = Record::Open(Directory(), clock_, notice);
  ASSERT_FALSE(record);
  EXPECT_NE(record.error().message.find(Database().string()), std::string::npos);
  EXPECT_TRUE(fs::is_directory(Database()));
}

TEST_F(RecordFileTest, EmptyFileIsBegun) {
  fs::create_directories(Directory());
  WriteText(Database(), "");
  Record record = Open();
  Must(record.StartRun({}));
}

struct Damage {
  const char* name;
  std::function<std::string(std::string)> inflict;
};

std::vector<Damage> Damages() {
  const auto overwrite = [](std::size_t from, std::size_t count) {
    return [from, count](std::string bytes) {
      for (std::size_t i = from; i < std::min(from + count, bytes.size()); ++i) bytes[i] = '\xA5';
      return bytes;
    };
  };
  return {
      {"not a database", [](const std::string&) { return std::string("no such luck\n"); }},
      {"text as long as a page", [](const std::string&) { return std::string(4096, 'x'); }},
      {"first octets lost", overwrite(0, 16)},
      {"header lost", overwrite(0, 100)},
      {"schema lost", overwrite(100, 3996)},
      {"all zeros", [](const std::string& bytes) { return std::string(bytes.size(), '\0'); }},
      {"page of a table lost", overwrite(4096, 4096)},
      {"everything after the schema lost", overwrite(4096, 1 << 20)},
      {"cut to one page", [](const std::string& bytes) { return bytes.substr(0, 4096); }},
      {"cut in the middle",
       [](const std::string& bytes) { return bytes.substr(0, bytes.size() / 2); }},
      {"cut in the header", [](const std::string& bytes) { return bytes.substr(0, 50); }},
  };
}

TEST_F(RecordFileTest, DamagedDatabaseIsMovedAsideAndANewOneBegun) {
  {
    Record record = Open();
    for (int i = 0; i < 20; ++i) Prove(record, BoardNumber(i), i);
  }
  const std::string sound = ReadText(Database());
  int number = 0;
  for (const Damage& damage : Damages()) {
    SCOPED_TRACE(damage.name);
    const std::string damaged = damage.inflict(sound);
    WriteText(Database(), damaged);
    std::string notice;
    auto record = Record::Open(Directory(), clock_, notice);
    ASSERT_TRUE(record) << record.error().message;
    const std::string aside = "lastgood.db.damaged-" + std::to_string(++number);
    EXPECT_TRUE(ReadText(Directory() / aside) == damaged);
    EXPECT_EQ(notice, "record '" + Database().string() + "' was damaged: moved to '" + aside +
                          "', a new one is begun; known-good firmware has to be proven again");
    EXPECT_TRUE(Must(record->History(10)).empty());
    Must(record->StartRun({}));
  }
}

TEST_F(RecordFileTest, ReaderLeavesADamagedDatabaseAlone) {
  Prove(*std::make_unique<Record>(Open()), BoardNumber(1), 1);
  const std::string sound = ReadText(Database());
  for (const Damage& damage : Damages()) {
    SCOPED_TRACE(damage.name);
    WriteText(Database(), damage.inflict(sound));
    const auto before = Snapshot();
    const auto record = Record::OpenReadOnly(Directory(), clock_);
    ASSERT_FALSE(record);
    EXPECT_EQ(record.error().code, ExitCode::kInternal);
    EXPECT_NE(record.error().message.find("is damaged"), std::string::npos)
        << record.error().message;
    EXPECT_TRUE(Snapshot() == before);
  }
}

// It may hold what the file has lost.
TEST_F(RecordFileTest, LogOfADamagedDatabaseIsKeptWithIt) {
  const fs::path crashed = directory_ / "crashed";
  const RunId run = StartOn(*std::make_unique<Record>(Open()), BoardNumber(1));
  {
    Record record = Open();
    Must(record.EnterState(run, "flashing new", ""));
    CopyState(crashed);
  }
  const std::string log = ReadText(crashed / "lastgood.db-wal");
  ASSERT_FALSE(log.empty());
  WriteText(crashed / "lastgood.db", "damaged");
  std::string notice;
  ASSERT_TRUE(Record::Open(crashed, clock_, notice));
  EXPECT_EQ(ReadText(crashed / "lastgood.db.damaged-1"), "damaged");
  EXPECT_TRUE(ReadText(crashed / "lastgood.db.damaged-1-wal") == log);
}

// Power may fail while the log is poured into the file: the log still has every page of it.
TEST_F(RecordFileTest, FileThatItsLogCanMendIsNotDamaged) {
  const fs::path crashed = directory_ / "crashed";
  {
    Record record = Open();
    Prove(record, BoardNumber(1), 1);
    CopyState(crashed);
  }
  const std::string file = ReadText(crashed / "lastgood.db");
  WriteText(crashed / "lastgood.db", file.substr(0, 100) + std::string(file.size() - 100, 'x'));
  std::string notice;
  const auto record = Must(Record::Open(crashed, clock_, notice));
  EXPECT_EQ(notice, "");
  EXPECT_EQ(Must(record.Boards()).size(), 1U);
}

TEST_F(RecordFileTest, DatabaseOfAnotherProgramIsMovedAside) {
  fs::create_directories(Directory());
  Must(Raw().RunScript("CREATE TABLE other (x); PRAGMA application_id = 7;"));
  std::string notice;
  ASSERT_TRUE(Record::Open(Directory(), clock_, notice));
  EXPECT_TRUE(fs::exists(Directory() / "lastgood.db.damaged-1"));
}

TEST_F(RecordFileTest, NewerDatabaseIsRefusedAndLeftAlone) {
  Open();
  Must(Raw().RunScript("PRAGMA user_version = 99"));
  const auto before = Snapshot();
  std::string notice;
  for (const bool read_only : {false, true}) {
    const auto error = read_only ? Record::OpenReadOnly(Directory(), clock_).error()
                                 : Record::Open(Directory(), clock_, notice).error();
    EXPECT_EQ(error.code, ExitCode::kInternal);
    EXPECT_EQ(error.message,
              "record '" + Database().string() + "' was written by a newer lastgood");
    EXPECT_EQ(error.hint, "install that version again, or choose another state directory");
  }
  EXPECT_TRUE(Snapshot() == before);
}

TEST_F(RecordFileTest, ReaderOfNothingFindsNothingAndCreatesNothing) {
  EXPECT_FALSE(OpenReadOnly());
  EXPECT_FALSE(fs::exists(Directory()));
  fs::create_directories(Directory());
  EXPECT_FALSE(OpenReadOnly());
  WriteText(Database(), "");
  EXPECT_FALSE(OpenReadOnly());
  EXPECT_EQ(Snapshot().size(), 1U);
}

TEST_F(RecordFileTest, ReaderFindsNothingInAFileThatWasNotBegunYet) {
  fs::create_directories(Directory());
  Must(Raw().RunScript("PRAGMA journal_mode = WAL"));
  EXPECT_FALSE(OpenReadOnly());
}

TEST_F(RecordFileTest, ReaderOfAClosedDatabaseLeavesNoTrace) {
  Prove(*std::make_unique<Record>(Open()), BoardNumber(1), 1);
  const auto before = Snapshot();
  {
    const auto record = OpenReadOnly();
    ASSERT_TRUE(record);
    EXPECT_EQ(Must(record->Boards()).size(), 1U);
    EXPECT_TRUE(Snapshot() == before);
  }
  EXPECT_TRUE(Snapshot() == before);
}

TEST_F(RecordFileTest, ReaderOfACrashedDatabaseReadsItsLogAndKeepsIt) {
  const fs::path crashed = directory_ / "crashed";
  {
    Record record = Open();
    Prove(record, BoardNumber(1), 1);
    CopyState(crashed);  // as it would be found after a power cut
  }
  fs::remove_all(Directory());
  fs::rename(crashed, Directory());
  const std::string file = ReadText(Database());
  const std::string log = ReadText(Directory() / "lastgood.db-wal");
  ASSERT_FALSE(log.empty());
  {
    const auto record = OpenReadOnly();
    ASSERT_TRUE(record);
    EXPECT_EQ(Must(record->Boards()).size(), 1U);
  }
  EXPECT_EQ(Snapshot().size(), 3U);
  EXPECT_TRUE(ReadText(Database()) == file);
  EXPECT_TRUE(ReadText(Directory() / "lastgood.db-wal") == log);
}

TEST_F(RecordFileTest, ReaderSeesWhatIsWrittenWhileItIsOpen) {
  Prove(*std::make_unique<Record>(Open()), BoardNumber(1), 1);
  const auto reader = OpenReadOnly();
  ASSERT_TRUE(reader);
  EXPECT_EQ(Must(reader->Boards()).size(), 1U);
  Record writer = Open();
  Prove(writer, BoardNumber(2), 1);
  EXPECT_EQ(Must(reader->Boards()).size(), 2U);
  Prove(writer, BoardNumber(3), 1);
  EXPECT_EQ(Must(reader->Boards()).size(), 3U);
}

// The writer closes its database between its runs, which moves the log into the file that the
// reader reads without locks.
TEST_F(RecordFileTest, ReaderNeverSeesHalfOfARun) {
  Prove(*std::make_unique<Record>(Open()), BoardNumber(1), 1);
  std::thread writing([this] {
    for (int i = 0; i < 40; ++i) {
      std::string notice;
      Record record = Must(Record::Open(Directory(), clock_, notice));
      Prove(record, BoardNumber(i), i);
    }
  });
  std::size_t seen = 0;
  for (int i = 0; i < 200; ++i) {
    const auto record = Record::OpenReadOnly(Directory(), clock_);
    if (!record) {
      EXPECT_EQ(record.error().code, ExitCode::kBusy) << record.error().message;
      continue;
    }
    const auto history = (*record)->History(1000);
    if (!history) {
      EXPECT_EQ(history.error().code, ExitCode::kBusy) << history.error().message;
      continue;
    }
    EXPECT_GE(history->size(), seen);
    seen = history->size();
  }
  writing.join();
  EXPECT_EQ(Must(OpenReadOnly()->History(1000)).size(), 41U);
}

TEST_F(RecordFileTest, ReaderCannotWrite) {
  Open();
  auto record = OpenReadOnly();
  const auto run = record->StartRun({});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().message, "cannot write record '" + Database().string() +
                                     "': attempt to write a readonly database");
}

// A path may contain what means something in a URI.
TEST_F(RecordFileTest, ReaderFindsADatabaseUnderAnyName) {
  const fs::path odd = directory_ / "100%41 #1?mode=rwc&x";
  std::string notice;
  {
    auto record = Record::Open(odd, clock_, notice);
    ASSERT_TRUE(record);
    Must(record->StartRun({}));
  }
  const auto reader = Must(Record::OpenReadOnly(odd, clock_));
  ASSERT_TRUE(reader);
  EXPECT_EQ(Must(reader->Unfinished()).size(), 1U);
}

// `lastgood status` as an ordinary user, while the state belongs to root.
TEST_F(RecordFileTest, OtherUserReadsAStateThatItMayNotWrite) {
  if (geteuid() != 0) {
    std::printf("[ LEFT OUT ] only root can become another user\n");
    return;
  }
  fs::permissions(directory_.path(), fs::perms(0755));
  constexpr uid_t kNobody = 65534;
  const auto count_as_nobody = [this] {
    const pid_t child = fork();
    if (child == 0) {
      if (setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(101);
      const auto record = Record::OpenReadOnly(Directory(), clock_);
      if (!record || !*record) _exit(102);
      const auto runs = (*record)->History(100);
      _exit(runs ? static_cast<int>(runs->size()) : 103);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  {
    Record record = Open();
    Prove(record, BoardNumber(1), 1);
    EXPECT_EQ(count_as_nobody(), 1);  // while a run is going on
    Prove(record, BoardNumber(1), 1);
  }
  EXPECT_EQ(count_as_nobody(), 2);  // afterwards
}

TEST_F(RecordFileTest, FilesThatAreMadeAtTheSameMomentBecomeOneRecord) {
  for (int round = 0; round < 20; ++round) {
    fs::remove_all(Directory());
    const auto begin = [this] {
      std::string notice;
      auto record = Must(Record::Open(Directory(), clock_, notice));
      EXPECT_EQ(notice, "");
      Must(record.StartRun({}));
    };
    std::thread other(begin);
    begin();
    other.join();
    ASSERT_EQ(Must(Open().Unfinished()).size(), 2U) << "round " << round;
  }
}

}  // namespace
}  // namespace lastgood
