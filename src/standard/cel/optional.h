// Values that may not be there (a.?b, optional.of(x)) and lists taken as sets: functions of CEL's extensions that Kubernetes has on.
//
// Source  cel-go: cel/library.go (optional types, version 1), ext/sets.go.
#pragma once
#include <vector>

#include "standard/cel/evaluator.h"

namespace plimsoll::standard::cel {

Value optional_some(Run& run, std::vector<Value>& arguments);
Value optional_none(Run& run, std::vector<Value>& arguments);
Value optional_of_non_zero(Run& run, std::vector<Value>& arguments);
Value optional_has_value(Run& run, std::vector<Value>& arguments);
Value optional_value(Run& run, std::vector<Value>& arguments);
// The evaluator calls these only where the first has no value.
Value optional_or(Run& run, std::vector<Value>& arguments);
Value optional_or_value(Run& run, std::vector<Value>& arguments);
// a[?i]; also a[i] of an optional list or map.
Value optional_index(Run& run, std::vector<Value>& arguments);
Value sets_contains(Run& run, std::vector<Value>& arguments);
Value sets_equivalent(Run& run, std::vector<Value>& arguments);
Value sets_intersects(Run& run, std::vector<Value>& arguments);

}  // namespace plimsoll::standard::cel
