// A regular expression from a rule: RE2, and PCRE2 under match limits for what RE2 refuses (look-around, back references).
//
// Text     bytes (Latin-1), unless the expression itself has letters beyond ASCII: then UTF-8.
// Time     RE2 is linear in the text. PCRE2 gives up after kPcreSteps steps: `gave_up` says so, and the caller names it.
// Compile  checked() compiles at once and says what is wrong; lazy() takes the expression on trust (shipped rules, which a
//          test compiles) and compiles at first use: 200 rules cost 0.1 s otherwise.
// Threads  a Regex may be used by many threads at once.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plimsoll::detect {

struct Span {
  std::size_t begin = 0, end = 0;
  bool set = false;  // a group may take no part in a match
  std::size_t size() const { return end - begin; }
};

class Regex {
 public:
  static constexpr std::uint32_t kPcreSteps = 200'000;
  // Errors: Malformed, with the library's own words.
  static Result<Regex> checked(std::string_view pattern);
  static Regex lazy(std::string_view pattern);
  Regex();  // matches nothing
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  const std::string& pattern() const;
  std::uint32_t groups() const;
  bool is_pcre() const;
  // Whether every match holds one of `words` (lower case, letters of either case): then a search may start from them.
  bool implies_any(const std::vector<std::string>& words) const;
  // Whether it matches anywhere in `text`.
  bool matches(std::string_view text) const;
  // First match in text[from, to); assertions see all of `text`. spans[0] is the match, then the groups.
  enum class Where : std::uint8_t { Anywhere, AtFrom };
  bool find(std::string_view text, std::size_t from, std::size_t to, Where where, std::vector<Span>& spans, bool& gave_up) const;

 private:
  struct State;
  explicit Regex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::detect
