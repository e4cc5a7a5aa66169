// SPDX-License-Identifier: MIT
// Getting hold of a serial device, and saying why not: most first runs fail here.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "host/descriptor.h"

namespace lastgood {

// `path` is free of links. The device is open for this process alone, does not become its terminal,
// and does not wait for a carrier. Errors as TermiosSerialPort::Open.
Result<Descriptor> OpenSerialDevice(const std::filesystem::path& path);

// The links in `path` followed as far as they lead; also when the end does not exist.
std::filesystem::path ResolveLinks(const std::filesystem::path& path);

}  // namespace lastgood
