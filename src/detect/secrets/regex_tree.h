// A regular expression as a tree of byte sets: what regex_shape.h and start_filter.h reckon with.
//
// Language  RE2's (and Go's) syntax: https://github.com/google/re2/wiki/Syntax. Assertions match nothing here, and letters
//           beyond ASCII count as any byte, so a tree matches what the expression matches or more.
// Cost      linear in the expression. Thread-safe.
#pragma once
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::detect {

using ByteSet = std::bitset<256>;

struct RegexNode {
  static constexpr std::uint32_t kUnbounded = 0xffffffff;
  enum class Kind : std::uint8_t { Empty, Set, Concat, Alternate, Repeat };
  Kind kind = Kind::Empty;
  ByteSet set;
  std::vector<RegexNode> children;
  std::uint32_t least = 0, most = 0;   // of a Repeat; most may be kUnbounded
  std::size_t begin = 0, end = 0;      // in the pattern; of the parts of the outermost sequence
};

struct RegexTree {
  RegexNode root;
  std::uint32_t groups = 0;       // capturing groups
  std::string flags_after_first;  // "(?i)": those that hold behind the outermost sequence's first part
};

// nullopt when the expression is not of this language (look-around, back references, syntax errors).
std::optional<RegexTree> parse_regex(std::string_view pattern);

}  // namespace plimsoll::detect
