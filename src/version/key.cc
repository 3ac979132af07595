#include "version/key.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace plimsoll::version {
namespace {

constexpr std::uint8_t kLongNumber = 0xF0;  // digit counts from here on are written in four more bytes, of seven bits
constexpr std::uint8_t kHigh = kTags - 1;   // text bytes from here on are written in two

struct PreWord {
  std::string_view word;
  std::uint8_t rank;
};
// "a", "b", "c" and "m" count only before a digit: 1.1.1a is a later release of OpenSSL, 1.0a1 an alpha.
constexpr std::array<PreWord, 18> kPreWords = {{{"dev", 2},
                                                {"devel", 2},
                                                {"snapshot", 3},
                                                {"nightly", 3},
                                                {"alpha", 4},
                                                {"beta", 5},
                                                {"milestone", 6},
                                                {"m", 6},
                                                {"pre", 7},
                                                {"preview", 7},
                                                {"prerelease", 7},
                                                {"rc", 8},
                                                {"cr", 8},
                                                {"candidate", 8},
                                                {"a", 4},
                                                {"b", 5},
                                                {"c", 8},
                                                {"canary", 3}}};
constexpr std::uint8_t kTildeRank = 1;

std::uint8_t pre_rank(std::string_view word, bool before_digit) {
  for (const PreWord& pre : kPreWords)
    if (equals_ignore_case(word, pre.word)) return pre.word.size() == 1 && !before_digit ? 0 : pre.rank;
  return 0;
}

enum Class : std::uint8_t { kPre = 1, kEnd = 2, kWord = 3, kNumber = 4 };

// Walks the tokens of `text`: sink.pre(rank), sink.word(text), sink.number(digits).
template <class Sink>
void walk_natural(std::string_view text, Sink& sink) {
  while (!text.empty()) {
    if (is_digit(text[0])) {
      sink.number(take_while(text, is_digit));
    } else if (is_alpha(text[0])) {
      const std::string_view word = take_while(text, is_alpha);
      if (const auto rank = pre_rank(word, !text.empty() && is_digit(text[0])))
        sink.pre(rank);
      else
        sink.word(word);
    } else {
      if (text[0] == '~') sink.pre(kTildeRank);
      text.remove_prefix(1);
    }
  }
}

}  // namespace

bool all_digits(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (!is_digit(c)) return false;
  return true;
}

std::string_view strip_zeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view{} : digits.substr(first);
}

std::string_view take_while(std::string_view& rest, bool (*wanted)(char)) {
  std::size_t size = 0;
  while (size < rest.size() && wanted(rest[size])) ++size;
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return taken;
}

bool take_word(std::string_view& rest, std::string_view prefix) {
  if (rest.size() < prefix.size() || !equals_ignore_case(rest.substr(0, prefix.size()), prefix)) return false;
  rest.remove_prefix(prefix.size());
  return true;
}

std::string increment(std::string_view digits) {
  std::string out(digits.empty() ? "0" : digits);
  for (std::size_t i = out.size(); i-- > 0;) {
    if (out[i] != '9') {
      ++out[i];
      return out;
    }
    out[i] = '0';
  }
  return "1" + out;
}

int compare_numbers(std::string_view a, std::string_view b) {
  a = strip_zeros(a);
  b = strip_zeros(b);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  const int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

void Key::number(std::string_view digits) {
  digits = strip_zeros(digits);
  if (digits.size() < kLongNumber) {
    byte(static_cast<std::uint8_t>(digits.size()));
  } else {
    byte(kLongNumber);
    for (int shift = 21; shift >= 0; shift -= 7) byte(static_cast<std::uint8_t>(digits.size() >> shift & 0x7F));
  }
  bytes_.append(digits);
}

void Key::number(std::uint64_t value) { number(std::to_string(value)); }

// The bytes 0 and 1 are written as (1, 1) and (1, 2), so that 0 can end the text and still be the lowest; those from
// kHigh (none is in UTF-8) as (kHigh, 1) and so on.
void Key::text(std::string_view text) {
  for (const char c : text) {
    const auto value = static_cast<std::uint8_t>(c);
    if (value > 1 && value < kHigh) {
      bytes_.push_back(c);
    } else {
      byte(value > 1 ? kHigh : 1);
      byte(static_cast<std::uint8_t>(value > 1 ? value - kHigh + 1 : value + 1));
    }
  }
  byte(0);
}

std::string_view take_number(std::string_view& key) {
  if (key.empty()) return {};
  std::size_t size = static_cast<std::uint8_t>(key[0]);
  std::size_t head = 1;
  if (size == kLongNumber && key.size() >= 5) {
    size = 0;
    for (std::size_t i = 1; i < 5; ++i) size = size << 7 | static_cast<std::uint8_t>(key[i]);
    head = 5;
  }
  const std::string_view digits = key.substr(head, size);
  key.remove_prefix(head + digits.size());
  return digits;
}

std::string_view take_text(std::string_view& key) {
  const std::size_t end = key.find('\0');
  const std::string_view text = key.substr(0, end);
  key.remove_prefix(end == std::string_view::npos ? key.size() : end + 1);
  return text;
}

std::size_t first_difference(std::string_view a, std::string_view b) {
  const std::size_t size = std::min(a.size(), b.size());
  std::size_t at = 0;
  // Eight bytes at a time; versions of one package are often the same for the first twenty.
  for (std::uint64_t x, y; at + sizeof x <= size; at += sizeof x) {
    std::memcpy(&x, a.data() + at, sizeof x);
    std::memcpy(&y, b.data() + at, sizeof y);
    if (x != y) break;
  }
  while (at < size && a[at] == b[at]) ++at;
  return at;
}

void append_natural(Key& key, std::string_view text) {
  struct Writer {
    Key& key;
    std::uint32_t solid;  // key size up to the last token that is not a zero
    void pre(std::uint8_t rank) {
      key.truncate(solid);
      key.byte(kPre);
      key.byte(rank);
      solid = key.size();
    }
    void word(std::string_view letters) {
      key.byte(kWord);
      key.text(lower(letters));
      solid = key.size();
    }
    void number(std::string_view digits) {
      key.byte(kNumber);
      key.number(digits);
      if (!strip_zeros(digits).empty()) solid = key.size();
    }
  } writer{key, key.size()};
  walk_natural(text, writer);
  key.truncate(writer.solid);
  key.byte(kEnd);
}

bool natural_prerelease(std::string_view text) {
  struct Looker {
    bool found = false;
    void pre(std::uint8_t) { found = true; }
    void word(std::string_view) {}
    void number(std::string_view) {}
  } looker;
  walk_natural(text, looker);
  return looker.found;
}

}  // namespace plimsoll::version
