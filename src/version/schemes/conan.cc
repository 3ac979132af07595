// conan: C and C++ packages of Conan 2.
//
// Input   hostile text, `items[-pre][+build]`, items joined by dots.
// Order   items (trailing zeros dropped), then pre-release (none is highest), then build (none is lowest). Numbers
//         compare by value, words by text, a number against a word as text, as Conan does; so 10 < 1a < 9 < 10 is a
//         circle in Conan, and here.
// Ranges  `[>=1.2 <2 || ^3.1, include_prerelease]`, brackets optional: `>`, `>=`, `<`, `<=`, `=`, `~1.2`, `^1.2`, `1.2.*`,
//         spaces for and. Pre-releases only with include_prerelease; `<2` keeps 2-rc out all the same.
// Errors  none: every text has its place.
// Source  https://docs.conan.io/2/tutorial/versioning/version_ranges.html; checked against conan 2 in tests/differential.
#include "base/text.h"
#include "version/key.h"
#include "version/range_text.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

enum Tag : std::uint8_t { kEnd = 1, kItem = 2, kNoPre = 3, kPre = 4, kNoBuild = 5, kBuild = 6 };
enum Kind : std::uint8_t { kWord = 1, kNumber = 2 };

// The digits of an item that Python reads as a number, `1_000` among them; "" of a word.
std::string number_of(std::string_view item) {
  std::string digits;
  for (std::size_t i = 0; i < item.size(); ++i) {
    const bool joins = item[i] == '_' && i > 0 && item[i - 1] != '_' && i + 1 < item.size();
    if (!is_digit(item[i]) && !joins) return {};
    if (!joins) digits.push_back(item[i]);
  }
  return digits;
}

// Dot-separated items, without the zeros at their end.
void append_items(Key& key, std::string_view text) {
  std::uint32_t solid = key.size();
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view item = text.substr(0, dot);
    const std::string digits = number_of(item);
    key.byte(kItem);
    key.byte(digits.empty() ? kWord : kNumber);
    if (digits.empty()) key.text(item);
    else key.number(digits);
    if (digits.empty() || !strip_zeros(digits).empty()) solid = key.size();
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  key.truncate(solid);
  key.byte(kEnd);
}

std::uint8_t take_byte(std::string_view& key) {
  if (key.empty()) return kEnd;
  const auto value = static_cast<std::uint8_t>(key[0]);
  key.remove_prefix(1);
  return value;
}

int sign(int value) { return value < 0 ? -1 : value > 0 ? 1 : 0; }

int compare_items(std::string_view& a, std::string_view& b) {
  for (;;) {
    const bool more_a = take_byte(a) == kItem;
    const bool more_b = take_byte(b) == kItem;
    if (!more_a || !more_b) return more_a ? 1 : more_b ? -1 : 0;
    const bool number_a = take_byte(a) == kNumber;
    const bool number_b = take_byte(b) == kNumber;
    std::string_view item_a = number_a ? take_number(a) : take_text(a);
    std::string_view item_b = number_b ? take_number(b) : take_text(b);
    if (number_a && number_b) {
      if (const int result = compare_numbers(item_a, item_b); result != 0) return result;
      continue;
    }
    if (number_a && item_a.empty()) item_a = "0";
    if (number_b && item_b.empty()) item_b = "0";
    if (const int result = sign(item_a.compare(item_b)); result != 0) return result;
    if (number_a != number_b) return number_a ? -1 : 1;
  }
}

int order(const Version& left, const Version& right) {
  std::string_view a = left.key;
  std::string_view b = right.key;
  if (const int result = compare_items(a, b); result != 0) return result;
  const bool pre_a = take_byte(a) == kPre;
  const bool pre_b = take_byte(b) == kPre;
  if (pre_a != pre_b) return pre_a ? -1 : 1;
  if (pre_a)
    if (const int result = compare_items(a, b); result != 0) return result;
  const bool build_a = take_byte(a) == kBuild;
  const bool build_b = take_byte(b) == kBuild;
  if (build_a != build_b) return build_a ? 1 : -1;
  return build_a ? compare_items(a, b) : 0;
}

Version parse_one(std::string_view text) {
  text = trim(text);
  Version out;
  Key key(text.size() * 2);
  const std::size_t plus = text.rfind('+');
  const std::string_view main = text.substr(0, plus);
  const std::size_t dash = main.find('-');
  append_items(key, main.substr(0, dash));
  out.prerelease = dash != std::string_view::npos;
  key.byte(out.prerelease ? kPre : kNoPre);
  if (out.prerelease) append_items(key, main.substr(dash + 1));
  const bool build = plus != std::string_view::npos;
  key.byte(build ? kBuild : kNoBuild);
  if (build) append_items(key, text.substr(plus + 1));
  out.valid = !text.empty();
  out.order = order;
  out.key = key.take();
  return out;
}

// `version` with its item at `index` one greater, the later ones 0, and a '-' for the lowest pre-release.
std::string upper_bound(std::string_view version, std::size_t index) {
  const std::vector<std::string_view> items = split(version.substr(0, version.find_first_of("-+")), '.');
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.push_back('.');
    if (i < index) out.append(items[i]);
    else if (i == index) out.append(increment(strip_zeros(items[i])));
    else out.push_back('0');
  }
  if (index >= items.size()) out.append(".1");
  return out + "-";
}

bool no_prerelease(const Conditions&, const Version& candidate) { return !candidate.prerelease; }

// `1.2.*`: the candidate's items begin with those of the bound.
bool begins_with(const Version& candidate, const Version& bound) {
  const std::string_view items = std::string_view(bound.key).substr(0, bound.release_size);
  return std::string_view(candidate.key).substr(0, items.size()) == items;
}

bool add_expression(Conditions& conditions, std::string_view part) {
  std::string_view op = "=";
  for (const std::string_view known : {">=", "<=", ">", "<", "~", "^", "="}) {
    if (part.substr(0, known.size()) != known) continue;
    op = known;
    part.remove_prefix(known.size());
    break;
  }
  if (part.empty() || part[0] == '=') return false;
  if (part == "*") {
    conditions.push_back({is_any, {}});
    return true;
  }
  const std::string_view numbers = part.substr(0, part.find_first_of("-+"));
  const std::vector<std::string_view> items = split(numbers, '.');
  const bool has_pre = part.find('-') != std::string_view::npos;
  if (op == "~" || op == "^") {
    std::size_t index = items.size() > 1 ? 1 : 0;
    if (op == "^")
      for (index = 0; index < items.size() && all_digits(items[index]) && strip_zeros(items[index]).empty();) ++index;
    if (index < items.size() && !all_digits(items[index])) return false;
    conditions.push_back({is_greater_equal, parse_one(has_pre ? std::string(part) : cat(part, "-"))});
    conditions.push_back({is_less, parse_one(upper_bound(part, index))});
  } else if (op == "=" && part.size() > 2 && part.substr(part.size() - 2) == ".*") {
    part.remove_suffix(2);
    Version bound = parse_one(part);
    Key items_only(part.size());
    append_items(items_only, part);
    bound.release_size = items_only.size() - 1;
    conditions.push_back({begins_with, std::move(bound)});
  } else {
    const bool lowest = (op == ">=" || op == "<") && !has_pre && part.find('+') == std::string_view::npos;
    conditions.push_back({take_comparator(op).test, parse_one(lowest ? cat(part, "-") : std::string(part))});
  }
  return true;
}

Result<Range> parse_native(std::string_view text) {
  if (text.size() >= 2 && text[0] == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const auto [expression, options] = cut(text, ',');
  Range range{{}, options.find("include_prerelease") == std::string_view::npos ? no_prerelease : nullptr};
  for (const std::string_view alternative : split_alternatives(expression, "||")) {
    Conditions conditions;
    for (const std::string_view part : split_comparators(alternative)) {
      if (conditions.size() > kMaxConditions) return limit_reached("version range has too many comparators");
      if (!add_expression(conditions, part)) return bad_range(part);
    }
    range.any_of.push_back(std::move(conditions));
  }
  return range;
}

}  // namespace

Scheme conan() {
  return {.name = "conan",
          .aliases = {"conancenter"},
          .fallback = "none needed: every text has its place",
          .parse = parse_one,
          .parse_native = parse_native};
}
}  // namespace plimsoll::version
