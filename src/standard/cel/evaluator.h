// Runs a checked expression within a cost.
//
// Cost     each part of the tree that is evaluated costs 1, a pass through a list or text costs by its length; beyond the
//          limit the answer is a Failure, never a value. Kubernetes stops an expression at 1,000,000 as well.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "standard/cel/ast.h"

namespace plimsoll::standard::cel {

constexpr std::uint64_t kMaxCost = 1'000'000;

class Run {
 public:
  // `variable` gives the value of a name of the environment; borrowed.
  using Variables = std::function<Value(const std::string& name)>;
  explicit Run(const Variables& variable, std::uint64_t limit = kMaxCost);
  ~Run();
  Value evaluate(const Node& node);
  // False when it is spent: the caller then returns spent().
  bool charge(std::uint64_t cost) { return (cost_ += cost) <= limit_; }
  static Value spent() { return Value::error("the expression costs more than it may"); }
  std::uint64_t cost() const { return cost_; }
  // Whether `text` holds a match; a Failure for a pattern that is none.
  Value matches(const std::string& text, const std::string& pattern);
  Value find(const std::string& text, const std::string& pattern);
  Value find_all(const std::string& text, const std::string& pattern, std::int64_t limit);  // negative: all

 private:
  Value select(const Node& node, bool test);
  Value member_of(const Value& of, const std::string& name, bool test);
  Value of_optional(const Node& node, const Value& range);
  Value call(const Node& node);
  Value logic(const Node& node);
  Value comprehension(const Node& node);
  Value of_two(const Node& node, const Value& range);  // a comprehension of two variables
  Value insert(Entries& into, const Value& key, const Value& value);  // a Failure when it cannot be
  struct Patterns;
  const Variables& variable_;
  std::uint64_t limit_, cost_ = 0;
  std::vector<std::pair<std::string_view, Value>> scope_;  // variables of comprehensions, innermost last
  std::unique_ptr<Patterns> patterns_;
};

}  // namespace plimsoll::standard::cel
