// Whether a match of an expression may begin at a place: asked before RE2, which costs some hundred nanoseconds a call.
//
// What     an automaton over the expression's tree (regex_tree.h) with its long repetitions loosened to "any number", so that
//          it has few states. "No" is certain, "yes" is to be confirmed. Expressions that the tree does not cover (look-around,
//          letters beyond ASCII) always get a "yes".
// Cost     built at first use (some 20 us), its states as they are met; then 1 to 2 ns a byte looked at, most places 3 to 10
//          bytes. Up to some 16 KiB each.
// Threads  may be asked by many at once.
#pragma once
#include <memory>
#include <string_view>

namespace plimsoll::detect {

class StartFilter {
 public:
  explicit StartFilter(std::string_view pattern);
  ~StartFilter();
  StartFilter(StartFilter&&) noexcept;
  StartFilter& operator=(StartFilter&&) noexcept;
  // Whether a match that begins at text[from] may end by `to`.
  bool may_match(std::string_view text, std::size_t from, std::size_t to) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::detect
