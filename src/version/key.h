// Key: writes sort keys, byte strings whose byte order is the order of versions.
//
// Every item below is prefix-free among its kind, so items can follow each other: the first that differs decides.
// A scheme puts a class byte of its own before an item where kinds may meet at one place.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::version {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
inline bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
inline bool is_alpha(char c) { return is_lower(c) || is_upper(c); }
inline bool is_alnum(char c) { return is_digit(c) || is_alpha(c); }
bool all_digits(std::string_view text);                 // false when empty
std::string_view strip_zeros(std::string_view digits);  // leading ones; "" for zero
// Takes the longest run of bytes that satisfy `wanted` off the front of `rest`.
std::string_view take_while(std::string_view& rest, bool (*wanted)(char));
// Takes `prefix` (lower case) off the front of `rest`, ASCII case ignored; false when it is not there.
bool take_word(std::string_view& rest, std::string_view prefix);
// The decimal number one greater.
std::string increment(std::string_view digits);
// Numbers of any length by value, as decimal digits: -1, 0, 1.
int compare_numbers(std::string_view a, std::string_view b);

// No byte that Key::number and Key::text write is this or above: a scheme whose tags are finds at the first byte that
// differs between two keys whether it is in an item's value, where bytes decide, or at the start of an item.
constexpr std::uint8_t kTags = 0xF6;

class Key {
 public:
  explicit Key(std::size_t text_size) { bytes_.reserve(text_size + 12); }
  void byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  // A number by value, any length: its digit count, then its digits without leading zeros.
  void number(std::string_view digits);
  void number(std::uint64_t value);
  // Text by its bytes, as strcmp would, but for any bytes.
  void text(std::string_view text);
  std::uint32_t size() const { return static_cast<std::uint32_t>(bytes_.size()); }
  void truncate(std::uint32_t size) { bytes_.resize(size); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Takes a number written by Key::number off the front of `key`; its digits without leading zeros ("" for zero).
std::string_view take_number(std::string_view& key);
// Takes a text written by Key::text off the front of `key`, still escaped: fit for comparing, not for showing.
std::string_view take_text(std::string_view& key);

// The first place where two keys differ; the size of the shorter when it is the beginning of the other.
std::size_t first_difference(std::string_view a, std::string_view b);

// The natural order, that of the scheme `generic` and the last resort of others. Numbers by value, words by their
// letters without case, any other byte only separates. At one place: pre-release word (dev, snapshot, alpha, beta,
// milestone, pre, rc and the like, in that order, or anything after ~) < end < other word < number. Zeros before the
// end or before a pre-release word do not count: 1.0 = 1, 1.0-rc1 = 1-rc1 < 1.
void append_natural(Key& key, std::string_view text);
bool natural_prerelease(std::string_view text);

}  // namespace plimsoll::version
