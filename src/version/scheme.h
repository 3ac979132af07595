// A version scheme: how one ecosystem writes, orders and ranges its versions.
//
// A scheme is one file under schemes/ that defines `Scheme NAME()`; tests/data/version/NAME.tsv holds its table, rows
// `A<TAB><|=|><TAB>B<TAB>source`, and NAME.ranges.tsv rows `VERSION<TAB>RANGE<TAB>true|false<TAB>source`.
// Parsing never fails on order: a version the scheme calls invalid still parses, by the scheme's documented fallback,
// so that every pair compares the same way every time. The order is that of the ecosystem's own tool. It is total and
// transitive, but for three schemes whose tools are not so on odd shapes and are followed all the same:
//   alpm   a version without -pkgrel equals every pkgrel of it
//   conan  a number against a word compares as text
//   maven  1.sp.1 < 1-alpha < 1 < 1.sp.1
// Texts beyond kMaxVersionBytes are cut there. All functions are pure; thread-safe.
// Example   const Scheme* deb = find_scheme("deb");
//           if (compare(*deb, "1.0~rc1", "1.0") < 0) ...
#pragma once
#include <string_view>
#include <vector>

#include "base/result.h"
#include "version/range.h"
#include "version/version.h"

namespace plimsoll::version {

struct Scheme {
  std::string_view name;
  std::vector<std::string_view> aliases;  // other names it goes by: purl types, OSV ecosystems in lower case
  std::string_view fallback;              // one sentence: how versions that the scheme calls invalid are ordered
  Version (*parse)(std::string_view text);
  Result<Range> (*parse_native)(std::string_view text) = nullptr;  // nullptr: no syntax of its own
  // Whether an operand of a generic comparator is a whole version; nullptr: everything is. See range.h, "Which".
  bool (*is_whole)(std::string_view version) = nullptr;
};

constexpr std::size_t kMaxVersionBytes = std::size_t{64} << 20;

const std::vector<Scheme>& schemes();  // sorted by name; written by CMake from schemes/*.cc
// By name or alias, any case, without what follows a colon (OSV's "Debian:12"); nullptr when there is none.
const Scheme* find_scheme(std::string_view name_or_alias);

Version parse(const Scheme& scheme, std::string_view text);
int compare(const Scheme& scheme, std::string_view a, std::string_view b);

}  // namespace plimsoll::version
