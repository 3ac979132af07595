// generic: the natural order, for products that belong to no ecosystem.
//
// Input   hostile text.
// Order   numbers by value, words by letters, pre-release words first: version/key.h, append_natural. 1.0-rc1 < 1.0 =
//         1.0.0 < 1.0a < 1.0.1 < 1.0.10; 1.1.1a < 1.1.1k; a leading v before a number is dropped.
// Errors  none: every text is a version.
// Source  our own; the examples are OpenSSL's, OpenSSH's and PostgreSQL's release lists.
#include "base/text.h"
#include "version/key.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

Version parse_one(std::string_view text) {
  text = trim(text);
  if (text.size() > 1 && (text[0] == 'v' || text[0] == 'V') && is_digit(text[1])) text.remove_prefix(1);
  Version out;
  Key key(text.size() * 2);
  append_natural(key, text);
  out.prerelease = natural_prerelease(text);
  out.valid = !text.empty();
  out.key = key.take();
  return out;
}

}  // namespace

Scheme generic() {
  return {.name = "generic",
          .aliases = {"natural", "vcpkg", "cpe", "conda", "cpan", "perl", "luarocks", "lua", "otp", "binary"},
          .fallback = "none needed: every text has its place",
          .parse = parse_one};
}
}  // namespace plimsoll::version
