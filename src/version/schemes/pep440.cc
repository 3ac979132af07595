// pep440: Python packages.
//
// Input   hostile text.
// Order   PEP 440: epoch, release (trailing zeros dropped), dev < a < b < rc < release < post, local label last. A
//         range's bound without a local label ignores that of the candidate.
// Ranges  specifiers `~=`, `==`, `!=` (with `.*`), `<=`, `>=`, `<`, `>`, `===`, joined by commas. As
//         packaging.SpecifierSet does for a single candidate, pre-releases are not left out; but `<2.0` leaves out
//         those of 2.0 itself, and `>1.7` leaves out 1.7.post1 and 1.7+local.
// Errors  none on order: of a version that PEP 440 refuses the longest good beginning counts, and the rest as a local
//         label would, in natural order; one without a number at the start is below all.
// Source  https://packaging.python.org/en/latest/specifications/version-specifiers/
#include "base/text.h"
#include "version/key.h"
#include "version/range_text.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

enum Class : std::uint8_t { kNoVersion = 1, kVersion = 2 };
enum Release : std::uint8_t { kReleaseEnd = 1, kReleaseNumber = 2 };
enum Pre : std::uint8_t { kDevOnly = 1, kAlpha = 2, kBeta = 3, kCandidate = 4, kNoPre = 5 };
enum Post : std::uint8_t { kNoPost = 1, kPost = 2 };
enum Dev : std::uint8_t { kDev = 1, kNoDev = 2 };
enum Local : std::uint8_t { kLocalEnd = 1, kLocalText = 2, kLocalNumber = 3, kLocalRest = 4 };

struct Parts {
  std::string_view epoch;
  std::vector<std::string_view> release;
  Pre pre = kNoPre;
  std::string_view pre_number;
  bool post = false;
  std::string_view post_number;
  bool dev = false;
  std::string_view dev_number;
  std::string_view local;
  std::string_view rest;  // what PEP 440 has no place for
};

bool is_separator(char c) { return c == '.' || c == '-' || c == '_'; }

void skip_separator(std::string_view& rest) {
  if (!rest.empty() && is_separator(rest[0])) rest.remove_prefix(1);
}

// The number of `rc1`, `rc.1`, `rc-1`; "" (which is 0) when there is none, as in `rc` and `rc.`.
std::string_view take_suffix_number(std::string_view& rest) {
  skip_separator(rest);
  return take_while(rest, is_digit);
}

struct Word {
  std::string_view text;
  Pre pre;
};
// Longer ones first.
constexpr Word kPreWords[] = {{"alpha", kAlpha},  {"preview", kCandidate}, {"beta", kBeta}, {"pre", kCandidate},
                              {"rc", kCandidate}, {"a", kAlpha},           {"b", kBeta},    {"c", kCandidate}};

// Whether a word that was just taken ends here: nothing, a number, a separator, or the word of a later part follows.
bool word_ends(std::string_view rest) {
  if (rest.empty() || !is_alpha(rest[0])) return true;
  for (const std::string_view word : {"post", "rev", "dev"})
    if (std::string_view copy = rest; take_word(copy, word)) return true;
  return (rest[0] == 'r' || rest[0] == 'R') && (rest.size() == 1 || !is_alpha(rest[1]));
}

void take_pre(std::string_view& rest, Parts& out) {
  std::string_view after = rest;
  skip_separator(after);
  for (const Word& word : kPreWords) {
    std::string_view tail = after;
    if (!take_word(tail, word.text) || !word_ends(tail)) continue;
    after = tail;
    out.pre = word.pre;
    out.pre_number = take_suffix_number(after);
    rest = after;
    return;
  }
}

void take_post(std::string_view& rest, Parts& out) {
  std::string_view after = rest;
  if (after.size() > 1 && after[0] == '-' && is_digit(after[1])) {
    after.remove_prefix(1);
    out.post = true;
    out.post_number = take_while(after, is_digit);
    rest = after;
    return;
  }
  skip_separator(after);
  if ((!take_word(after, "post") && !take_word(after, "rev") && !take_word(after, "r")) || !word_ends(after)) return;
  out.post = true;
  out.post_number = take_suffix_number(after);
  rest = after;
}

void take_dev(std::string_view& rest, Parts& out) {
  std::string_view after = rest;
  skip_separator(after);
  if (!take_word(after, "dev") || (!after.empty() && is_alpha(after[0]))) return;
  out.dev = true;
  out.dev_number = take_suffix_number(after);
  rest = after;
}

// +ubuntu.1: parts of letters and digits between separators.
void take_local(std::string_view& rest, Parts& out) {
  if (rest.size() < 2 || rest[0] != '+' || !is_alnum(rest[1])) return;
  std::size_t end = 1;
  while (end < rest.size() &&
         (is_alnum(rest[end]) || (is_separator(rest[end]) && end + 1 < rest.size() && is_alnum(rest[end + 1]))))
    ++end;
  out.local = rest.substr(1, end - 1);
  rest.remove_prefix(end);
}

// False when there is no number at the start.
bool read(std::string_view text, Parts& out) {
  text = trim(text);
  if (!text.empty() && (text[0] == 'v' || text[0] == 'V')) text.remove_prefix(1);
  std::string_view rest = text;
  const std::string_view first = take_while(rest, is_digit);
  if (first.empty()) return false;
  if (rest.size() > 1 && rest[0] == '!' && is_digit(rest[1])) {
    out.epoch = first;
    rest.remove_prefix(1);
    out.release.push_back(take_while(rest, is_digit));
  } else {
    out.release.push_back(first);
  }
  while (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
    rest.remove_prefix(1);
    out.release.push_back(take_while(rest, is_digit));
  }
  take_pre(rest, out);
  take_post(rest, out);
  take_dev(rest, out);
  take_local(rest, out);
  out.rest = rest;
  return true;
}

void append_local(Key& key, std::string_view local) {
  while (!local.empty()) {
    const std::string_view part = take_while(local, is_alnum);
    key.byte(all_digits(part) ? kLocalNumber : kLocalText);
    if (all_digits(part))
      key.number(part);
    else
      key.text(lower(part));
    if (!local.empty()) local.remove_prefix(1);
  }
}

Version parse_one(std::string_view text) {
  Version out;
  Key key(text.size() * 2);
  Parts parts;
  if (!read(text, parts)) {
    key.byte(kNoVersion);
    append_natural(key, text);
    out.valid = false;
    out.prerelease = natural_prerelease(text);
    out.key = key.take();
    return out;
  }
  key.byte(kVersion);
  key.number(parts.epoch);
  std::uint32_t solid = key.size();
  for (const std::string_view number : parts.release) {
    key.byte(kReleaseNumber);
    key.number(number);
    if (!strip_zeros(number).empty()) solid = key.size();
  }
  key.truncate(solid);
  key.byte(kReleaseEnd);
  out.release_size = key.size();
  out.parts = static_cast<std::uint32_t>(parts.release.size());
  key.byte(parts.pre == kNoPre && !parts.post && parts.dev ? kDevOnly : parts.pre);
  if (parts.pre != kNoPre) key.number(parts.pre_number);
  key.byte(parts.post ? kPost : kNoPost);
  if (parts.post) key.number(parts.post_number);
  key.byte(parts.dev ? kDev : kNoDev);
  if (parts.dev) key.number(parts.dev_number);
  out.public_size = key.size();
  if (!parts.local.empty()) append_local(key, parts.local);
  if (!parts.rest.empty()) {
    key.byte(kLocalRest);
    append_natural(key, parts.rest);
  } else if (!parts.local.empty()) {
    key.byte(kLocalEnd);
  }
  out.prerelease = parts.pre != kNoPre || parts.dev;
  out.valid = parts.rest.empty();
  out.key = key.take();
  return out;
}

bool is_whole(std::string_view text) {
  Parts parts;
  return text.find('*') == std::string_view::npos && read(text, parts) && parts.rest.empty();
}

// >1.7 leaves out 1.7.post1, and >1.7rc1 leaves out 1.7rc1.post1: those whose keys go on as that of the bound does
// until its last two bytes, kNoPost and kNoDev. Local labels of the bound do not count either (is_greater).
bool after_posts(const Version& candidate, const Version& bound) {
  const std::string_view family = std::string_view(bound.key).substr(0, bound.public_size - 2);
  return is_greater(candidate, bound) && std::string_view(candidate.key).substr(0, family.size()) != family;
}

// The text as packaging would write it: equal keys and as many release numbers.
bool arbitrary_equal(const Version& candidate, const Version& bound) {
  return candidate.parts == bound.parts && compare(candidate, bound) == 0;
}

std::string join_release(const Parts& parts, std::size_t count) {
  std::string out = parts.epoch.empty() ? "" : cat(parts.epoch, "!");
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out.push_back('.');
    out.append(parts.release[i]);
  }
  return out;
}

// The first `count` release numbers of `parts`, the last of them one greater.
std::string next_release(const Parts& parts, std::size_t count) {
  std::string out = count > 1 ? join_release(parts, count - 1) + "." : parts.epoch.empty() ? "" : cat(parts.epoch, "!");
  return out + increment(parts.release[count - 1]);
}

// ==1.2.*: from 1.2.dev0 up to, not with, 1.3.dev0.
void add_prefix(Conditions& conditions, const Parts& parts, std::size_t count) {
  conditions.push_back({is_greater_equal, parse_one(join_release(parts, count) + ".dev0")});
  conditions.push_back({is_less, parse_one(next_release(parts, count) + ".dev0")});
}

bool outside_prefix(const Version& candidate, const Version& bound) {
  // `bound.parts` holds how many release numbers count; compare those of the candidate, the missing ones being 0.
  std::string_view a = std::string_view(candidate.key).substr(0, candidate.release_size);
  std::string_view b = std::string_view(bound.key).substr(0, bound.release_size);
  const auto head = [](std::string_view& key) {
    if (!key.empty()) key.remove_prefix(1);
    return take_number(key);
  };
  if (candidate.release_size == 0 || head(a) != head(b)) return true;
  const auto next = [](std::string_view& key) {
    if (key.empty() || key[0] != static_cast<char>(kReleaseNumber)) return std::string_view{};
    key.remove_prefix(1);
    return take_number(key);
  };
  for (std::uint32_t i = 0; i < bound.parts; ++i)
    if (next(a) != next(b)) return true;
  return false;
}

bool add_specifier(Conditions& conditions, std::string_view part) {
  if (part.substr(0, 3) == "===") {
    conditions.push_back({arbitrary_equal, parse_one(trim(part.substr(3)))});
    return true;
  }
  const bool compatible = part.substr(0, 2) == "~=";
  const Comparator comparator = take_comparator(compatible ? part.substr(2) : part);
  std::string_view text = comparator.version;
  const bool wildcard = text.size() > 2 && text.substr(text.size() - 2) == ".*";
  if (wildcard) text.remove_suffix(2);
  Parts parts;
  if (!read(text, parts) || !parts.rest.empty()) return false;
  if (wildcard) {
    if (compatible || parts.pre != kNoPre || parts.post || parts.dev || !parts.local.empty()) return false;
    if (comparator.test == is_not_equal)
      conditions.push_back({outside_prefix, parse_one(text)});
    else if (comparator.test == is_equal)
      add_prefix(conditions, parts, parts.release.size());
    else
      return false;
  } else if (compatible) {
    if (!comparator.op.empty() || parts.release.size() < 2 || !parts.local.empty()) return false;
    conditions.push_back({is_greater_equal, parse_one(text)});
    add_prefix(conditions, parts, parts.release.size() - 1);
  } else {
    Version bound = parse_one(text);
    Test test = comparator.test;
    if (test == is_less && !bound.prerelease) {
      // <2.0 leaves out the pre-releases of 2.0, the first of which is 2.0.dev0.
      bound = parse_one(cat(text.substr(0, text.find('+')), ".dev0"));
    } else if (test == is_greater && !parts.post && !parts.dev && parts.local.empty()) {
      test = after_posts;
    }
    conditions.push_back({test, std::move(bound)});
  }
  return true;
}

Result<Range> parse_native(std::string_view text) {
  Range range;
  std::size_t count = 0;
  for (const std::string_view alternative : split_alternatives(text, "||")) {
    Conditions conditions;
    for (const std::string_view raw : split(alternative, ',')) {
      const std::string_view part = trim(raw);
      if (++count > kMaxConditions) return limit_reached("version range has too many comparators");
      if (part.empty() || part == "*") continue;
      if (!add_specifier(conditions, part)) return bad_range(part);
    }
    range.any_of.push_back(std::move(conditions));
  }
  return range;
}

}  // namespace

Scheme pep440() {
  return {.name = "pep440",
          .aliases = {"pypi", "python"},
          .fallback =
              "the longest beginning that is a version, then the rest as a local label; without a number at the "
              "start: below all, in natural order",
          .parse = parse_one,
          .parse_native = parse_native,
          .is_whole = is_whole};
}
}  // namespace plimsoll::version
