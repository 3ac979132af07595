// maven: Java and other JVM packages.
//
// Input   hostile text.
// Order   that of ComparableVersion in Maven 3.9: numbers by value; qualifiers alpha < beta < milestone < rc = cr <
//         snapshot < release (also written as nothing, final, ga) < sp < others by text; `-` and each turn between
//         digits and letters open a sub-list; a qualifier is below a sub-list, a sub-list below a number; zeros and
//         release qualifiers at the end of a list are dropped. The order is Maven's own also where it is circular:
//         1.sp.1 < 1-alpha < 1 < 1.sp.1.
// Ranges  intervals `[1.0,2.0)`, `(,1.0]`, `[1.5]`, several joined by commas. A bare version, for Maven a wish that
//         any version satisfies, is here that version.
// Errors  none: every text is a version.
// Source  https://maven.apache.org/pom.html#version-order-specification; checked against maven-artifact 3.9 in
//         tests/differential.
#include <vector>

#include "base/text.h"
#include "version/key.h"
#include "version/range_text.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

// A version is a list whose last element may be a list, whose last element may be a list: so its key is flat, items
// with kOpen where a list begins, and kEnd. Text that is not a known qualifier follows its rank kOther.
enum Tag : std::uint8_t { kEnd = kTags, kQualifier, kOpen, kNumber };
enum Rank : std::uint8_t { kAlpha, kBeta, kMilestone, kCandidate, kSnapshot, kRelease, kServicePack, kOther };

Rank rank(std::string_view word, bool before_digit) {
  struct Known {
    std::string_view word;
    Rank rank;
  };
  static constexpr Known kKnown[] = {{"alpha", kAlpha},     {"beta", kBeta},     {"milestone", kMilestone},
                                     {"rc", kCandidate},    {"cr", kCandidate},  {"snapshot", kSnapshot},
                                     {"", kRelease},        {"ga", kRelease},    {"final", kRelease},
                                     {"release", kRelease}, {"sp", kServicePack}};
  if (before_digit && word.size() == 1) {
    const char letter = word[0];
    if (letter == 'a' || letter == 'A') return kAlpha;
    if (letter == 'b' || letter == 'B') return kBeta;
    if (letter == 'm' || letter == 'M') return kMilestone;
  }
  for (const Known& known : kKnown)
    if (equals_ignore_case(word, known.word)) return known.rank;
  return kOther;
}

// Writes lists as they are closed, dropping what is null at their ends. `mark` is the key's size after the last item of
// the open lists that is not null; everything after it is null so far.
class Lists {
 public:
  explicit Lists(std::size_t size) : key_(size * 2) { solid_.push_back(0); }

  void number(std::string_view digits) {
    key_.byte(kNumber);
    key_.number(digits);
    added(!strip_zeros(digits).empty());
  }
  void qualifier(std::string_view word, bool before_digit) {
    const Rank found = rank(word, before_digit);
    prerelease_ = prerelease_ || found < kRelease;
    key_.byte(kQualifier);
    key_.byte(found);
    if (found == kOther) key_.text(lower(word));
    added(found != kRelease);
  }
  // Items of a list that a list follows are final: the null ones at their end are dropped, now if the new list turns
  // out to hold anything, and with it if it does not.
  void open() {
    key_.truncate(solid_.back());
    key_.byte(kOpen);
    solid_.push_back(key_.size());
    opened_.push_back(key_.size());
    empty_ = true;
  }
  bool list_is_empty() const { return empty_; }
  Version finish() {
    // Lists at the end that hold nothing but null items vanish, and with them the zeros before them (dropped already).
    while (!opened_.empty() && solid_.back() == opened_.back()) {
      opened_.pop_back();
      solid_.pop_back();
    }
    key_.truncate(solid_.back());
    key_.byte(kEnd);
    Version out;
    out.prerelease = prerelease_;
    out.key = key_.take();
    return out;
  }

 private:
  void added(bool solid) {
    if (solid) solid_.back() = key_.size();
    empty_ = false;
  }
  Key key_;
  std::vector<std::uint32_t> solid_;   // per open list: key size after its last item that is not null
  std::vector<std::uint32_t> opened_;  // per open list but the first: key size at its start
  bool empty_ = true;                  // nothing, null or not, was added to the innermost list
  bool prerelease_ = false;
};

void append_item(Lists& lists, bool digits, std::string_view text) {
  if (text.empty() || digits)
    lists.number(text);
  else
    lists.qualifier(text, false);
}

std::uint8_t take_byte(std::string_view& key) {
  if (key.empty()) return kEnd;
  const auto value = static_cast<std::uint8_t>(key[0]);
  key.remove_prefix(1);
  return value;
}

// What is left of one version when the other has ended: the first item that is not null decides.
int against_nothing(std::uint8_t tag, std::string_view rest) {
  for (;; tag = take_byte(rest)) {
    if (tag == kEnd) return 0;
    if (tag == kNumber && !take_number(rest).empty()) return 1;
    if (tag == kQualifier) {
      const std::uint8_t found = take_byte(rest);
      if (found != kRelease) return found < kRelease ? -1 : 1;
    }
  }
}

// Up to the first byte that differs both keys hold the same items. If that byte is in an item's value, the bytes
// decide; if it is a tag, the kinds of items do, or what is left of the one that has not ended.
int order(const Version& left, const Version& right) {
  std::string_view a = left.key;
  std::string_view b = right.key;
  const std::size_t same = first_difference(a, b);
  a.remove_prefix(same);
  b.remove_prefix(same);
  if (a.empty() && b.empty()) return 0;
  const std::uint8_t byte_a = take_byte(a);
  const std::uint8_t byte_b = take_byte(b);
  if (byte_a == kEnd) return -against_nothing(byte_b, b);
  if (byte_b == kEnd) return against_nothing(byte_a, a);
  return byte_a < byte_b ? -1 : 1;
}

Version parse_one(std::string_view text) {
  Lists lists(text.size());
  bool digits = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view token = text.substr(start, i - start);
    if (c == '.' || c == '-') {
      append_item(lists, digits, token);
      start = i + 1;
      if (c == '-') lists.open();
    } else if (is_digit(c)) {
      if (!digits && !token.empty()) {
        if (!lists.list_is_empty()) lists.open();
        lists.qualifier(token, true);
        start = i;
        lists.open();
      }
      digits = true;
    } else {
      if (digits && !token.empty()) {
        lists.number(token);
        start = i;
        lists.open();
      }
      digits = false;
    }
  }
  if (text.size() > start) {
    if (!digits && !lists.list_is_empty()) lists.open();
    append_item(lists, digits, text.substr(start));
  }
  Version out = lists.finish();
  out.valid = !text.empty();
  out.order = order;
  return out;
}

Result<Range> parse_native(std::string_view text) {
  if (text.empty()) return bad_range(text);
  if (text[0] == '[' || text[0] == '(') return parse_intervals(text, parse_one);
  if (text.find_first_of(" \t,|<>=![]()") != std::string_view::npos) return bad_range(text);
  return Range{{{{is_equal, parse_one(text)}}}};
}

bool is_whole(std::string_view text) { return text.find_first_of("[]()") == std::string_view::npos; }

}  // namespace

Scheme maven() {
  return {.name = "maven",
          .aliases = {"java", "gradle", "clojars"},
          .fallback = "none needed: every text is a version",
          .parse = parse_one,
          .parse_native = parse_native,
          .is_whole = is_whole};
}
}  // namespace plimsoll::version
