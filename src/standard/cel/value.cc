#include "standard/cel/value.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

namespace plimsoll::standard::cel {
namespace {

template <class T>
int order(const T& a, const T& b) { return a < b ? -1 : b < a ? 1 : 0; }

int order_int_double(std::int64_t a, double b) {
  if (b >= 9223372036854775808.0) return -1;
  if (b < -9223372036854775808.0) return 1;
  const double whole = std::floor(b);
  const int by_whole = order(a, static_cast<std::int64_t>(whole));
  return by_whole != 0 ? by_whole : whole < b ? -1 : 0;
}
int order_uint_double(std::uint64_t a, double b) {
  if (b < 0) return 1;
  if (b >= 18446744073709551616.0) return -1;
  const double whole = std::floor(b);
  const int by_whole = order(a, static_cast<std::uint64_t>(whole));
  return by_whole != 0 ? by_whole : whole < b ? -1 : 0;
}

bool is_number(const Value& v) { return v.as<std::int64_t>() || v.as<std::uint64_t>() || v.as<double>(); }

// 2: not comparable, since one is NaN.
int order_numbers(const Value& a, const Value& b) {
  const auto *ai = a.as<std::int64_t>(), *bi = b.as<std::int64_t>();
  const auto *au = a.as<std::uint64_t>(), *bu = b.as<std::uint64_t>();
  const auto *ad = a.as<double>(), *bd = b.as<double>();
  if ((ad && std::isnan(*ad)) || (bd && std::isnan(*bd))) return 2;
  if (ai && bi) return order(*ai, *bi);
  if (au && bu) return order(*au, *bu);
  if (ad && bd) return order(*ad, *bd);
  if (ai && bu) return *ai < 0 ? -1 : order(static_cast<std::uint64_t>(*ai), *bu);
  if (au && bi) return *bi < 0 ? 1 : order(*au, static_cast<std::uint64_t>(*bi));
  if (ai && bd) return order_int_double(*ai, *bd);
  if (ad && bi) return -order_int_double(*bi, *ad);
  if (au && bd) return order_uint_double(*au, *bd);
  return -order_uint_double(*bu, *ad);
}

bool equal_maps(const Entries& a, const Entries& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [key, value] : a) {
    bool found = false;
    for (const auto& [other, there] : b)
      if (equal(key, other)) {
        found = equal(value, there);
        break;
      }
    if (!found) return false;
  }
  return true;
}

}  // namespace

std::string_view Value::type_name() const {
  static constexpr std::string_view names[] = {"null_type", "bool", "int", "uint", "double", "string", "bytes", "google.protobuf.Timestamp", "google.protobuf.Duration", "list", "map", "object", "extra", "optional_type", "type", "error"};
  if (const Extra* extra = as_extra()) return extra->type_name();
  return names[any_.index()];
}

bool equal(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return order_numbers(a, b) == 0;
  if (a.as<Null>() && b.as<Null>()) return true;
  if (const auto *x = a.as<bool>(), *y = b.as<bool>(); x && y) return *x == *y;
  if (const auto *x = a.as<std::string>(), *y = b.as<std::string>(); x && y) return *x == *y;
  if (const auto *x = a.as<Bytes>(), *y = b.as<Bytes>(); x && y) return x->data == y->data;
  if (const auto *x = a.as<Timestamp>(), *y = b.as<Timestamp>(); x && y) return x->seconds == y->seconds && x->nanos == y->nanos;
  if (const auto *x = a.as<Duration>(), *y = b.as<Duration>(); x && y) return x->nanos == y->nanos;
  if (const auto *x = a.as<TypeName>(), *y = b.as<TypeName>(); x && y) return x->name == y->name;
  if (const auto *x = a.as_list(), *y = b.as_list(); x && y) {
    if (x->size() != y->size()) return false;
    for (std::size_t i = 0; i < x->size(); ++i)
      if (!equal((*x)[i], (*y)[i])) return false;
    return true;
  }
  if (const auto *x = a.as_map(), *y = b.as_map(); x && y) return equal_maps(*x, *y);
  if (const auto *x = a.as<Optional>(), *y = b.as<Optional>(); x && y) return x->value && y->value ? equal(*x->value, *y->value) : !x->value && !y->value;
  if (const auto *x = a.as_extra(), *y = b.as_extra(); x && y) return x->type_name() == y->type_name() && x->text() == y->text();
  return a.as_object() != nullptr && a.as_object() == b.as_object();
}

Result<int> compare(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return order_numbers(a, b);
  if (const auto *x = a.as<bool>(), *y = b.as<bool>(); x && y) return order(*x, *y);
  if (const auto *x = a.as<std::string>(), *y = b.as<std::string>(); x && y) return order(*x, *y);  // UTF-8 keeps the order of code points
  if (const auto *x = a.as<Bytes>(), *y = b.as<Bytes>(); x && y) return order(x->data, y->data);
  if (const auto *x = a.as<Timestamp>(), *y = b.as<Timestamp>(); x && y) return order(std::pair(x->seconds, x->nanos), std::pair(y->seconds, y->nanos));
  if (const auto *x = a.as<Duration>(), *y = b.as<Duration>(); x && y) return order(x->nanos, y->nanos);
  return malformed(cat("no such overload: ", a.type_name(), " has no order with ", b.type_name()));
}

std::size_t code_points(std::string_view text) {
  std::size_t out = 0;
  for (const char c : text) out += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return out;
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  if (text.size() < 20) return malformed("not an RFC 3339 time");
  const auto time = parse_time(text);
  const bool zone = text.back() == 'Z' || text[text.size() - 6] == '+' || text[text.size() - 6] == '-';
  if (!time || text[10] != 'T' || !zone) return malformed("not an RFC 3339 time");
  Timestamp out{.seconds = time->time_since_epoch().count()};
  if (text[19] == '.') {
    std::int64_t scale = 100'000'000, nanos = 0;
    std::size_t i = 20;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, scale /= 10) nanos += (text[i] - '0') * scale;
    if (i == 20) return malformed("not an RFC 3339 time");
    out.nanos = static_cast<std::int32_t>(nanos);
  }
  if (out.seconds < -62135596800 || out.seconds > 253402300799) return malformed("a time outside the years 1 to 9999");
  return out;
}

std::string timestamp_text(const Timestamp& time) {
  std::string out = format_time(Time(std::chrono::seconds(time.seconds)));
  if (time.nanos == 0) return out;
  char digits[16];
  std::snprintf(digits, sizeof digits, ".%09d", time.nanos);
  std::string fraction = digits;
  while (fraction.ends_with('0')) fraction.pop_back();
  out.insert(out.size() - 1, fraction);
  return out;
}

Result<Duration> parse_duration(std::string_view text) {
  const Error bad = malformed("not a duration like 1h30m or 1.5s");
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) negative = text[0] == '-', text.remove_prefix(1);
  if (text == "0") return Duration{};
  if (text.empty()) return bad;
  long double total = 0;
  while (!text.empty()) {
    std::size_t i = 0;
    long double number = 0, scale = 1;
    bool digits = false, point = false;
    for (; i < text.size(); ++i) {
      if (text[i] == '.' && !point) {
        point = true;
      } else if (text[i] >= '0' && text[i] <= '9') {
        digits = true;
        number = number * 10 + (text[i] - '0');
        if (point) scale *= 10;
      } else {
        break;
      }
      if (i > 40) return bad;
    }
    if (!digits) return bad;
    text.remove_prefix(i);
    static constexpr std::pair<std::string_view, long double> units[] = {{"ns", 1}, {"us", 1e3L}, {"\xC2\xB5s", 1e3L}, {"\xCE\xBCs", 1e3L}, {"ms", 1e6L}, {"s", 1e9L}, {"m", 60e9L}, {"h", 3600e9L}};
    long double unit = 0;
    for (const auto& [name, value] : units)
      if (text.starts_with(name) && (unit == 0)) {
        unit = value;
        text.remove_prefix(name.size());
        break;
      }
    if (unit == 0) return bad;
    total += number * unit / scale;
    if (total > 9223372036854775807.0L) return bad;
  }
  return Duration{static_cast<std::int64_t>(negative ? -total : total)};
}

std::string duration_text(const Duration& duration) {
  const std::uint64_t size = duration.nanos < 0 ? 0 - static_cast<std::uint64_t>(duration.nanos) : static_cast<std::uint64_t>(duration.nanos);
  std::string out = cat(duration.nanos < 0 ? "-" : "", size / 1'000'000'000);
  if (const std::uint64_t rest = size % 1'000'000'000; rest != 0) {
    char digits[16];
    std::snprintf(digits, sizeof digits, ".%09llu", static_cast<unsigned long long>(rest));
    std::string fraction = digits;
    while (fraction.ends_with('0')) fraction.pop_back();
    out += fraction;
  }
  return out + "s";
}

std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char buffer[400];
  const auto scientific = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<std::size_t>(scientific.ptr - buffer));
  const std::size_t e = text.find('e');
  int exponent = 0;
  const std::string_view digits = text.substr(e + 1);
  std::from_chars(digits.data() + (digits[0] == '+' ? 1 : 0), digits.data() + digits.size(), exponent);
  // strconv decides as for a precision of 6 when it prints the shortest digits.
  if (exponent < -4 || exponent >= 6) return std::string(text);
  const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  return std::string(buffer, fixed.ptr);
}

std::string debug_text(const Value& value) {
  if (value.as<Null>()) return "null";
  if (const auto* v = value.as<bool>()) return *v ? "true" : "false";
  if (const auto* v = value.as<std::int64_t>()) return std::to_string(*v);
  if (const auto* v = value.as<std::uint64_t>()) return std::to_string(*v) + "u";
  if (const auto* v = value.as<double>()) {
    std::string out = double_text(*v);
    return out.find_first_of(".eIN") == std::string::npos ? out + ".0" : out;
  }
  std::string out;
  if (const auto* v = value.as<std::string>()) {
    JsonWriter(out).value(std::string_view(*v));
    return out;
  }
  if (const auto* v = value.as<Bytes>()) {
    JsonWriter(out).value(std::string_view(v->data));
    return "b" + out;
  }
  if (const auto* v = value.as<Timestamp>()) return cat("timestamp(", timestamp_text(*v), ")");
  if (const auto* v = value.as<Duration>()) return cat("duration(", duration_text(*v), ")");
  if (const auto* v = value.as<TypeName>()) return cat("type(", v->name, ")");
  if (value.is_error()) return "error";
  if (const auto* optional = value.as<Optional>()) return optional->value ? cat("optional.of(", debug_text(*optional->value), ")") : "optional.none()";
  if (const Extra* extra = value.as_extra()) return cat(extra->type_name(), "(", extra->text(), ")");
  if (const auto* list = value.as_list()) {
    for (const Value& item : *list) out += cat(out.empty() ? "" : ",", debug_text(item));
    return cat("[", out, "]");
  }
  if (const auto* map = value.as_map()) {
    std::vector<std::string> rows;
    for (const auto& [key, item] : *map) rows.push_back(cat(debug_text(key), ":", debug_text(item)));
    std::sort(rows.begin(), rows.end());
    for (const std::string& row : rows) out += cat(out.empty() ? "" : ",", row);
    return cat("{", out, "}");
  }
  return "object";
}

}  // namespace plimsoll::standard::cel
