// Semantic versions of Kubernetes in CEL: semver, isSemver and their members.
//
// Source   k8s.io/apiserver/pkg/cel/library/semverlib.go; the order is https://semver.org/spec/v2.0.0.html#spec-item-11.
// Strict   three numbers without leading zeros, as the specification has it. With `normalize`, a leading v is dropped, numbers
//          that are left out are 0, and leading zeros go. Numbers beyond 64 bits are refused (src/version, which orders what
//          packages have, takes more).
// Differs  major, minor and patch fail above 2^63 - 1, where Kubernetes gives a negative number.
#pragma once
#include <vector>

#include "standard/cel/evaluator.h"

namespace plimsoll::standard::cel {

Value to_semver(Run& run, std::vector<Value>& arguments);
Value is_semver(Run& run, std::vector<Value>& arguments);
Value semver_major(Run& run, std::vector<Value>& arguments);
Value semver_minor(Run& run, std::vector<Value>& arguments);
Value semver_patch(Run& run, std::vector<Value>& arguments);
// Of two versions, or of two quantities (quantity.h).
Value is_greater_than(Run& run, std::vector<Value>& arguments);
Value is_less_than(Run& run, std::vector<Value>& arguments);
Value compare_to(Run& run, std::vector<Value>& arguments);

}  // namespace plimsoll::standard::cel
