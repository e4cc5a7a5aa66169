// SPDX-License-Identifier: MIT
// Getting hold of a serial device, and saying why not: most first runs fail here.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "host/descriptor.h"

namespace lastgood {

// `path` is free of links. The device does not become this process's terminal, and is not waited
// for until it has a carrier. Errors as TermiosSerialPort::Open.
Result<Descriptor> OpenSerialDevice(const std::filesystem::path& path);

// Why `path` could not be opened, or claimed (EBUSY), with the remedy. `error` is an errno.
tl::unexpected<Error> FailOpenSerialDevice(const std::filesystem::path& path, int error);

// The links in `path` followed as far as they lead; also when the end does not exist.
std::filesystem::path ResolveLinks(const std::filesystem::path& path);

}  // namespace lastgood
