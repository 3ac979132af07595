// deb: Debian, Ubuntu and their kin; opkg and opam took the order over.
//
// Input   hostile text.
// Order   epoch, upstream, revision; each by turns of non-digits (~ < end < letters < others) and numbers. A missing
//         revision equals revision 0.
// Errors  none: texts that dpkg refuses go through the same order; an epoch that is no number is part of the upstream.
// Source  Debian Policy 5.6.12; deb-version(7).
#include "base/text.h"
#include "version/key.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

constexpr std::uint8_t kEnd = 2;

// ~ = 1, end = 2, letters from 3, bytes beyond ASCII from 55 (dpkg reads them as negative), the other ASCII from 183.
std::uint8_t rank(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  if (c == '~') return 1;
  if (is_upper(c)) return static_cast<std::uint8_t>(3 + (c - 'A'));
  if (is_lower(c)) return static_cast<std::uint8_t>(29 + (c - 'a'));
  if (byte >= 128) return static_cast<std::uint8_t>(55 + (byte - 128));
  const int before = byte < '0' ? 0 : byte < 'A' ? 10 : byte < 'a' ? 36 : 62;  // digits and letters below this byte
  return static_cast<std::uint8_t>(183 + byte - before);
}

bool is_other(char c) { return !is_digit(c); }

void append_part(Key& key, std::string_view part) {
  for (bool first = true; first || !part.empty(); first = false) {
    for (const char c : take_while(part, is_other)) key.byte(rank(c));
    key.byte(kEnd);
    key.number(take_while(part, is_digit));
  }
  key.byte(kEnd);
}

Version parse_one(std::string_view text) {
  text = trim(text);
  Version out;
  Key key(text.size() + text.size() / 2);
  std::string_view epoch;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos && all_digits(text.substr(0, colon))) {
    epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const std::size_t dash = text.rfind('-');
  const std::string_view upstream = text.substr(0, dash);
  const std::string_view revision = dash == std::string_view::npos ? std::string_view{} : text.substr(dash + 1);
  key.number(epoch);
  append_part(key, upstream);
  append_part(key, revision);
  out.valid = !upstream.empty() && is_digit(upstream[0]) && (dash == std::string_view::npos || !revision.empty());
  out.prerelease = upstream.find('~') != std::string_view::npos;
  out.key = key.take();
  return out;
}

}  // namespace

Scheme deb() {
  return {.name = "deb",
          .aliases = {"dpkg", "debian", "ubuntu", "opkg", "ipk", "opam", "echo"},
          .fallback = "the same order; an epoch that is no number belongs to the upstream part",
          .parse = parse_one};
}
}  // namespace plimsoll::version
