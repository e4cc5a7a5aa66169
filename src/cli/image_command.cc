// SPDX-License-Identifier: MIT
// lastgood image: what a firmware file is.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/execute.h"
#include "digest/digest.h"
#include "host/files.h"
#include "image/content_kind.h"
#include "image/esp_image.h"
#include "image/unpack.h"
#include "json/json_object.h"
#include "report/print.h"
#include "verify/artifact_verifier.h"

namespace lastgood {
namespace {

constexpr std::uint64_t kImageBytesMax = 16U << 20;

// What a file holds; a partition table alone is no image.
struct Contents {
  std::size_t image_at = 0;  // in the file
  std::optional<EspImage> image;
  std::vector<Partition> partitions;
};

std::string TitleOf(const EspImage& image) {
  const bool is_app = image.family == FirmwareFamily::kUnknown && image.app;
  std::string title(is_app ? std::string_view(image.app->project) : FamilyName(image.family));
  if (title.empty()) title = "app";
  if (!image.version.empty()) title += " " + image.version;
  return title;
}

std::string SizeText(const EspImage& image) {
  const auto size = image.HeaderFlashSize();
  return size ? FormatFlashSize(*size) : fmt::format("unknown (nibble {})", image.size_nibble);
}

std::string ChipText(const EspImage& image) {
  std::string text(ChipTitle(image.chip));
  if (image.is_user_image) return text + ", started by a boot loader at 0x0";
  if (image.revision_min != 0) {
    text +=
        fmt::format(", from revision {}.{}", image.revision_min / 100, image.revision_min % 100);
  }
  return text;
}

std::string ChecksText(const EspImage& image) {
  std::string text = fmt::format("checksum 0x{:02x} right", image.checksum);
  if (image.is_user_image) text += ", CRC right";
  if (image.digest_at) text += ", SHA-256 right";
  return text;
}

std::string AppText(const AppDescriptor& app) {
  std::string text = app.project;
  for (const std::string& more : {app.version, "framework " + app.framework_version}) {
    if (more.empty()) continue;
    text += (text.empty() ? "" : " ") + more;
  }
  return text;
}

std::string NoteOf(const EspImage& image) {
  if (image.is_signed)
    return "signed: its header can not be changed (size, mode and freq must be \"keep\")";
  if (image.writes_init_data) {
    return "boots only with the chip's real flash size in its header (size = \"detect\" sees to "
           "it)";
  }
  return {};
}

void PrintPartitions(const std::vector<Partition>& partitions, std::FILE* out) {
  for (const Partition& partition : partitions) {
    Print(out, "  partition {:<10} 0x{:06x} to 0x{:06x}{}\n", partition.label, partition.offset,
          partition.end(), partition.is_app() ? ", app" : "");
  }
}

void PrintImage(const EspImage& image, std::size_t at, std::FILE* out) {
  Print(out, "  chip      {}\n", ChipText(image));
  if (at != 0) Print(out, "  image     at 0x{:x} of the file\n", at);
  Print(out, "  header    flash size {}, mode {}, freq {}, entry 0x{:08x}, {}\n", SizeText(image),
        FlashModeName(image.mode), FrequencyName(image.frequency_nibble, image.chip), image.entry,
        ChecksText(image));
  for (const ImageSegment& segment : image.segments) {
    const std::string where =
        segment.load_address == 0 ? "not loaded" : fmt::format("0x{:08x}", segment.load_address);
    Print(out, "  segment   {}, {} bytes at 0x{:x}\n", where, segment.size_bytes,
          segment.file_offset);
  }
  if (image.app) Print(out, "  app       {}\n", AppText(*image.app));
  if (image.has_micropython_trailer) Print(out, "  trailer   MicroPython's MD5 is right\n");
  if (const std::string note = NoteOf(image); !note.empty()) Print(out, "  note      {}\n", note);
}

void PrintContents(const std::string& file, const Bytes& bytes, const Contents& contents,
                   std::FILE* out) {
  Print(out, "{}: {}\n", file, contents.image ? TitleOf(*contents.image) : "partition table");
  if (contents.image) PrintImage(*contents.image, contents.image_at, out);
  PrintPartitions(contents.partitions, out);
  Print(out, "  manifest  sha256 = \"{}\"\n            size   = {}\n", Sha256(bytes).ToHex(),
        bytes.size());
}

JsonObject JsonOf(const std::string& file, const Bytes& bytes, const Contents& contents) {
  JsonObject object;
  object.Set("v", 1).Set("event", "image").Set("file", file).Set("sha256", Sha256(bytes).ToHex());
  object.Set("size", static_cast<std::int64_t>(bytes.size()));
  if (contents.image) {
    const EspImage& image = *contents.image;
    object.Set("chip", ChipName(image.chip)).Set("family", FamilyName(image.family));
    object.Set("version", image.version)
        .Set("flash_size_bytes", image.HeaderFlashSize().value_or(0));
    object.Set("entry", image.entry).SetBool("micropython_trailer", image.has_micropython_trailer);
    object.SetBool("writes_init_data", image.writes_init_data).SetBool("signed", image.is_signed);
  }
  std::vector<JsonObject> partitions;
  for (const Partition& partition : contents.partitions) {
    JsonObject row;
    row.Set("label", partition.label).Set("type", partition.type);
    row.Set("subtype", partition.subtype).Set("offset", partition.offset);
    partitions.push_back(row.Set("size", partition.size_bytes));
  }
  return object.Set("partitions", partitions);
}

// Merged images for the chips whose boot loader lies at 0x1000 may begin with blank flash.
std::size_t FindImage(ByteSpan bytes) {
  constexpr std::size_t kLaterBootOffset = 0x1000;
  if (bytes.size() <= kLaterBootOffset) return 0;
  const ByteSpan head = bytes.first(kLaterBootOffset);
  return IsBlank(head) && !Esp32FamilyChip(bytes.subspan(kLaterBootOffset)).empty()
             ? kLaterBootOffset
             : 0;
}

Result<Contents> Examine(const Verified<Bytes>& file) {
  Contents contents;
  if (IsPartitionTable(*file)) {
    TRY(contents.partitions, ParsePartitionTable(*file));
    return contents;
  }
  contents.image_at = FindImage(*file);
  const ByteSpan image = ByteSpan(*file).subspan(contents.image_at);
  const std::optional<Chip> chip = ChipOfImage(image);
  if (!chip) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("built for the {}, a chip that lastgood does not know",
                            Esp32FamilyChip(image)));
  }
  TRY(contents.image, ParseEspImage(file, *chip, contents.image_at));
  contents.partitions = contents.image->partitions;
  return contents;
}

Result<void> ShowImage(const std::string& file, const CommandLine& line, Toolbox& tools) {
  Result<Bytes> read = ReadFile(file, kImageBytesMax);
  if (!read) return Fail(ExitCode::kUsage, read.error().message, read.error().hint);
  const Bytes bytes = *std::move(read);
  // Looking at a file of one's own is no statement of trust: it is verified against itself.
  TRY(const Verified<Bytes> verified,
      ArtifactVerifier::Verify(bytes, Sha256(bytes), bytes.size(), file));
  Result<Contents> contents = Examine(verified);
  if (!contents) {
    const bool is_archive = IsCompressed(bytes) || AsText(bytes).starts_with("PK");
    return Fail(contents.error().code, fmt::format("'{}': {}", file, contents.error().message),
                is_archive ? "a manifest takes files out of an archive: member in [[firmware.part]]"
                           : contents.error().hint);
  }
  if (line.json) {
    Print(tools.out, "{}\n", JsonOf(file, bytes, *contents).Dump());
  } else {
    PrintContents(file, bytes, *contents, tools.out);
  }
  return {};
}

}  // namespace

Result<ExitCode> RunImage(const CommandLine& line, Toolbox& tools) {
  ExitCode worst = ExitCode::kDone;
  for (const std::string& file : line.files) {
    if (const Result<void> shown = ShowImage(file, line, tools); !shown) {
      PrintError(shown.error(), line.json, tools.out, tools.err);
      worst = shown.error().code;
    }
  }
  return worst;
}

}  // namespace lastgood
