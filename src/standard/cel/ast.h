// The syntax tree of a CEL expression, and its types.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "standard/cel/value.h"

namespace plimsoll::standard::cel {

struct Type {
  enum class Kind : std::uint8_t { Dyn, Null, Bool, Int, Uint, Double, String, Bytes, Timestamp, Duration, List, Map, Optional, Object, TypeOf, Param } kind = Kind::Dyn;
  std::vector<Type> args;  // List, Optional: the element; Map: key and value
  std::string name;        // Object, Param
  std::string text() const;
};
Type list_of(Type element);
Type map_of(Type key, Type value);
Type optional_of(Type element);
Type object(std::string name);
inline Type type(Type::Kind kind) { return {.kind = kind}; }

enum class NodeKind : std::uint8_t { Literal, Name, Select, Has, Call, List, Map, Conditional, And, Or, Comprehension };
enum class Macro : std::uint8_t { All, Exists, ExistsOne, Map, MapFilter, Filter, OptMap, OptFlatMap, TransformList, TransformMap, TransformMapEntry };

struct Node {
  NodeKind kind{};
  std::size_t offset = 0;  // in the text
  Value literal;
  std::string name;        // Name, Select and Has: the member; Call: the function; Comprehension: the variable
  std::string second;      // Comprehension of two variables: the value, where `name` is the index or the key
  bool receiver = false;   // Call: args[0] stands before the dot
  bool optional = false;   // Select: a.?b, whose value may not be there
  bool if_there = false;   // an entry of a list, or a value of a map, that is left out when it is not there: [?x], {?k: x}
  Macro macro{};
  std::vector<std::unique_ptr<Node>> args;  // Map: key, value, key, value...; Comprehension: range, then the body (a filter before it)
  Type type;               // set by the checker
};
using NodePtr = std::unique_ptr<Node>;

struct SyntaxLimits {
  std::size_t bytes = 8192;
  std::size_t nodes = 2048;
  int depth = 60;
};
// Errors: Malformed "at character 12: ..."; Limit.
Result<NodePtr> parse(std::string_view text, const SyntaxLimits& limits = {});

// What names mean. `members` gives the type of an object's member; nullopt when it has none.
struct Environment {
  std::map<std::string, Type, std::less<>> variables;
  std::optional<Type> (*member)(const std::string& object, const std::string& name) = nullptr;
  std::vector<std::string_view> (*members)(const std::string& object) = nullptr;  // for "did you mean"
};
// Fills in the types; the type of the whole. Errors: Malformed.
Result<Type> check(Node& root, const Environment& environment);

}  // namespace plimsoll::standard::cel
