// Quantities of Kubernetes ("500m", "1.5Gi", "2e3") in CEL: quantity, isQuantity, sign and their members.
//
// Source  k8s.io/apimachinery/pkg/api/resource (ParseQuantity) and k8s.io/apiserver/pkg/cel/library/quantity.go.
// Range   up to 1.7e29 in steps of a billionth; what is larger fails here, where Kubernetes goes on in decimals of any length.
#pragma once
#include <vector>

#include "standard/cel/evaluator.h"

namespace plimsoll::standard::cel {

Value to_quantity(Run& run, std::vector<Value>& arguments);
Value is_quantity(Run& run, std::vector<Value>& arguments);
Value quantity_sign(Run& run, std::vector<Value>& arguments);
Value quantity_is_integer(Run& run, std::vector<Value>& arguments);
Value quantity_as_integer(Run& run, std::vector<Value>& arguments);
Value quantity_as_float(Run& run, std::vector<Value>& arguments);
Value quantity_add(Run& run, std::vector<Value>& arguments);
Value quantity_sub(Run& run, std::vector<Value>& arguments);
Value quantity_is_greater(Run& run, std::vector<Value>& arguments);
Value quantity_is_less(Run& run, std::vector<Value>& arguments);
Value quantity_compare(Run& run, std::vector<Value>& arguments);

}  // namespace plimsoll::standard::cel
