// Patterns over the bytes of programs that capture a version: what rules/classifiers/ are written in.
//
// Language  literal bytes, with escapes \0 \n \t \\ \{ \xHH, and these parts:
//   {version}   digits, at least one more number behind a dot, and a suffix as releases have it ("1.1.1w", "9.3p1",
//               "2.0-rc1", "1.0.0-beta.2"); captured
//   {numeric}   the same without a suffix; captured
//   {java}      a Java release: "17.0.9", "21", "1.8.0_392"; captured
//   {pathversion}  a version that goes on where the one in the file's name ends: "3.11.2" for python3.11; captured
//   {number}    digits; captured (one capture a pattern)
//   {digits}    digits, not captured
//   {spaces}    one or more spaces or tabs
//   {any}       at most 40 bytes of printable text, as few as will do
//   {path}      the version in the file's own name: "3.11" for python3.11; a file without one never matches this
// Cost      the longest literal is searched with memmem; the pattern is tried only around its places, at most 128 bytes
//           before each. No backtracking beyond {any}.
//
//   PLIM_TRY(const BytePattern nginx, BytePattern::parse("nginx/{version}\\0"));
//   nginx.find(file, "nginx")  ->  "1.25.3"
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace plimsoll::inventory {

class BytePattern {
 public:
  // Errors: Malformed: an unknown part or escape, no literal of at least three bytes ({path} counts), nothing captured.
  static Result<BytePattern> parse(std::string_view text);
  // The first version captured in `file`, whose base name is `name`.
  std::optional<std::string> find(Bytes file, std::string_view name) const;

 private:
  enum class Part : std::uint8_t { Literal, Version, Numeric, Java, PathVersion, Number, Digits, Spaces, Any, Path };
  struct Piece {
    Part part;
    std::string literal;
  };
  static bool captures(Part part);
  static bool match(std::string_view text, std::size_t piece, const std::vector<Piece>& pieces, std::string_view& captured);
  std::vector<Piece> pieces_;
};

// Length of a version at the front of `text`; 0 when there is none.
std::size_t version_at(std::string_view text, bool with_suffix = true);

// The first run of digits and dots in a file name: "python3.11" -> "3.11", "libssl.so.3" -> "3"; empty when it has none.
std::string_view version_in_name(std::string_view name);

}  // namespace plimsoll::inventory
