#include "report/spdx_ids.h"

#include <unordered_set>

#include "base/text.h"
#include "report/embedded.h"

namespace plimsoll::report {
namespace {

struct Ids {
  std::unordered_set<std::string_view> licences, exceptions;
  Ids() {
    std::string_view rest = spdx_rules(), line;
    while (next_line(rest, line)) {
      const auto [kind, more] = cut(line, '\t');
      const std::string_view name = cut(more, '\t').first;
      if (kind == "id") licences.insert(name);
      else if (kind == "exception") exceptions.insert(name);
    }
  }
};

const Ids& ids() {
  static const Ids table;
  return table;
}

// expression = term {("AND" | "OR") term}; term = "(" expression ")" | id ["+"] ["WITH" exception]
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}
  bool whole() { return expression(0) && next().empty(); }

 private:
  std::string_view peek() const {
    const std::string_view text = trim(rest_);
    if (text.empty()) return {};
    if (text[0] == '(' || text[0] == ')') return text.substr(0, 1);
    return text.substr(0, text.find_first_of(" ()\t"));
  }
  std::string_view next() {
    const std::string_view token = peek();
    if (!token.empty()) rest_.remove_prefix(static_cast<std::size_t>(token.data() - rest_.data()) + token.size());
    return token;
  }
  bool expression(unsigned depth) {
    if (depth > 32 || !term(depth)) return false;
    while (peek() == "AND" || peek() == "OR") {
      next();
      if (!term(depth)) return false;
    }
    return true;
  }
  bool term(unsigned depth) {
    std::string_view token = next();
    if (token == "(") return expression(depth + 1) && next() == ")";
    if (token.ends_with('+') && !is_spdx_id(token)) token.remove_suffix(1);
    if (!is_spdx_id(token)) return false;
    if (peek() != "WITH") return true;
    next();
    return ids().exceptions.contains(next());
  }
  std::string_view rest_;
};

}  // namespace

bool is_spdx_id(std::string_view text) { return ids().licences.contains(text); }
bool is_spdx_expression(std::string_view text) { return text.size() < 4096 && Parser(text).whole(); }

}  // namespace plimsoll::report
