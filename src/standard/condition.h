// Conditions: what a rule asks of one finding, one package, the image... A criterion is field, operator, value; all, any
// and not join them, at most three deep (so that the same document is a Kubernetes custom resource with a structural
// schema); an expression says in CEL what criteria cannot.
//
//   {field: severity, operator: atLeast, value: critical}
//   {all: [{...}, {any: [{...}, {not: {...}}]}]}
//   {cel: "finding.epss > 0.1 && finding.paths.exists(p, p.startsWith('app/'))"}
//
// What is not known is neither yes nor no (Truth::Unknown), through all, any and not as in Kleene's logic; the rule says
// what that counts as. For findings and packages a text that is absent is known to be absent.
// Cost     a criterion over numbers and words about 3 ns, over texts about 20 ns, a glob about 100 ns. Threads: pure.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/yaml.h"
#include "standard/field.h"

namespace plimsoll::standard {

namespace cel {
class Program;
}

enum class Truth : std::uint8_t { No, Yes, Unknown };

enum class Operator : std::uint8_t {
  Is, IsNot, In, NotIn, AtLeast, AtMost, MoreThan, LessThan, Matches, NotMatches, Contains, Lacks, OnlyIn, OlderThan, NewerThan, Before, After, InRange, Exists
};
std::string_view to_string(Operator op);
std::string_view help_of(Operator op);
std::optional<Operator> operator_from(std::string_view text);
// Those that make sense for a field.
std::vector<Operator> operators_of(const Field& field);

struct Condition {
  enum class Kind : std::uint8_t { All, Any, Not, Criterion, Expression } kind = Kind::All;
  Operator op = Operator::Is;
  bool want = true;             // Truth and Exists: the value
  const Field* field = nullptr;
  double number = 0;            // Number; Date: the day, or days for OlderThan and NewerThan; "today" is infinity
  std::uint64_t words = 0;      // Word: bit i is set when the word i satisfies the criterion
  std::vector<std::string> values;  // as written
  std::string key;              // Map
  std::vector<Condition> parts;
  std::string expression;
  std::shared_ptr<const cel::Program> program;  // shared: rules are copied when standards are inherited, programs are not
  int line = 0;
};

constexpr int kMaxNesting = 3;

// Something wrong in a document, with its place.
struct Problem {
  int line = 0, column = 0;
  bool warning = false;
  std::string message;
};
class Problems {
 public:
  void error(const YamlNode& node, std::string message) { list_.push_back({node.line, node.column, false, std::move(message)}); }
  void error(int line, std::string message) { list_.push_back({line, 0, false, std::move(message)}); }
  void warn(int line, std::string message) { list_.push_back({line, 0, true, std::move(message)}); }
  bool has_errors() const;
  const std::vector<Problem>& list() const { return list_; }
  void sort();
  // "FILE:3:7: error: ...", a line each.
  std::string text(std::string_view source) const;

 private:
  std::vector<Problem> list_;
};

// Reads a condition over `subject`; what is wrong goes to `problems`, and the result is then not to be used.
Condition read_condition(const YamlNode& node, Subject subject, Problems& problems, int depth = 0);

Truth holds(const Condition& condition, const Facts& facts, const void* item);

// Canonical JSON: two conditions that say the same in the same words give the same text.
void write_condition(JsonWriter& json, const Condition& condition);
std::string condition_text(const Condition& condition);
// "severity is at least critical and exploited": for people.
std::string in_words(const Condition& condition);

}  // namespace plimsoll::standard
