// SPDX-License-Identifier: MIT
#include "image/gzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <memory>

namespace lastgood {
namespace {

using Writer = std::unique_ptr<struct archive, int (*)(struct archive*)>;
using Entry = std::unique_ptr<struct archive_entry, void (*)(struct archive_entry*)>;

la_ssize_t Collect(struct archive*, void* out, const void* data, size_t size) {
  Append(*static_cast<Bytes*>(out), ByteSpan(static_cast<const std::uint8_t*>(data), size));
  return static_cast<la_ssize_t>(size);
}

bool WriteAll(struct archive* writer, ByteSpan content, Bytes& out) {
  const Entry entry(archive_entry_new(), archive_entry_free);
  if (writer == nullptr || entry == nullptr) return false;
  archive_entry_set_pathname(entry.get(), "content");
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  // Without a time in its head, equal content gives equal bytes.
  return archive_write_set_format_raw(writer) == ARCHIVE_OK &&
         archive_write_add_filter_gzip(writer) == ARCHIVE_OK &&
         archive_write_set_filter_option(writer, "gzip", "timestamp", nullptr) == ARCHIVE_OK &&
         archive_write_set_bytes_per_block(writer, 0) == ARCHIVE_OK &&
         archive_write_open(writer, &out, nullptr, &Collect, nullptr) == ARCHIVE_OK &&
         archive_write_header(writer, entry.get()) == ARCHIVE_OK &&
         archive_write_data(writer, content.data(), content.size()) ==
             static_cast<la_ssize_t>(content.size()) &&
         archive_write_close(writer) == ARCHIVE_OK;
}

}  // namespace

Result<Bytes> Gzip(ByteSpan content) {
  Bytes out;
  const Writer writer(archive_write_new(), archive_write_free);
  if (WriteAll(writer.get(), content, out)) return out;
  const char* why = writer == nullptr ? nullptr : archive_error_string(writer.get());
  return Fail(ExitCode::kInternal, fmt::format("cannot compress {} bytes: {}", content.size(),
                                               why == nullptr ? "no memory" : why));
}

}  // namespace lastgood
