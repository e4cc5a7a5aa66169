// SPDX-License-Identifier: MIT
// The octets of one image, checked: what ParseEspImage makes of a file's start, and of the apps
// behind a boot loader. No knowledge of firmware.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "image/esp_image.h"

namespace lastgood {

// kNotTrusted as ParseEspImage(). The image is at the start of `bytes`; what follows it is ignored.
// Fills in everything that header, segments and check values say.
Result<EspImage> ReadImage(ByteSpan bytes, Chip chip);

}  // namespace lastgood
