// The records of the JSON report, shared by formats/json.cc and the diff.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/report.h"
#include "report/order.h"

namespace plimsoll::report {

// Writes the member only when there are texts.
void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts);
void write_location(JsonWriter& json, const Location& location);
void write_package(JsonWriter& json, const Package& package);
void write_finding(JsonWriter& json, const Finding& finding);
void write_gap(JsonWriter& json, const Gap& gap);

// One record a line: `write(JsonWriter&, const T&)` for each.
template <class T, class Write>
void write_lines(JsonWriter& json, std::string_view name, const std::vector<const T*>& items, Write write) {
  json.key(name).begin_array();
  for (const T* item : items) json.on_one_line([&](JsonWriter& line) { write(line, *item); });
  json.end_array();
}

}  // namespace plimsoll::report
