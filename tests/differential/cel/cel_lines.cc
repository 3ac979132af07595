// Reads CEL expressions, one a line, and prints what src/standard/cel makes of each, as go/main.go does.
#include <iostream>
#include <string>

#include "standard/cel/evaluator.h"

using namespace plimsoll::standard::cel;

int main() {
  Environment environment;
  environment.variables = {{"n", type(Type::Kind::Int)}, {"x", type(Type::Kind::Double)}, {"s", type(Type::Kind::String)}, {"l", list_of(type(Type::Kind::Int))}, {"m", map_of(type(Type::Kind::String), type(Type::Kind::Int))}, {"d", Type{}}};
  const Run::Variables values = [](const std::string& name) -> Value {
    if (name == "n") return Value(std::int64_t{7});
    if (name == "x") return Value(2.5);
    if (name == "s") return Value(std::string("h\xC3\xA9llo"));
    if (name == "l") return Value::list({Value(std::int64_t{3}), Value(std::int64_t{1}), Value(std::int64_t{2})});
    if (name == "m") return Value::map({{Value(std::string("a")), Value(std::int64_t{1})}, {Value(std::string("b")), Value(std::int64_t{2})}});
    return Value(std::string("any"));
  };
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto root = parse(line);
    if (!root || !check(**root, environment)) {
      std::cout << "error\n";
      continue;
    }
    Run run(values);
    std::cout << debug_text(run.evaluate(**root)) << "\n";
  }
}
