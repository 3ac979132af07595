// conan: C and C++ packages of Conan 2.
//
// Input   hostile text, `items[-pre][+build]`, items joined by dots.
// Order   items (trailing zeros dropped), then pre-release (none is highest), then build (none is lowest). Numbers
//         compare by value, words by text, a number against a word as text, as Conan does; so 10 < 1a < 9 < 10 is a
//         circle in Conan, and here.
// Ranges  `[>=1.2 <2 || ^3.1, include_prerelease]`, brackets optional: `>`, `>=`, `<`, `<=`, `=`, `~1.2`, `^1.2`,
//         `1.2.*`, spaces for and. Pre-releases only with include_prerelease; `<2` keeps 2-rc out all the same.
// Errors  none: every text has its place.
// Source  https://docs.conan.io/2/tutorial/versioning/version_ranges.html; checked against conan 2 in
//         tests/differential.
#include "base/text.h"
#include "version/key.h"
#include "version/range_text.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

// In the order that decides where two of them meet, but for a word against a number.
enum Tag : std::uint8_t { kEnd = kTags, kWord, kNumber, kPre, kNoPre, kNoBuild, kBuild };

// The digits of an item that Python reads as a number, `1_000` among them; "" for a word.
std::string number_of(std::string_view item) {
  std::string digits;
  // Python reads +7 and -0 too; a number below zero stays a word here.
  const bool zero = item.size() > 1 && item[0] == '-' && strip_zeros(item.substr(1)).empty();
  if (zero || (item.size() > 1 && item[0] == '+')) item.remove_prefix(1);
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
    key.byte(digits.empty() ? kWord : kNumber);
    if (digits.empty())
      key.text(item);
    else
      key.number(digits);
    if (digits.empty() || !strip_zeros(digits).empty()) solid = key.size();
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  key.truncate(solid);
  key.byte(kEnd);
}

// A number's digits against a word, as texts. Never 0: a word that is all digits would be a number.
int against_word(std::string_view number_key, std::string_view word_key) {
  std::string_view digits = take_number(number_key);
  if (digits.empty()) digits = "0";
  return digits.compare(take_text(word_key)) < 0 ? -1 : 1;
}

// Up to the first byte that differs both keys hold the same items. If that byte is in an item's value, the bytes
// decide; if it is a tag, the tags do, and a number against a word their texts.
int order(const Version& left, const Version& right) {
  std::string_view a = left.key;
  std::string_view b = right.key;
  const std::size_t same = first_difference(a, b);
  if (same == a.size() || same == b.size()) return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
  const auto byte_a = static_cast<std::uint8_t>(a[same]);
  const auto byte_b = static_cast<std::uint8_t>(b[same]);
  if (byte_a == kNumber && byte_b == kWord) return against_word(a.substr(same + 1), b.substr(same + 1));
  if (byte_a == kWord && byte_b == kNumber) return -against_word(b.substr(same + 1), a.substr(same + 1));
  return byte_a < byte_b ? -1 : 1;
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
    if (i < index)
      out.append(items[i]);
    else if (i == index)
      out.append(increment(strip_zeros(items[i])));
    else
      out.push_back('0');
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
