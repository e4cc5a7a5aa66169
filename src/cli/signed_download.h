// SPDX-License-Identifier: MIT
// Small texts by URL: manifests, recipes, indexes, key lists, and the signatures beside them. They
// are bounded in size and time, and an interrupt ends them (no SignalWatch may live already);
// whether they are believed is the caller's question.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/signed_text.h"
#include "cli/toolbox.h"

namespace lastgood {

// kCannotDownload; kNotTrusted when it is larger than `size_max`.
Result<std::string> DownloadText(const std::string& url, std::uint64_t size_max, Toolbox& tools);

// With URL.minisig; where the server has none, the signature is empty.
Result<SignedText> DownloadSigned(const std::string& url, Toolbox& tools);

// The same for a path, or a URL where `name` is one. kUsage when a file cannot be read.
Result<SignedText> ReadSigned(const std::string& name, Toolbox& tools);

}  // namespace lastgood
