#include "version/range_text.h"

#include "base/text.h"

namespace plimsoll::version {
namespace {

struct Operator {
  std::string_view text;
  Test test;
};
// Longer ones first.
constexpr Operator kOperators[] = {{"==", is_equal},         {"!=", is_not_equal},     {"<>", is_not_equal},
                                   {"<=", is_less_equal},    {">=", is_greater_equal}, {"=<", is_less_equal},
                                   {"=>", is_greater_equal}, {"=", is_equal},          {"<", is_less},
                                   {">", is_greater}};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_operator(char c) { return c == '<' || c == '>' || c == '=' || c == '!' || c == '~' || c == '^'; }

}  // namespace

Comparator take_comparator(std::string_view text) {
  for (const Operator& op : kOperators)
    if (text.substr(0, op.text.size()) == op.text)
      return {text.substr(0, op.text.size()), op.test, trim(text.substr(op.text.size()))};
  return {{}, is_equal, trim(text)};
}

Error bad_range(std::string_view part) {
  return malformed(
      cat("version range: cannot read \"", to_utf8(part.substr(0, 80)), part.size() > 80 ? "...\"" : "\""));
}

std::vector<std::string_view> split_alternatives(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(trim(text.substr(0, at)));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

std::vector<std::string_view> split_comparators(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  bool open = true;  // only operators and spaces since `start`
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool ends = i == text.size() || text[i] == ',' || (is_space(text[i]) && !open);
    if (ends) {
      if (const std::string_view part = trim(text.substr(start, i - start)); !part.empty()) parts.push_back(part);
      start = i + 1;
      open = true;
    } else if (!is_space(text[i]) && !is_operator(text[i])) {
      open = false;
    }
  }
  return parts;
}

Result<Range> parse_intervals(std::string_view text, Version (*parse)(std::string_view)) {
  Range range;
  for (std::string_view rest = trim(text); !rest.empty();) {
    const std::size_t end = rest.find_first_of("])");
    if ((rest[0] != '[' && rest[0] != '(') || end == std::string_view::npos) return bad_range(rest);
    const bool with_low = rest[0] == '[';
    const bool with_high = rest[end] == ']';
    const std::string_view inside = rest.substr(1, end - 1);
    Conditions conditions;
    if (inside.find(',') == std::string_view::npos) {
      if (!with_low || !with_high || trim(inside).empty()) return bad_range(rest);
      conditions.push_back({is_equal, parse(trim(inside))});
    } else {
      const auto [low, high] = cut(inside, ',');
      if (high.find(',') != std::string_view::npos) return bad_range(rest);
      if (!trim(low).empty()) conditions.push_back({with_low ? is_greater_equal : is_greater, parse(trim(low))});
      if (!trim(high).empty()) conditions.push_back({with_high ? is_less_equal : is_less, parse(trim(high))});
    }
    range.any_of.push_back(std::move(conditions));
    if (range.any_of.size() > kMaxConditions) return limit_reached("version range has too many intervals");
    rest = trim(rest.substr(end + 1));
    if (!rest.empty()) {
      if (rest[0] != ',') return bad_range(rest);
      rest = trim(rest.substr(1));
      if (rest.empty()) return bad_range(text);
    }
  }
  if (range.any_of.empty()) return bad_range(text);
  return range;
}

}  // namespace plimsoll::version
