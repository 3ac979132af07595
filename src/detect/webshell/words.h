// Operators and keywords as numbers: a token gets its number once, when it is read, and the interpreter compares numbers.
//
//   if (t.word == "foreach") ...                    // the text becomes a number when this is compiled
//   constexpr WordSet kModifiers{"public", "final"};
//
// A text that stands in no list below does not compile.
#pragma once
#include <array>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace plimsoll::detect::web {
namespace words {

inline constexpr std::string_view kAll[] = {
    "",  // none of them
    "!", "!=", "!==", "!~", "$", "%", "%=", "&", "&&", "&&=", "&=", "(", ")", "*", "**", "**=", "*=", "+", "++", "+=", ",", "-", "--", "-=", "->",
    ".", "..", "...", "/", "//", "//=", "/=", ":", ":=", ";", "<", "<.>", "<.>=", "<<", "<<=", "<=", "<=>", "<>", "=", "==", "===", "=>", "=~", ">",
    ">=", ">>", ">>=", ">>>=", "?", "?=", "?" "?", "?" "?=", "@", "[", "]", "^", "^=", "{", "|", "|=", "||", "||=", "}", "~",
    "abstract", "and", "array", "as", "assert_", "async", "await", "bless", "break", "case", "catch", "chr", "class", "clone", "cmp", "const",
    "continue", "declare", "def", "default", "defined", "del", "delegate", "delete", "do", "each", "echo", "elif", "else", "elseif", "elsif", "empty",
    "enum", "eq", "eval", "except", "exists", "export", "false", "final", "finally", "fixed", "fn", "for", "foreach", "from", "function", "ge",
    "global", "goto", "grep", "gt", "if", "import", "in", "include", "include_once", "instanceof", "interface", "internal", "is", "isset", "join",
    "lambda", "lc", "le", "let", "list", "local", "lock", "lt", "map", "match", "me", "mod", "module", "my", "namespace", "native", "ne", "new",
    "none", "nonlocal", "not", "nothing", "null", "of", "or", "ord", "our", "out", "override", "package", "params", "parent", "partial", "pass",
    "pop", "print", "printf", "private", "protected", "public", "raise", "readonly", "readpipe", "ref", "require", "require_once", "return", "say",
    "scalar", "sealed", "self", "shift", "sort", "static", "sub", "super", "switch", "synchronized", "system", "this", "throw", "throws", "trait",
    "transient", "true", "try", "typeof", "uc", "unless", "unsafe", "unset", "until", "use", "using", "var", "virtual", "void", "volatile", "where",
    "while", "with", "x", "x=", "xor", "yield", "byval",
};
inline constexpr std::size_t kCount = std::size(kAll), kSlots = 1024, kLongest = 16;
static_assert(kCount < 256);

constexpr std::uint32_t hash(std::string_view text) {
  std::uint32_t h = 0x811c9dc5;
  for (const char c : text) h = (h ^ static_cast<std::uint8_t>(c)) * 0x01000193;
  return h ^ (h >> 15);
}

constexpr std::array<std::uint8_t, kSlots> make_slots() {
  std::array<std::uint8_t, kSlots> out{};
  for (std::size_t i = 1; i < kCount; ++i) {
    std::size_t at = hash(kAll[i]) % kSlots;
    while (out[at] != 0) at = (at + 1) % kSlots;
    out[at] = static_cast<std::uint8_t>(i);
  }
  return out;
}
inline constexpr std::array<std::uint8_t, kSlots> kTable = make_slots();

// 0 for a text that is none.
constexpr std::uint8_t find(std::string_view text) {
  if (text.size() > kLongest) return 0;
  for (std::size_t at = hash(text) % kSlots; kTable[at] != 0; at = (at + 1) % kSlots)
    if (kAll[kTable[at]] == text) return kTable[at];
  return 0;
}

}  // namespace words

class Word {
 public:
  constexpr Word() = default;
  consteval Word(const char* text) : id_(words::find(text)) {  // NOLINT: so that a word can be written where it is compared
    if (id_ == 0 && *text != '\0') throw "no word of the list";
  }
  // Of a program's text; `fold`: the language does not tell upper from lower case.
  static Word of(std::string_view text, bool fold) {
    Word w;
    if (!fold) {
      w.id_ = words::find(text);
    } else if (text.size() <= words::kLongest) {
      char low[words::kLongest] = {};
      for (std::size_t i = 0; i < text.size(); ++i) low[i] = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
      w.id_ = words::find({low, text.size()});
    }
    return w;
  }
  constexpr std::uint8_t id() const { return id_; }
  constexpr std::string_view text() const { return words::kAll[id_]; }
  // "+=" without its "=".
  Word operation() const { return of(text().substr(0, text().empty() ? 0 : text().size() - 1), false); }
  friend constexpr bool operator==(Word a, Word b) { return a.id_ == b.id_; }

 private:
  std::uint8_t id_ = 0;
};

class WordSet {
 public:
  template <std::size_t... N>
  consteval WordSet(const char (&... texts)[N]) {
    (add(Word(texts)), ...);
  }
  constexpr bool contains(Word w) const { return (bits_[w.id() >> 6] >> (w.id() & 63)) & 1; }

 private:
  consteval void add(Word w) { bits_[w.id() >> 6] |= std::uint64_t{1} << (w.id() & 63); }
  std::uint64_t bits_[4] = {};
};

}  // namespace plimsoll::detect::web
