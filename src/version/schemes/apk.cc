// apk: Alpine, Wolfi, Chainguard and postmarketOS.
//
// Input   hostile text, `digits{.digits}[letter]{_suffix[digits]}[~hash][-rN]`.
// Order   token by token; where kinds differ: _alpha < _beta < _pre < _rc < unreadable rest < end < -rN < ~hash <
//         digits after a suffix < _cvs < _svn < _git < _hg < _p < letter < .digits. After the first number, digits
//         that start with 0 compare as text, and below those that do not.
// Errors  none: what follows the last readable token is not compared (apk calls such versions invalid).
// Source  apk-package(5); the order of tokens in apk-tools 3, src/version.c, read for its facts. Older apk counted the
//         zeros before a number instead: it held 1.00 below 1.0 and 1.02 below 1.010. No release of Alpine has such pairs
//         of one package, as far as we know.
#include <array>

#include "base/text.h"
#include "version/key.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

enum Class : std::uint8_t {
  kPreSuffix = 1,
  kUnreadable,
  kEnd,
  kRevision,
  kHash,
  kSuffixNumber,
  kPostSuffix,
  kLetter,
  kDigits,
};

struct Suffix {
  std::string_view word;
  Class kind;
  std::uint8_t rank;
};
constexpr std::array<Suffix, 9> kSuffixes = {{{"alpha", kPreSuffix, 1},
                                              {"beta", kPreSuffix, 2},
                                              {"pre", kPreSuffix, 3},
                                              {"rc", kPreSuffix, 4},
                                              {"cvs", kPostSuffix, 5},
                                              {"svn", kPostSuffix, 6},
                                              {"git", kPostSuffix, 7},
                                              {"hg", kPostSuffix, 8},
                                              {"p", kPostSuffix, 9}}};

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// One parse: `last` is the kind of the last token, which rules what may follow.
struct Reader {
  std::string_view rest;
  Key key;
  Class last = kDigits;
  bool prerelease = false;

  bool digits(Class kind, bool first) {
    const std::string_view number = take_while(rest, is_digit);
    if (number.empty()) return false;
    if (!first) key.byte(kind);
    if (kind == kDigits && !first) {
      key.byte(number[0] == '0' ? 1 : 2);
      if (number[0] == '0')
        key.text(number);
      else
        key.number(number);
    } else {
      key.number(number);
    }
    last = kind;
    return true;
  }

  bool suffix() {
    const std::string_view word = take_while(rest, is_lower);
    for (const Suffix& known : kSuffixes) {
      if (word != known.word) continue;
      key.byte(known.kind);
      key.byte(known.rank);
      prerelease = prerelease || known.kind == kPreSuffix;
      last = kPostSuffix;
      return true;
    }
    return false;
  }

  bool next() {
    const char c = rest[0];
    if (is_lower(c)) {
      if (last != kDigits) return false;
      key.byte(kLetter);
      key.byte(static_cast<std::uint8_t>(c));
      rest.remove_prefix(1);
      last = kLetter;
      return true;
    }
    if (is_digit(c)) return last == kPostSuffix && digits(kSuffixNumber, false);
    const auto skip = [&](std::size_t count) { rest.remove_prefix(count); };
    switch (c) {
      case '.':
        skip(1);
        return last == kDigits && digits(kDigits, false);
      case '_':
        skip(1);
        return last >= kSuffixNumber && suffix();
      case '~': {
        skip(1);
        if (last <= kHash) return false;
        const std::string_view hash = take_while(rest, is_hex);
        if (hash.empty()) return false;
        key.byte(kHash);
        key.text(hash);
        last = kHash;
        return true;
      }
      case '-':
        if (last == kRevision || rest.substr(0, 2) != "-r") return false;
        skip(2);
        return digits(kRevision, false);
      default:
        return false;
    }
  }
};

Version parse_one(std::string_view text) {
  Version out;
  Reader reader{trim(text), Key(text.size() + text.size() / 2)};
  bool good = false;
  if (is_digit(reader.rest.empty() ? ' ' : reader.rest[0])) {
    reader.key.byte(kDigits);
    good = reader.digits(kDigits, true);
    while (good && !reader.rest.empty()) good = reader.next();
  }
  reader.key.byte(good ? kEnd : kUnreadable);
  out.valid = good;
  out.prerelease = reader.prerelease;
  out.key = reader.key.take();
  return out;
}

}  // namespace

Scheme apk() {
  return {.name = "apk",
          .aliases = {"alpine", "wolfi", "chainguard", "postmarketos", "minimos", "alpaquita",
                      "bellsoft hardened containers", "cleanstart"},
          .fallback = "what follows the last readable token is not compared; no number at the start: below all",
          .parse = parse_one};
}
}  // namespace plimsoll::version
