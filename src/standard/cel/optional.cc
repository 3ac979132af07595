#include "standard/cel/optional.h"

#include <algorithm>

namespace plimsoll::standard::cel {
namespace {

using Arguments = std::vector<Value>;

Value no_overload() { return Value::error("no such overload"); }

bool is_zero(const Value& value) {
  if (value.as<Null>()) return true;
  if (const auto* v = value.as<bool>()) return !*v;
  if (const auto* v = value.as<std::int64_t>()) return *v == 0;
  if (const auto* v = value.as<std::uint64_t>()) return *v == 0;
  if (const auto* v = value.as<double>()) return *v == 0;
  if (const auto* v = value.as<std::string>()) return v->empty();
  if (const auto* v = value.as<Bytes>()) return v->data.empty();
  if (const auto* v = value.as<Duration>()) return v->nanos == 0;
  if (const auto* v = value.as<Timestamp>()) return v->seconds == -62135596800 && v->nanos == 0;  // the first moment that there is
  if (const auto* v = value.as_list()) return v->empty();
  if (const auto* v = value.as_map()) return v->empty();
  if (const auto* v = value.as<Optional>()) return !v->value || is_zero(*v->value);
  return false;
}

// Whether each of `wanted` is in `all`; paid for by both lengths.
Value holds_all(Run& run, const Items& all, const Items& wanted) {
  if (!run.charge(all.size() * wanted.size())) return Run::spent();
  return Value(std::all_of(wanted.begin(), wanted.end(), [&](const Value& item) { return std::any_of(all.begin(), all.end(), [&](const Value& other) { return equal(item, other); }); }));
}

}  // namespace

Value optional_some(Run&, Arguments& a) { return Value::some(a[0]); }
Value optional_none(Run&, Arguments&) { return Value::none(); }
Value optional_of_non_zero(Run&, Arguments& a) { return is_zero(a[0]) ? Value::none() : Value::some(a[0]); }
Value optional_has_value(Run&, Arguments& a) {
  const auto* optional = a[0].as<Optional>();
  return optional ? Value(optional->value != nullptr) : no_overload();
}
Value optional_value(Run&, Arguments& a) {
  const auto* optional = a[0].as<Optional>();
  if (!optional) return no_overload();
  return optional->value ? *optional->value : Value::error("an optional value that is not there");
}
Value optional_or(Run&, Arguments& a) { return a[0].as<Optional>() && a[1].as<Optional>() ? a[1] : no_overload(); }
Value optional_or_value(Run&, Arguments& a) { return a[0].as<Optional>() ? a[1] : no_overload(); }

Value optional_index(Run& run, Arguments& a) {
  const auto* optional = a[0].as<Optional>();
  if (optional && !optional->value) return Value::none();
  const Value& of = optional ? *optional->value : a[0];
  if (const Items* list = of.as_list()) {
    const auto* i = a[1].as<std::int64_t>();
    const auto* u = a[1].as<std::uint64_t>();
    if (!i && !u) return no_overload();
    const std::uint64_t at = u ? *u : *i < 0 ? list->size() : static_cast<std::uint64_t>(*i);
    return at < list->size() ? Value::some((*list)[at]) : Value::none();
  }
  const Entries* map = of.as_map();
  if (!map) return no_overload();
  if (!run.charge(map->size() / 4)) return Run::spent();
  for (const auto& [key, value] : *map)
    if (equal(key, a[1])) return Value::some(value);
  return Value::none();
}

Value sets_contains(Run& run, Arguments& a) {
  const Items *x = a[0].as_list(), *y = a[1].as_list();
  return x && y ? holds_all(run, *x, *y) : no_overload();
}
Value sets_equivalent(Run& run, Arguments& a) {
  const Items *x = a[0].as_list(), *y = a[1].as_list();
  if (!x || !y) return no_overload();
  const Value one = holds_all(run, *x, *y);
  return one.as<bool>() && *one.as<bool>() ? holds_all(run, *y, *x) : one;
}
Value sets_intersects(Run& run, Arguments& a) {
  const Items *x = a[0].as_list(), *y = a[1].as_list();
  if (!x || !y) return no_overload();
  if (!run.charge(x->size() * y->size())) return Run::spent();
  return Value(std::any_of(y->begin(), y->end(), [&](const Value& item) { return std::any_of(x->begin(), x->end(), [&](const Value& other) { return equal(item, other); }); }));
}

}  // namespace plimsoll::standard::cel
