// SPDX-License-Identifier: MIT
#include "run/backup_run.h"

#include <fmt/format.h>

#include <bit>
#include <utility>

#include "base/units.h"
#include "host/files.h"
#include "image/archive.h"
#include "run/board_session.h"
#include "run/flash_backup.h"

namespace lastgood {
namespace {

constexpr std::uint32_t kFlashSizeMin = 256U << 10;

struct Asked {
  std::string running;
  BoardIdentity board;
  FlashDump dump;
};

Result<Asked> Ask(Seams& seams, const Recipe& recipe, BoardSession& session) {
  Asked asked;
  TRY(asked.running, session.NameRunningFirmware());
  TRY(asked.board, session.Identify());
  if (asked.board.chip != recipe.board.chip)
    return Fail(ExitCode::kBoard,
                fmt::format("recipe '{}' is for {}, the board is an {}", recipe.name,
                            ChipTitle(recipe.board.chip), asked.board.Title()),
                "name the recipe of this board");
  TRY_DO(seams.record.RememberBoard(asked.board));
  if (asked.board.flash_size_bytes == 0) {
    return Fail(
        ExitCode::kRefused,
        fmt::format("flash id 0x{:06x} is not known, so nobody can tell where the flash ends",
                    asked.board.flash_id));
  }
  TRY(const bool readable, session.CanRead());
  if (!readable) {
    TRY(const std::string loader, session.DescribeLoader());
    return Fail(ExitCode::kRefused,
                fmt::format("the {} of the {} can not read flash", loader, asked.board.Title()),
                "install a stub loader (docs/stubs.md) and let --loader be auto");
  }
  TRY(const std::vector<FlashPlan> plans,
      PlansThatMayBeThere(seams.record, seams.store, {}, asked.board));
  TRY(asked.dump, session.Dump(asked.board, KnownContents(plans)));
  return asked;
}

// Before the board is touched: a minute of reading ends in no surprise.
Result<void> CheckOutput(const std::filesystem::path& output) {
  std::error_code ignored;
  if (output.empty()) return {};
  if (std::filesystem::exists(output, ignored))
    return Fail(ExitCode::kUsage, fmt::format("'{}' is there already", output.string()),
                "name a new file; a backup never replaces another");
  const std::filesystem::path parent = output.parent_path();
  if (!parent.empty() && !std::filesystem::is_directory(parent, ignored))
    return Fail(ExitCode::kUsage,
                fmt::format("cannot write '{}': there is no directory '{}'", output.string(),
                            parent.string()),
                "make it first");
  return {};
}

Result<void> WriteOutput(const ArtifactStore& store, const StoredBackup& stored, ByteSpan content,
                         const std::filesystem::path& output) {
  if (output.empty()) return {};
  if (output.extension() != ".gz") return WriteFileDurably(output, content);
  const PartSpec& part = stored.firmware.parts.front();
  TRY(const std::optional<Verified<Bytes>> packed, store.Load(part.sha256, part.size_bytes));
  if (!packed) return Fail(ExitCode::kInternal, "the backup was damaged on disk");
  return WriteFileDurably(output, **packed);
}

}  // namespace

Result<RunOutcome> BackUpBoard(Seams& seams, const Recipe& recipe, const RunOptions& options,
                               const std::filesystem::path& output) {
  TRY_DO(CheckOutput(output));
  TRY(BoardSession session,
      BoardSession::Open(seams.OfBoard(), recipe.board, options.serial_device, options.loader));
  TRY(const Asked asked, Ask(seams, recipe, session));
  TRY(const StoredBackup stored,
      StoreBackup(seams.store, asked.dump.content, asked.board, asked.running));
  TRY_DO(seams.record.AddBackup(0, asked.board.mac,
                                {FormatFirmware(stored.firmware), stored.flashed_digest, {}}));
  TRY_DO(WriteOutput(seams.store, stored, asked.dump.content, output));
  TRY_DO(session.RunFirmware());
  RunOutcome outcome;
  outcome.board = asked.board.mac.ToString();
  outcome.firmware = asked.running == "unknown" ? "" : asked.running;
  outcome.text = fmt::format(
      "Board {}: {} of flash kept as {} ({} read over the wire, {} blank, {} already in the "
      "store).",
      outcome.board, FormatFlashSize(asked.board.flash_size_bytes), stored.firmware.Title(),
      FormatByteCount(asked.dump.bytes_read), FormatByteCount(asked.dump.bytes_blank),
      FormatByteCount(asked.dump.bytes_known));
  return outcome;
}

Result<FlashCopy> NewestBackup(const Record& record, const std::string& mac) {
  TRY(std::vector<BoardRecord> boards, record.Boards());
  std::erase_if(boards, [&mac](const BoardRecord& board) {
    return board.backups.empty() || (!mac.empty() && board.identity.mac.ToString() != mac);
  });
  if (boards.empty())
    return Fail(ExitCode::kRefused,
                mac.empty() ? "no board has a backup" : fmt::format("board {} has no backup", mac),
                "lastgood backup RECIPE takes one; or name a file");
  if (boards.size() > 1)
    return Fail(ExitCode::kUsage, fmt::format("{} boards have backups", boards.size()),
                "say which one with --board MAC; lastgood status lists them");
  const BoardRecord& board = boards.front();
  TRY(FirmwareSpec firmware, ParseFirmware(board.backups.front().firmware_toml));
  return FlashCopy{std::move(firmware), board.identity.mac.ToString(), 0};
}

Result<FlashCopy> BackupInFile(const ArtifactStore& store, const std::filesystem::path& file,
                               Chip chip) {
  Result<Bytes> content = ReadFile(file, kMemberSizeMax);
  if (!content) return Fail(ExitCode::kUsage, content.error().message, content.error().hint);
  if (content->size() > 2 && (*content)[0] == 0x1F && (*content)[1] == 0x8B) {
    Result<Bytes> unpacked = ExtractMember(*content, kOnlyContent, kMemberSizeMax);
    if (!unpacked)
      return Fail(unpacked.error().code,
                  fmt::format("'{}': {}", file.string(), unpacked.error().message),
                  "restore takes a copy of a whole flash, packed by gzip or not");
    *content = *std::move(unpacked);
  }
  BoardIdentity board;
  board.chip = chip;
  board.flash_size_bytes = static_cast<std::uint32_t>(content->size());
  if (board.flash_size_bytes < kFlashSizeMin || !std::has_single_bit(board.flash_size_bytes)) {
    return Fail(ExitCode::kNotTrusted,
                fmt::format("'{}' holds {} bytes, which is no flash chip's size", file.string(),
                            content->size()),
                "restore writes copies of a whole flash; for firmware, use provision");
  }
  TRY(StoredBackup stored, StoreBackup(store, *content, board, "unknown"));
  return FlashCopy{std::move(stored.firmware), "", board.flash_size_bytes};
}

}  // namespace lastgood
