#include "version/semver.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "version/key.h"

namespace plimsoll::version {
namespace {

enum Class : std::uint8_t { kNoVersion = 1, kVersion = 2 };
enum Tail : std::uint8_t { kEnd = 1, kMore = 2 };
enum Release : std::uint8_t { kPre = 1, kRelease = 2 };
enum Identifier : std::uint8_t { kNoMore = 1, kBelowZero = 2, kNumeric = 3, kText = 4 };

bool plain_identifier(std::string_view text, bool zeros_allowed) {
  if (text.empty()) return false;
  for (const char c : text)
    if (!is_alnum(c) && c != '-') return false;
  return zeros_allowed || text.size() == 1 || text[0] != '0' || !all_digits(text);
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (is_lower(c)) c = static_cast<char>(c - 'a' + 'A');
  return out;
}

// -`digits` (without leading zeros, fewer than 255): the farther below zero, the lower. -0 is 0.
void append_below_zero(Key& key, std::string_view digits) {
  key.byte(digits.empty() ? kNumeric : kBelowZero);
  if (digits.empty()) return key.number(digits);
  key.byte(static_cast<std::uint8_t>(0xFF - digits.size()));
  for (const char c : digits) key.byte(static_cast<std::uint8_t>('0' + '9' - c));
}

// Dot-separated identifiers; false when one is not what the specification allows.
bool append_identifiers(Key& key, std::string_view text, const SemverStyle& style, bool is_build) {
  bool valid = true;
  for (std::string_view rest = text;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view part = rest.substr(0, dot);
    valid = valid && plain_identifier(part, is_build);
    const bool cargo = is_build && style.build == Build::Cargo;
    const std::string_view after_minus = style.below_zero && part.size() > 1 && part[0] == '-' ? part.substr(1) : std::string_view();
    const std::optional<std::uint64_t> below = parse_u64(after_minus);
    if ((all_digits(part) || (cargo && part.empty())) && (style.largest_number.empty() || compare_numbers(part, style.largest_number) <= 0)) {
      key.byte(kNumeric);
      key.number(part);
      if (cargo) key.number(part.size());
    } else if (below && (style.largest_number.empty() || compare_numbers(after_minus, style.largest_number) <= 0)) {
      append_below_zero(key, strip_zeros(after_minus));
    } else {
      key.byte(kText);
      if (style.fold_case)
        key.text(upper(part));
      else
        key.text(part);
    }
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  key.byte(kNoMore);
  return valid;
}

bool is_x(std::string_view text) { return text == "x" || text == "X" || text == "*"; }

}  // namespace

Version parse_semver(std::string_view text, const SemverStyle& style) {
  Version out;
  Key key(text.size());
  std::string_view rest = trim(text);
  if (!rest.empty() && !is_digit(rest[0])) {
    while (!rest.empty() && (rest[0] == 'v' || rest[0] == 'V' || rest[0] == '=' || rest[0] == ' '))
      rest.remove_prefix(1);
    out.valid = false;
    if (rest.empty() || !is_digit(rest[0])) rest = {};
  }
  if (rest.empty()) {
    out.valid = false;
    out.prerelease = natural_prerelease(text);
    key.byte(kNoVersion);
    append_natural(key, text);
    out.key = key.take();
    return out;
  }
  key.byte(kVersion);
  std::uint32_t solid = 0;  // key size up to the last number that must be kept
  for (;;) {
    const std::string_view digits = take_while(rest, is_digit);
    if (out.parts >= 3) key.byte(kMore);
    out.valid = out.valid && (digits.size() == 1 || digits[0] != '0');
    key.number(digits);
    if (++out.parts <= 3 || !strip_zeros(digits).empty()) solid = key.size();
    if (rest.size() < 2 || rest[0] != '.' || !is_digit(rest[1])) break;
    rest.remove_prefix(1);
  }
  key.truncate(solid);
  out.valid = out.valid && out.parts == 3;
  for (std::uint32_t missing = out.parts; missing < 3; ++missing) key.number(std::uint64_t{0});
  key.byte(kEnd);
  out.release_size = key.size();

  const std::size_t plus = rest.find('+');
  const bool has_build = plus != std::string_view::npos;
  std::string_view pre = rest.substr(0, plus);
  if (!pre.empty()) {
    if (pre[0] != '-') out.valid = false;
    if (!is_alnum(pre[0])) pre.remove_prefix(1);
    out.prerelease = true;
    key.byte(kPre);
    if (!append_identifiers(key, pre, style, false)) out.valid = false;
  } else {
    key.byte(kRelease);
  }
  out.public_size = style.build == Build::Ignored ? 0 : key.size();
  if (has_build) {
    Key unordered(0);
    const bool counts = style.build != Build::Ignored;
    if (!append_identifiers(counts ? key : unordered, rest.substr(plus + 1), style, true)) out.valid = false;
  }
  out.key = key.take();
  return out;
}

bool is_whole_semver(std::string_view text) {
  Partial partial;
  return parse_partial(text, partial) && partial.count == 3;
}

bool parse_partial(std::string_view text, Partial& out) {
  out = {};
  while (!text.empty() && (text[0] == 'v' || text[0] == 'V' || text[0] == '=' || text[0] == ' ')) text.remove_prefix(1);
  if (text.empty()) return true;
  bool open = false;
  for (int i = 0; i < 3; ++i) {
    const std::size_t end = std::min(text.find_first_of(".-+"), text.size());
    const std::string_view part = text.substr(0, end);
    if (is_x(part)) {
      open = true;
    } else {
      if (!all_digits(part) || (part.size() > 1 && part[0] == '0')) return false;
      if (!open) out.numbers[out.count++] = part;
    }
    text.remove_prefix(end);
    if (text.empty()) return true;
    if (text[0] != '.') break;
    if (i == 2) return false;
    text.remove_prefix(1);
  }
  const std::size_t plus = text.find('+');
  const std::string_view pre = text.substr(0, plus);
  const auto allowed = [](std::string_view list, bool zeros_allowed) {
    for (const std::string_view part : split(list, '.'))
      if (!plain_identifier(part, zeros_allowed)) return false;
    return true;
  };
  if (!pre.empty() && (pre[0] != '-' || !allowed(pre.substr(1), false))) return false;
  if (plus != std::string_view::npos && !allowed(text.substr(plus + 1), true)) return false;
  if (out.count == 3 && !pre.empty()) out.pre = pre.substr(1);
  return true;
}

std::string bumped(const Partial& partial, int bump, bool lowest) {
  std::string out;
  for (int i = 0; i < 3; ++i) {
    const std::string_view given = i < partial.count && i <= bump ? partial.numbers[i] : std::string_view("0");
    if (i > 0) out.push_back('.');
    if (i == bump)
      out.append(increment(given));
    else
      out.append(given);
  }
  if (lowest) out.append("-0");
  return out;
}

void add_comparator(Conditions& conditions, std::string_view op, const Partial& partial,
                    Version (*parse)(std::string_view)) {
  const auto add = [&](Test test, const std::string& version) { conditions.push_back({test, parse(version)}); };
  std::string low = bumped(partial, 3, false);
  if (!partial.pre.empty()) low.append("-").append(partial.pre);
  const int count = partial.count;
  if (count == 0) {
    if (op == "<" || op == ">")
      add(is_less, "0.0.0-0");
    else
      conditions.push_back({is_any, {}});
  } else if (op == "^") {
    int bump = 0;
    while (bump + 1 < count && strip_zeros(partial.numbers[bump]).empty()) ++bump;
    add(is_greater_equal, low);
    add(is_less, bumped(partial, bump, true));
  } else if (op == "~") {
    add(is_greater_equal, low);
    add(is_less, bumped(partial, count == 1 ? 0 : 1, true));
  } else if (count < 3) {
    const int last = count - 1;
    if (op == "<")
      add(is_less, bumped(partial, 3, true));
    else if (op == "<=")
      add(is_less, bumped(partial, last, true));
    else if (op == ">")
      add(is_greater_equal, bumped(partial, last, false));
    else if (op == ">=")
      add(is_greater_equal, low);
    else {
      add(is_greater_equal, low);
      add(is_less, bumped(partial, last, true));
    }
  } else {
    add(op == "<"    ? is_less
        : op == "<=" ? is_less_equal
        : op == ">"  ? is_greater
        : op == ">=" ? is_greater_equal
                     : is_equal,
        low);
  }
}

bool admits_prerelease(const Conditions& conditions, const Version& candidate) {
  if (!candidate.prerelease) return true;
  return std::any_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
    const Version& bound = condition.bound;
    return bound.prerelease && compare_prefix(candidate, candidate.release_size, bound, bound.release_size) == 0;
  });
}

}  // namespace plimsoll::version
