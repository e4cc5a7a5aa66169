// SPDX-License-Identifier: MIT
#include "health/fault_line.h"

#include <array>
#include <cstddef>

namespace lastgood {
namespace {

enum class Where { kAnywhere, kAtEnd, kBeforeNumber };

struct Pattern {
  std::string_view text;
  BootFault fault;
  FaultWeight weight = FaultWeight::kPlain;
  Where where = Where::kAnywhere;
  std::string_view also = {};  // has to be in the line too
};

constexpr auto kPlain = FaultWeight::kPlain;
constexpr auto kWeak = FaultWeight::kWeak;
constexpr auto kPending = FaultWeight::kPending;

// The first that fits counts. ESP-IDF's second stage tries one slot after the other, so that what
// it says of an image is not the end.
constexpr std::array kPatterns = {
    // SDKs of the ESP8266.
    Pattern{"rf_cal[0]!=0x05,is0xff", BootFault::kInitDataMissing},
    Pattern{"!=0x05,is0xff", BootFault::kInitDataMissing},
    Pattern{"rf_cal[0]!=0x05", BootFault::kInitDataWrong},
    Pattern{"!=0x05,is0x", BootFault::kInitDataWrong},
    Pattern{"systemparamerror,uselastsaved", BootFault::kSystemParams, kPending},
    Pattern{"systemparamerror", BootFault::kSystemParams},
    Pattern{"flashsizeappeartohavebeensetincorrectly", BootFault::kSizeRepair},
    // Running code that dies.
    Pattern{"stackcanarywatchpoint", BootFault::kStackOverflow},
    Pattern{"astackoverflowintask", BootFault::kStackOverflow},
    Pattern{"fatalexception", BootFault::kException, kPlain, Where::kBeforeNumber},
    Pattern{"gurumeditationerror", BootFault::kException, kPlain, Where::kAnywhere, "core"},
    Pattern{"abort()wascalledatpc", BootFault::kAbort},
    Pattern{"assertfailed:", BootFault::kAbort},
    Pattern{"stacksmashingprotectfailure", BootFault::kAbort},
    Pattern{"brownoutdetectorwastriggered", BootFault::kBrownout},
    Pattern{"taskwatchdoggottriggered", BootFault::kWatchdog, kPending},
    // Second stages.
    Pattern{"flash_parts:partition", BootFault::kPartitionTable, kPlain, Where::kAnywhere,
            "invalid"},
    Pattern{"esp_image:", BootFault::kPartitionTable, kPending, Where::kAnywhere, "fitinpartition"},
    Pattern{"failedtoverifypartitiontable", BootFault::kPartitionTable},
    Pattern{"loadpartitiontableerror", BootFault::kPartitionTable},
    Pattern{"mismatchchipid", BootFault::kOtherChip, kPending},
    Pattern{"requireschiprev", BootFault::kOtherChip, kPending},
    Pattern{"can'trunonlowerchiprevision", BootFault::kOtherChip, kPending},
    Pattern{"signaturebad", BootFault::kSignature, kPending, Where::kAnywhere, "image"},
    Pattern{"secureboot", BootFault::kSignature, kPlain, Where::kAnywhere, "verificationfailed"},
    Pattern{"securebootcheckfail", BootFault::kSignature},
    Pattern{"signatureverificationfailed", BootFault::kSignature},
    Pattern{"sigblock", BootFault::kSignature, kPending, Where::kAnywhere, "invalid"},
    Pattern{"esp_image:", BootFault::kNoApp, kPending, Where::kAnywhere, "invalidmagicbyte"},
    Pattern{"esp_image:", BootFault::kChecksum, kPending, Where::kAnywhere, "checksumfailed"},
    Pattern{"esp_image:", BootFault::kChecksum, kPending, Where::kAnywhere, "hashfailed"},
    Pattern{"esp_image:", BootFault::kChecksum, kPending, Where::kAnywhere, "invalidsegment"},
    Pattern{"nobootableapppartitions", BootFault::kNoApp, kWeak},
    Pattern{"partition", BootFault::kNoApp, kPending, Where::kAnywhere, "isnotbootable"},
    Pattern{"detectedsize(", BootFault::kFlashSize, kPlain, Where::kAnywhere, "binaryimageheader"},
    // The ROMs.
    Pattern{"sha-256comparisonfailed", BootFault::kChecksum, kPending},
    Pattern{"invalidchipid.expected", BootFault::kOtherChip},
    Pattern{"csumerr:0x", BootFault::kChecksum},
    Pattern{"csumerr", BootFault::kChecksum, kPlain, Where::kAtEnd},
    Pattern{"flashreaderr,", BootFault::kFlashRead},
    Pattern{"invalidheader:0xffffffff", BootFault::kNotBootable},
    Pattern{"invalidheader:oxffffffff", BootFault::kNotBootable},  // typed off a screen
    Pattern{"invalidheader:0x", BootFault::kHeaderWrong},
    Pattern{"load:0xffffffff,len:-1", BootFault::kFlashMode},
    Pattern{"load0xffffffff,len-1", BootFault::kFlashMode},
    Pattern{"usercodedone", BootFault::kAppReturned, kWeak, Where::kAtEnd},
    Pattern{"ets_main.c", BootFault::kNotBootable, kWeak},
    Pattern{"ets_loader.c", BootFault::kNotBootable, kWeak},
    Pattern{"invalidimageblock,can'tboot", BootFault::kNotBootable, kWeak},
    Pattern{"fallingbacktobuilt-incommandinterpreter", BootFault::kNotBootable, kWeak},
    Pattern{"wdtreset", BootFault::kWatchdog, kPlain, Where::kAtEnd},
    Pattern{"unknownreset", BootFault::kUnknown, kPlain, Where::kAtEnd},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "fatalexception(28)", "fatalexception4(level1…"
bool NumberFollows(std::string_view text) {
  if (text.starts_with('(')) text.remove_prefix(1);
  return !text.empty() && IsDigit(text.front());
}

bool Fits(const Pattern& pattern, std::string_view squashed) {
  const std::size_t at = squashed.find(pattern.text);
  if (at == std::string_view::npos) return false;
  if (!pattern.also.empty() && squashed.find(pattern.also, at) == std::string_view::npos)
    return false;
  const std::string_view rest = squashed.substr(at + pattern.text.size());
  switch (pattern.where) {
    case Where::kAnywhere:
      return true;
    case Where::kAtEnd:
      return rest.empty();
    case Where::kBeforeNumber:
      return NumberFollows(rest);
  }
  return false;
}

// An assertion of newlib: assertion "p != NULL" failed: file "a.c", line 5
bool IsFailedAssertion(std::string_view squashed) {
  return squashed.starts_with("assertion\"") &&
         squashed.find("failed:file") != std::string_view::npos;
}

}  // namespace

FaultLine ReadFaultLine(std::string_view squashed) {
  for (const Pattern& pattern : kPatterns)
    if (Fits(pattern, squashed)) return {pattern.fault, pattern.weight};
  // The core for Arduino leaves the first word out.
  if (squashed.starts_with("exception(") && NumberFollows(squashed.substr(9)))
    return {BootFault::kException, kPlain};
  if (IsFailedAssertion(squashed)) return {BootFault::kAbort, kPlain};
  return {};
}

}  // namespace lastgood
