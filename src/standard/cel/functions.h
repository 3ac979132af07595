// The functions and operators of CEL: signatures for the checker, code for the evaluator, in one table.
#pragma once
#include <string_view>
#include <vector>

#include "standard/cel/ast.h"

namespace plimsoll::standard::cel {

class Run;  // evaluator.h

struct Signature {
  std::vector<Type> parameters;
  Type result;
};
struct Function {
  std::string_view name;  // "size", "+"; ".size" where the first argument stands before the dot
  std::vector<Signature> signatures;
  // Arguments are never failures. What does not fit gives a Failure.
  Value (*apply)(Run& run, std::vector<Value>& arguments) = nullptr;
};
// Null when there is none.
const Function* find_function(std::string_view name, bool receiver);
std::vector<std::string_view> function_names();

}  // namespace plimsoll::standard::cel
