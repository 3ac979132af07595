// Many short starts looked for at once: Hyperscan where it is installed and the processor has SSSE3, else Aho-Corasick.
//
// What     expressions of up to 16 byte sets each (regex_shape.h). All places are reported, sorted by where they end;
//          an expression with `once` is reported at its first place only (or a few more).
// Loading  libhs is opened by dlopen at the first build: a program that never searches does not pay for it, and one without
//          the library still finds the same. A database goes by a hash of the expressions, the library's version and the
//          processor's kind. Those of the shipped rules are inside the program (tools/compile_literals.cc makes them when it
//          is built); of others, or with another version of the library, it is compiled and kept in `cache_directory`; a
//          damaged or foreign file there is compiled anew.
// Cost     compiling 300 expressions 10 to 60 ms (cached or inside the program: under 1 ms); searching 1 to 3 GB/s a core.
// Threads  built once, then used by many at once.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detect/secrets/regex_shape.h"

namespace plimsoll::detect {

struct Literal {
  std::vector<ByteSet> bytes;
  bool once = false;
  friend bool operator==(const Literal&, const Literal&) = default;
};

// The shipped rules' databases stand in the program masked, and this takes the mask off again: as they are they hold the words
// of miners and implants, for which this very program would be reported.
std::string mask_database(std::string_view bytes);

struct LiteralHit {
  std::uint32_t literal = 0;
  std::size_t begin = 0;
};

class LiteralSearch {
 public:
  // Portable: Aho-Corasick. Avx2, Ssse3: Hyperscan for such a processor, compiled or from the cache. Best: Hyperscan for this
  // one, the databases inside the program first, or Aho-Corasick.
  enum class Method : std::uint8_t { Best, Portable, Avx2, Ssse3 };
  // Where the database came from; Portable has none.
  enum class Origin : std::uint8_t { Portable, Program, Cache, Compiled };
  // Errors: Io, Malformed: the database cannot be built.
  static Result<LiteralSearch> build(const std::vector<Literal>& literals, const std::string& cache_directory = {}, Method method = Method::Best);
  ~LiteralSearch();
  LiteralSearch(LiteralSearch&&) noexcept;
  LiteralSearch& operator=(LiteralSearch&&) noexcept;

  // Appends to `hits`; false when more than `most` were found: the rest of the text was not searched.
  bool search(std::string_view text, std::vector<LiteralHit>& hits, std::size_t most) const;
  bool accelerated() const { return origin() != Origin::Portable; }
  Origin origin() const;
  const std::vector<Literal>& literals() const;

 private:
  struct State;
  explicit LiteralSearch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The literal text `word`, letters in either case.
Literal caseless(std::string_view word, bool once = false);

}  // namespace plimsoll::detect
