// SPDX-License-Identifier: MIT
// What an ESP8266 image says about itself beyond the boot ROM's header: which firmware it is, which
// version it will answer with, and whether MicroPython's trailer is there and right.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "image/esp_image.h"

namespace lastgood {

struct FirmwareName {
  FirmwareFamily family = FirmwareFamily::kUnknown;
  std::string version;
};

FirmwareName FindFirmwareName(ByteSpan image);

// Protocol reference, 13.6. `segments_end` is the offset behind the checksum. True: the trailer is
// there and right; false: this image has none (MicroPython before v1.8.3, other firmware).
// kNotTrusted: there is one, and the file is cut off or its MD5 differs.
Result<bool> CheckMicropythonTrailer(ByteSpan image, std::size_t segments_end);

// Rule B3 of section 15. The text is in every MicroPython that does so (seen in v1.8.6, v1.8.7,
// v1.9.3 and v1.22.1, and absent from v1.8.2); the entry point tells builds apart whose text is
// packed away.
bool WritesInitData(ByteSpan image, FirmwareFamily family, std::uint32_t entry);

}  // namespace lastgood
