#include "plan/without_layers.h"

#include <algorithm>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace plimsoll::plan {
namespace {

constexpr std::string_view kLocations = "\"locations\":";

// Where kLocations stands. A record has a quote every dozen bytes, on which a search for one byte would halt: here for three.
std::size_t find_locations(std::string_view text) {
  std::size_t at = 0;
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), l = _mm_set1_epi8('l'), c = _mm_set1_epi8('c');
  const auto load = [&](std::size_t i) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i)); };
  for (; at + 16 + kLocations.size() <= text.size(); at += 16) {
    const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(load(at), quote), _mm_and_si128(_mm_cmpeq_epi8(load(at + 1), l), _mm_cmpeq_epi8(load(at + 3), c)));
    for (unsigned places = static_cast<unsigned>(_mm_movemask_epi8(both)); places != 0; places &= places - 1) {
      const std::size_t place = at + static_cast<std::size_t>(__builtin_ctz(places));
      if (text.substr(place).starts_with(kLocations)) return place;
    }
  }
#endif
  return text.find(kLocations, at);
}

bool is_digest(std::string_view text) {
  constexpr std::string_view kKind = "sha256:";
  return text.size() == kKind.size() + 64 && text.starts_with(kKind) &&
         std::all_of(text.begin() + kKind.size(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// The plain JSON of an array of flat objects, a token at a time.
class Tokens {
 public:
  Tokens(std::string_view text, std::size_t at) : text_(text), at_(at) {}
  std::size_t at() const { return at_; }
  char next() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (next() != c) return false;
    ++at_;
    return true;
  }
  // Without its quotes. False for one with escapes.
  bool string(std::string_view& out) {
    if (!take('"')) return false;
    const std::size_t end = text_.find('"', at_);
    if (end == std::string_view::npos) return false;
    out = text_.substr(at_, end - at_);
    if (out.find('\\') != std::string_view::npos) return false;
    at_ = end + 1;
    return true;
  }
  bool number() {
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > start;
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

}  // namespace

std::string_view without_layers(std::string_view element, std::string& arena) {
  const std::size_t start = find_locations(element);
  if (start == std::string_view::npos || (start > 0 && element[start - 1] == '\\')) return element;
  Tokens tokens(element, start + kLocations.size());
  const std::size_t begin = arena.size();
  std::size_t copied = 0;
  const auto plain = [&] {
    if (!tokens.take('[')) return false;
    do {
      if (!tokens.take('{')) return false;
      do {
        std::string_view key, value;
        if (!tokens.string(key) || !tokens.take(':')) return false;
        if (tokens.next() != '"') {
          if (!tokens.number()) return false;
          continue;
        }
        if (!tokens.string(value)) return false;
        if (key != "layer" || !is_digest(value)) continue;
        arena.append(element, copied, tokens.at() - 1 - value.size() - copied);
        copied = tokens.at() - 1;
      } while (tokens.take(','));
      if (!tokens.take('}')) return false;
    } while (tokens.take(','));
    return tokens.take(']');
  };
  if (!plain() || copied == 0) {
    arena.resize(begin);
    return element;
  }
  arena.append(element, copied);
  return std::string_view(arena).substr(begin);
}

}  // namespace plimsoll::plan
