// rpm: Red Hat, Fedora, SUSE, Amazon and their kin.
//
// Input   hostile text, `[epoch:]version[-release]`.
// Order   epoch (missing is 0), version, release (missing is lowest), each segment by segment: ~ < end < ^ < letters <
//         numbers; any other byte only separates.
// Errors  none: every text has its place; an epoch that is no number is part of the version.
// Source  rpm.org/docs/latest/man/rpm-version.7; rpmvercmp of rpm 4.15 and later.
#include "base/text.h"
#include "version/key.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

enum Class : std::uint8_t { kTilde = 1, kEnd = 2, kCaret = 3, kLetters = 4, kNumber = 5 };

void append_part(Key& key, std::string_view part) {
  while (!part.empty()) {
    if (is_digit(part[0])) {
      key.byte(kNumber);
      key.number(take_while(part, is_digit));
    } else if (is_alpha(part[0])) {
      key.byte(kLetters);
      key.text(take_while(part, is_alpha));
    } else {
      if (part[0] == '~') key.byte(kTilde);
      if (part[0] == '^') key.byte(kCaret);
      part.remove_prefix(1);
    }
  }
  key.byte(kEnd);
}

Version parse_one(std::string_view text) {
  text = trim(text);
  Version out;
  Key key(text.size() + text.size() / 2);
  std::string_view epoch;
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits < text.size() && text[digits] == ':') {
    epoch = text.substr(0, digits);
    text.remove_prefix(digits + 1);
  }
  const std::size_t dash = text.rfind('-');
  const std::string_view release = dash == std::string_view::npos ? std::string_view{} : text.substr(dash + 1);
  key.number(epoch);
  append_part(key, text.substr(0, dash));
  key.byte(dash == std::string_view::npos ? kEnd : kNumber);  // "1.0" < "1.0-" < "1.0-1"
  append_part(key, release);
  out.valid = !text.empty() && dash != 0;
  out.prerelease = text.find('~') != std::string_view::npos;
  out.key = key.take();
  return out;
}

}  // namespace

Scheme rpm() {
  return {
      .name = "rpm",
      .aliases = {"redhat", "red hat", "rhel", "fedora", "centos", "almalinux", "rocky linux", "rocky", "amazon",
                  "suse", "opensuse", "oracle", "mariner", "azure linux", "photon", "photon os", "openeuler", "mageia"},
      .fallback = "none needed: every text has its place; an epoch that is no number belongs to the version",
      .parse = parse_one};
}
}  // namespace plimsoll::version
