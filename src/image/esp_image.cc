// SPDX-License-Identifier: MIT
#include "image/esp_image.h"

#include <algorithm>
#include <array>
#include <utility>

#include "image/firmware_facts.h"
#include "image/flash_layout.h"
#include "image/image_reader.h"

namespace lastgood {
namespace {

Result<void> AddEsp8266Facts(ByteSpan bytes, EspImage& image) {
  if (!image.is_user_image) {
    TRY(image.has_micropython_trailer, CheckMicropythonTrailer(bytes, image.size_bytes));
  }
  image.writes_init_data = WritesInitData(bytes, image.family, image.entry);
  return {};
}

// A file for the boot offset may hold all of the flash: boot loader, partition table, apps.
Result<void> AddFamilyFacts(ByteSpan bytes, EspImage& image) {
  const std::array pieces = {PlacedBytes{BootOffset(image.chip), bytes}};
  TRY(FlashLayout layout, ReadLayout(pieces, image.chip));
  image.partitions = std::move(layout.partitions);
  image.app = layout.app ? std::move(layout.app) : FindAppDescriptor(bytes);
  if (image.family == FirmwareFamily::kUnknown && image.app) image.version = image.app->version;
  return {};
}

}  // namespace

std::string_view FamilyName(FirmwareFamily family) {
  switch (family) {
    case FirmwareFamily::kMicropython:
      return "MicroPython";
    case FirmwareFamily::kAt:
      return "AT firmware";
    case FirmwareFamily::kUnknown:
      break;
  }
  return "unknown firmware";
}

std::optional<std::uint32_t> EspImage::HeaderFlashSize() const {
  return FlashSizeOfNibble(size_nibble, chip);
}

Result<EspImage> ParseEspImage(const Verified<Bytes>& file, Chip chip, std::size_t at) {
  const ByteSpan bytes = ByteSpan(*file).subspan(std::min(at, file->size()));
  TRY(EspImage parsed, ReadImage(bytes, chip));
  FirmwareName name = FindFirmwareName(bytes);
  parsed.family = name.family;
  parsed.version = std::move(name.version);
  if (IsEsp32Family(chip)) {
    TRY_DO(AddFamilyFacts(bytes, parsed));
  } else {
    TRY_DO(AddEsp8266Facts(bytes, parsed));
  }
  return parsed;
}

}  // namespace lastgood
