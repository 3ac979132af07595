#include "version/line_protocol.h"

#include "base/text.h"

namespace plimsoll::version {
namespace {

std::pair<std::string_view, std::string_view> fields(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return cut(line, '\t');
}

}  // namespace

LineAnswer compare_line(const Scheme& scheme, std::string_view line) {
  const auto [a, b] = fields(line);
  const int order = compare(scheme, a, b);
  return {order < 0 ? "-1" : order > 0 ? "1" : "0", {}};
}

LineAnswer match_line(const Scheme& scheme, std::string_view line) {
  const auto [version, text] = fields(line);
  const Result<Range> range = parse_range(scheme, text);
  if (!range) return {"false", range.error().message()};
  return {contains(*range, parse(scheme, version)) ? "true" : "false", {}};
}

}  // namespace plimsoll::version
