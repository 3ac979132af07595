// Named formats of texts in CEL, as Kubernetes adds them: format.dns1123Label().validate(s), format.named(n).
//
// Source   k8s.io/apiserver/pkg/cel/library/format.go; the forms are those of Kubernetes' names (RFC 1123, RFC 1035, qualified names
//          and label values), RFC 3986, RFC 4122, RFC 4648 and RFC 3339.
// Answers  validate() gives optional.none() for a text of that form, else what is wrong with it, in our own words.
#pragma once
#include <array>
#include <string_view>
#include <vector>

#include "standard/cel/evaluator.h"

namespace plimsoll::standard::cel {

Value format_named(Run& run, std::vector<Value>& arguments);
Value format_validate(Run& run, std::vector<Value>& arguments);

// The functions without arguments that give one format each: "format.dns1123Label"...
struct FormatFunction {
  std::string_view name;
  Value (*apply)(Run& run, std::vector<Value>& arguments);
};
const std::array<FormatFunction, 13>& format_functions();
// Whether `name` ("dns1123Label", or "named") may stand behind "format." and before a parenthesis.
bool is_format_function(std::string_view name);

}  // namespace plimsoll::standard::cel
