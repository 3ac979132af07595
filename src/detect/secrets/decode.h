// Pieces of a text that are encoded: base64, hex, percent, \uXXXX. Only what decodes to printable ASCII counts.
//
// Cost  one pass at some GB/s; runs that look encoded are decoded until the first byte that is not printable.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::detect {

enum class Encoding : std::uint8_t { Base64, Hex, Percent, Unicode };
std::string_view to_string(Encoding value);

struct EncodedPiece {
  std::size_t begin = 0, end = 0;  // in the text
  Encoding encoding = Encoding::Base64;
  std::string decoded;
};

// In order, not overlapping: a percent or \u piece wins over the base64 around it, which then waits for the next round.
// At most `most` pieces.
std::vector<EncodedPiece> encoded_pieces(std::string_view text, std::size_t most);

}  // namespace plimsoll::detect
