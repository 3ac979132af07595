#include "standard/cel/functions.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "standard/cel/evaluator.h"
#include "standard/cel/lists.h"
#include "standard/cel/formats.h"
#include "standard/cel/network.h"
#include "standard/cel/optional.h"
#include "standard/cel/quantity.h"
#include "standard/cel/semantic.h"
#include "standard/cel/url.h"

namespace plimsoll::standard::cel {
namespace {

using Args = std::vector<Value>;
using Int = std::int64_t;
using Uint = std::uint64_t;

Value no_overload(const Args& args) {
  std::string types;
  for (const Value& arg : args) types += cat(types.empty() ? "" : ", ", arg.type_name());
  return Value::error(cat("no such overload for (", types, ")"));
}
Value overflow() { return Value::error("a number overflows"); }

// Integers in 64 bits: overflow is a failure.
template <class T, class Op>
Value checked(T a, T b, Op op) {
  T out;
  return op(a, b, &out) ? overflow() : Value(out);
}
Value duration_of(bool overflows, Int nanos) { return overflows ? overflow() : Value(Duration{nanos}); }

Value shift_time(const Timestamp& time, Int nanos) {
  Int seconds = nanos / 1'000'000'000, rest = nanos % 1'000'000'000 + time.nanos;
  if (rest < 0) rest += 1'000'000'000, --seconds;
  if (rest >= 1'000'000'000) rest -= 1'000'000'000, ++seconds;
  seconds += time.seconds;
  if (seconds < -62135596800 || seconds > 253402300799) return overflow();
  return Value(Timestamp{seconds, static_cast<std::int32_t>(rest)});
}

Value add(Run& run, Args& a) {
  if (const auto *x = a[0].as<Int>(), *y = a[1].as<Int>(); x && y) return checked(*x, *y, [](Int p, Int q, Int* r) { return __builtin_add_overflow(p, q, r); });
  if (const auto *x = a[0].as<Uint>(), *y = a[1].as<Uint>(); x && y) return checked(*x, *y, [](Uint p, Uint q, Uint* r) { return __builtin_add_overflow(p, q, r); });
  if (const auto *x = a[0].as<double>(), *y = a[1].as<double>(); x && y) return Value(*x + *y);
  if (const auto *x = a[0].as<std::string>(), *y = a[1].as<std::string>(); x && y) return run.charge((x->size() + y->size()) / 10) ? Value(*x + *y) : Run::spent();
  if (const auto *x = a[0].as<Bytes>(), *y = a[1].as<Bytes>(); x && y) return run.charge((x->data.size() + y->data.size()) / 10) ? Value(Bytes{x->data + y->data}) : Run::spent();
  if (const auto *x = a[0].as_list(), *y = a[1].as_list(); x && y) {
    if (!run.charge(x->size() + y->size())) return Run::spent();
    Items out = *x;
    out.insert(out.end(), y->begin(), y->end());
    return Value::list(std::move(out));
  }
  const auto *t0 = a[0].as<Timestamp>(), *t1 = a[1].as<Timestamp>();
  const auto *d0 = a[0].as<Duration>(), *d1 = a[1].as<Duration>();
  if (t0 && d1) return shift_time(*t0, d1->nanos);
  if (d0 && t1) return shift_time(*t1, d0->nanos);
  Int sum = 0;
  if (d0 && d1) return duration_of(__builtin_add_overflow(d0->nanos, d1->nanos, &sum), sum);
  return no_overload(a);
}

Value subtract(Run&, Args& a) {
  if (const auto *x = a[0].as<Int>(); a.size() == 1) {
    if (x) return *x == std::numeric_limits<Int>::min() ? overflow() : Value(-*x);
    if (const auto* d = a[0].as<double>()) return Value(-*d);
    return no_overload(a);
  }
  if (const auto *x = a[0].as<Int>(), *y = a[1].as<Int>(); x && y) return checked(*x, *y, [](Int p, Int q, Int* r) { return __builtin_sub_overflow(p, q, r); });
  if (const auto *x = a[0].as<Uint>(), *y = a[1].as<Uint>(); x && y) return checked(*x, *y, [](Uint p, Uint q, Uint* r) { return __builtin_sub_overflow(p, q, r); });
  if (const auto *x = a[0].as<double>(), *y = a[1].as<double>(); x && y) return Value(*x - *y);
  const auto *t0 = a[0].as<Timestamp>(), *t1 = a[1].as<Timestamp>();
  const auto *d0 = a[0].as<Duration>(), *d1 = a[1].as<Duration>();
  Int out = 0;
  if (t0 && t1) {
    bool over = __builtin_mul_overflow(t0->seconds - t1->seconds, Int{1'000'000'000}, &out);
    over = over || __builtin_add_overflow(out, Int{t0->nanos} - t1->nanos, &out);
    return duration_of(over, out);
  }
  if (t0 && d1) return d1->nanos == std::numeric_limits<Int>::min() ? overflow() : shift_time(*t0, -d1->nanos);
  if (d0 && d1) return duration_of(__builtin_sub_overflow(d0->nanos, d1->nanos, &out), out);
  return no_overload(a);
}

Value multiply(Run&, Args& a) {
  if (const auto *x = a[0].as<Int>(), *y = a[1].as<Int>(); x && y) return checked(*x, *y, [](Int p, Int q, Int* r) { return __builtin_mul_overflow(p, q, r); });
  if (const auto *x = a[0].as<Uint>(), *y = a[1].as<Uint>(); x && y) return checked(*x, *y, [](Uint p, Uint q, Uint* r) { return __builtin_mul_overflow(p, q, r); });
  if (const auto *x = a[0].as<double>(), *y = a[1].as<double>(); x && y) return Value(*x * *y);
  return no_overload(a);
}
Value divide(Run&, Args& a) {
  if (const auto *x = a[0].as<Int>(), *y = a[1].as<Int>(); x && y) {
    if (*y == 0) return Value::error("division by zero");
    return *x == std::numeric_limits<Int>::min() && *y == -1 ? overflow() : Value(*x / *y);
  }
  if (const auto *x = a[0].as<Uint>(), *y = a[1].as<Uint>(); x && y) return *y == 0 ? Value::error("division by zero") : Value(*x / *y);
  if (const auto *x = a[0].as<double>(), *y = a[1].as<double>(); x && y) return Value(*x / *y);
  return no_overload(a);
}
Value modulo(Run&, Args& a) {
  if (const auto *x = a[0].as<Int>(), *y = a[1].as<Int>(); x && y) {
    if (*y == 0) return Value::error("modulus by zero");
    return *x == std::numeric_limits<Int>::min() && *y == -1 ? overflow() : Value(*x % *y);
  }
  if (const auto *x = a[0].as<Uint>(), *y = a[1].as<Uint>(); x && y) return *y == 0 ? Value::error("modulus by zero") : Value(*x % *y);
  return no_overload(a);
}
Value negate(Run&, Args& a) { return a[0].as<bool>() ? Value(!*a[0].as<bool>()) : no_overload(a); }
Value is_equal(Run&, Args& a) { return Value(equal(a[0], a[1])); }
Value is_different(Run&, Args& a) { return Value(!equal(a[0], a[1])); }
template <class Test>
Value ordered(Args& a, Test test) {
  const auto order = compare(a[0], a[1]);
  if (!order) return no_overload(a);
  return *order == 2 ? Value::error("NaN has no order") : Value(test(*order));
}
Value is_less(Run&, Args& a) { return ordered(a, [](int o) { return o < 0; }); }
Value is_less_equal(Run&, Args& a) { return ordered(a, [](int o) { return o <= 0; }); }
Value is_greater(Run&, Args& a) { return ordered(a, [](int o) { return o > 0; }); }
Value is_greater_equal(Run&, Args& a) { return ordered(a, [](int o) { return o >= 0; }); }

Value is_in(Run& run, Args& a) {
  if (const Items* list = a[1].as_list()) {
    if (!run.charge(list->size())) return Run::spent();
    return Value(std::any_of(list->begin(), list->end(), [&](const Value& item) { return equal(item, a[0]); }));
  }
  if (const Entries* map = a[1].as_map()) {
    if (!run.charge(map->size() / 4)) return Run::spent();
    return Value(std::any_of(map->begin(), map->end(), [&](const auto& pair) { return equal(pair.first, a[0]); }));
  }
  return no_overload(a);
}

Value index(Run& run, Args& a) {
  if (a[0].as<Optional>()) return optional_index(run, a);
  if (const Items* list = a[0].as_list()) {
    Int at = -1;
    if (const auto* i = a[1].as<Int>()) at = *i;
    else if (const auto* u = a[1].as<Uint>(); u && *u < list->size()) at = static_cast<Int>(*u);
    else if (const auto* d = a[1].as<double>(); d && *d >= 0 && *d < 1e15 && *d == std::floor(*d)) at = static_cast<Int>(*d);
    else if (!u && !d) return no_overload(a);
    if (at < 0 || static_cast<std::size_t>(at) >= list->size()) return Value::error("an index outside the list");
    return (*list)[static_cast<std::size_t>(at)];
  }
  if (const Entries* map = a[0].as_map()) {
    if (!run.charge(map->size() / 4)) return Run::spent();
    for (const auto& [key, value] : *map)
      if (equal(key, a[1])) return value;
    return Value::error("no such key");
  }
  return no_overload(a);
}

Value size(Run& run, Args& a) {
  if (const auto* text = a[0].as<std::string>()) return run.charge(text->size() / 10) ? Value(static_cast<Int>(code_points(*text))) : Run::spent();
  if (const auto* bytes = a[0].as<Bytes>()) return Value(static_cast<Int>(bytes->data.size()));
  if (const Items* list = a[0].as_list()) return Value(static_cast<Int>(list->size()));
  if (const Entries* map = a[0].as_map()) return Value(static_cast<Int>(map->size()));
  return no_overload(a);
}

// ---- conversions

Value to_int(Run&, Args& a) {
  if (a[0].as<Int>()) return a[0];
  if (const auto* u = a[0].as<Uint>()) return *u > static_cast<Uint>(std::numeric_limits<Int>::max()) ? overflow() : Value(static_cast<Int>(*u));
  if (const auto* d = a[0].as<double>()) return *d > -9223372036854775808.0 && *d < 9223372036854775808.0 ? Value(static_cast<Int>(*d)) : overflow();
  if (const auto* t = a[0].as<Timestamp>()) return Value(t->seconds);
  if (const auto* s = a[0].as<std::string>()) {
    Int out = 0;
    const char* begin = s->data() + (s->starts_with('+') && s->size() > 1 && (*s)[1] != '-' ? 1 : 0);
    const auto got = std::from_chars(begin, s->data() + s->size(), out);
    return got.ec == std::errc() && got.ptr == s->data() + s->size() ? Value(out) : Value::error("not an int");
  }
  return no_overload(a);
}
Value to_uint(Run&, Args& a) {
  if (a[0].as<Uint>()) return a[0];
  if (const auto* i = a[0].as<Int>()) return *i < 0 ? overflow() : Value(static_cast<Uint>(*i));
  if (const auto* d = a[0].as<double>()) return *d >= 0 && *d < 18446744073709551616.0 ? Value(static_cast<Uint>(*d)) : overflow();
  if (const auto* s = a[0].as<std::string>()) {
    Uint out = 0;
    const auto got = std::from_chars(s->data(), s->data() + s->size(), out);
    return got.ec == std::errc() && got.ptr == s->data() + s->size() ? Value(out) : Value::error("not a uint");
  }
  return no_overload(a);
}
Value to_double(Run&, Args& a) {
  if (a[0].as<double>()) return a[0];
  if (const auto* i = a[0].as<Int>()) return Value(static_cast<double>(*i));
  if (const auto* u = a[0].as<Uint>()) return Value(static_cast<double>(*u));
  if (const auto* s = a[0].as<std::string>()) {
    if (*s == "NaN") return Value(std::numeric_limits<double>::quiet_NaN());
    if (*s == "Inf" || *s == "+Inf" || *s == "Infinity") return Value(std::numeric_limits<double>::infinity());
    if (*s == "-Inf" || *s == "-Infinity") return Value(-std::numeric_limits<double>::infinity());
    double out = 0;
    const auto got = std::from_chars(s->data(), s->data() + s->size(), out);
    return got.ec == std::errc() && got.ptr == s->data() + s->size() && std::isfinite(out) ? Value(out) : Value::error("not a double");
  }
  return no_overload(a);
}
Value to_text(Run&, Args& a) {
  if (a[0].as<std::string>()) return a[0];
  if (const auto* b = a[0].as<bool>()) return Value(std::string(*b ? "true" : "false"));
  if (const auto* i = a[0].as<Int>()) return Value(std::to_string(*i));
  if (const auto* u = a[0].as<Uint>()) return Value(std::to_string(*u));
  if (const auto* d = a[0].as<double>()) return Value(double_text(*d));
  if (const auto* t = a[0].as<Timestamp>()) return Value(timestamp_text(*t));
  if (const auto* d = a[0].as<Duration>()) return Value(duration_text(*d));
  if (const Extra* extra = a[0].as_extra(); extra && extra->type_name().starts_with("net.")) return Value(extra->text());
  if (const auto* b = a[0].as<Bytes>()) return is_utf8(b->data) ? Value(b->data) : Value::error("bytes that are not UTF-8");
  return no_overload(a);
}
Value to_bytes(Run&, Args& a) {
  if (a[0].as<Bytes>()) return a[0];
  if (const auto* s = a[0].as<std::string>()) return Value(Bytes{*s});
  return no_overload(a);
}
Value to_bool(Run&, Args& a) {
  if (a[0].as<bool>()) return a[0];
  if (const auto* s = a[0].as<std::string>()) {
    for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"})
      if (*s == yes) return Value(true);
    for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"})
      if (*s == no) return Value(false);
    return Value::error("neither true nor false");
  }
  return no_overload(a);
}
Value to_dyn(Run&, Args& a) { return a[0]; }
Value to_type(Run&, Args& a) { return Value(TypeName{std::string(a[0].type_name())}); }
Value to_timestamp(Run&, Args& a) {
  if (a[0].as<Timestamp>()) return a[0];
  if (const auto* i = a[0].as<Int>()) return *i < -62135596800 || *i > 253402300799 ? overflow() : Value(Timestamp{*i, 0});
  if (const auto* s = a[0].as<std::string>()) {
    const auto time = parse_timestamp(*s);
    return time ? Value(*time) : Value::error(time.error().message());
  }
  return no_overload(a);
}
Value to_duration(Run&, Args& a) {
  if (a[0].as<Duration>()) return a[0];
  if (const auto* s = a[0].as<std::string>()) {
    const auto duration = parse_duration(*s);
    return duration ? Value(*duration) : Value::error(duration.error().message());
  }
  return no_overload(a);
}

// ---- texts

template <class Body>
Value on_texts(Run& run, Args& a, Body body) {
  const auto *x = a[0].as<std::string>(), *y = a[1].as<std::string>();
  if (!x || !y) return no_overload(a);
  return run.charge((x->size() + y->size()) / 10) ? body(*x, *y) : Run::spent();
}
Value starts_with(Run& run, Args& a) { return on_texts(run, a, [](const std::string& x, const std::string& y) { return Value(x.starts_with(y)); }); }
Value ends_with(Run& run, Args& a) { return on_texts(run, a, [](const std::string& x, const std::string& y) { return Value(x.ends_with(y)); }); }
Value contains(Run& run, Args& a) { return on_texts(run, a, [](const std::string& x, const std::string& y) { return Value(x.find(y) != std::string::npos); }); }
Value matches(Run& run, Args& a) { return on_texts(run, a, [&](const std::string& x, const std::string& y) { return run.charge(x.size() / 4 + y.size()) ? run.matches(x, y) : Run::spent(); }); }
Value find(Run& run, Args& a) { return on_texts(run, a, [&](const std::string& x, const std::string& y) { return run.charge(x.size() / 4 + y.size()) ? run.find(x, y) : Run::spent(); }); }
Value to_lower(Run& run, Args& a) { return !a[0].as<std::string>() ? no_overload(a) : run.charge(a[0].as<std::string>()->size() / 10) ? Value(lower(*a[0].as<std::string>())) : Run::spent(); }
Value to_upper(Run& run, Args& a) {
  if (!a[0].as<std::string>()) return no_overload(a);
  std::string out = *a[0].as<std::string>();
  if (!run.charge(out.size() / 10)) return Run::spent();
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return Value(std::move(out));
}
Value trimmed(Run& run, Args& a) { return !a[0].as<std::string>() ? no_overload(a) : run.charge(a[0].as<std::string>()->size() / 10) ? Value(std::string(trim(*a[0].as<std::string>()))) : Run::spent(); }

// The byte at which the n-th code point starts; npos when there are fewer.
std::size_t byte_of(std::string_view text, Int n) {
  std::size_t i = 0;
  for (; n > 0 && i < text.size(); --n)
    for (++i; i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;) ++i;
  return n == 0 ? i : std::string_view::npos;
}
Value substring(Run& run, Args& a) {
  const auto* text = a[0].as<std::string>();
  const auto* from = a[1].as<Int>();
  const Int* to = a.size() == 3 ? a[2].as<Int>() : nullptr;
  if (!text || !from || (a.size() == 3 && !to)) return no_overload(a);
  if (!run.charge(text->size() / 10)) return Run::spent();
  const std::size_t begin = *from < 0 ? std::string::npos : byte_of(*text, *from), end = !to ? text->size() : *to < 0 ? std::string::npos : byte_of(*text, *to);
  if (begin == std::string::npos || end == std::string::npos || begin > end) return Value::error("a range outside the text");
  return Value(text->substr(begin, end - begin));
}
Value char_at(Run& run, Args& a) {
  const auto* text = a[0].as<std::string>();
  const auto* n = a[1].as<Int>();
  if (!text || !n) return no_overload(a);
  if (!run.charge(text->size() / 10)) return Run::spent();
  const std::size_t begin = *n < 0 ? std::string::npos : byte_of(*text, *n);
  if (begin == std::string::npos) return Value::error("an index outside the text");
  return Value(text->substr(begin, byte_of(std::string_view(*text).substr(begin), 1)));
}
Value index_of(Run& run, Args& a) {
  if (a[0].as_list()) return list_index_of(run, a);
  return on_texts(run, a, [](const std::string& x, const std::string& y) {
    const std::size_t at = x.find(y);
    return Value(at == std::string::npos ? Int{-1} : static_cast<Int>(code_points(std::string_view(x).substr(0, at))));
  });
}
Value last_index_of(Run& run, Args& a) {
  if (a[0].as_list()) return list_last_index_of(run, a);
  return on_texts(run, a, [](const std::string& x, const std::string& y) {
    const std::size_t at = x.rfind(y);
    return Value(at == std::string::npos ? Int{-1} : static_cast<Int>(code_points(std::string_view(x).substr(0, at))));
  });
}
Value replace(Run& run, Args& a) {
  const auto *text = a[0].as<std::string>(), *from = a[1].as<std::string>(), *to = a[2].as<std::string>();
  if (!text || !from || !to) return no_overload(a);
  if (from->empty()) return Value::error("nothing to replace");
  std::string out;
  std::size_t i = 0;
  for (std::size_t at; (at = text->find(*from, i)) != std::string::npos; i = at + from->size()) {
    if (!run.charge(1 + (at - i + to->size()) / 10)) return Run::spent();
    out.append(*text, i, at - i).append(*to);
  }
  return Value(out.append(*text, i, std::string::npos));
}
Value split_text(Run& run, Args& a) {
  return on_texts(run, a, [&](const std::string& x, const std::string& y) {
    Items out;
    if (y.empty()) return Value::error("nothing to split at");
    std::size_t i = 0;
    for (std::size_t at; (at = x.find(y, i)) != std::string::npos; i = at + y.size()) {
      if (!run.charge(1)) return Run::spent();
      out.push_back(Value(x.substr(i, at - i)));
    }
    out.push_back(Value(x.substr(i)));
    return Value::list(std::move(out));
  });
}
Value join(Run& run, Args& a) {
  const Items* list = a[0].as_list();
  const std::string* separator = a.size() == 2 ? a[1].as<std::string>() : nullptr;
  if (!list || (a.size() == 2 && !separator)) return no_overload(a);
  std::string out;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto* text = (*list)[i].as<std::string>();
    if (!text) return no_overload(a);
    if (!run.charge(1 + (text->size() + (separator ? separator->size() : 0)) / 10)) return Run::spent();
    if (i > 0 && separator) out += *separator;
    out += *text;
  }
  return Value(std::move(out));
}

// ---- times

template <class Body>
Value on_time(Args& a, Body body) {
  const auto* time = a[0].as<Timestamp>();
  if (!time) return no_overload(a);
  Int shift = 0;
  if (a.size() == 2) {
    const auto* zone = a[1].as<std::string>();
    if (!zone) return no_overload(a);
    std::string_view text = *zone;
    if (text != "UTC" && text != "Z" && !text.empty()) {
      const bool negative = text.starts_with('-');
      if (negative || text.starts_with('+')) text.remove_prefix(1);
      const auto [hours, minutes] = cut(text, ':');
      const auto h = parse_u64(hours), m = parse_u64(minutes);
      if (!h || !m || *h > 23 || *m > 59) return Value::error("only UTC and offsets like +01:00 are known as time zones");
      shift = static_cast<Int>(*h * 3600 + *m * 60) * (negative ? -1 : 1);
    }
  }
  const std::chrono::sys_seconds at{std::chrono::seconds(time->seconds + shift)};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  return Value(static_cast<Int>(body(std::chrono::year_month_day(day), day, (at - day).count(), time->nanos)));
}
using Ymd = std::chrono::year_month_day;
using Day = std::chrono::sys_days;
Value full_year(Run&, Args& a) { return on_time(a, [](Ymd d, Day, Int, int) { return Int{static_cast<int>(d.year())}; }); }
Value month(Run&, Args& a) { return on_time(a, [](Ymd d, Day, Int, int) { return Int{static_cast<unsigned>(d.month())} - 1; }); }
Value date(Run&, Args& a) { return on_time(a, [](Ymd d, Day, Int, int) { return Int{static_cast<unsigned>(d.day())}; }); }
Value day_of_month(Run&, Args& a) { return on_time(a, [](Ymd d, Day, Int, int) { return Int{static_cast<unsigned>(d.day())} - 1; }); }
Value day_of_week(Run&, Args& a) { return on_time(a, [](Ymd, Day day, Int, int) { return Int{std::chrono::weekday(day).c_encoding()}; }); }
Value day_of_year(Run&, Args& a) { return on_time(a, [](Ymd d, Day day, Int, int) { return Int{(day - Day(d.year() / 1 / 1)).count()}; }); }
// Of a duration these are the whole length in the unit, of a time the part of it.
Value hours(Run&, Args& a) {
  if (const auto* d = a[0].as<Duration>(); d && a.size() == 1) return Value(d->nanos / 3'600'000'000'000);
  return on_time(a, [](Ymd, Day, Int second, int) { return second / 3600; });
}
Value minutes(Run&, Args& a) {
  if (const auto* d = a[0].as<Duration>(); d && a.size() == 1) return Value(d->nanos / 60'000'000'000);
  return on_time(a, [](Ymd, Day, Int second, int) { return second / 60 % 60; });
}
Value seconds(Run&, Args& a) {
  if (const auto* d = a[0].as<Duration>(); d && a.size() == 1) return Value(d->nanos / 1'000'000'000);
  return on_time(a, [](Ymd, Day, Int second, int) { return second % 60; });
}
Value milliseconds(Run&, Args& a) {
  if (const auto* d = a[0].as<Duration>(); d && a.size() == 1) return Value(d->nanos / 1'000'000);
  return on_time(a, [](Ymd, Day, Int, int nanos) { return Int{nanos / 1'000'000}; });
}

// ---- the table

// "list(A),int->A": types by their names, one letter for a parameter.
class SignatureText {
 public:
  explicit SignatureText(std::string_view text) : rest_(text) {}
  Signature read() {
    Signature out;
    while (!rest_.starts_with("->")) {
      out.parameters.push_back(one());
      if (rest_.starts_with(',')) rest_.remove_prefix(1);
    }
    rest_.remove_prefix(2);
    out.result = one();
    return out;
  }

 private:
  Type one() {
    std::size_t n = 0;
    while (n < rest_.size() && ((rest_[n] >= 'a' && rest_[n] <= 'z') || (rest_[n] >= 'A' && rest_[n] <= 'Z') || rest_[n] == '.')) ++n;
    const std::string_view name = rest_.substr(0, n);
    rest_.remove_prefix(n);
    using K = Type::Kind;
    static constexpr std::pair<std::string_view, K> names[] = {{"dyn", K::Dyn}, {"null", K::Null}, {"bool", K::Bool}, {"int", K::Int}, {"uint", K::Uint}, {"double", K::Double}, {"string", K::String}, {"bytes", K::Bytes}, {"timestamp", K::Timestamp}, {"duration", K::Duration}, {"type", K::TypeOf}};
    if (name == "list" || name == "map" || name == "optional") {
      Type out{.kind = name == "list" ? K::List : name == "map" ? K::Map : K::Optional};
      while (!rest_.starts_with(')')) rest_.remove_prefix(1), out.args.push_back(one());
      rest_.remove_prefix(1);
      return out;
    }
    for (const auto& [each, kind] : names)
      if (each == name) return {.kind = kind};
    if (name.find('.') != std::string_view::npos) return object(std::string(name));
    return {.kind = K::Param, .name = std::string(name)};
  }
  std::string_view rest_;
};

struct Row {
  std::string_view name;
  std::string_view signatures;  // separated by spaces
  Value (*apply)(Run&, Args&);
};
constexpr std::string_view kOrder = "bool,bool->bool int,int->bool uint,uint->bool double,double->bool string,string->bool bytes,bytes->bool timestamp,timestamp->bool duration,duration->bool";
constexpr std::string_view kOfTime = "timestamp->int timestamp,string->int";
constexpr std::string_view kOfBoth = "timestamp->int timestamp,string->int duration->int";
constexpr std::string_view kOfOrdered = "list(int)->int list(uint)->uint list(double)->double list(bool)->bool list(string)->string list(bytes)->bytes list(timestamp)->timestamp list(duration)->duration";
constexpr Row kRows[] = {
    {"+", "int,int->int uint,uint->uint double,double->double string,string->string bytes,bytes->bytes list(A),list(A)->list(A) timestamp,duration->timestamp duration,timestamp->timestamp duration,duration->duration", add},
    {"-", "int->int double->double int,int->int uint,uint->uint double,double->double timestamp,timestamp->duration timestamp,duration->timestamp duration,duration->duration", subtract},
    {"*", "int,int->int uint,uint->uint double,double->double", multiply},
    {"/", "int,int->int uint,uint->uint double,double->double", divide},
    {"%", "int,int->int uint,uint->uint", modulo},
    {"!", "bool->bool", negate},
    {"==", "A,A->bool", is_equal},
    {"!=", "A,A->bool", is_different},
    {"<", kOrder, is_less},
    {"<=", kOrder, is_less_equal},
    {">", kOrder, is_greater},
    {">=", kOrder, is_greater_equal},
    {"in", "A,list(A)->bool A,map(A,B)->bool", is_in},
    {"[]", "list(A),int->A map(A,B),A->B optional(list(A)),int->optional(A) optional(map(A,B)),A->optional(B)", index},
    {"[?]", "list(A),int->optional(A) map(A,B),A->optional(B) optional(list(A)),int->optional(A) optional(map(A,B)),A->optional(B)", optional_index},
    {"optional.of", "A->optional(A)", optional_some},
    {"optional.none", "->optional(A)", optional_none},
    {"optional.ofNonZeroValue", "A->optional(A)", optional_of_non_zero},
    {".hasValue", "optional(A)->bool", optional_has_value},
    {".value", "optional(A)->A", optional_value},
    {".or", "optional(A),optional(A)->optional(A)", optional_or},
    {".orValue", "optional(A),A->A", optional_or_value},
    {"sets.contains", "list(A),list(A)->bool", sets_contains},
    {"sets.equivalent", "list(A),list(A)->bool", sets_equivalent},
    {"sets.intersects", "list(A),list(A)->bool", sets_intersects},
    {"size", "string->int bytes->int list(A)->int map(A,B)->int", size},
    {".size", "string->int bytes->int list(A)->int map(A,B)->int", size},
    {"int", "int->int uint->int double->int string->int timestamp->int", to_int},
    {"uint", "int->uint uint->uint double->uint string->uint", to_uint},
    {"double", "int->double uint->double double->double string->double", to_double},
    {"string", "string->string bool->string int->string uint->string double->string bytes->string timestamp->string duration->string net.IP->string net.CIDR->string", to_text},
    {"bytes", "bytes->bytes string->bytes", to_bytes},
    {"bool", "bool->bool string->bool", to_bool},
    {"dyn", "A->dyn", to_dyn},
    {"type", "A->type", to_type},
    {"timestamp", "timestamp->timestamp string->timestamp int->timestamp", to_timestamp},
    {"duration", "duration->duration string->duration", to_duration},
    {".startsWith", "string,string->bool", starts_with},
    {".endsWith", "string,string->bool", ends_with},
    {".contains", "string,string->bool", contains},
    {".matches", "string,string->bool", matches},
    {"matches", "string,string->bool", matches},
    {".find", "string,string->string", find},
    {".findAll", "string,string->list(string) string,string,int->list(string)", text_find_all},
    {".min", kOfOrdered, list_min},
    {".max", kOfOrdered, list_max},
    {".sum", "list(int)->int list(uint)->uint list(double)->double list(duration)->duration", list_sum},
    {".isSorted", "list(int)->bool list(uint)->bool list(double)->bool list(bool)->bool list(string)->bool list(bytes)->bool list(timestamp)->bool list(duration)->bool", list_is_sorted},
    {".lowerAscii", "string->string", to_lower},
    {".upperAscii", "string->string", to_upper},
    {".trim", "string->string", trimmed},
    {".substring", "string,int->string string,int,int->string", substring},
    {".charAt", "string,int->string", char_at},
    {".indexOf", "string,string->int list(A),A->int", index_of},
    {".lastIndexOf", "string,string->int list(A),A->int", last_index_of},
    {".replace", "string,string,string->string", replace},
    {".split", "string,string->list(string)", split_text},
    {".join", "list(string)->string list(string),string->string", join},
    {".getFullYear", kOfTime, full_year},
    {".getMonth", kOfTime, month},
    {".getDate", kOfTime, date},
    {".getDayOfMonth", kOfTime, day_of_month},
    {".getDayOfWeek", kOfTime, day_of_week},
    {".getDayOfYear", kOfTime, day_of_year},
    {".getHours", kOfBoth, hours},
    {".getMinutes", kOfBoth, minutes},
    {".getSeconds", kOfBoth, seconds},
    {".getMilliseconds", kOfBoth, milliseconds},
    {"ip", "string->net.IP", to_ip},
    {"isIP", "string->bool", is_ip},
    {"ip.isCanonical", "string->bool", ip_is_canonical},
    {".family", "net.IP->int", ip_family},
    {".isUnspecified", "net.IP->bool", ip_is_unspecified},
    {".isLoopback", "net.IP->bool", ip_is_loopback},
    {".isLinkLocalMulticast", "net.IP->bool", ip_is_link_local_multicast},
    {".isLinkLocalUnicast", "net.IP->bool", ip_is_link_local_unicast},
    {".isGlobalUnicast", "net.IP->bool", ip_is_global_unicast},
    {"cidr", "string->net.CIDR", to_cidr},
    {"isCIDR", "string->bool", is_cidr},
    {".containsIP", "net.CIDR,string->bool net.CIDR,net.IP->bool", cidr_contains_ip},
    {".containsCIDR", "net.CIDR,string->bool net.CIDR,net.CIDR->bool", cidr_contains_cidr},
    {".ip", "net.CIDR->net.IP", cidr_ip},
    {".masked", "net.CIDR->net.CIDR", cidr_masked},
    {".prefixLength", "net.CIDR->int", cidr_prefix_length},
    {"url", "string->kubernetes.URL", to_url},
    {"isURL", "string->bool", is_url},
    {".getScheme", "kubernetes.URL->string", url_scheme},
    {".getHost", "kubernetes.URL->string", url_host},
    {".getHostname", "kubernetes.URL->string", url_hostname},
    {".getPort", "kubernetes.URL->string", url_port},
    {".getEscapedPath", "kubernetes.URL->string", url_escaped_path},
    {".getQuery", "kubernetes.URL->map(string,list(string))", url_query},
    {"quantity", "string->kubernetes.Quantity", to_quantity},
    {"isQuantity", "string->bool", is_quantity},
    {"sign", "kubernetes.Quantity->int", quantity_sign},
    {".isInteger", "kubernetes.Quantity->bool", quantity_is_integer},
    {".asInteger", "kubernetes.Quantity->int", quantity_as_integer},
    {".asApproximateFloat", "kubernetes.Quantity->double", quantity_as_float},
    {".add", "kubernetes.Quantity,kubernetes.Quantity->kubernetes.Quantity kubernetes.Quantity,int->kubernetes.Quantity", quantity_add},
    {".sub", "kubernetes.Quantity,kubernetes.Quantity->kubernetes.Quantity kubernetes.Quantity,int->kubernetes.Quantity", quantity_sub},
    {".isGreaterThan", "kubernetes.Quantity,kubernetes.Quantity->bool kubernetes.Semver,kubernetes.Semver->bool", is_greater_than},
    {".isLessThan", "kubernetes.Quantity,kubernetes.Quantity->bool kubernetes.Semver,kubernetes.Semver->bool", is_less_than},
    {".compareTo", "kubernetes.Quantity,kubernetes.Quantity->int kubernetes.Semver,kubernetes.Semver->int", compare_to},
    {"semver", "string->kubernetes.Semver string,bool->kubernetes.Semver", to_semver},
    {"isSemver", "string->bool string,bool->bool", is_semver},
    {".major", "kubernetes.Semver->int", semver_major},
    {".minor", "kubernetes.Semver->int", semver_minor},
    {".patch", "kubernetes.Semver->int", semver_patch},
    {"format.named", "string->optional(kubernetes.NamedFormat)", format_named},
    {".validate", "kubernetes.NamedFormat,string->optional(list(string))", format_validate},
};

const std::vector<Function>& table() {
  static const std::vector<Function> out = [] {
    std::vector<Function> functions;
    for (const Row& row : kRows) {
      Function function{.name = row.name, .signatures = {}, .apply = row.apply};
      for (const std::string_view text : split(row.signatures, ' ')) function.signatures.push_back(SignatureText(text).read());
      functions.push_back(std::move(function));
    }
    for (const FormatFunction& format : format_functions()) functions.push_back({format.name, {SignatureText("->kubernetes.NamedFormat").read()}, format.apply});
    return functions;
  }();
  return out;
}

}  // namespace

const Function* find_function(std::string_view name, bool receiver) {
  for (const Function& function : table()) {
    const bool method = function.name.size() > 1 && function.name[0] == '.';
    if (method == receiver && function.name.substr(method ? 1 : 0) == name) return &function;
  }
  return nullptr;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> out;
  for (const Function& function : table())
    if (const std::string_view name = function.name.substr(function.name[0] == '.' ? 1 : 0); name[0] >= 'a' && name[0] <= 'z') out.push_back(name);
  return out;
}

}  // namespace plimsoll::standard::cel
