// SPDX-License-Identifier: MIT
#include "image/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace lastgood {
namespace {

constexpr std::size_t kBlockSize = 64U << 10;

struct Closer {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

std::string NameOf(archive_entry* entry) {
  // In the C locale only one of the two can say a name beyond ASCII.
  const char* name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) name = archive_entry_pathname(entry);
  return name == nullptr ? std::string() : std::string(name);
}

bool Enable(archive* reader, ArchiveKind kind) {
  switch (kind) {
    case ArchiveKind::kZip:
      return archive_read_support_format_zip_seekable(reader) == ARCHIVE_OK;
    case ArchiveKind::kTar:
      return archive_read_support_format_tar(reader) == ARCHIVE_OK;
    case ArchiveKind::kCompressed:
      return archive_read_support_format_raw(reader) == ARCHIVE_OK &&
             archive_read_support_filter_gzip(reader) == ARCHIVE_OK &&
             archive_read_support_filter_bzip2(reader) == ARCHIVE_OK &&
             archive_read_support_filter_xz(reader) == ARCHIVE_OK &&
             archive_read_support_filter_zstd(reader) == ARCHIVE_OK;
  }
  return false;
}

}  // namespace

struct ArchiveReader::Handle {
  std::unique_ptr<archive, Closer> reader;

  tl::unexpected<Error> Damaged() const {
    const char* why = archive_error_string(reader.get());
    return Fail(ExitCode::kNotTrusted, fmt::format("archive is damaged or cut off: {}",
                                                   why == nullptr ? "no reason given" : why));
  }
};

ArchiveReader::ArchiveReader(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
ArchiveReader::~ArchiveReader() = default;
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader& ArchiveReader::operator=(ArchiveReader&&) noexcept = default;

Result<ArchiveReader> ArchiveReader::Open(ByteSpan bytes, ArchiveKind kind) {
  auto handle = std::make_unique<Handle>();
  handle->reader.reset(archive_read_new());
  archive* const reader = handle->reader.get();
  if (reader == nullptr || !Enable(reader, kind))
    return Fail(ExitCode::kInternal, "libarchive lacks a format that lastgood needs");
  if (archive_read_open_memory(reader, bytes.data(), bytes.size()) != ARCHIVE_OK)
    return handle->Damaged();
  return ArchiveReader(std::move(handle));
}

// A warning is about what does not matter here (a name that this locale can not say).
Result<std::optional<ArchiveEntry>> ArchiveReader::Next() {
  archive_entry* entry = nullptr;
  const int status = archive_read_next_header(handle_->reader.get(), &entry);
  if (status == ARCHIVE_EOF) return std::optional<ArchiveEntry>();
  if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return handle_->Damaged();
  const bool is_link = archive_entry_hardlink(entry) != nullptr;
  ArchiveEntry found;
  found.name = NameOf(entry);
  found.is_file = archive_entry_filetype(entry) == AE_IFREG && !is_link;
  found.is_directory = archive_entry_filetype(entry) == AE_IFDIR;
  found.is_encrypted = archive_entry_is_encrypted(entry) != 0;
  found.mode = archive_entry_perm(entry);
  return std::optional<ArchiveEntry>(std::move(found));
}

Result<Bytes> ArchiveReader::Content(std::uint64_t size_max) {
  Bytes content;
  std::vector<std::uint8_t> block(kBlockSize);
  while (content.size() <= size_max) {
    const la_ssize_t size = archive_read_data(handle_->reader.get(), block.data(), block.size());
    if (size < 0) return handle_->Damaged();
    if (size == 0) break;
    Append(content, ByteSpan(block).first(static_cast<std::size_t>(size)));
  }
  return content;
}

int ArchiveReader::compressions() const { return archive_filter_count(handle_->reader.get()) - 1; }

std::uint64_t ArchiveReader::consumed() const {
  return static_cast<std::uint64_t>(archive_filter_bytes(handle_->reader.get(), -1));
}

}  // namespace lastgood
