// SPDX-License-Identifier: MIT
// What differs between releases of MicroPython on the ESP8266, as far as a serial line shows it.
// Texts were read from release images 1.8.2, 1.8.6, 1.8.7, 1.9.3 and 1.22.1, from the sources that
// protocol reference, section 16, names, and from release 1.27.0 itself.
#pragma once

#include <string>
#include <string_view>

namespace lastgood::sim {

struct MicropythonRelease {
  int major = 1;
  int minor = 22;
  int patch = 1;

  // "v1.8.7-7-gb5a1a20a3 on 2017-01-09", "(with v2.0 preview) v1.24.0 on …"; what can not be read
  // counts as 0.0.0, the oldest.
  static MicropythonRelease Parse(std::string_view version);

  bool AtLeast(int other_major, int other_minor, int other_patch = 0) const;

  std::string_view SoftRebootText() const;  // without a line end
  std::string_view SdkVersion() const;      // os.uname().release
  int MpyVersion() const;                   // sys.implementation._mpy
  bool HasRawPaste() const { return AtLeast(1, 14); }
  bool HasCheckFw() const { return AtLeast(1, 8, 3); }
  bool ComplainsAboutMainPy() const { return !AtLeast(1, 9); }
  bool HasShortMessages() const { return AtLeast(1, 13); }  // "isn't" for "is not"
  bool NamesModuleInAttributeError() const { return AtLeast(1, 16); }
  bool HasMachineInImplementation() const { return AtLeast(1, 19); }
  bool HasBuildInImplementation() const { return AtLeast(1, 25); }
  bool HasVersionInSysVersion() const { return AtLeast(1, 19); }
  bool HasReleaseLevel() const { return AtLeast(1, 22); }  // fourth member of the version tuple
};

}  // namespace lastgood::sim
