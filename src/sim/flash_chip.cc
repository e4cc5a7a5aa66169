// SPDX-License-Identifier: MIT
#include "sim/flash_chip.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "host/descriptor.h"

namespace lastgood::sim {
namespace {

constexpr std::uint8_t kBlank = 0xFF;

Error FileError(const std::filesystem::path& file, std::string_view what, int number) {
  return {ExitCode::kUsage,
          fmt::format("cannot {} flash file '{}': {}", what, file.string(), ErrnoText(number)), ""};
}

// Space is reserved before it is mapped: a full disk must not become a bus error later.
Result<bool> SizeFile(const std::filesystem::path& file, int fd, std::uint32_t size_bytes) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return Fail(FileError(file, "examine", errno));
  if (status.st_size == 0) {
    if (const int error = ::posix_fallocate(fd, 0, size_bytes); error != 0)
      return Fail(FileError(file, "make room for", error));
    return true;
  }
  if (status.st_size != static_cast<off_t>(size_bytes)) {
    return Fail(ExitCode::kUsage,
                fmt::format("flash file '{}' has {} bytes, the chip has {}", file.string(),
                            status.st_size, size_bytes),
                "give the size that the file was made with (flash=…), or another file");
  }
  return false;
}

Result<std::span<std::uint8_t>> Map(const std::filesystem::path& file, int fd,
                                    std::uint32_t size_bytes) {
  const int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  void* memory = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (memory == MAP_FAILED) return Fail(FileError(file, "map", errno));
  return std::span<std::uint8_t>(static_cast<std::uint8_t*>(memory), size_bytes);
}

void FillBlank(std::span<std::uint8_t> content) {
  std::memset(content.data(), kBlank, content.size());
}

}  // namespace

Result<std::unique_ptr<FlashChip>> FlashChip::Open(const std::filesystem::path& file,
                                                   std::uint32_t size_bytes) {
  if (!std::has_single_bit(size_bytes) || size_bytes < kSectorSize)
    return Fail(ExitCode::kUsage, fmt::format("no flash chip has {} bytes", size_bytes));
  bool fresh = true;
  Descriptor fd(file.empty() ? -1 : ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file.empty()) {
    if (fd.Get() < 0) return Fail(FileError(file, "open", errno));
    TRY(fresh, SizeFile(file, fd.Get(), size_bytes));
  }
  TRY(const std::span<std::uint8_t> content, Map(file, fd.Get(), size_bytes));
  if (fresh) FillBlank(content);
  return std::unique_ptr<FlashChip>(new FlashChip(content));
}

FlashChip::FlashChip(std::span<std::uint8_t> content)
    : content_(content), changed_at_(content.size() / kSectorSize) {}

FlashChip::~FlashChip() { ::munmap(content_.data(), content_.size()); }

Bytes FlashChip::Read(std::uint32_t address, std::uint32_t length) const {
  Bytes data(length);
  for (std::uint32_t i = 0; i < length; ++i) data[i] = At(address + i);
  return data;
}

void FlashChip::Erase(std::uint32_t address, std::uint32_t length) {
  for (std::uint32_t done = 0; done < length; done += kSectorSize) {
    const std::uint32_t start = Wrapped(address + done) / kSectorSize * kSectorSize;
    FillBlank(content_.subspan(start, kSectorSize));
    Touch(start);
  }
}

void FlashChip::Program(std::uint32_t address, ByteSpan data) {
  for (const std::uint8_t octet : data) {
    const std::uint32_t at = Wrapped(address++);
    if (worn_out_ == at / kSectorSize) continue;
    content_[at] &= octet;
    Touch(at);
  }
}

void FlashChip::EraseInterrupted(std::uint32_t address, std::uint32_t length, Dice& dice) {
  for (std::uint32_t i = 0; i < length; ++i) {
    const std::uint32_t at = Wrapped(address + i);
    content_[at] |= dice.Octet();
    Touch(at);
  }
}

void FlashChip::ProgramInterrupted(std::uint32_t address, ByteSpan data, Dice& dice) {
  if (data.empty()) return;
  const std::uint32_t whole = dice.Below(static_cast<std::uint32_t>(data.size()));
  Program(address, data.first(whole));
  const auto half = static_cast<std::uint8_t>(data[whole] | dice.Octet());
  Program(address + whole, {&half, 1});
}

void FlashChip::Overwrite(std::uint32_t offset, ByteSpan data) {
  if (offset >= size_bytes()) return;
  const std::size_t count = std::min<std::size_t>(data.size(), size_bytes() - offset);
  for (std::size_t i = 0; i < count; i += kSectorSize)
    Touch(static_cast<std::uint32_t>(offset + i));
  if (count > 0) Touch(static_cast<std::uint32_t>(offset + count - 1));
  std::copy_n(data.begin(), count, content_.begin() + offset);
}

std::uint64_t FlashChip::ChangeCount(std::uint32_t length) const {
  const std::size_t sectors =
      std::min<std::size_t>((length + kSectorSize - 1) / kSectorSize, changed_at_.size());
  return *std::max_element(changed_at_.begin(),
                           changed_at_.begin() + static_cast<std::ptrdiff_t>(sectors));
}

}  // namespace lastgood::sim
