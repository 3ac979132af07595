// pub: Dart packages.
//
// Input   hostile text.
// Order   semver, and then by build metadata, whose identifiers compare as those of pre-releases; none is lowest. A numeric
//         identifier beyond 2^63-1 compares as text, for pub_semver reads it as Dart's int.
// Ranges  `^1.2.3`, `any`, comparators (`<`, `<=`, `>`, `>=`, a bare version) of which the tightest bounds count. An upper
//         bound `<2.0.0` shuts the pre-releases of 2.0.0 out too, unless the lower bound is itself one of them.
//         `^0.1.2` and `^0.0.3` both end before 0.2.0 and 0.1.0: the minor number. Build metadata counts in bounds.
// Errors  none on order; fallback in version/semver.h.
// Source  https://dart.dev/tools/pub/dependencies#version-constraints; dart-lang/pub_semver, lib/src/version_range.dart
//         and version_constraint.dart, read for their facts.
#include <optional>

#include "base/text.h"
#include "version/key.h"
#include "version/range_text.h"
#include "version/scheme.h"
#include "version/semver.h"

namespace plimsoll::version {
namespace {

// Unlike cargo's, a bound without build metadata does not ignore the candidate's: 1.2.3+1 is newer than 1.2.3.
Version parse_one(std::string_view text) {
  Version out = parse_semver(text, {.largest_number = "9223372036854775807", .below_zero = true, .build = Build::Lists});
  out.public_size = 0;
  return out;
}

// Identifiers joined by dots; false and nothing taken when there is none.
bool take_identifiers(std::string_view& text) {
  std::size_t end = 0;
  for (;;) {
    std::size_t at = end == 0 ? 0 : end + 1;
    const std::size_t start = at;
    while (at < text.size() && (is_alnum(text[at]) || text[at] == '-')) ++at;
    if (at == start) break;
    end = at;
    if (end == text.size() || text[end] != '.') break;
  }
  text.remove_prefix(end);
  return end > 0;
}

// The version at the beginning of a text, which may go on: `>1.0.0<2.0.0`.
struct Taken {
  std::string_view text;
  Partial numbers;
  bool pre = false, build = false;
};
std::optional<Taken> take_version(std::string_view& rest) {
  Taken out;
  std::string_view text = rest;
  for (int i = 0; i < 3; ++i) {
    if (i > 0 && (text.empty() || text[0] != '.')) return std::nullopt;
    if (i > 0) text.remove_prefix(1);
    out.numbers.numbers[i] = take_while(text, is_digit);
    if (out.numbers.numbers[i].empty()) return std::nullopt;
  }
  out.numbers.count = 3;
  const auto part = [&](char mark) {
    if (text.empty() || text[0] != mark) return false;
    std::string_view after = text.substr(1);
    if (!take_identifiers(after)) return false;
    text = after;
    return true;
  };
  out.pre = part('-');
  out.build = part('+');
  out.text = rest.substr(0, rest.size() - text.size());
  rest = text;
  return out;
}

struct Bound {
  Version version;
  Taken taken;
  bool inclusive = false;
};

class Bounds {
 public:
  void low(const Taken& taken, bool inclusive) {
    Bound bound{parse_one(taken.text), taken, inclusive};
    const int order = low_ ? compare(bound.version, low_->version) : 1;
    if (order > 0 || (order == 0 && !inclusive)) low_ = std::move(bound);
  }
  void high(const Taken& taken, bool inclusive) {
    Bound bound{parse_one(taken.text), taken, inclusive};
    const int order = high_ ? compare(bound.version, high_->version) : -1;
    if (order < 0 || (order == 0 && !inclusive)) high_ = std::move(bound);
  }
  bool any() const { return low_ || high_; }

  Range range() {
    Range out;
    if (low_ && high_) {
      const int order = compare(low_->version, high_->version);
      if (order > 0 || (order == 0 && !(low_->inclusive && high_->inclusive))) return out;  // no version
    }
    Conditions conditions;
    if (high_ && !high_->inclusive && !high_->taken.pre && !high_->taken.build && !(low_ && low_->taken.pre && same_numbers()))
      high_->version = parse_one(bumped(high_->taken.numbers, 3, true));
    if (low_) conditions.push_back({low_->inclusive ? is_greater_equal : is_greater, std::move(low_->version)});
    if (high_) conditions.push_back({high_->inclusive ? is_less_equal : is_less, std::move(high_->version)});
    out.any_of.push_back(std::move(conditions));
    return out;
  }

 private:
  bool same_numbers() const {
    for (int i = 0; i < 3; ++i)
      if (compare_numbers(strip_zeros(low_->taken.numbers.numbers[i]), strip_zeros(high_->taken.numbers.numbers[i])) != 0) return false;
    return true;
  }
  std::optional<Bound> low_, high_;
};

Result<Range> parse_native(std::string_view text) {
  text = trim(text);
  Range range;
  if (text == "any" || text == "*" || text.empty()) {
    range.any_of.emplace_back();
    return range;
  }
  if (text[0] == '^') {
    std::string_view rest = trim(text.substr(1));
    const auto taken = take_version(rest);
    if (!taken || !rest.empty()) return bad_range(text);
    Partial numbers = taken->numbers;
    const int breaking = strip_zeros(numbers.numbers[0]).empty() ? 1 : 0;
    range.any_of.push_back({{is_greater_equal, parse_one(taken->text)}, {is_less, parse_one(bumped(numbers, breaking, true))}});
    return range;
  }
  Bounds bounds;
  std::size_t count = 0;
  for (std::string_view rest = text; !rest.empty();) {
    if (++count > kMaxConditions) return limit_reached("version range has too many comparators");
    const Comparator comparator = take_comparator(rest);
    rest = comparator.version;
    const auto taken = take_version(rest);
    if (!taken) return bad_range(comparator.op.empty() ? rest : text);
    if (comparator.test == is_not_equal) return bad_range(text);
    if (comparator.test != is_less && comparator.test != is_less_equal) bounds.low(*taken, comparator.test != is_greater);
    if (comparator.test != is_greater && comparator.test != is_greater_equal) bounds.high(*taken, comparator.test != is_less);
    rest = trim(rest);
    if (rest.starts_with(',')) rest = trim(rest.substr(1));
  }
  if (!bounds.any()) return bad_range(text);
  return bounds.range();
}

}  // namespace

Scheme pub() {
  return {
      .name = "pub", .aliases = {"dart"}, .fallback = "as semver's", .parse = parse_one, .parse_native = parse_native};
}
}  // namespace plimsoll::version
