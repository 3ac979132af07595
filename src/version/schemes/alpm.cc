// alpm: Arch Linux and its kin.
//
// Input   hostile text, `[epoch:]pkgver[-pkgrel]`.
// Order   epoch (missing is 0), pkgver, and pkgrel only when both have one: 1.0 equals 1.0-1 and 1.0-2, as vercmp
//         says. So equality is not transitive here; "less" is. Segment by segment: at one place the number of
//         separator bytes, then letters before numbers; letters right after a number are below the end: 1.0a < 1.0 <
//         1.0.a < 1.0.1.
// Errors  none: every text has its place. How many separators are at the very end does not count, and against letters
//         after separators they are ordered by us (vercmp's order of them is circular).
// Source  vercmp(8); PKGBUILD(5).
#include "base/text.h"
#include "version/key.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

enum Class : std::uint8_t { kLettersBeforeEnd = 1, kEnd = 2, kSeparated = 3 };
enum Segment : std::uint8_t { kLetters = 1, kLastSeparators = 2, kNumber = 3 };

bool is_separator(char c) { return !is_alnum(c); }

// A segment is written as: class, separator count, kind, value. Letters with no separator before them are below the
// end. Separators at the very end are above the end and below a number: after a number they meet only separated ones.
void append_pkgver(Key& key, std::string_view part) {
  for (bool number = false;;) {
    const std::string_view separators = take_while(part, is_separator);
    if (part.empty()) {
      if (!separators.empty()) {
        key.byte(kSeparated);
        key.number(std::uint64_t{number});
        key.byte(kLastSeparators);
      }
      key.byte(kEnd);
      return;
    }
    number = is_digit(part[0]);
    key.byte(separators.empty() && !number ? kLettersBeforeEnd : kSeparated);
    key.number(separators.size());
    key.byte(number ? kNumber : kLetters);
    if (number)
      key.number(take_while(part, is_digit));
    else
      key.text(take_while(part, is_alpha));
  }
}

// Keys are `epoch pkgver | pkgrel`; public_size is where pkgrel starts.
int order(const Version& a, const Version& b) {
  if (const int first = compare_prefix(a, a.public_size, b, b.public_size); first != 0) return first;
  if (a.public_size == a.key.size() || b.public_size == b.key.size()) return 0;
  return compare_prefix(a, static_cast<std::uint32_t>(a.key.size()), b, static_cast<std::uint32_t>(b.key.size()));
}

Version parse_one(std::string_view text) {
  text = trim(text);
  Version out;
  Key key(text.size() * 3);
  std::string_view epoch;
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits < text.size() && text[digits] == ':') {
    epoch = text.substr(0, digits);
    text.remove_prefix(digits + 1);
  }
  const std::size_t dash = text.rfind('-');
  append_pkgver(key, epoch.empty() ? std::string_view("0") : epoch);
  append_pkgver(key, text.substr(0, dash));
  out.public_size = key.size();
  if (dash != std::string_view::npos) append_pkgver(key, text.substr(dash + 1));
  out.valid = !text.empty() && dash != 0;
  out.order = order;
  out.key = key.take();
  return out;
}

}  // namespace

Scheme alpm() {
  return {.name = "alpm",
          .aliases = {"arch", "archlinux", "arch linux", "pacman"},
          .fallback = "none needed: every text has its place",
          .parse = parse_one};
}
}  // namespace plimsoll::version
