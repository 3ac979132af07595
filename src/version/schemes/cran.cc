// cran: R packages, Bioconductor's too; Haskell's, whose versions are lists of numbers in the same order.
//
// Input   hostile text, numbers joined by `.` or `-`.
// Order   number by number; a version that is the beginning of another is below it: 1.0 < 1.0.0, 1.2-3 = 1.2.3.
// Errors  none: a part that is no number is ordered after all numbers at its place, by its text.
// Source  R's manual, ?package_version and ?compareVersion; "Writing R Extensions", 1.1.1, Version.
#include "base/text.h"
#include "version/key.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

enum Class : std::uint8_t { kEnd = 1, kNumber = 2, kText = 3 };

bool in_part(char c) { return c != '.' && c != '-'; }

Version parse_one(std::string_view text) {
  text = trim(text);
  Version out;
  Key key(text.size() + text.size() / 2);
  out.valid = !text.empty();
  while (!text.empty()) {
    const std::string_view part = take_while(text, in_part);
    const bool number = all_digits(part);
    key.byte(number ? kNumber : kText);
    if (number)
      key.number(part);
    else
      key.text(part);
    out.valid = out.valid && number;
    ++out.parts;
    if (!text.empty()) text.remove_prefix(1);
  }
  key.byte(kEnd);
  out.key = key.take();
  return out;
}

}  // namespace

Scheme cran() {
  return {.name = "cran",
          .aliases = {"r", "bioconductor", "hackage", "haskell", "ghc"},
          .fallback = "a part that is no number comes after all numbers at its place, by its text",
          .parse = parse_one};
}
}  // namespace plimsoll::version
