// SPDX-License-Identifier: MIT
// A little Python: what health checks and demonstrations ask a board. Expressions of integers and
// strings, names, `print`, `import` of the modules in sim/micropython_modules.h. Syntax errors come
// before anything is executed, as on a real board. What real boards know and this does not (blocks,
// floats, list displays, integers of more than 64 bits) ends in a NotImplementedError or
// OverflowError that says so: such code needs MakeExternalConsole. `while True: pass` is known, as
// the program that never ends.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "sim/console.h"
#include "sim/micropython_modules.h"
#include "sim/python_value.h"

namespace lastgood::sim {

class MicropythonInterpreter {
 public:
  explicit MicropythonInterpreter(const FirmwareFacts& facts) : modules_(facts) {}

  struct Outcome {
    std::string output;     // what was printed, lines end with "\n"
    std::string traceback;  // empty when all went well
    // Nothing more happens until the program is interrupted; `traceback` is what is said then.
    bool runs_for_ever = false;
  };
  // Names keep their values from one call to the next. `echo`: expression statements that are not
  // None are printed, as a REPL does.
  Outcome Execute(std::string_view source, bool echo);

  const MicropythonRelease& release() const { return modules_.release(); }

 private:
  MicropythonModules modules_;
  std::map<std::string, PythonValue, std::less<>> names_;
};

}  // namespace lastgood::sim
