// Any text as an expression: it is refused, or runs to an answer within its cost.
#include "base/bytes.h"
#include "standard/cel/evaluator.h"

void fuzz_standard_cel(plimsoll::Bytes input);
void fuzz_standard_cel(plimsoll::Bytes input) {
  using namespace plimsoll::standard::cel;
  Environment environment;
  environment.variables = {{"d", Type{}}, {"l", list_of(type(Type::Kind::Int))}};
  const auto root = parse(plimsoll::as_text(input));
  if (!root || !check(**root, environment)) return;
  const Run::Variables variables = [](const std::string& name) { return name == "l" ? Value::list({Value(std::int64_t{1}), Value(std::int64_t{2})}) : Value(std::string("d")); };
  Run run(variables, 20'000);
  (void)debug_text(run.evaluate(**root));
}
