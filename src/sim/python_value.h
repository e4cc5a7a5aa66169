// SPDX-License-Identifier: MIT
// The values that the built-in console's interpreter knows: None, bool, 64-bit int, str, tuple,
// list, modules and a few functions. Texts are those of MicroPython's str() and repr().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace lastgood::sim {

enum class PythonFunction {
  kPrint,
  kLen,
  kStr,
  kRepr,
  kHex,
  kHelp,
  kUname,
  kFlashId,
  kFlashSize,
  kCheckFw,
  kMemFree,
  kMemAlloc,
  kCollect,
  kFreq,
  kListDir,
};

enum class PythonModule { kSys, kOs, kEsp, kGc, kMachine };
std::string_view ModuleName(PythonModule module);  // "sys"

struct PythonTuple;
struct PythonNone {};

using PythonValue = std::variant<PythonNone, bool, std::int64_t, std::string,
                                 std::shared_ptr<const PythonTuple>, PythonModule, PythonFunction>;

// `names` is empty, or names every item (os.uname(), sys.implementation).
struct PythonTuple {
  std::vector<PythonValue> items;
  std::vector<std::string> names;
  std::size_t weight = 1;  // itself and everything in it, strings by their length
  int depth = 1;           // tuples within tuples
  bool is_list = false;
};
PythonValue MakeTuple(std::vector<PythonValue> items, std::vector<std::string> names = {});
PythonValue MakeList(std::vector<PythonValue> items);

struct PythonError {
  std::string type;
  std::string message;
};
using PythonResult = tl::expected<PythonValue, PythonError>;
inline tl::unexpected<PythonError> Raise(std::string type, std::string message) {
  return tl::unexpected<PythonError>({std::move(type), std::move(message)});
}

// The board has no memory for more: MemoryError for a value above these bounds, the value
// otherwise.
inline constexpr std::size_t kPythonWeightMax = 8192;
inline constexpr int kPythonDepthMax = 16;
PythonResult Bounded(PythonValue value);

std::string_view TypeName(const PythonValue& value);  // "int", "NoneType", …
bool IsTrue(const PythonValue& value);
std::string Repr(const PythonValue& value);
std::string Str(const PythonValue& value);

}  // namespace lastgood::sim
