// SPDX-License-Identifier: MIT
// The modules and functions that provisioning asks for: sys, os, esp, gc, machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/console.h"
#include "sim/micropython_release.h"
#include "sim/python_value.h"

namespace lastgood::sim {

struct PythonArguments {
  std::vector<PythonValue> values;
  std::optional<std::string> separator;  // sep=, of print
  std::optional<std::string> end;        // end=, of print
};

class MicropythonModules {
 public:
  explicit MicropythonModules(const FirmwareFacts& facts);

  const MicropythonRelease& release() const { return release_; }

  // ImportError, or NotImplementedError for a module that only a real board has.
  PythonResult Import(std::string_view name) const;
  std::optional<PythonValue> Builtin(std::string_view name) const;
  PythonResult Attribute(const PythonValue& value, std::string_view name) const;
  // What the function prints is appended to `output`.
  PythonResult Call(const PythonValue& callee, const PythonArguments& arguments,
                    std::string& output) const;

 private:
  std::optional<PythonValue> ModuleAttribute(PythonModule module, std::string_view name) const;
  std::optional<PythonValue> SysAttribute(std::string_view name) const;
  std::optional<PythonValue> EspAttribute(std::string_view name) const;
  PythonValue Implementation() const;
  PythonValue Uname() const;
  PythonValue CheckFirmware(std::string& output) const;
  PythonResult ListDirectory(const std::vector<PythonValue>& arguments) const;
  PythonResult CallWithOne(PythonFunction function, const PythonValue& argument) const;
  PythonValue CallWithNone(PythonFunction function, std::string& output) const;

  FirmwareFacts facts_;
  MicropythonRelease release_;
};

}  // namespace lastgood::sim
