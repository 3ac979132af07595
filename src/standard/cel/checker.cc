// The types of an expression, found before it runs: a misspelt member or a number compared with a text is an error when
// the standard is read, not when an image is judged.
#include <algorithm>

#include "base/nearest.h"
#include "base/text.h"
#include "standard/cel/ast.h"
#include "standard/cel/functions.h"

namespace plimsoll::standard::cel {
namespace {

using Kind = Type::Kind;
using Bindings = std::map<std::string, Type>;

// Whether a value of type `actual` may stand where `wanted` is; parameters are bound on the way.
bool fits(const Type& wanted, const Type& actual, Bindings& bindings) {
  if (wanted.kind == Kind::Param) {
    const auto found = bindings.find(wanted.name);
    if (found == bindings.end()) {
      bindings[wanted.name] = actual;
      return true;
    }
    const Type bound = found->second;
    if (bound.kind == Kind::Dyn) {
      if (actual.kind != Kind::Dyn) bindings[wanted.name] = actual;
      return true;
    }
    return fits(bound, actual, bindings);
  }
  if (wanted.kind == Kind::Dyn || actual.kind == Kind::Dyn) return true;
  if (wanted.kind != actual.kind || wanted.name != actual.name || wanted.args.size() != actual.args.size()) return false;
  for (std::size_t i = 0; i < wanted.args.size(); ++i)
    if (!fits(wanted.args[i], actual.args[i], bindings)) return false;
  return true;
}

Type bound(const Type& type, const Bindings& bindings) {
  if (type.kind == Kind::Param) {
    const auto found = bindings.find(type.name);
    return found == bindings.end() ? Type{} : found->second;
  }
  Type out = type;
  for (Type& argument : out.args) argument = bound(argument, bindings);
  return out;
}

bool same(const Type& a, const Type& b) {
  return a.kind == b.kind && a.name == b.name && std::equal(a.args.begin(), a.args.end(), b.args.begin(), b.args.end(), same);
}
// The type of a list that holds both.
Type join(const Type& a, const Type& b) { return same(a, b) ? a : Type{}; }

// Types of the libraries, which are no rows: their names have a dot and are no path of an environment's objects.
bool is_extra(std::string_view name) { return name.starts_with("net.") || name.starts_with("kubernetes."); }

Error at(const Node& node, std::string_view why) { return malformed(cat("at character ", node.offset + 1, ": ", why)); }

class Checker {
 public:
  explicit Checker(const Environment& environment) : environment_(environment) {}

  Result<Type> check(Node& node) {
    auto out = one(node);
    if (out) node.type = *out;
    return out;
  }

 private:
  Result<Type> one(Node& node) {
    switch (node.kind) {
      case NodeKind::Literal: return literal(node.literal);
      case NodeKind::Name: return name(node);
      case NodeKind::Select: case NodeKind::Has: return select(node);
      case NodeKind::Call: return call(node);
      case NodeKind::List: case NodeKind::Map: return collection(node);
      case NodeKind::Conditional: return conditional(node);
      case NodeKind::And: case NodeKind::Or: {
        for (const NodePtr& part : node.args) PLIM_CHECK(truth(*part, node.kind == NodeKind::And ? "&&" : "||"));
        return type(Kind::Bool);
      }
      case NodeKind::Comprehension: return comprehension(node);
    }
    return Type{};
  }

  static Result<Type> literal(const Value& value) {
    if (value.as<Null>()) return type(Kind::Null);
    if (value.as<bool>()) return type(Kind::Bool);
    if (value.as<std::int64_t>()) return type(Kind::Int);
    if (value.as<std::uint64_t>()) return type(Kind::Uint);
    if (value.as<double>()) return type(Kind::Double);
    return type(value.as<Bytes>() ? Kind::Bytes : Kind::String);
  }

  Status truth(Node& node, std::string_view where) {
    PLIM_TRY(const Type got, check(node));
    if (got.kind != Kind::Bool && got.kind != Kind::Dyn) return at(node, cat(where, " needs true or false, and this is ", got.text()));
    return Ok{};
  }

  Result<Type> name(Node& node) {
    for (std::size_t i = scope_.size(); i-- > 0;)
      if (scope_[i].first == node.name) return scope_[i].second;
    if (const auto found = environment_.variables.find(node.name); found != environment_.variables.end()) return found->second;
    static constexpr std::string_view types[] = {"bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type"};
    if (std::find(std::begin(types), std::end(types), node.name) != std::end(types)) {
      const std::string spelled = node.name;
      node.kind = NodeKind::Literal;
      node.literal = Value(TypeName{spelled});
      return type(Kind::TypeOf);
    }
    std::vector<std::string_view> names;
    for (const auto& [each, unused] : environment_.variables) names.push_back(each);
    const std::string_view near = nearest(node.name, names);
    return at(node, cat("\"", node.name, "\" is not known here", near.empty() ? std::string() : cat("; did you mean \"", near, "\"?")));
  }

  Result<Type> select(Node& node) {
    PLIM_TRY(Type of, check(*node.args[0]));
    Type out;
    const bool chained = of.kind == Kind::Optional;  // a.?b.c: what is asked of a value that may not be there may not be there
    if (chained) of = Type(of.args[0]);
    if (of.kind == Kind::Map) {
      out = of.args[1];
    } else if (of.kind == Kind::Object && (environment_.member == nullptr || is_extra(of.name))) {
      return at(node, cat(of.text(), " has functions, and no members"));
    } else if (of.kind == Kind::Object) {
      const auto member = environment_.member(of.name, node.name);
      if (!member) {
        const std::vector<std::string_view> names = environment_.members(of.name);
        const std::string_view near = nearest(node.name, names);
        return at(node, cat(of.name, " has no member \"", node.name, "\"", near.empty() ? std::string() : cat("; did you mean \"", near, "\"?")));
      }
      out = *member;
    } else if (of.kind != Kind::Dyn) {
      return at(node, cat(of.text(), " has no members"));
    }
    if (node.kind == NodeKind::Has) return type(Kind::Bool);
    return chained || node.optional ? optional_of(std::move(out)) : out;
  }

  Result<Type> call(Node& node) {
    const Function* function = find_function(node.name, node.receiver);
    if (function == nullptr) {
      const std::string_view near = nearest(node.name, function_names());
      const bool other_way = find_function(node.name, !node.receiver) != nullptr;
      return at(node, cat("there is no function \"", node.name, "\"", other_way ? (node.receiver ? " after a dot" : " without a value and a dot before it") : near.empty() ? std::string() : cat("; did you mean \"", near, "\"?")));
    }
    std::vector<Type> types;
    for (const NodePtr& argument : node.args) {
      PLIM_TRY(Type got, check(*argument));
      types.push_back(std::move(got));
    }
    std::optional<Type> out;
    for (const Signature& signature : function->signatures) {
      if (signature.parameters.size() != types.size()) continue;
      Bindings bindings;
      bool all = true;
      for (std::size_t i = 0; i < types.size() && all; ++i) all = fits(signature.parameters[i], types[i], bindings);
      if (!all) continue;
      const Type result = bound(signature.result, bindings);
      out = !out ? result : join(*out, result);
    }
    if (out) return *out;
    std::string given;
    for (const Type& each : types) given += cat(given.empty() ? "" : ", ", each.text());
    return at(node, cat("\"", node.name, "\" does not go with (", given, ")"));
  }

  Result<Type> collection(Node& node) {
    std::optional<Type> keys, values;
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      PLIM_TRY(Type got, check(*node.args[i]));
      if (node.args[i]->if_there) {
        if (got.kind != Kind::Optional && got.kind != Kind::Dyn) return at(*node.args[i], cat("an entry with ? needs an optional value, and this is ", got.text()));
        if (got.kind == Kind::Optional) got = Type(got.args[0]);
      }
      const bool key = node.kind == NodeKind::Map && i % 2 == 0;
      if (key && got.kind != Kind::Bool && got.kind != Kind::Int && got.kind != Kind::Uint && got.kind != Kind::String && got.kind != Kind::Dyn) return at(*node.args[i], cat(got.text(), " cannot be a key"));
      auto& into = key ? keys : values;
      into = into ? join(*into, got) : got;
    }
    if (node.kind == NodeKind::List) return list_of(values.value_or(Type{}));
    return map_of(keys.value_or(Type{}), values.value_or(Type{}));
  }

  Result<Type> conditional(Node& node) {
    PLIM_CHECK(truth(*node.args[0], "?"));
    PLIM_TRY(const Type yes, check(*node.args[1]));
    PLIM_TRY(const Type no, check(*node.args[2]));
    Bindings none;
    if (!fits(yes, no, none)) return at(node, cat("both sides of : must be of one type, not ", yes.text(), " and ", no.text()));
    return yes.kind == Kind::Dyn ? no.kind == Kind::Dyn ? yes : Type{} : yes;
  }

  // v.optMap(x, f(x)): f of the value where there is one.
  Result<Type> of_optional(Node& node, const Type& range) {
    if (range.kind != Kind::Optional && range.kind != Kind::Dyn) return at(*node.args[0], cat(range.text(), " is no optional value"));
    scope_.emplace_back(node.name, range.kind == Kind::Dyn ? Type{} : range.args[0]);
    auto out = check(*node.args[1]);
    scope_.pop_back();
    if (!out) return out;
    if (node.macro == Macro::OptMap) return optional_of(std::move(*out));
    if (out->kind != Kind::Optional && out->kind != Kind::Dyn) return at(*node.args[1], cat("optFlatMap needs an optional value, and this is ", out->text()));
    return out;
  }

  Result<Type> comprehension(Node& node) {
    PLIM_TRY(const Type range, check(*node.args[0]));
    if (node.macro == Macro::OptMap || node.macro == Macro::OptFlatMap) return of_optional(node, range);
    if (range.kind != Kind::List && range.kind != Kind::Map && range.kind != Kind::Dyn) return at(*node.args[0], cat(range.text(), " is neither a list nor a map"));
    if (!node.second.empty()) return of_two(node, range);
    const Type item = range.kind == Kind::Dyn ? Type{} : range.args[0];
    scope_.emplace_back(node.name, item);
    auto out = body(node, item);
    scope_.pop_back();
    return out;
  }

  Result<Type> of_two(Node& node, const Type& range) {
    const Type key = range.kind == Kind::Dyn ? Type{} : range.kind == Kind::List ? type(Kind::Int) : range.args[0];
    scope_.emplace_back(node.name, key);
    scope_.emplace_back(node.second, range.kind == Kind::Dyn ? Type{} : range.args.back());
    auto out = body_of_two(node, key);
    scope_.resize(scope_.size() - 2);
    return out;
  }

  Result<Type> body_of_two(Node& node, const Type& key) {
    const bool asks = node.macro < Macro::TransformList;
    if (asks || node.args.size() == 3) PLIM_CHECK(truth(*node.args[1], "the condition"));
    if (asks) return type(Kind::Bool);
    PLIM_TRY(Type made, check(*node.args.back()));
    if (node.macro == Macro::TransformList) return list_of(std::move(made));
    if (node.macro == Macro::TransformMap) return map_of(key, std::move(made));
    if (made.kind == Kind::Dyn) return map_of(Type{}, Type{});
    if (made.kind != Kind::Map) return at(*node.args.back(), cat("transformMapEntry needs a map, and this is ", made.text()));
    return made;
  }

  Result<Type> body(Node& node, const Type& item) {
    switch (node.macro) {
      case Macro::All: case Macro::Exists: case Macro::ExistsOne: PLIM_CHECK(truth(*node.args[1], "the condition")); return type(Kind::Bool);
      case Macro::Filter: PLIM_CHECK(truth(*node.args[1], "the condition")); return list_of(item);
      case Macro::MapFilter: PLIM_CHECK(truth(*node.args[1], "the condition")); break;
      default: break;
    }
    PLIM_TRY(Type element, check(*node.args.back()));
    return list_of(std::move(element));
  }

  const Environment& environment_;
  std::vector<std::pair<std::string, Type>> scope_;
};

}  // namespace

Type list_of(Type element) { return {.kind = Kind::List, .args = {std::move(element)}}; }
Type map_of(Type key, Type value) { return {.kind = Kind::Map, .args = {std::move(key), std::move(value)}}; }
Type optional_of(Type element) { return {.kind = Kind::Optional, .args = {std::move(element)}}; }
Type object(std::string name) { return {.kind = Kind::Object, .name = std::move(name)}; }

std::string Type::text() const {
  static constexpr std::string_view names[] = {"dyn", "null", "bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration", "list", "map", "optional_type", "", "type", ""};
  if (kind == Kind::Object || kind == Kind::Param) return name;
  std::string out(names[static_cast<std::size_t>(kind)]);
  for (std::size_t i = 0; i < args.size(); ++i) out += cat(i == 0 ? "(" : ", ", args[i].text());
  return args.empty() ? out : out + ")";
}

Result<Type> check(Node& root, const Environment& environment) { return Checker(environment).check(root); }

}  // namespace plimsoll::standard::cel
