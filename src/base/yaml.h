// YAML documents that people write and we judge: a tree that knows its lines, so that an error can point at one.
//
// Read strictly, for such documents decide what is let through: one document, no anchors, aliases, merge keys or tags (so
// nothing can grow), no key twice in one map, keys are plain text. JSON is read too, being YAML.
// Scalars keep the text as written: what it means is for the schema that reads it (a version 1.10 stays "1.10").
// Errors   Malformed "line 3, column 7: ...", Limit (bytes, depth, nodes).
// Cost     about 5 us a line. Threads: pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/limits.h"
#include "base/result.h"

namespace plimsoll {

struct YamlNode {
  enum class Kind : std::uint8_t { Missing, Null, Scalar, List, Map } kind = Kind::Missing;
  bool quoted = false;  // a scalar in quotes or a block: text, whatever it looks like
  int line = 0, column = 0;  // 1-based; 0 for a tree made of JSON that is part of the program
  std::string text;              // of a scalar
  std::vector<YamlNode> items;   // of a list; of a map its values, in order
  std::vector<std::string> names;  // of a map: items[i] is called names[i]
  std::vector<int> name_lines;

  bool exists() const { return kind != Kind::Missing; }
  bool is_map() const { return kind == Kind::Map; }
  bool is_list() const { return kind == Kind::List; }
  bool is_scalar() const { return kind == Kind::Scalar; }
  const YamlNode& operator[](std::string_view name) const;  // a Missing node when there is none
  // As JSON: numbers, true, false and null unless quoted, everything else text.
  void write(JsonWriter& json) const;
};

struct YamlLimits {
  std::uint64_t bytes = 1 << 20;
  std::uint32_t depth = 40;
  std::uint32_t nodes = 100'000;
};

Result<YamlNode> read_yaml(std::string_view text, const YamlLimits& limits = {});

}  // namespace plimsoll
