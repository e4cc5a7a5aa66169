// SPDX-License-Identifier: MIT
// A FAT file system in a file, mounted for as long as this lives. It takes root, mkfs.vfat, a loop
// device and a kernel with vfat: the virtual machine of tests/vm has them all, and says so with
// LASTGOOD_FAT=required, so that nothing is left out there.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace lastgood::test {

class FatPartition {
 public:
  FatPartition(const std::filesystem::path& image, std::filesystem::path directory)
      : directory_(std::move(directory)) {
    const std::string make = fmt::format(
        "truncate -s 8M '{0}' && mkfs.vfat '{0}' >/dev/null 2>&1 && mount -o loop '{0}' '{1}' "
        "2>/dev/null",
        image.string(), directory_.string());
    mounted_ = std::system(make.c_str()) == 0;
    EXPECT_TRUE(mounted_ || std::getenv("LASTGOOD_FAT") == nullptr) << "FAT can not be mounted";
  }
  ~FatPartition() {
    if (mounted_) umount2(directory_.c_str(), MNT_DETACH);
  }
  FatPartition(const FatPartition&) = delete;
  FatPartition& operator=(const FatPartition&) = delete;

  bool mounted() const { return mounted_; }

 private:
  std::filesystem::path directory_;
  bool mounted_ = false;
};

inline constexpr const char* kNoFat =
    "needs root, mkfs.vfat, a loop device and a kernel with vfat; runs in the virtual machine";

}  // namespace lastgood::test
