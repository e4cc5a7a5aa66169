// SPDX-License-Identifier: MIT
// file URLs, answered as a web server would: a firmware on a USB stick or a school's network drive.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "host/interrupt.h"
#include "http/http_client.h"

namespace lastgood {

// "file:///media/stick/a%20b.bin" and "file://localhost/…" to a path; nullopt for another host, a
// relative path, a bad escape or a NUL.
std::optional<std::filesystem::path> PathOfFileUrl(std::string_view url);

// The other way round; a relative path is taken from the working directory.
std::string FileUrlOf(const std::filesystem::path& path);

// As HttpClient::Get: 200, 206 with a range, 416 beyond the end. A missing file, a directory or a
// FIFO is kCannotDownload; never blocks on opening one.
Result<HttpResponse> GetFileUrl(const HttpRequest& request, HttpSink& sink,
                                const Interrupt& interrupt);

}  // namespace lastgood
