#include "standard/cel/quantity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/text.h"

namespace plimsoll::standard::cel {
namespace {

using Arguments = std::vector<Value>;
using Wide = __int128;
constexpr int kNano = -9;
constexpr int kMostFactors = 18;  // decimal digits that 64 bits surely hold

// Kubernetes keeps an amount as value x 10^scale while that fits 64 bits, else as a decimal; what asInteger answers depends
// on which of the two it is.
struct Amount {
  bool small = true;
  std::int64_t value = 0;
  int scale = 0;
  Wide nanos = 0;  // the amount in billionths, always
};

std::optional<Wide> scaled(Wide value, int powers_of_ten) {
  for (; powers_of_ten > 0; --powers_of_ten)
    if (__builtin_mul_overflow(value, Wide{10}, &value)) return std::nullopt;
  return value;
}
std::optional<Amount> small_amount(std::int64_t value, int scale) {
  if (scale < kNano) return std::nullopt;
  const auto nanos = value == 0 ? std::optional<Wide>(0) : scaled(value, scale - kNano);
  return nanos ? std::optional(Amount{true, value, scale, *nanos}) : std::nullopt;
}

struct Suffix {
  int base = 10, exponent = 0;
};
std::optional<Suffix> read_suffix(std::string_view text) {
  static constexpr std::pair<std::string_view, int> decimal[] = {{"n", -9}, {"u", -6}, {"m", -3}, {"", 0}, {"k", 3}, {"M", 6}, {"G", 9}, {"T", 12}, {"P", 15}, {"E", 18}};
  static constexpr std::pair<std::string_view, int> binary[] = {{"Ki", 10}, {"Mi", 20}, {"Gi", 30}, {"Ti", 40}, {"Pi", 50}, {"Ei", 60}};
  for (const auto& [name, exponent] : decimal)
    if (text == name) return Suffix{10, exponent};
  for (const auto& [name, exponent] : binary)
    if (text == name) return Suffix{2, exponent};
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  std::string_view digits = text.substr(1);
  const bool negative = digits[0] == '-';
  if (digits[0] == '-' || digits[0] == '+') digits.remove_prefix(1);
  const auto exponent = parse_u64(digits);
  if (!exponent || digits.empty() || *exponent > 1000) return std::nullopt;
  return Suffix{10, static_cast<int>(*exponent) * (negative ? -1 : 1)};
}

std::optional<Amount> parse_amount(std::string_view text) {
  if (text.empty() || text.size() > 100) return std::nullopt;
  const bool negative = text[0] == '-';
  std::string_view rest = text.substr(negative || text[0] == '+' ? 1 : 0);
  const auto take_digits = [&] {
    std::size_t n = 0;
    while (n < rest.size() && rest[n] >= '0' && rest[n] <= '9') ++n;
    const std::string_view out = rest.substr(0, n);
    rest.remove_prefix(n);
    return out;
  };
  std::string_view whole = take_digits();
  while (whole.starts_with('0')) whole.remove_prefix(1);
  std::string_view fraction;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = take_digits();
  }
  // No digit at all is 0 ("k", "+", "."), as Kubernetes has it.
  const auto suffix = read_suffix(rest);
  if (!suffix) return std::nullopt;
  const std::string num(whole.empty() ? "0" : whole);
  const std::string digits = num + std::string(fraction);
  // As long as it surely fits: value x 10^scale.
  int precision = kMostFactors - static_cast<int>(digits.size()), scale = suffix->exponent;
  std::int64_t factor = 1;
  if (suffix->base == 2) {
    scale = 0;
    precision = -1;
    if (fraction.empty()) factor = std::int64_t{1} << suffix->exponent, precision = 15 - static_cast<int>(num.size()) - suffix->exponent * 3 / 10 - 1;
  }
  scale -= static_cast<int>(fraction.size());
  if (precision >= 0 && scale >= kNano) {
    std::int64_t value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    if (!__builtin_mul_overflow(value, factor, &value)) return small_amount(negative ? -value : value, scale);
  }
  // Else a decimal, in billionths, rounded away from 0.
  Wide value = 0;
  for (const char c : digits)
    if (__builtin_mul_overflow(value, Wide{10}, &value) || __builtin_add_overflow(value, Wide{c - '0'}, &value)) return std::nullopt;
  if (suffix->base == 2 && __builtin_mul_overflow(value, Wide{1} << suffix->exponent, &value)) return std::nullopt;
  Wide nanos = value;
  bool rest_left = false;
  if (scale >= kNano) {
    const auto up = value == 0 ? std::optional<Wide>(0) : scaled(value, scale - kNano);
    if (!up) return std::nullopt;
    nanos = *up;
  } else {
    for (int i = scale; i < kNano && nanos != 0; ++i) rest_left = rest_left || nanos % 10 != 0, nanos /= 10;
    if (rest_left) ++nanos;
  }
  if (suffix->base == 2) nanos = std::min(nanos, *scaled(std::numeric_limits<std::int64_t>::max(), 9));
  return Amount{false, 0, 0, negative ? -nanos : nanos};
}

std::optional<std::int64_t> as_integer(const Amount& a) {
  if (!a.small || a.scale < 0) return std::nullopt;
  const auto out = a.value == 0 ? std::optional<Wide>(0) : scaled(a.value, a.scale);
  if (!out || *out > std::numeric_limits<std::int64_t>::max() || *out < std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return static_cast<std::int64_t>(*out);
}

// As Kubernetes adds: in 64 bits while that goes.
std::optional<Amount> add(const Amount& a, const Amount& b) {
  if (a.small && b.small) {
    if (b.value == 0) return a;
    if (a.value == 0) return b;
    const int scale = std::min(a.scale, b.scale);
    const auto x = scaled(a.value, a.scale - scale), y = scaled(b.value, b.scale - scale);
    constexpr auto kMost = Wide{std::numeric_limits<std::int64_t>::max()};
    if (x && y && *x <= kMost && *x >= -kMost && *y <= kMost && *y >= -kMost && *x + *y <= kMost && *x + *y >= -kMost) return small_amount(static_cast<std::int64_t>(*x + *y), scale);
  }
  Amount out{false};
  if (__builtin_add_overflow(a.nanos, b.nanos, &out.nanos)) return std::nullopt;
  return out;
}
Amount negated(Amount a) {
  a.value = -a.value, a.nanos = -a.nanos;
  return a;
}

class Quantity : public Extra {
 public:
  explicit Quantity(const Amount& amount) : amount_(amount) {}
  std::string_view type_name() const override { return "kubernetes.Quantity"; }
  // Enough to tell two apart: the amount in billionths.
  std::string text() const override {
    std::string digits;
    unsigned __int128 size = amount_.nanos < 0 ? -static_cast<unsigned __int128>(amount_.nanos) : static_cast<unsigned __int128>(amount_.nanos);
    for (; size != 0; size /= 10) digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(size % 10)));
    return cat(amount_.nanos < 0 ? "-" : "", digits.empty() ? "0" : digits, "n");
  }
  const Amount& amount() const { return amount_; }

 private:
  Amount amount_;
};

Value no_overload() { return Value::error("no such overload"); }
Value make(const std::optional<Amount>& amount) { return amount ? Value(std::shared_ptr<const Extra>(std::make_shared<Quantity>(*amount))) : Value::error("not a quantity, or one that is too large"); }

template <class Body>
Value on_quantity(const Arguments& a, Body body) {
  const auto* quantity = extra<Quantity>(a[0]);
  return quantity ? body(quantity->amount()) : no_overload();
}
template <class Body>
Value on_two(const Arguments& a, Body body) {
  const auto *x = extra<Quantity>(a[0]), *y = extra<Quantity>(a[1]);
  if (x && y) return body(x->amount(), y->amount());
  const auto* whole = a[1].as<std::int64_t>();
  if (!x || !whole) return no_overload();
  const auto amount = small_amount(*whole, 0);
  return amount ? body(x->amount(), *amount) : no_overload();
}

}  // namespace

Value to_quantity(Run& run, Arguments& a) {
  const auto* text = a[0].as<std::string>();
  if (!text) return no_overload();
  return run.charge(1 + text->size() / 10) ? make(parse_amount(*text)) : Run::spent();
}
Value is_quantity(Run& run, Arguments& a) {
  const auto* text = a[0].as<std::string>();
  if (!text) return no_overload();
  return run.charge(1 + text->size() / 10) ? Value(parse_amount(*text).has_value()) : Run::spent();
}
Value quantity_sign(Run&, Arguments& a) { return on_quantity(a, [](const Amount& x) { return Value(std::int64_t{x.nanos > 0 ? 1 : x.nanos < 0 ? -1 : 0}); }); }
Value quantity_is_integer(Run&, Arguments& a) { return on_quantity(a, [](const Amount& x) { return Value(as_integer(x).has_value()); }); }
Value quantity_as_integer(Run&, Arguments& a) {
  return on_quantity(a, [](const Amount& x) {
    const auto out = as_integer(x);
    return out ? Value(*out) : Value::error("a quantity that is no whole number of 64 bits");
  });
}
Value quantity_as_float(Run&, Arguments& a) {
  return on_quantity(a, [](const Amount& x) {
    if (!x.small) return Value(static_cast<double>(x.nanos) * 1e-9);
    return Value(x.scale == 0 ? static_cast<double>(x.value) : static_cast<double>(x.value) * std::pow(10.0, x.scale));
  });
}
Value quantity_add(Run&, Arguments& a) { return on_two(a, [](const Amount& x, const Amount& y) { return make(add(x, y)); }); }
Value quantity_sub(Run&, Arguments& a) {
  return on_two(a, [](const Amount& x, const Amount& y) { return y.value == std::numeric_limits<std::int64_t>::min() ? Value::error("a number overflows") : make(add(x, negated(y))); });
}
Value quantity_is_greater(Run&, Arguments& a) { return on_two(a, [](const Amount& x, const Amount& y) { return Value(x.nanos > y.nanos); }); }
Value quantity_is_less(Run&, Arguments& a) { return on_two(a, [](const Amount& x, const Amount& y) { return Value(x.nanos < y.nanos); }); }
Value quantity_compare(Run&, Arguments& a) { return on_two(a, [](const Amount& x, const Amount& y) { return Value(std::int64_t{x.nanos > y.nanos ? 1 : x.nanos < y.nanos ? -1 : 0}); }); }

}  // namespace plimsoll::standard::cel
