// The functions that Kubernetes adds to CEL for lists, and findAll of its regular expressions.
#include "standard/cel/lists.h"

#include "base/text.h"

namespace plimsoll::standard::cel {
namespace {

Value no_overload() { return Value::error("no such overload"); }

// The element that stands first or last in order; a list without one has no answer.
Value extreme(Run& run, std::vector<Value>& arguments, int wanted) {
  const Items* list = arguments[0].as_list();
  if (!list) return no_overload();
  if (!run.charge(list->size())) return Run::spent();
  if (list->empty()) return Value::error("an empty list has neither least nor greatest");
  const Value* best = &list->front();
  for (const Value& item : *list) {
    const auto order = compare(item, *best);
    if (!order || *order == 2) return no_overload();
    if (*order == wanted) best = &item;
  }
  return *best;
}

Value place_of(Run& run, std::vector<Value>& arguments, bool last) {
  const Items* list = arguments[0].as_list();
  if (!list) return no_overload();
  if (!run.charge(list->size())) return Run::spent();
  std::int64_t found = -1;
  for (std::size_t i = 0; i < list->size(); ++i)
    if ((found < 0 || last) && equal((*list)[i], arguments[1])) found = static_cast<std::int64_t>(i);
  return Value(found);
}

}  // namespace

Value list_min(Run& run, std::vector<Value>& arguments) { return extreme(run, arguments, -1); }
Value list_max(Run& run, std::vector<Value>& arguments) { return extreme(run, arguments, 1); }

Value list_sum(Run& run, std::vector<Value>& arguments) {
  const Items* list = arguments[0].as_list();
  if (!list) return no_overload();
  if (!run.charge(list->size())) return Run::spent();
  if (list->empty()) return Value(std::int64_t{0});
  std::int64_t whole = 0, nanos = 0;
  std::uint64_t natural = 0;
  double real = 0;
  for (const Value& item : *list) {
    if (item.type_name() != list->front().type_name()) return no_overload();
    bool overflows = false;
    if (const auto* i = item.as<std::int64_t>()) overflows = __builtin_add_overflow(whole, *i, &whole);
    else if (const auto* u = item.as<std::uint64_t>()) overflows = __builtin_add_overflow(natural, *u, &natural);
    else if (const auto* d = item.as<double>()) real += *d;
    else if (const auto* t = item.as<Duration>()) overflows = __builtin_add_overflow(nanos, t->nanos, &nanos);
    else return no_overload();
    if (overflows) return Value::error("a number overflows");
  }
  if (list->front().as<std::int64_t>()) return Value(whole);
  if (list->front().as<std::uint64_t>()) return Value(natural);
  if (list->front().as<double>()) return Value(real);
  return Value(Duration{nanos});
}

Value list_is_sorted(Run& run, std::vector<Value>& arguments) {
  const Items* list = arguments[0].as_list();
  if (!list) return no_overload();
  if (!run.charge(list->size())) return Run::spent();
  for (std::size_t i = 1; i < list->size(); ++i) {
    const auto order = compare((*list)[i - 1], (*list)[i]);
    if (!order || *order == 2) return no_overload();
    if (*order > 0) return Value(false);
  }
  return Value(true);
}

Value list_index_of(Run& run, std::vector<Value>& arguments) { return place_of(run, arguments, false); }
Value list_last_index_of(Run& run, std::vector<Value>& arguments) { return place_of(run, arguments, true); }

Value text_find_all(Run& run, std::vector<Value>& arguments) {
  const auto *text = arguments[0].as<std::string>(), *pattern = arguments[1].as<std::string>();
  const auto* limit = arguments.size() == 3 ? arguments[2].as<std::int64_t>() : nullptr;
  if (!text || !pattern || (arguments.size() == 3 && !limit)) return no_overload();
  if (!run.charge(text->size() / 4 + pattern->size())) return Run::spent();
  return run.find_all(*text, *pattern, limit ? *limit : -1);
}

}  // namespace plimsoll::standard::cel
