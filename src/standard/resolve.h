// A standard with all it inherits put together: one flat list of rules, each with the name of who wrote it and of every
// override that changed it; named by the digest of that, so that a verdict says exactly by what it was reached.
//
// Errors   a parent that cannot be had, cyclic or too deep inheritance (8), an override of a rule that is not there, one
//          rule id in two standards. All are in `problems`, with the line in the document that says it.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "standard/document.h"

namespace plimsoll::standard {

struct Resolved {
  std::string name, title, description, version;
  std::string digest;                  // "sha256:..." of `json`
  std::string json;                    // the flattened document, canonical
  std::vector<std::string> lineage;    // itself first, then what it inherits, nearest first
  std::vector<Rule> rules;             // in order: inherited ones first
  Selector selector;
  bool allow_incomplete = false;
  std::string granted_by;
  std::optional<std::uint32_t> maximum_days;
  std::vector<std::string> exceptions;  // Exception documents as JSON
  std::vector<Example> examples;        // its own
};

// A document: its text and where it came from. `from` is the source of the standard that names it.
struct Document {
  std::string text, source;
};
using Loader = std::function<Result<Document>(std::string_view name, std::string_view from)>;

std::optional<Resolved> resolve(const Document& document, const Loader& load, Problems& problems);

// The standards inside the program: name and text (YAML), sorted by name.
const std::vector<std::pair<std::string, std::string_view>>& shipped_standards();
std::optional<std::string_view> shipped_standard(std::string_view name);

}  // namespace plimsoll::standard
