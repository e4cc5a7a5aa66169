// SPDX-License-Identifier: MIT
// Captures as text (docs/captures.md): a line for each event, made to be read, compared and pasted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "capture/wire_event.h"

namespace lastgood {

// "# key: value"; neither has line ends, and keys have no colon.
struct CaptureFact {
  std::string key;
  std::string value;

  bool operator==(const CaptureFact&) const = default;
};

struct Capture {
  std::vector<CaptureFact> head;
  std::vector<WireEvent> events;  // times never go back

  // Empty when the head does not say.
  std::string_view Fact(std::string_view key) const;
  bool operator==(const Capture&) const = default;
};

// Whether a file says of itself that it is a capture, of whatever version.
bool IsCapture(ByteSpan content);

std::string FormatCaptureHead(const std::vector<CaptureFact>& head);
// Octets are broken into lines after each LF, and where CaptureLineSize() says; none: no line.
std::string FormatWireEvent(const WireEvent& event);
std::string FormatCapture(const Capture& capture);

inline constexpr std::size_t kCaptureLineMax = 80;  // octets
// How many of `octets`, which are not empty, stand on one line: up to a LF.
std::size_t CaptureLineSize(ByteSpan octets);

// Each line of octets becomes an event of its own. CR at the end of a line is ignored, and so are
// comments behind the head: what FormatCapture wrote is read and written again octet for octet.
// `name` is what messages call the file; kInvalidManifest with "name:line: error: …".
Result<Capture> ParseCapture(std::string_view text, const std::string& name);

}  // namespace lastgood
