// go: Go modules, the Go toolchain and its standard library.
//
// Input   hostile text.
// Order   modules: semver with or without the leading `v`, pseudo-versions included; `+incompatible` and other build
//         metadata have no precedence; v1 = v1.0 = v1.0.0.
//         toolchains (`go1.21rc2`, also without `go` when it has such a suffix): 1.21 < 1.21rc1 < 1.21.0 from Go 1.21
//         on, and 1.20rc1 < 1.20 = 1.20.0 before; 1.21rc2 = v1.21.0-rc.2, as the Go vulnerability database writes it.
//         What follows a space or '-' after a toolchain version (`go1.22.1 X:nocoverageredesign`) is ignored.
// Errors  none on order; fallback in version/semver.h; `(devel)` is below all.
// Source  https://go.dev/ref/mod#versions; golang.org/x/mod/semver; the doc of Go's package go/version.
#include "base/text.h"
#include "version/key.h"
#include "version/scheme.h"
#include "version/semver.h"

namespace plimsoll::version {
namespace {

struct Toolchain {
  std::string_view major, minor, patch, kind, pre;
};

// 1.21, 1.21.3, 1.21rc2.
bool parse_toolchain(std::string_view text, Toolchain& out) {
  out.major = take_while(text, is_digit);
  if (out.major.empty()) return false;
  if (text.empty()) return true;
  if (text[0] != '.') return false;
  text.remove_prefix(1);
  out.minor = take_while(text, is_digit);
  if (out.minor.empty()) return false;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    out.patch = take_while(text, is_digit);
    return !out.patch.empty() && text.empty();
  }
  out.kind = take_while(text, is_lower);
  out.pre = take_while(text, is_digit);
  return text.empty() && (out.pre.empty() || !out.kind.empty());
}

Version from_toolchain(const Toolchain& toolchain) {
  std::string text = cat(toolchain.major, ".", toolchain.minor.empty() ? "0" : toolchain.minor, ".",
                         toolchain.patch.empty() ? "0" : toolchain.patch);
  if (!toolchain.kind.empty()) text.append("-").append(toolchain.kind);
  if (!toolchain.pre.empty()) text.append(".").append(toolchain.pre);
  // A language version (go1.21) comes before the first release candidate: "-0" is the lowest there is.
  const bool newer = compare_numbers(toolchain.major, "1") > 0 || compare_numbers(toolchain.minor, "21") >= 0;
  const bool language = toolchain.patch.empty() && toolchain.kind.empty();
  if (language && newer) text.append("-0");
  return parse_semver(text, {});
}

Version parse_one(std::string_view text) {
  text = trim(text);
  const bool named = text.substr(0, 2) == "go" && text.size() > 2 && is_digit(text[2]);
  std::string_view number = named ? text.substr(2) : text;
  Toolchain toolchain;
  if (named) number = number.substr(0, number.find_first_of(" -+"));
  if (parse_toolchain(number, toolchain) && (named || !toolchain.kind.empty())) return from_toolchain(toolchain);
  return parse_semver(named ? text.substr(2) : text, {});
}

}  // namespace

Scheme go() {
  return {.name = "go",
          .aliases = {"golang", "stdlib", "toolchain"},
          .fallback = "as semver's; (devel) and other words are below all versions",
          .parse = parse_one};
}
}  // namespace plimsoll::version
