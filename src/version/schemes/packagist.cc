// packagist: PHP packages of Composer.
//
// Input   hostile text.
// Order   that of PHP's version_compare on what Composer normalises: dev < alpha < beta < RC < release < patch; 1.0 =
//         1.0.0.0. A branch (dev-main) is below all numbers, branches among themselves by name; 1.x-dev is 1.9999999.
// Ranges  `^1.2`, `~1.2`, `1.2.*`, `1.0 - 2.0`, comparators joined by spaces or commas, `|` or `||` for or,
//         `@stability`. As in Composer `<2.0` and `>=2.0` have 2.0.0.0-dev in mind, and a branch is inside only as
//         `dev-main` itself.
// Errors  none on order: a version that Composer refuses goes into version_compare as it is written, a leading v
//         dropped.
// Source  https://getcomposer.org/doc/articles/versions.md; https://www.php.net/version_compare; checked against
//         composer/semver 3 in tests/differential.
#include <array>
#include <optional>

#include "base/text.h"
#include "version/key.h"
#include "version/range_text.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

enum Class : std::uint8_t { kNothing = 1, kUnknown, kDev, kAlpha, kBeta, kCandidate, kEnd, kNumber, kPatch };

struct Form {
  std::string_view word;
  Class kind;
};
// As version_compare looks them up: the first that the part begins with.
constexpr std::array<Form, 9> kForms = {{{"dev", kDev},
                                         {"alpha", kAlpha},
                                         {"a", kAlpha},
                                         {"beta", kBeta},
                                         {"b", kBeta},
                                         {"RC", kCandidate},
                                         {"rc", kCandidate},
                                         {"pl", kPatch},
                                         {"p", kPatch}}};

Class form(std::string_view part) {
  if (!part.empty() && part[0] == '#') return kNumber;
  for (const Form& known : kForms)
    if (part.substr(0, known.word.size()) == known.word) return known.kind;
  return kUnknown;
}

// Parts are runs of digits and runs of letters; other bytes only separate. Trailing separators leave an empty part.
void append_parts(Key& key, std::string_view text) {
  while (!text.empty()) {
    if (is_digit(text[0])) {
      key.byte(kNumber);
      key.number(take_while(text, is_digit));
    } else if (is_alpha(text[0])) {
      key.byte(form(take_while(text, is_alpha)));
    } else {
      text.remove_prefix(1);
      if (text.empty()) key.byte(kNothing);
    }
  }
  key.byte(kEnd);
}

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

// [._-]?(stable|beta|b|RC|alpha|a|patch|pl|p)(numbers)?, then [.-]?dev, to the end.
struct Modifier {
  std::string_view stability;  // as normalised: beta, RC, alpha, patch, stable; "" for none
  std::string_view numbers;    // "1", ".1", "-1.2"
  bool dev = false;
};

bool take_modifier(std::string_view text, Modifier& out) {
  out = {};
  std::string_view rest = text;
  if (!rest.empty() && (rest[0] == '.' || rest[0] == '_' || rest[0] == '-')) rest.remove_prefix(1);
  struct Spelling {
    std::string_view text, normal;
  };
  static constexpr Spelling kSpellings[] = {{"stable", "stable"}, {"beta", "beta"},   {"b", "beta"},
                                            {"rc", "RC"},         {"alpha", "alpha"}, {"a", "alpha"},
                                            {"patch", "patch"},   {"pl", "patch"},    {"p", "patch"}};
  const std::string_view after_separator = rest;
  for (const Spelling& spelling : kSpellings) {
    rest = after_separator;
    if (!take_word(rest, spelling.text)) continue;
    const std::string_view start = rest;
    for (;;) {
      std::string_view next = rest;
      if (!next.empty() && (next[0] == '.' || next[0] == '-')) next.remove_prefix(1);
      if (take_while(next, is_digit).empty()) break;
      rest = next;
    }
    std::string_view tail = rest;
    if (!tail.empty() && (tail[0] == '.' || tail[0] == '-')) tail.remove_prefix(1);
    const bool dev = take_word(tail, "dev") && tail.empty();
    if (!dev && !rest.empty()) continue;
    out = {spelling.normal, start.substr(0, start.size() - rest.size()), dev};
    return true;
  }
  // No stability: the separator may be followed by dev, with one more separator.
  rest = after_separator;
  if (rest.empty()) return true;  // "1.0-" is good enough for Composer
  if (rest[0] == '.' || rest[0] == '-') rest.remove_prefix(1);
  out.dev = take_word(rest, "dev") && rest.empty();
  return out.dev;
}

// v?1(.2(.3(.4)))? at the front of `rest`, the first number of at most `digits` digits.
struct Numbers {
  std::array<std::string_view, 4> part = {"0", "0", "0", "0"};
  int count = 0;
};
bool take_numbers(std::string_view& rest, Numbers& out, std::size_t digits) {
  std::string_view at = rest;
  if (!at.empty() && (at[0] == 'v' || at[0] == 'V')) at.remove_prefix(1);
  while (out.count < 4) {
    std::string_view next = at;
    if (out.count > 0) {
      if (next.empty() || next[0] != '.') break;
      next.remove_prefix(1);
    }
    const std::string_view number = take_while(next, is_digit);
    if (number.empty()) break;
    out.part[static_cast<std::size_t>(out.count++)] = number;
    at = next;
  }
  rest = at;
  return out.count > 0 && out.part[0].size() <= digits;
}

std::string join(const Numbers& numbers) {
  return cat(numbers.part[0], ".", numbers.part[1], ".", numbers.part[2], ".", numbers.part[3]);
}

std::string with_modifier(std::string version, const Modifier& modifier) {
  if (modifier.stability == "stable") return version;
  if (!modifier.stability.empty()) {
    std::string_view numbers = modifier.numbers;
    while (!numbers.empty() && (numbers[0] == '.' || numbers[0] == '-')) numbers.remove_prefix(1);
    version.append("-").append(modifier.stability).append(numbers);
  }
  if (modifier.dev) version.append("-dev");
  return version;
}

// 20240101, 2024.01.01, 2024-01-01-12: four digits, then one to six groups of two, then one of up to three.
bool take_date(std::string_view& rest, std::string& out) {
  std::string_view at = rest;
  if (!at.empty() && (at[0] == 'v' || at[0] == 'V')) at.remove_prefix(1);
  const auto digits = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      if (i >= at.size() || !is_digit(at[i])) return false;
    return true;
  };
  const auto is_separator = [](char c) { return c == '.' || c == ':' || c == '-'; };
  if (!digits(4)) return false;
  std::string text(at.substr(0, 4));
  at.remove_prefix(4);
  int groups = 0;
  for (; groups < 6; ++groups) {
    const std::string_view before = at;
    const bool separated = !at.empty() && is_separator(at[0]);
    if (separated) at.remove_prefix(1);
    if (!digits(2)) {
      at = before;
      break;
    }
    if (separated) text.push_back('.');
    text.append(at.substr(0, 2));
    at.remove_prefix(2);
  }
  if (groups == 0) return false;
  std::string_view last = at;
  const bool separated = !last.empty() && is_separator(last[0]);
  if (separated) last.remove_prefix(1);
  std::size_t size = 0;
  while (size < 3 && size < last.size() && is_digit(last[size])) ++size;
  if (size > 0) {
    if (separated) text.push_back('.');
    text.append(last.substr(0, size));
    at = last.substr(size);
  }
  rest = at;
  out = std::move(text);
  return true;
}

// 1.x, 1.2.* and the like as 1.9999999...-dev; nullopt for other names.
std::optional<std::string> normalize_branch(std::string_view name) {
  name = trim(name);
  if (!name.empty() && (name[0] == 'v' || name[0] == 'V')) name.remove_prefix(1);
  std::string out;
  const std::vector<std::string_view> parts = split(name, '.');
  if (parts.size() > 4 || !all_digits(parts[0])) return std::nullopt;
  for (std::size_t i = 0; i < 4; ++i) {
    const bool open = i >= parts.size() || parts[i] == "x" || parts[i] == "X" || parts[i] == "*";
    if (!open && !all_digits(parts[i])) return std::nullopt;
    if (i > 0) out.push_back('.');
    out.append(open ? "9999999" : parts[i]);
  }
  return out + "-dev";
}

// What Composer's VersionParser::normalize makes of a version; nullopt when it refuses.
std::optional<std::string> normalize(std::string_view text) {
  text = trim(text);
  if (const std::size_t as = text.find(" as "); as != std::string_view::npos) text = trim(text.substr(0, as));
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    for (const std::string_view stability : {"stable", "rc", "beta", "alpha", "dev"})
      if (equals_ignore_case(text.substr(at + 1), stability)) {
        text = text.substr(0, at);
        break;
      }
  }
  if (text == "master" || text == "trunk" || text == "default") return cat("dev-", text);
  if (std::string_view name = text; take_word(name, "dev-")) return cat("dev-", name);
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos && plus > 0 && plus + 1 < text.size() &&
                                               text.find_first_of(" \t,") == std::string_view::npos)
    text = text.substr(0, plus);
  Modifier modifier;
  std::string_view rest = text;
  if (Numbers numbers; take_numbers(rest, numbers, 5) && take_modifier(rest, modifier))
    return with_modifier(join(numbers), modifier);
  rest = text;
  if (std::string date; take_date(rest, date) && take_modifier(rest, modifier))
    return with_modifier(std::move(date), modifier);
  if (text.size() > 3 && equals_ignore_case(text.substr(text.size() - 3), "dev")) {
    std::string_view branch = text.substr(0, text.size() - 3);
    if (branch.back() == '.' || branch.back() == '-') branch.remove_suffix(1);
    return normalize_branch(branch);
  }
  return std::nullopt;
}

// A version that is normalised already, or that goes as it is.
Version from_normal(std::string_view normal) {
  Version out;
  Key key(normal.size() * 2);
  const bool branch = starts_with(normal, "dev-");
  append_parts(key, normal);
  out.public_size = 0;
  out.release_size = branch ? 0 : 1;
  if (branch) key.text(normal);
  out.key = key.take();
  const std::size_t dash = normal.find('-');
  out.prerelease = branch || (dash != std::string_view::npos && !starts_with(normal.substr(dash), "-patch"));
  return out;
}

Version parse_one(std::string_view text) {
  if (const auto normal = normalize(text)) return from_normal(*normal);
  text = trim(text);
  if (text.size() > 1 && (text[0] == 'v' || text[0] == 'V') && is_digit(text[1])) text.remove_prefix(1);
  Version out = from_normal(text);
  out.valid = false;
  return out;
}

bool is_branch(const Version& version) { return version.release_size == 0; }
template <Test test>
bool not_branch(const Version& candidate, const Version& bound) {
  return !is_branch(candidate) && !is_branch(bound) && test(candidate, bound);
}

void add(Conditions& conditions, Test test, const std::string& normal) {
  conditions.push_back({test, from_normal(normal)});
}

// 1.2.3.4 with the number at `position` (1 to 4) raised by `by` (0 or 1) and those after it 0.
std::string moved(const Numbers& numbers, int position, bool up) {
  std::string out;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) out.push_back('.');
    const std::string_view part = numbers.part[static_cast<std::size_t>(i)];
    if (i >= position)
      out.push_back('0');
    else if (i + 1 == position && up)
      out.append(increment(part));
    else
      out.append(part);
  }
  return out;
}

// A version in a `^`, `~` or hyphen range: numbers, modifier, or an open end (`1.x-dev`), build metadata dropped.
struct Bound {
  Numbers numbers;
  Modifier modifier;
  bool open_dev = false;  // 1.2.x-dev
  std::string normal;
  bool is_plain() const { return modifier.stability.empty() && !modifier.dev && !open_dev; }
};
bool read_bound(std::string_view text, Bound& out) {
  text = text.substr(0, text.find('+'));
  std::string_view rest = text;
  if (!take_numbers(rest, out.numbers, std::string_view::npos)) return false;
  if (rest.size() > 4 && rest[0] == '.' && (rest[1] == 'x' || rest[1] == 'X' || rest[1] == '*')) {
    std::string_view tail = rest.substr(2);
    if (tail[0] == '.' || tail[0] == '-') tail.remove_prefix(1);
    out.open_dev = take_word(tail, "dev") && tail.empty();
    if (!out.open_dev) return false;
  } else if (!take_modifier(rest, out.modifier)) {
    return false;
  }
  const auto normal = normalize(text);
  if (normal) out.normal = *normal;
  return normal.has_value();
}

bool add_caret_or_tilde(Conditions& conditions, bool caret, std::string_view text) {
  Bound bound;
  if (!read_bound(text, bound)) return false;
  const int count = bound.numbers.count;
  int position = 1;
  if (caret) {
    const auto zero = [&](std::size_t i) { return bound.numbers.part[i] == "0"; };
    if (!zero(0) || count < 2)
      position = 1;
    else if (!zero(1) || count < 3)
      position = 2;
    else
      position = 3;
  } else {
    position = std::max(1, count + (bound.open_dev ? 1 : 0) - 1);
  }
  add(conditions, not_branch<is_greater_equal>, bound.normal + (bound.is_plain() ? "-dev" : ""));
  add(conditions, not_branch<is_less>, moved(bound.numbers, position, true) + "-dev");
  return true;
}

bool add_hyphen(Conditions& conditions, std::string_view from, std::string_view to) {
  Bound low;
  Bound high;
  if (!read_bound(from, low) || !read_bound(to, high)) return false;
  add(conditions, not_branch<is_greater_equal>, low.normal + (low.is_plain() ? "-dev" : ""));
  if (high.numbers.count >= 3 || !high.is_plain())
    add(conditions, not_branch<is_less_equal>, high.normal);
  else
    add(conditions, not_branch<is_less>, moved(high.numbers, high.numbers.count, true) + "-dev");
  return true;
}

// `1.*`, `1.2.x`: true when it is one (and was added); `*` alone is every version.
bool add_wildcard(Conditions& conditions, std::string_view text) {
  std::string_view rest = text;
  Numbers numbers;
  const auto is_x = [](std::string_view part) { return part == "*" || part == "x" || part == "X"; };
  if (is_x(text)) {
    conditions.push_back({is_any, {}});
    return true;
  }
  if (!take_numbers(rest, numbers, std::string_view::npos) || numbers.count > 3 || rest.empty()) return false;
  for (const std::string_view part : split(rest.substr(1), '.'))
    if (!is_x(part)) return false;
  const std::string low = moved(numbers, numbers.count, false) + "-dev";
  if (low != "0.0.0.0-dev") add(conditions, not_branch<is_greater_equal>, low);
  add(conditions, not_branch<is_less>, moved(numbers, numbers.count, true) + "-dev");
  return true;
}

bool add_basic(Conditions& conditions, std::string_view text, std::string_view stability) {
  const Comparator comparator = take_comparator(text);
  auto normal = normalize(comparator.version);
  if (!normal && comparator.op.empty() && comparator.version.size() > 4 &&
      comparator.version.substr(comparator.version.size() - 4) == "-dev")
    normal = cat("dev-", comparator.version.substr(0, comparator.version.size() - 4));
  if (!normal) return false;
  const bool branch = starts_with(*normal, "dev-");
  const bool stable = normal->find('-') == std::string::npos;
  const bool is_eq = comparator.test == is_equal;
  if (!is_eq && !stability.empty() && stable) {
    normal->append("-").append(stability);
  } else if ((comparator.test == is_less || comparator.test == is_greater_equal) && !branch) {
    const std::size_t dash = comparator.version.rfind('-');
    Modifier modifier;
    const bool has_modifier =
        dash != std::string_view::npos && take_modifier(comparator.version.substr(dash + 1), modifier);
    if (!has_modifier) normal->append("-dev");
  }
  const Test test = comparator.test == is_less            ? not_branch<is_less>
                    : comparator.test == is_less_equal    ? not_branch<is_less_equal>
                    : comparator.test == is_greater       ? not_branch<is_greater>
                    : comparator.test == is_greater_equal ? not_branch<is_greater_equal>
                                                          : comparator.test;
  add(conditions, test, *normal);
  return true;
}

bool add_constraint(Conditions& conditions, std::string_view text) {
  if (const std::size_t as = text.find(" as "); as != std::string_view::npos) text = trim(text.substr(0, as));
  std::string_view stability;
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    for (const std::string_view known : {"stable", "RC", "beta", "alpha", "dev"})
      if (equals_ignore_case(text.substr(at + 1), known)) stability = known;
    if (stability.empty()) return false;
    text = at == 0 ? std::string_view("*") : trim(text.substr(0, at));
    if (stability == "stable") stability = {};
  }
  if (starts_with(text, "~>")) return false;
  if (starts_with(text, "^") || starts_with(text, "~"))
    return add_caret_or_tilde(conditions, text[0] == '^', text.substr(1));
  if (add_wildcard(conditions, text)) return true;
  return add_basic(conditions, text, stability);
}

// " - " with a version on both sides.
std::size_t find_hyphen(std::string_view text) {
  const std::size_t at = text.find(" - ");
  return at;
}

Result<Range> parse_native(std::string_view text) {
  Range range;
  std::size_t count = 0;
  for (std::string_view alternative : split_alternatives(text, "|")) {
    // `||` splits into an empty part between the two; at the ends it is an error.
    if (alternative.empty() && !range.any_of.empty()) continue;
    Conditions conditions;
    if (const std::size_t hyphen = find_hyphen(alternative); hyphen != std::string_view::npos) {
      if (!add_hyphen(conditions, trim(alternative.substr(0, hyphen)), trim(alternative.substr(hyphen + 3))))
        return bad_range(alternative);
    } else if (alternative.find(" as ") != std::string_view::npos) {
      if (!add_constraint(conditions, alternative)) return bad_range(alternative);
    } else {
      for (const std::string_view part : split_comparators(alternative)) {
        if (++count > kMaxConditions) return limit_reached("version range has too many comparators");
        if (!add_constraint(conditions, part)) return bad_range(part);
      }
    }
    if (conditions.empty()) return bad_range(text);
    range.any_of.push_back(std::move(conditions));
  }
  return range;
}

bool is_whole(std::string_view text) {
  return text.find_first_of("*@") == std::string_view::npos && normalize(text).has_value();
}

}  // namespace

Scheme packagist() {
  return {.name = "packagist",
          .aliases = {"composer", "php", "wordpress"},
          .fallback = "a version that Composer refuses is compared as PHP's version_compare does, as it is written",
          .parse = parse_one,
          .parse_native = parse_native,
          .is_whole = is_whole};
}
}  // namespace plimsoll::version
