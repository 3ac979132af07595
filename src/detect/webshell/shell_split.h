// A shell script as a flat row of words, operators and here documents; what stands in a word is not looked at yet.
//
// Posture  hostile. One pass, O(text); at most 200,000 pieces; quotes nest 20 deep.
// Source   POSIX.1-2017, Shell Command Language, 2.2 Quoting, 2.3 Token Recognition, 2.7 Redirection; bash reference.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::detect::web {

struct Piece {
  enum class Kind : std::uint8_t { Word, Op, Document } kind = Kind::Word;
  std::string text;
  std::uint32_t line = 0;
  bool quoted = false;  // Document: not expanded
};

std::vector<Piece> split_pieces(std::string_view text, std::uint32_t line);
// From an opening quote, "$(", "${", "<(" or "`" at `i` to behind its end.
std::size_t skip_quoted(std::string_view text, std::size_t i, int depth = 0);

}  // namespace plimsoll::detect::web
