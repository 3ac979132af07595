#include "base/json.h"
#include "base/json_split.h"

// Any text: what is split parses exactly when the whole does.
void fuzz_base_json_split(plimsoll::Bytes input) {
  using namespace plimsoll;
  JsonSplitter splitter;
  JsonPart parts[] = {{.name = "packages"}, {.name = "findings"}};
  std::string rest;
  if (!splitter.split(as_text(input), parts, rest)) return;
  const Limits whole{.nesting = 100}, inner{.nesting = 98};
  bool all = JsonDocument::parse(rest, whole).has_value();
  for (const JsonPart& part : parts)
    for (const std::string_view element : part.elements) all = all && JsonDocument::parse(element, inner).has_value();
  PLIM_ASSERT(all == JsonDocument::parse(as_text(input), whole).has_value());
}
