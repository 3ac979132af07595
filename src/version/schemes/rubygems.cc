// rubygems: Ruby gems.
//
// Input   hostile text.
// Order   runs of digits and of letters; a `-` is `.pre.`; at one place a word is below a number, and the end is 0.
//         Zeros before the first word and at the end do not count: 1.0.a = 1.a < 1 = 1.0. Upper case before lower
//         case.
// Ranges  `=`, `!=`, `<`, `<=`, `>`, `>=`, `~>`, joined by commas; pre-releases count.
// Errors  none: a leading v is dropped, other bytes only separate.
// Source  https://guides.rubygems.org/patterns/#semantic-versioning; the doc of Gem::Version and Gem::Requirement.
#include <algorithm>

#include "base/text.h"
#include "version/key.h"
#include "version/range_text.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

// A segment is written with the count of zeros before it, for at each place the end counts as 0: a word after zeros is
// below the end, and the further below the fewer the zeros; a number after zeros is above it, and the less the more.
enum Class : std::uint8_t { kWord = 1, kEnd = 2, kNumber = 3 };
constexpr std::uint64_t kManyZeros = 254;  // counts from here on are written in four more bytes

class Segments {
 public:
  explicit Segments(std::size_t size) : key_(size * 2) {}
  void number(std::string_view digits) {
    if (strip_zeros(digits).empty()) {
      ++zeros_;
      return;
    }
    key_.byte(kNumber);
    append_zeros(0xFF);
    key_.number(digits);
    zeros_ = 0;
  }
  void word(std::string_view letters) {
    if (!words_) {
      zeros_ = 0;  // zeros between the release and its first word are dropped
      release_size_ = key_.size();
    }
    words_ = true;
    key_.byte(kWord);
    append_zeros(0);
    key_.text(letters);
    zeros_ = 0;
  }
  Version finish() {
    Version out;
    out.release_size = words_ ? release_size_ : key_.size();
    out.prerelease = words_;
    key_.byte(kEnd);
    out.key = key_.take();
    return out;
  }

 private:
  // The count of zeros, rising with `turn` 0, falling with 0xFF.
  void append_zeros(std::uint8_t turn) {
    key_.byte(static_cast<std::uint8_t>(std::min(zeros_, kManyZeros) ^ turn));
    if (zeros_ < kManyZeros) return;
    for (int shift = 24; shift >= 0; shift -= 8) key_.byte(static_cast<std::uint8_t>(zeros_ >> shift ^ turn));
  }
  Key key_;
  std::uint64_t zeros_ = 0;
  std::uint32_t release_size_ = 0;
  bool words_ = false;
};

bool is_correct(std::string_view text) {
  if (text.empty()) return true;
  if (!is_digit(text[0])) return false;
  for (const char c : text)
    if (!is_alnum(c) && c != '.' && c != '-') return false;
  return text.find("..") == std::string_view::npos && text.back() != '.' && text.back() != '-';
}

Version parse_one(std::string_view text) {
  text = trim(text);
  const bool valid = is_correct(text);
  if (text.size() > 1 && (text[0] == 'v' || text[0] == 'V') && is_digit(text[1])) text.remove_prefix(1);
  Segments segments(text.size());
  while (!text.empty()) {
    if (is_digit(text[0])) {
      segments.number(take_while(text, is_digit));
    } else if (is_alpha(text[0])) {
      segments.word(take_while(text, is_alpha));
    } else {
      if (text[0] == '-') segments.word("pre");
      text.remove_prefix(1);
    }
  }
  Version out = segments.finish();
  out.valid = valid;
  return out;
}

// The release of the candidate (1.2 of 1.2.0.rc1) is below the bound, which is numbers only.
bool release_is_less(const Version& candidate, const Version& bound) {
  // Both end in the class byte kEnd, which is below kNumber: so without it, the shorter is the smaller.
  return compare_prefix(candidate, candidate.release_size, bound, static_cast<std::uint32_t>(bound.key.size() - 1)) < 0;
}

// The first number that `~>` shuts out: 2 for 1.2, 1.3 for 1.2.3, 2 for 1.
std::string bump(std::string_view version) {
  std::vector<std::string_view> numbers;
  while (!version.empty()) {
    if (is_digit(version[0]))
      numbers.push_back(take_while(version, is_digit));
    else if (version[0] == '.')
      version.remove_prefix(1);
    else
      break;
  }
  if (numbers.size() > 1) numbers.pop_back();
  std::string out;
  for (std::size_t i = 0; i + 1 < numbers.size(); ++i) out.append(numbers[i]).push_back('.');
  return out + increment(numbers.empty() ? std::string_view("0") : numbers.back());
}

Result<Range> parse_native(std::string_view text) {
  Range range;
  std::size_t count = 0;
  for (const std::string_view alternative : split_alternatives(text, "||")) {
    Conditions conditions;
    for (const std::string_view raw : split(alternative, ',')) {
      const std::string_view part = trim(raw);
      if (++count > kMaxConditions) return limit_reached("version range has too many comparators");
      const bool pessimistic = part.substr(0, 2) == "~>";
      const Comparator comparator = take_comparator(pessimistic ? part.substr(2) : part);
      if (comparator.version.empty() || !is_correct(comparator.version) || (pessimistic && !comparator.op.empty()))
        return bad_range(part);
      conditions.push_back({pessimistic ? is_greater_equal : comparator.test, parse_one(comparator.version)});
      if (pessimistic) conditions.push_back({release_is_less, parse_one(bump(comparator.version))});
    }
    range.any_of.push_back(std::move(conditions));
  }
  return range;
}

}  // namespace

Scheme rubygems() {
  return {.name = "rubygems",
          .aliases = {"gem", "ruby", "cocoapods"},
          .fallback = "a leading v is dropped, bytes that are no letter, digit or - only separate",
          .parse = parse_one,
          .parse_native = parse_native};
}
}  // namespace plimsoll::version
