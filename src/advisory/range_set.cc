#include "advisory/range_set.h"

#include <algorithm>

#include "base/text.h"
#include "version/scheme.h"

namespace plimsoll::advisory {
namespace {

constexpr std::size_t kMaxConditions = 1000;

// An end of an interval, with its place on the line of versions: just before or just after a version.
struct Edge {
  bool infinite = true;
  version::Version version;
  std::string text;
  bool after = false;  // the cut lies after the version: a start that leaves it out, an end that takes it in
};

struct Piece {
  Edge low, high;
};

const version::Scheme& scheme_of(std::string_view name) {
  const version::Scheme* scheme = version::find_scheme(name);
  return scheme ? *scheme : *version::find_scheme("generic");
}

int order(const Edge& a, const Edge& b) {  // both finite
  const int by_version = version::compare(a.version, b.version);
  return by_version ? by_version : static_cast<int>(a.after) - static_cast<int>(b.after);
}
bool low_less(const Edge& a, const Edge& b) { return b.infinite ? false : a.infinite || order(a, b) < 0; }
bool high_less(const Edge& a, const Edge& b) { return a.infinite ? false : b.infinite || order(a, b) < 0; }
bool is_empty(const Piece& p) { return !p.low.infinite && !p.high.infinite && order(p.low, p.high) >= 0; }

Edge edge(const version::Scheme& scheme, std::string_view text, bool after) { return {false, scheme.parse(text), std::string(text), after}; }

Piece piece_of(const version::Scheme& scheme, const Interval& interval) {
  Piece piece;
  if (!interval.introduced.empty()) piece.low = edge(scheme, interval.introduced, interval.introduced_exclusive);
  if (interval.end_kind != IntervalEnd::Open) piece.high = edge(scheme, interval.end, interval.end_kind == IntervalEnd::LastAffected);
  return piece;
}

Interval interval_of(const Piece& piece) {
  Interval out;
  if (!piece.low.infinite) out.introduced = piece.low.text, out.introduced_exclusive = piece.low.after;
  if (!piece.high.infinite) out.end = piece.high.text, out.end_kind = piece.high.after ? IntervalEnd::LastAffected : IntervalEnd::Fixed;
  return out;
}

Piece intersect(const Piece& a, const Piece& b) { return {low_less(a.low, b.low) ? b.low : a.low, high_less(a.high, b.high) ? a.high : b.high}; }

// The numbers at the front of a version: "1.2.x" -> {"1", "2"}; `rest` is what follows.
std::vector<std::string> numbers_of(std::string_view text, std::string_view& rest) {
  std::vector<std::string> out;
  rest = text;
  while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
    const std::size_t n = std::min(rest.find_first_not_of("0123456789"), rest.size());
    out.emplace_back(rest.substr(0, n));
    rest.remove_prefix(n);
    if (rest.size() < 2 || rest[0] != '.' || rest[1] < '0' || rest[1] > '9') break;
    rest.remove_prefix(1);
  }
  return out;
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out.append(out.empty() ? "" : ".").append(part);
  return out;
}

// The version with its part at `place` one greater and the rest dropped; nullopt for a number beyond 64 bits.
std::optional<std::string> bumped(std::vector<std::string> parts, std::size_t place) {
  if (place >= parts.size()) return std::nullopt;
  const auto number = parse_u64(parts[place]);
  if (!number) return std::nullopt;
  parts.resize(place + 1);
  parts[place] = std::to_string(*number + 1);
  return join(parts);
}

class Reader {
 public:
  Reader(const version::Scheme& scheme, bool npm) : scheme_(scheme), npm_(npm) {}

  std::optional<std::vector<Piece>> alternatives(std::string_view text) {
    std::vector<Piece> out;
    for (;;) {
      const std::size_t bar = text.find("||");
      const auto piece = conditions(trim(text.substr(0, bar)));
      if (!piece) return std::nullopt;
      if (!is_empty(*piece)) out.push_back(*piece);
      if (bar == std::string_view::npos) return out;
      text.remove_prefix(bar + 2);
    }
  }

 private:
  std::optional<Piece> conditions(std::string_view text) {
    Piece all;
    while (!text.empty()) {
      if (++count_ > kMaxConditions) return std::nullopt;
      const std::size_t op_size = std::min(text.find_first_not_of("<>=~^!"), text.size());
      const std::string_view op = text.substr(0, op_size);
      text = trim(text.substr(op_size));
      const std::size_t size = std::min(text.find_first_of(" ,<>=~^"), text.size());
      const auto piece = condition(op, text.substr(0, size));
      if (!piece) return std::nullopt;
      all = intersect(all, *piece);
      text.remove_prefix(size);
      while (!text.empty() && (text[0] == ' ' || text[0] == ',')) text.remove_prefix(1);
    }
    return all;
  }

  std::optional<Piece> condition(std::string_view op, std::string_view version) {
    if (version == "*" || version == "x" || (op.empty() && version == "X")) return Piece{};
    if (npm_ && version.starts_with('v')) version.remove_prefix(1);
    if (version.empty()) return std::nullopt;
    std::string_view rest;
    const std::vector<std::string> numbers = numbers_of(version, rest);
    const bool wild = rest == ".x" || rest == ".X" || rest == ".*" || rest == ".x.x";
    const std::string base = wild ? join(numbers) : std::string(version);
    if (op == ">=") return Piece{edge(scheme_, base, false), {}};
    if (op == "<") return Piece{{}, edge(scheme_, base, false)};
    if (op == "~>" || op == "^" || op == "~") {
      if (numbers.empty()) return std::nullopt;
      std::size_t place = 0;
      if (op == "~>") place = numbers.size() < 2 ? 0 : numbers.size() - 2;
      else if (op == "~") place = numbers.size() < 2 ? 0 : 1;
      else while (place + 1 < numbers.size() && numbers[place] == "0") ++place;
      const auto next = bumped(numbers, place);
      if (!next) return std::nullopt;
      return Piece{edge(scheme_, base, false), edge(scheme_, *next, false)};
    }
    const bool partial = npm_ && rest.empty() && numbers.size() < 3;
    if (wild || ((op.empty() || op == "=") && partial)) {
      if (numbers.empty() || (op != "" && op != "=" && op != "<=" && op != ">")) return std::nullopt;
      const auto next = bumped(numbers, numbers.size() - 1);
      if (!next) return std::nullopt;
      if (op == "<=") return Piece{{}, edge(scheme_, *next, false)};
      if (op == ">") return Piece{edge(scheme_, *next, false), {}};
      return Piece{edge(scheme_, base, false), edge(scheme_, *next, false)};
    }
    if (op == "<=") return Piece{{}, edge(scheme_, base, true)};
    if (op == ">") return Piece{edge(scheme_, base, true), {}};
    if (op.empty() || op == "=" || op == "==") return Piece{edge(scheme_, base, false), edge(scheme_, base, true)};
    return std::nullopt;
  }

  const version::Scheme& scheme_;
  bool npm_;
  std::size_t count_ = 0;
};

}  // namespace

std::optional<std::vector<Interval>> parse_requirement(std::string_view scheme_name, std::string_view text) {
  const version::Scheme& scheme = scheme_of(scheme_name);
  const auto pieces = Reader(scheme, scheme.name == "npm").alternatives(text);
  if (!pieces) return std::nullopt;
  std::vector<Interval> out;
  for (const Piece& piece : *pieces) out.push_back(interval_of(piece));
  return out;
}

std::vector<Interval> subtract(std::string_view scheme_name, const std::vector<Interval>& of, const std::vector<Interval>& without) {
  const version::Scheme& scheme = scheme_of(scheme_name);
  std::vector<Piece> left;
  for (const Interval& interval : of) left.push_back(piece_of(scheme, interval));
  for (const Interval& interval : without) {
    const Piece hole = piece_of(scheme, interval);
    if (is_empty(hole)) continue;
    std::vector<Piece> next;
    for (const Piece& piece : left) {
      if (!hole.low.infinite) {  // what lies before the hole
        Piece before = piece;
        if (high_less(hole.low, before.high)) before.high = hole.low;
        if (!is_empty(before)) next.push_back(before);
      }
      if (!hole.high.infinite) {  // and after it
        Piece after = piece;
        if (low_less(after.low, hole.high)) after.low = hole.high;
        if (!is_empty(after)) next.push_back(after);
      }
    }
    left = std::move(next);
  }
  std::stable_sort(left.begin(), left.end(), [](const Piece& a, const Piece& b) { return low_less(a.low, b.low); });
  std::vector<Interval> out;
  for (const Piece& piece : left) out.push_back(interval_of(piece));
  return out;
}

}  // namespace plimsoll::advisory
