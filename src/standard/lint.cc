#include "standard/lint.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"

namespace plimsoll::standard {
namespace {

// What a conjunction of criteria leaves of each field.
struct Room {
  std::uint64_t words = ~0ull;
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool low_open = false, high_open = false;
  std::optional<std::string> is;
  std::optional<bool> truth;
  bool empty = false;
};

// Criteria that all must hold: those at the top, and those in nested `all`.
void flatten(const Condition& condition, std::vector<const Condition*>& out) {
  if (condition.kind == Condition::Kind::Criterion) out.push_back(&condition);
  else if (condition.kind == Condition::Kind::All)
    for (const Condition& part : condition.parts) flatten(part, out);
}

void narrow_number(Room& room, const Condition& c) {
  const auto raise = [&](double value, bool open) {
    if (value > room.low || (value == room.low && open)) room.low = value, room.low_open = open;
  };
  const auto lower = [&](double value, bool open) {
    if (value < room.high || (value == room.high && open)) room.high = value, room.high_open = open;
  };
  switch (c.op) {
    case Operator::Is: raise(c.number, false), lower(c.number, false); break;
    case Operator::AtLeast: raise(c.number, false); break;
    case Operator::MoreThan: case Operator::After: case Operator::OlderThan: raise(c.number, true); break;
    case Operator::AtMost: lower(c.number, false); break;
    case Operator::LessThan: case Operator::Before: case Operator::NewerThan: lower(c.number, true); break;
    default: break;
  }
  room.empty = room.empty || room.low > room.high || (room.low == room.high && (room.low_open || room.high_open));
}

std::map<std::string, Room> rooms(const std::vector<const Condition*>& criteria) {
  std::map<std::string, Room> out;
  for (const Condition* c : criteria) {
    if (c->op == Operator::Exists) continue;
    // Ages and days of one date are not comparable without a clock: each kind is narrowed by itself.
    const bool age = c->op == Operator::OlderThan || c->op == Operator::NewerThan;
    Room& room = out[cat(c->field->name, age ? " age" : "", c->key.empty() ? "" : ".", c->key)];
    switch (c->field->kind) {
      case FieldKind::Word: room.words &= c->words; break;
      case FieldKind::Truth: {
        const bool want = (c->op == Operator::Is) == c->want;
        room.empty = room.empty || (room.truth && *room.truth != want);
        room.truth = want;
        break;
      }
      case FieldKind::Number: case FieldKind::Date: narrow_number(room, *c); break;
      case FieldKind::Text: case FieldKind::Map:
        if (c->op != Operator::Is) break;
        room.empty = room.empty || (room.is && *room.is != c->values.front());
        room.is = c->values.front();
        break;
      default: break;
    }
  }
  return out;
}

// Why a conjunction can never hold; empty when it may.
std::string never_holds(const Condition& condition) {
  if (condition.kind == Condition::Kind::Any) {
    std::string first;
    for (const Condition& part : condition.parts) {
      const std::string why = never_holds(part);
      if (why.empty()) return {};
      if (first.empty()) first = why;
    }
    return first;
  }
  std::vector<const Condition*> criteria;
  flatten(condition, criteria);
  for (const auto& [name, room] : rooms(criteria)) {
    const bool words_gone = room.words != ~0ull && [&] {
      for (const Condition* c : criteria)
        if (c->field->name == name) return (room.words & ((1ull << c->field->words.size()) - 1)) == 0;
      return false;
    }();
    if (room.empty || words_gone) return cat("no value of ", name, " meets all that is asked of it");
  }
  for (const Condition* c : criteria) {
    const Field& field = *c->field;
    if (field.kind != FieldKind::Number) continue;
    const bool share = field.name == "epss" || field.name == "epssPercentile";
    const bool percent = field.name.starts_with("score.") || field.name == "risk";
    const double top = share ? 1 : field.name == "cvss" ? 10 : percent ? 100 : std::numeric_limits<double>::infinity();
    if ((c->op == Operator::AtLeast || c->op == Operator::Is) && c->number > top) return cat(field.name, " is never above ", static_cast<int>(top));
    if (c->op == Operator::MoreThan && c->number >= top) return cat(field.name, " is never above ", static_cast<int>(top));
    if ((c->op == Operator::AtMost || c->op == Operator::Is) && c->number < 0) return cat(field.name, " is never below 0");
    if (c->op == Operator::LessThan && c->number <= 0) return cat(field.name, " is never below 0");
  }
  return {};
}

// Whether everything that meets `narrow` also meets `wide`, as far as conjunctions of words and numbers tell.
bool implies(const Condition& narrow, const Condition& wide) {
  if (condition_text(narrow) == condition_text(wide)) return true;
  std::vector<const Condition*> a, b;
  flatten(narrow, a), flatten(wide, b);
  if (b.empty() || (wide.kind != Condition::Kind::All && wide.kind != Condition::Kind::Criterion)) return false;
  std::size_t parts = 0;  // nested any or not in `wide` are not understood here
  const auto simple = [&](const Condition& c, const auto& self) -> bool {
    if (c.kind == Condition::Kind::Criterion) return ++parts, true;
    return c.kind == Condition::Kind::All && std::all_of(c.parts.begin(), c.parts.end(), [&](const Condition& p) { return self(p, self); });
  };
  if (!simple(wide, simple)) return false;
  for (const Condition* w : b) {
    const bool covered = std::any_of(a.begin(), a.end(), [&](const Condition* n) {
      if (n->field != w->field || n->key != w->key) return false;
      if (condition_text(*n) == condition_text(*w)) return true;
      if (w->field->kind == FieldKind::Word) return (n->words & ~w->words) == 0;
      if (w->field->kind == FieldKind::Number && w->op == Operator::AtLeast) return (n->op == Operator::AtLeast || n->op == Operator::MoreThan || n->op == Operator::Is) && n->number >= w->number;
      return false;
    });
    if (!covered) return false;
  }
  return true;
}

bool at_least_as_strong(const Rule& a, const Rule& b) {
  for (std::size_t i = 0; i < kStages; ++i)
    if (a.effects[i] < b.effects[i]) return false;
  return true;
}

bool never_speaks(const Rule& rule) {
  return std::all_of(rule.effects.begin(), rule.effects.end(), [](Effect e) { return e == Effect::Off; });
}

}  // namespace

void lint(const Resolved& standard, Problems& problems) {
  for (const Rule& rule : standard.rules) {
    const bool own = rule.from == standard.name;
    if (own && never_speaks(rule)) problems.warn(rule.line, cat("rule ", rule.id, " has no effect at any stage"));
    if (own) {
      if (const std::string why = never_holds(rule.when); !why.empty()) {
        if (rule.forbid) problems.error(rule.line, cat("rule ", rule.id, " can never match: ", why));
        else problems.error(rule.line, cat("rule ", rule.id, " asks what nothing can meet: ", why));
      }
      const bool only_deploy = rule.effects[0] == Effect::Off && rule.effects[1] == Effect::Off;
      if (rule.check == Subject::Workload && !only_deploy) problems.warn(rule.line, cat("rule ", rule.id, " looks at the workload, which is not known at build and push: give it stages: [deploy, run]"));
    }
    for (const Rule& other : standard.rules) {
      if (&rule == &other || rule.check != other.check || !rule.selector.empty() || !other.selector.empty()) continue;
      if (!own && other.from != standard.name) continue;
      if (&rule < &other && rule.forbid != other.forbid && is_single(rule.check) && condition_text(rule.when) == condition_text(other.when)) {
        problems.error(std::max(rule.line, other.line), cat("rules ", rule.id, " and ", other.id, " contradict each other: one forbids what the other requires (", in_words(rule.when), "), so nothing can pass"));
        continue;
      }
      if (rule.forbid != other.forbid || !own) continue;
      if (!rule.forbid && is_single(rule.check)) continue;
      const bool wider = rule.forbid ? implies(rule.when, other.when) && other.more_than <= rule.more_than : false;
      const bool twin = wider && implies(other.when, rule.when) && rule.more_than == other.more_than && at_least_as_strong(rule, other);
      if (wider && at_least_as_strong(other, rule) && !other.grace && !(twin && &rule < &other))
        problems.warn(rule.line, cat("rule ", rule.id, " never decides anything: whatever it stops, ", other.id, " stops as well"));
    }
  }
}

}  // namespace plimsoll::standard
