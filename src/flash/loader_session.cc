// SPDX-License-Identifier: MIT
#include "flash/loader_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "flash/connect.h"
#include "flash/stub_start.h"

namespace lastgood {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kCustomaryRate = 115200;
constexpr std::uint32_t kUnknownFlashSize = 4U << 20;
constexpr int kSyncsInPlace = 5;
constexpr int kDigestTries = 3;
// A stub answers at the old rate and has the new one some 11 ms later (protocol reference, 9).
constexpr milliseconds kRateChangeTime{12};

std::optional<std::uint8_t> HexDigit(std::uint8_t c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

// A stub's 16 octets, a ROM's 32 hex digits.
std::optional<Md5Digest> DigestIn(ByteSpan payload) {
  Md5Digest digest;
  if (payload.size() == digest.octets.size()) {
    std::copy(payload.begin(), payload.end(), digest.octets.begin());
    return digest;
  }
  if (payload.size() != 2 * digest.octets.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.octets.size(); ++i) {
    const auto high = HexDigit(payload[2 * i]);
    const auto low = HexDigit(payload[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    digest.octets[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return digest;
}

}  // namespace

milliseconds EraseTimeout(std::uint64_t size_bytes) {
  return std::max(kReplyTimeout, milliseconds(size_bytes * 40'000 >> 20));
}

milliseconds DigestTimeout(std::uint64_t size_bytes) {
  return std::max(kReplyTimeout, milliseconds(size_bytes * 8'000 >> 20));
}

Result<void> LoaderSession::Connect() {
  TRY_DO(Enter());
  return ReachWorkingRate();
}

Result<void> LoaderSession::Enter() {
  prepared_ = false;
  generation_ = 0;
  const bool rom_only = settings_.choice == LoaderChoice::kRom || without_stub_;
  TRY(const Answerer answerer, EnterLoader(link_, lines_, kCustomaryRate, rom_only));
  if (answerer == Answerer::kStub) return AdoptStub();
  if (!detected_) {
    TRY(detected_, DetectChip(link_));
  }
  return TryStub();
}

// Someone else's stub, or one that a reset did not reach.
Result<void> LoaderSession::AdoptStub() {
  TRY(generation_, AskStubGeneration(link_));
  if (generation_ == 0) {
    return Fail(ExitCode::kBoard,
                fmt::format("a stub loader answers on '{}' that lastgood does not know, so the "
                            "chip was not reset",
                            link_.serial_port().Name()),
                fmt::format("check the reset line ({}), or power-cycle the board", lines_.Name()));
  }
  if (!detected_) {
    TRY(detected_, DetectChip(link_));
  }
  return {};
}

Result<void> LoaderSession::TryStub() {
  if (without_stub_) return {};
  if (settings_.choice == LoaderChoice::kRom) {
    without_stub_ = true;
    why_no_stub_ = "the ROM's loader was asked for";
    return {};
  }
  if (locked()) return GoOnWithoutStub("the chip is in secure download mode");
  if (security().secure_boot && row().secure_boot_bars_stub)
    return GoOnWithoutStub("the chip's secure boot does not let a stub run");
  if (!stub_image_) {
    if (settings_.stubs != nullptr) {
      TRY(stub_image_, settings_.stubs->Find(chip()));
    }
    if (!stub_image_)
      return GoOnWithoutStub(fmt::format("no stub for the {} is installed", ChipTitle(chip())));
  }
  TRY(const Failure failure, UploadStub());
  if (!failure) return {};
  // It may have been an octet on the way; from the start once more.
  TRY(const Answerer answerer, EnterLoader(link_, lines_, kCustomaryRate, true));
  static_cast<void>(answerer);
  TRY(const Failure second, UploadStub());
  if (!second) return {};
  TRY_DO(GoOnWithoutStub(
      fmt::format("the one from '{}' does not start: {}", stub_image_->origin, *second)));
  return Enter();
}

Result<Failure> LoaderSession::UploadStub() {
  TRY(Failure failure, StartStub(link_, *stub_image_));
  if (failure) return failure;
  TRY(generation_, AskStubGeneration(link_));
  if (generation_ == 0) return Failure("it answers like none that lastgood knows");
  return Failure();
}

Result<void> LoaderSession::GoOnWithoutStub(const std::string& why) {
  if (settings_.choice == LoaderChoice::kStub) {
    return Fail(
        ExitCode::kBoard,
        fmt::format("cannot use a stub loader on '{}': {}", link_.serial_port().Name(), why),
        "install a stub loader (docs/stubs.md), or let the ROM's loader do it: --loader auto");
  }
  without_stub_ = true;
  why_no_stub_ = why;
  return {};
}

Result<void> LoaderSession::ReachWorkingRate() {
  if (link_.baud() == settings_.baud || !follows_) return {};
  // The ROMs that have the command misjudge their crystal; and there is no second way to ask.
  // Stubs of the second generation take the rate on an ESP8266 for 115200, which it is here.
  follows_ = stub();
  if (!follows_) return {};
  TRY(follows_, ChangeRate(settings_.baud));
  if (follows_) return {};
  TRY_DO(link_.SetBaudRate(kCustomaryRate));
  return Enter();
}

Result<bool> LoaderSession::ChangeRate(std::uint32_t baud) {
  const LoaderRequest request = WordsRequest(LoaderOpcode::kChangeBaudRate, {baud, link_.baud()});
  TRY(const std::optional<LoaderReply> reply, link_.Exchange(request, kReplyTimeout));
  if (!reply || reply->failed) return false;
  link_.clock().SleepFor(kRateChangeTime);
  TRY_DO(link_.SetBaudRate(baud));
  TRY(const Answerer answerer, link_.Synchronise(kSyncsInPlace));
  return answerer == Answerer::kStub;
}

Result<void> LoaderSession::Recover() {
  // Whatever the loader still says belongs to the failed attempt; its answer to SYNC is the last.
  TRY_DO(link_.Forget());
  TRY(const Answerer answerer, link_.Synchronise(kSyncsInPlace));
  if (answerer == (stub() ? Answerer::kStub : Answerer::kRom)) return {};
  const bool had_stub = stub();
  TRY_DO(Enter());
  TRY_DO(ReachWorkingRate());
  if (had_stub && !stub()) {
    return Fail(ExitCode::kBoard,
                fmt::format("the stub loader on '{}' died and does not start again: {}",
                            link_.serial_port().Name(), why_no_stub_),
                "try a lower baud rate; check the supply");
  }
  return flash_id_ ? PrepareFlash() : Result<void>();
}

Result<void> LoaderSession::PrepareFlash() {
  if (prepared_) return {};
  TRY_DO(AttachFlash(link_, row(), stub()));
  if (!flash_id_) {
    TRY(flash_id_, ReadFlashId(link_, row()));
  }
  const std::optional<std::uint32_t> size = FlashSizeOfId(*flash_id_);
  if (size && can_digest()) TRY_DO(SetFlashSize(link_, *flash_id_, *size));
  prepared_ = true;
  return {};
}

Result<std::uint32_t> LoaderSession::FlashId() {
  TRY_DO(PrepareFlash());
  return *flash_id_;
}

Result<std::uint32_t> LoaderSession::FlashSize() {
  TRY(const std::uint32_t id, FlashId());
  return FlashSizeOfId(id).value_or(kUnknownFlashSize);
}

Result<std::optional<Md5Digest>> LoaderSession::Digest(std::uint32_t offset,
                                                       std::uint32_t size_bytes) {
  const LoaderRequest request =
      WordsRequest(LoaderOpcode::kFlashDigest, {offset, size_bytes, 0, 0});
  for (int i = 0; i < kDigestTries; ++i) {
    TRY(const std::optional<LoaderReply> reply, link_.Exchange(request, DigestTimeout(size_bytes)));
    if (reply && !reply->failed) {
      if (const std::optional<Md5Digest> digest = DigestIn(reply->payload)) return digest;
    }
    // A late answer must not be taken for the next question's.
    TRY_DO(link_.Settle());
  }
  return std::optional<Md5Digest>();
}

Result<Failure> LoaderSession::Ask(const LoaderRequest& request, milliseconds timeout,
                                   const std::string& what) {
  TRY(const std::optional<LoaderReply> reply, link_.Exchange(request, timeout));
  if (!reply) return Failure(what + " was not answered");
  if (reply->failed)
    return Failure(fmt::format("{} failed: {}", what, DescribeLoaderError(reply->error)));
  return Failure();
}

}  // namespace lastgood
