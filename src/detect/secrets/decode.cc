#include "detect/secrets/decode.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace plimsoll::detect {
namespace {

constexpr std::size_t kLeastRun = 16, kLeastHex = 32, kMostPiece = 1 << 20;

constexpr std::array<std::int8_t, 256> kSixBits = [] {
  std::array<std::int8_t, 256> out{};
  for (auto& v : out) v = -1;
  for (int i = 0; i < 26; ++i) {
    out[static_cast<std::size_t>('A' + i)] = static_cast<std::int8_t>(i);
    out[static_cast<std::size_t>('a' + i)] = static_cast<std::int8_t>(26 + i);
  }
  for (int i = 0; i < 10; ++i) out[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(52 + i);
  out['+'] = out['-'] = 62;
  out['/'] = out['_'] = 63;
  return out;
}();
bool in_run(char c) { return kSixBits[static_cast<unsigned char>(c)] >= 0; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = static_cast<char>(c | 0x20);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}
bool printable(unsigned c) { return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\r' || c == '\t'; }

// Both alphabets, without padding in the middle; false at the first byte that is not printable.
bool decode_base64(std::string_view run, std::string& out) {
  out.clear();
  while (run.ends_with('=')) run.remove_suffix(1);
  if (run.size() % 4 == 1) return false;
  bool standard = false, url = false;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : run) {
    standard = standard || c == '+' || c == '/';
    url = url || c == '-' || c == '_';
    const int six = kSixBits[static_cast<unsigned char>(c)];
    if (six < 0 || (standard && url)) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(six);
    count += 6;
    if (count >= 8) {
      count -= 8;
      const unsigned byte = bits >> count & 0xff;
      if (!printable(byte)) return false;
      out += static_cast<char>(byte);
    }
  }
  return !out.empty();
}

bool decode_hex(std::string_view run, std::string& out) {
  out.clear();
  if (run.size() % 2) return false;
  for (std::size_t i = 0; i < run.size(); i += 2) {
    const int a = hex_value(run[i]), b = hex_value(run[i + 1]);
    if (a < 0 || b < 0 || !printable(static_cast<unsigned>(a * 16 + b))) return false;
    out += static_cast<char>(a * 16 + b);
  }
  return !out.empty();
}

bool decode_percent(std::string_view run, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < run.size(); ++i) {
    if (run[i] == '%' && i + 2 < run.size()) {
      const int a = hex_value(run[i + 1]), b = hex_value(run[i + 2]);
      if (a >= 0 && b >= 0) {
        if (!printable(static_cast<unsigned>(a * 16 + b))) return false;
        out += static_cast<char>(a * 16 + b);
        i += 2;
        continue;
      }
    }
    out += run[i];
  }
  return true;
}

void run_piece(std::string_view text, std::size_t begin, std::size_t end, std::vector<EncodedPiece>& out) {
  // Nearly all encoded text has one of these, nearly no long name in code has a digit.
  const auto likely = [](char c) { return (c >= '+' && c <= '9') || c == '_'; };
  std::string_view run = text.substr(begin, end - begin);
  if (run.size() > kMostPiece) return;
  // A run may be hex inside (a hash between slashes is not): only whole runs count.
  if (run.size() >= kLeastHex && std::all_of(run.begin(), run.end(), [](char c) { return hex_value(c) >= 0; })) {
    std::string decoded;
    if (run.find_first_of("0123456789") != std::string_view::npos && decode_hex(run, decoded)) {
      out.push_back({begin, end, Encoding::Hex, std::move(decoded)});
      return;
    }
  }
  // Most runs are names and paths: their first three bytes already decode to something that is not printable.
  const std::uint32_t head = static_cast<std::uint32_t>(kSixBits[static_cast<unsigned char>(run[0])]) << 18 | static_cast<std::uint32_t>(kSixBits[static_cast<unsigned char>(run[1])]) << 12 | static_cast<std::uint32_t>(kSixBits[static_cast<unsigned char>(run[2])]) << 6 | static_cast<std::uint32_t>(kSixBits[static_cast<unsigned char>(run[3])]);
  if (!printable(head >> 16) || !printable(head >> 8 & 0xff) || !printable(head & 0xff)) return;
  if (std::none_of(run.begin(), run.end(), likely)) return;
  std::string decoded;
  std::size_t stop = end;
  while (stop < text.size() && stop < end + 2 && text[stop] == '=') ++stop;
  if (decode_base64(text.substr(begin, stop - begin), decoded)) out.push_back({begin, stop, Encoding::Base64, std::move(decoded)});
}

// Which of 64 bytes may stand in a run, the first as the lowest bit.
std::uint64_t run_mask_plain(const char* at) {
  std::uint64_t out = 0;
  for (unsigned i = 0; i < 64; ++i) out |= static_cast<std::uint64_t>(in_run(at[i])) << i;
  return out;
}

using Masks = void (*)(const char* at, std::size_t count, std::uint64_t* out);  // of count times 64 bytes

#if defined(__x86_64__)
[[gnu::always_inline]] inline unsigned run_mask16(const char* at) {
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const auto between = [](__m128i x, char low, char high) { return _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8(static_cast<char>(low - 1))), _mm_cmplt_epi8(x, _mm_set1_epi8(static_cast<char>(high + 1)))); };
  const __m128i letters = between(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z');
  const __m128i digits = between(v, '/', '9');  // '/' stands before '0'
  const __m128i marks = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('+')), _mm_cmpeq_epi8(v, _mm_set1_epi8('-'))), _mm_cmpeq_epi8(v, _mm_set1_epi8('_')));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(letters, digits), marks)));
}
void masks(const char* at, std::size_t count, std::uint64_t* out) {
  for (; count > 0; --count, at += 64, ++out) {
    *out = 0;
    for (unsigned i = 0; i < 4; ++i) *out |= static_cast<std::uint64_t>(run_mask16(at + 16 * i)) << (16 * i);
  }
}
// By halves of a byte: each high half that has any has one bit, and each low half says which of them it goes with.
[[gnu::target("avx2")]] void masks_avx2(const char* at, std::size_t count, std::uint64_t* out) {
  // 1: + - /   2: digits   4: @ and ` rows, all but the first   8: P row, to Z and _   16: p row, to z
  const __m256i by_low = _mm256_broadcastsi128_si256(_mm_setr_epi8(2 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 2 + 4 + 8 + 16, 4 + 8 + 16, 1 + 4, 4, 1 + 4, 4, 1 + 4 + 8));
  const __m256i by_high = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 0, 1, 2, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i half = _mm256_set1_epi8(0x0f), none = _mm256_setzero_si256();
  for (; count > 0; --count, at += 64, ++out) {
    std::uint64_t word = 0;
    for (unsigned i = 0; i < 2; ++i) {
      const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32 * i));
      const __m256i low = _mm256_shuffle_epi8(by_low, _mm256_and_si256(v, half));
      const __m256i high = _mm256_shuffle_epi8(by_high, _mm256_and_si256(_mm256_srli_epi16(v, 4), half));
      const auto out_of = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(low, high), none)));
      word |= static_cast<std::uint64_t>(~out_of) << (32 * i);
    }
    *out = word;
  }
}
Masks best_masks() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") ? masks_avx2 : masks;
}
#else
void masks(const char* at, std::size_t count, std::uint64_t* out) {
  for (; count > 0; --count, at += 64, ++out) *out = run_mask_plain(at);
}
Masks best_masks() { return masks; }
#endif

// Calls with every run of at least kLeastRun bytes.
template <class F>
void for_runs(std::string_view text, F&& each) {
  static const Masks kMasks = best_masks();
  constexpr std::size_t kAtOnce = 64;
  std::array<std::uint64_t, kAtOnce> words;
  std::uint64_t before = 0;  // the word in front
  std::size_t begin = 0;     // of the run that reaches its end, where it is all ones
  const auto word_at = [&](const std::uint64_t word, std::size_t base) {
    // Where 16 ones follow one another.
    static_assert(kLeastRun == 16);
    std::uint64_t long_ones = word & word >> 1;
    long_ones &= long_ones >> 2;
    long_ones &= long_ones >> 4;
    long_ones &= long_ones >> 8;
    const auto open = static_cast<unsigned>(std::countl_one(before)), ones = static_cast<unsigned>(std::countr_one(word));
    const std::uint64_t in_front = std::exchange(before, word);
    // Most words have no long run, nor end one that began in front of them.
    if (long_ones == 0 && open + ones < kLeastRun) return;
    const std::size_t from = in_front == ~0ull ? begin : base - open;
    if (ones == 64) {
      begin = from;
      return;
    }
    if (open > 0 && base + ones - from >= kLeastRun) {
      each(from, base + ones);
      long_ones &= ~0ull << ones;
    }
    while (long_ones != 0) {
      const auto first = static_cast<unsigned>(std::countr_zero(long_ones));
      const unsigned end = first + static_cast<unsigned>(std::countr_one(word >> first));
      if (end == 64) return;
      each(base + first, base + end);
      long_ones &= ~0ull << end;
    }
  };
  std::size_t at = 0;
  while (text.size() - at >= 64) {
    const std::size_t count = std::min(kAtOnce, (text.size() - at) / 64);
    kMasks(text.data() + at, count, words.data());
    for (std::size_t i = 0; i < count; ++i) word_at(words[i], at + 64 * i);
    at += 64 * count;
  }
  // The rest, with something behind it that is in no run.
  std::array<char, 64> rest{};
  std::copy(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), rest.begin());
  word_at(run_mask_plain(rest.data()), at);
}

void percent_pieces(std::string_view text, std::vector<EncodedPiece>& out, std::size_t most) {
  const auto coded = [&](std::size_t at) { return at + 2 < text.size() && text[at] == '%' && hex_value(text[at + 1]) >= 0 && hex_value(text[at + 2]) >= 0; };
  for (std::size_t at = text.find('%'); at != std::string_view::npos && out.size() < most; at = text.find('%', at)) {
    if (!coded(at)) {
      ++at;
      continue;
    }
    // To the last of them on the line.
    const std::size_t line_end = std::min(text.find('\n', at), text.size());
    std::size_t last = line_end;
    while (last > at && !(last + 2 <= line_end && text[last] == '%' && coded(last))) --last;
    const std::size_t end = std::min(last + 3, line_end);
    std::string decoded;
    if (end - at <= kMostPiece && decode_percent(text.substr(at, end - at), decoded)) out.push_back({at, end, Encoding::Percent, std::move(decoded)});
    at = end;
  }
}

// Whether \u0041 or \U0041 stands anywhere.
bool has_escape(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (end - at >= 6 && (at = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at - 5))))) {
    if ((at[1] | 0x20) == 'u' && std::all_of(at + 2, at + 6, [](char c) { return hex_value(c) >= 0; })) return true;
    ++at;
  }
  return false;
}

void unicode_pieces(std::string_view text, std::vector<EncodedPiece>& out, std::size_t most) {
  // \u0041, \\u0041 and U+0041; length of one at `at`, and its value.
  const auto one = [&](std::size_t at, unsigned& value) -> std::size_t {
    std::size_t marks = 0;
    if (text.substr(at).starts_with("U+")) marks = 2;
    else if (text.substr(at).starts_with("\\u") || text.substr(at).starts_with("\\U")) marks = 2;
    else if (text.substr(at).starts_with("\\\\u") || text.substr(at).starts_with("\\\\U")) marks = 3;
    if (marks == 0 || at + marks + 4 > text.size()) return 0;
    value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const int h = hex_value(text[at + marks + i]);
      if (h < 0) return 0;
      value = value * 16 + static_cast<unsigned>(h);
    }
    return marks + 4;
  };
  std::size_t plus = text.find("U+");
  for (std::size_t at = 0; at < text.size() && out.size() < most;) {
    // Escapes are looked for by their backslash; U+0041 is rarer, and only read where escapes are too.
    if (plus < at) plus = text.find("U+", at);
    at = std::min(text.find('\\', at), plus);
    if (at == std::string_view::npos) break;
    const std::size_t begin = at;
    std::string decoded;
    bool plain = true;
    unsigned value = 0;
    for (std::size_t length; at < text.size() && (length = one(at, value)) > 0;) {
      plain = plain && printable(value);
      decoded += static_cast<char>(value);
      at += length;
      if (text[begin] == 'U' && at < text.size() && text[at] == ' ') ++at;
    }
    if (at == begin) {
      ++at;
      continue;
    }
    if (plain) out.push_back({begin, at, Encoding::Unicode, std::move(decoded)});
  }
}

}  // namespace

std::string_view to_string(Encoding value) {
  switch (value) {
    case Encoding::Base64: return "base64";
    case Encoding::Hex: return "hex";
    case Encoding::Percent: return "percent";
    case Encoding::Unicode: return "unicode";
  }
  return "";
}

std::vector<EncodedPiece> encoded_pieces(std::string_view text, std::size_t most) {
  std::vector<EncodedPiece> first;
  percent_pieces(text, first, most);
  if (has_escape(text)) unicode_pieces(text, first, most);
  std::sort(first.begin(), first.end(), [](const EncodedPiece& a, const EncodedPiece& b) { return a.begin < b.begin; });
  std::vector<EncodedPiece> runs;
  for_runs(text, [&](std::size_t begin, std::size_t end) {
    if (runs.size() < most) run_piece(text, begin, end, runs);
  });
  std::vector<EncodedPiece> out;
  std::size_t a = 0;
  for (EncodedPiece& run : runs) {
    for (; a < first.size() && first[a].end <= run.begin; ++a) {
      if (out.empty() || out.back().end <= first[a].begin) out.push_back(std::move(first[a]));
    }
    if (a < first.size() && first[a].begin < run.end) continue;
    out.push_back(std::move(run));
  }
  for (; a < first.size(); ++a)
    if (out.empty() || out.back().end <= first[a].begin) out.push_back(std::move(first[a]));
  return out;
}

}  // namespace plimsoll::detect
