// A version scheme: how one ecosystem writes, orders and ranges its versions.
//
// A scheme is one file under schemes/ that defines `Scheme NAME()`; tests/data/version/NAME.tsv holds its table.
// Parsing never fails on order: a version the scheme calls invalid still parses, by the scheme's documented
// fallback, so that every pair compares the same way every time (antisymmetric, transitive, total).
// Thread rules: all functions are pure.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plimsoll::version {

// One version, parsed once and compared many times (tens of nanoseconds, no allocation).
class Parsed;

enum class Compare : std::uint8_t { Equal, Less, LessEqual, Greater, GreaterEqual };

}  // namespace plimsoll::version
