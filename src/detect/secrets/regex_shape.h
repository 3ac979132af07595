// The shape of a regular expression: what a search can know of a match before running the expression.
//
// Language  RE2's (and Go's) syntax: https://github.com/google/re2/wiki/Syntax. Bytes, not code points: a class with
//           letters beyond ASCII counts as any byte, which is safe here, since a shape only narrows where to look.
// Starts    every match begins with one of `starts` (each a sequence of byte sets), after `lead` was taken off. Empty:
//           nothing is known of how it begins.
// Lead      many public rules begin with an optional run of one class, `[\w.-]{0,50}?(?:acme)...`. It takes no part in
//           whether there is a match, so the search runs `without_lead`, anchored at the start found, and the caller
//           walks back over at most `lead_most` bytes of `lead` when it wants to know where the whole match begins.
// Cost      linear in the expression; a few microseconds each. Thread-safe.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/secrets/regex_tree.h"

namespace plimsoll::detect {

struct RegexStart {
  std::vector<ByteSet> bytes;  // consecutive
  std::uint32_t offset = 0;    // where the first of them lies in the match
};

struct RegexShape {
  static constexpr std::uint32_t kUnbounded = RegexNode::kUnbounded;
  std::vector<RegexStart> starts;
  std::uint32_t most_bytes = kUnbounded;  // length of the longest match of without_lead
  std::uint32_t groups = 0;               // capturing groups
  ByteSet lead;
  std::uint32_t lead_most = 0;            // 0: no lead was taken off
  std::string without_lead;               // the expression to search with
};

// nullopt when the expression is not of this language (look-around, back references, syntax errors).
std::optional<RegexShape> shape_of(std::string_view pattern);

// How few of the places of ordinary text a start matches, in bits; literals of three letters have about 12.
double selectivity(const RegexStart& start);

}  // namespace plimsoll::detect
