// See lists.cc; the signatures stand in the table of functions.cc.
#pragma once
#include <vector>

#include "standard/cel/evaluator.h"

namespace plimsoll::standard::cel {

Value list_min(Run& run, std::vector<Value>& arguments);
Value list_max(Run& run, std::vector<Value>& arguments);
Value list_sum(Run& run, std::vector<Value>& arguments);
Value list_is_sorted(Run& run, std::vector<Value>& arguments);
Value list_index_of(Run& run, std::vector<Value>& arguments);
Value list_last_index_of(Run& run, std::vector<Value>& arguments);
Value text_find_all(Run& run, std::vector<Value>& arguments);

}  // namespace plimsoll::standard::cel
