// SPDX-License-Identifier: MIT
// HostTree among other users and on file systems that say no. What needs root is left out for
// anybody else, and says so.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "host/host_tree.h"
#include "support/fat_partition.h"
#include "support/file_states.h"
#include "support/leave_out.h"
#include "support/temporary_directory.h"

namespace lastgood {
namespace {

using test::FileWith;

namespace fs = std::filesystem;

constexpr uid_t kUser = 12345;
constexpr uid_t kOther = 12346;

// What `work` says in a child of its own, after `prepare` there: "cannot prepare" when that fails.
std::string InChild(const std::function<bool()>& prepare,
                    const std::function<std::string()>& work) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    const std::string said = prepare() ? work() : "cannot prepare";
    const bool told = write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  std::string said;
  char c = 0;
  while (read(ends[0], &c, 1) == 1) said += c;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0 ? said : "the child ended with status " + std::to_string(status);
}

std::string AsUser(uid_t user, const std::function<std::string()>& work) {
  return InChild(
      [user] { return setgroups(0, nullptr) == 0 && setgid(user) == 0 && setuid(user) == 0; },
      work);
}

// Root of mount points of its own: for anybody, where user namespaces are allowed.
bool OwnMounts() {
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (geteuid() == 0) return unshare(CLONE_NEWNS) == 0;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  test::WriteText("/proc/self/setgroups", "deny");
  test::WriteText("/proc/self/uid_map", "0 " + user + " 1");
  test::WriteText("/proc/self/gid_map", "0 " + group + " 1");
  return geteuid() == 0;
}

// With a small file system of its own at `mount_point`, which is gone with the child.
std::string WithMount(const fs::path& mount_point, unsigned long flags,
                      const std::function<std::string()>& work) {
  const auto prepare = [&] {
    return OwnMounts() && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount("none", mount_point.c_str(), "tmpfs", flags, "size=64k,mode=0755") == 0;
  };
  return InChild(prepare, work);
}

class HostTreeUsersTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::permissions(directory_.path(), fs::perms(0755));
    fs::create_directories(At("etc"));
    Write("/etc/secret", "root's");
  }

  fs::path At(const std::string& path) const {
    return directory_ / "root" / fs::path(path).relative_path();
  }
  void Write(const std::string& path, std::string_view text, uid_t owner = geteuid()) {
    test::WriteText(At(path), text);
    Own(path, owner);
  }
  void Link(const std::string& target, const std::string& path, uid_t owner) {
    fs::create_symlink(target, At(path));
    Own(path, owner);
  }
  void Directory(const std::string& path, uid_t owner, unsigned mode = 0755) {
    fs::create_directory(At(path));
    Own(path, owner);
    fs::permissions(At(path), fs::perms(mode));
  }
  void Own(const std::string& path, uid_t owner) {
    if (owner != geteuid()) {
      ASSERT_EQ(lchown(At(path).c_str(), owner, owner), 0);
    }
  }
  std::string ResolvedOrWhy(const std::string& path) const {
    const auto resolved = tree_.Resolve(path);
    return resolved ? *resolved : resolved.error().message;
  }

  test::TemporaryDirectory directory_;
  HostTree tree_{directory_ / "root"};
};

// Everything here is owned by somebody else than who runs it.
class HostileTreeTest : public HostTreeUsersTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) LEAVE_OUT("needs root: files of several users");
    HostTreeUsersTest::SetUp();
    Directory("/home", 0);
    Directory("/home/user", kUser);
    Directory("/tmp", 0, 01777);
  }

  // Neither seen, nor found, nor written through, nor created behind.
  void ExpectRefused(const std::string& path) {
    const std::string why = ResolvedOrWhy(path);
    EXPECT_NE(why.find("of an unprivileged user leads to"), std::string::npos)
        << path << ": " << why;
    EXPECT_FALSE(tree_.Look(path + "/x")) << path;
    EXPECT_FALSE(tree_.Put(path + "/x", FileWith("written"))) << path;
    EXPECT_FALSE(tree_.MayChange(path + "/x")) << path;
  }
};

TEST_F(HostileTreeTest, LinkOfAUserLeadsToTheirOwnFilesOnly) {
  Directory("/home/user/own", kUser);
  Directory("/home/user/roots", 0);
  Directory("/home/other", kOther);
  const std::pair<const char*, const char*> refused[] = {
      {"/home/user/a", "/etc/secret"},
      {"/home/user/b", "../../etc/secret"},
      {"/home/user/c", "/etc"},
      {"/home/user/d", "/new"},    // missing, in a directory of root
      {"/home/user/e", "../new"},  // the same, by ".."
      {"/home/user/f", "../.."},
      {"/home/user/g", "/"},
      {"/home/user/h", "roots"},
      {"/home/user/i", "../other/x"},
      {"/home/user/j", "/home/user/own"},  // by way of what is not theirs
      {"/tmp/a", "/etc/secret"},
      {"/tmp/b", "new"},  // theirs is the link, not the directory
      {"/tmp/c", "."},
      {"/tmp/d", "/home/user/own"},
  };
  for (const auto& [path, target] : refused) {
    Link(target, path, kUser);
    ExpectRefused(path);
  }
  Link("own/x", "/home/user/z", kUser);
  EXPECT_EQ(ResolvedOrWhy("/home/user/z"), "/home/user/own/x");
  EXPECT_EQ(test::ReadText(At("/etc/secret")), "root's");
  for (const char* path : {"/new", "/home/new", "/tmp/new", "/tmp/x", "/x", "/etc/x"})
    EXPECT_FALSE(fs::exists(At(path))) << path;
}

TEST_F(HostileTreeTest, ChainThatBeginsWithRootIsNoBetter) {
  Link("/etc/secret", "/home/user/a", kUser);
  Link("/home/user/a", "/etc/link", 0);
  ExpectRefused("/etc/link");
}

TEST_F(HostileTreeTest, LinkOfRootMayLeadAnywhere) {
  Directory("/home/user/own", kUser);
  Write("/home/user/own/x", "x", kUser);
  Link("/home/user/own/x", "/etc/link", 0);
  EXPECT_EQ(ResolvedOrWhy("/etc/link"), "/home/user/own/x");
  Link("/etc/secret", "/tmp/link", 0);
  EXPECT_EQ(ResolvedOrWhy("/tmp/link"), "/etc/secret");
}

// A person names it, and no link has a say in it.
TEST_F(HostileTreeTest, FileOfRootInAUsersDirectoryIsReached) {
  Write("/home/user/x", "root's too", 0);
  EXPECT_EQ(ResolvedOrWhy("/home/user/x"), "/home/user/x");
  EXPECT_TRUE(tree_.Put("/home/user/x", FileWith("new")));
  EXPECT_EQ(test::ReadText(At("/home/user/x")), "new");
  EXPECT_EQ(ResolvedOrWhy("/home/user/../x"), "/home/x");
}

TEST_F(HostileTreeTest, LinkAtTheEndIsReplacedWhoseverItIs) {
  Link("/etc/secret", "/home/user/a", kUser);
  EXPECT_TRUE(tree_.Put("/home/user/a", FileWith("new")));
  EXPECT_EQ(test::ReadText(At("/home/user/a")), "new");
  EXPECT_EQ(test::ReadText(At("/etc/secret")), "root's");
}

// The user swaps a directory of theirs for a link, and back, as fast as they can.
TEST_F(HostileTreeTest, SwappedDirectoryTurnsNoWriteElsewhere) {
  constexpr int kRounds = 1500;
  Directory("/home/user/d", kUser);
  const fs::path outside = directory_ / "outside";
  fs::create_directory(outside);
  std::atomic<bool> done = false;
  std::thread swapper([&] {
    const char* const targets[] = {"/etc", "../../etc", "/"};
    for (std::size_t round = 0; !done; ++round) {
      std::error_code ignored;
      fs::rename(At("/home/user/d"), At("/home/user/aside"), ignored);
      const std::string target = round % 4 == 3 ? outside.string() : targets[round % 4];
      if (symlink(target.c_str(), At("/home/user/d").c_str()) == 0)
        lchown(At("/home/user/d").c_str(), kUser, kUser) == 0 ? void() : std::abort();
      fs::remove(At("/home/user/d"), ignored);
      fs::rename(At("/home/user/aside"), At("/home/user/d"), ignored);
    }
  });
  int written = 0;
  for (int round = 0; round < kRounds; ++round) {
    written += tree_.Put("/home/user/d/secret", FileWith("written")) ? 1 : 0;
    const auto resolved = tree_.Resolve("/home/user/d/secret");
    if (resolved) written += tree_.Put(*resolved, FileWith("written")) ? 1 : 0;
  }
  done = true;
  swapper.join();
  RecordProperty("written", written);
  EXPECT_EQ(test::ReadText(At("/etc/secret")), "root's");
  EXPECT_EQ(std::distance(fs::directory_iterator(At("/etc")), fs::directory_iterator()), 1);
  EXPECT_TRUE(fs::is_empty(outside));
  EXPECT_FALSE(fs::exists(At("/secret")));
}

TEST_F(HostileTreeTest, OwnersAreKept) {
  FileState state = FileWith("x");
  state.uid = kUser;
  state.gid = kOther;
  state.mode = 06755;
  for (const FileKind kind : {FileKind::kFile, FileKind::kDirectory, FileKind::kLink}) {
    FileState wanted = state;
    wanted.kind = kind;
    if (kind != FileKind::kFile) wanted.content.clear();
    if (kind == FileKind::kLink) {
      wanted.target = "y";
      wanted.mode = 0;
    }
    const std::string path = "/etc/" + std::to_string(static_cast<int>(kind));
    ASSERT_TRUE(tree_.Put(path, wanted));
    FileState seen = tree_.Look(path).value_or(FileState{});
    seen.modified_ns = 0;
    EXPECT_EQ(seen, wanted) << path;
  }
}

TEST_F(HostileTreeTest, UserMayChangeWhatIsTheirsAlone) {
  const auto ask = [this](const std::string& path) {
    return AsUser(kUser, [this, path] {
      const auto may = tree_.MayChange(path);
      return std::string(!may ? "failure" : *may ? "yes" : "no");
    });
  };
  EXPECT_EQ(ask("/home/user/x"), "yes");
  EXPECT_EQ(ask("/home/user/new/x"), "yes");
  EXPECT_EQ(ask("/etc/secret"), "no");
  EXPECT_EQ(ask("/new/x"), "no");
}

TEST_F(HostileTreeTest, UserIsToldToUseSudo) {
  EXPECT_EQ(AsUser(kUser,
                   [this] {
                     const auto put = tree_.Put("/etc/secret", FileWith("new"));
                     return put ? "written" : put.error().message + " | " + put.error().hint;
                   }),
            "cannot write '/etc/secret': permission denied | run lastgood with sudo");
  Directory("/closed", 0, 0700);
  Write("/closed/x", "x");
  EXPECT_EQ(AsUser(kUser,
                   [this] {
                     const auto seen = tree_.Look("/closed/x/y");
                     return seen ? "seen" : seen.error().message + " | " + seen.error().hint;
                   }),
            "cannot reach '/closed/x/y': permission denied | run lastgood with sudo");
  EXPECT_EQ(test::ReadText(At("/etc/secret")), "root's");
}

TEST_F(HostTreeUsersTest, FullFileSystemLeavesTheOldContent) {
  const std::string said = WithMount(At("/etc"), 0, [this] {
    if (!tree_.Put("/etc/x", FileWith("old"))) return std::string("not even that");
    const auto put = tree_.Put("/etc/x", FileWith(std::string(1 << 20, 'x')));
    std::string names;
    for (const auto& entry : fs::directory_iterator(At("/etc")))
      names += " " + entry.path().filename().string();
    return (put ? "written" : put.error().message + " | " + put.error().hint) + " |" + names + " " +
           test::ReadText(At("/etc/x"));
  });
  if (said == "cannot prepare") LEAVE_OUT("needs root or user namespaces: a small tmpfs");
  EXPECT_EQ(
      said,
      "cannot write '/etc/x': no space left on device | make room on that file system | x old");
}

TEST_F(HostTreeUsersTest, ReadOnlyFileSystemIsNoMatterOfPrivilege) {
  const std::string said = WithMount(At("/etc"), MS_RDONLY, [this] {
    const auto put = tree_.Put("/etc/x", FileWith("new"));
    const auto may = tree_.MayChange("/etc/x");
    return (put ? "written" : put.error().message + " | " + put.error().hint) + " | " +
           (may ? "may" : may.error().message);
  });
  if (said == "cannot prepare") LEAVE_OUT("needs root or user namespaces: a read-only tmpfs");
  EXPECT_EQ(said,
            "cannot write '/etc/x': read-only file system | mount that file system for writing: "
            "mount -o remount,rw | cannot write '/etc/x': read-only file system");
}

// A FAT boot partition has no owners and modes; without it, nothing shows that they are left out.
TEST_F(HostTreeUsersTest, FatFileSystemTakesContentWithoutOwners) {
  const test::FatPartition partition(directory_ / "fat.img", At("/etc"));
  if (!partition.mounted()) GTEST_SKIP() << test::kNoFat;
  FileState state = FileWith("enable_uart=1\n");
  state.uid = kUser;
  state.mode = 0600;
  EXPECT_TRUE(tree_.Put("/etc/config.txt", state));
  EXPECT_EQ(test::ReadText(At("/etc/config.txt")), "enable_uart=1\n");
}

}  // namespace
}  // namespace lastgood
