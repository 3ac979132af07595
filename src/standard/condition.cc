#include "standard/condition.h"

#include <algorithm>
#include <cmath>

#include "base/nearest.h"
#include "base/text.h"
#include "model/package.h"
#include "standard/cel/program.h"
#include "version/scheme.h"

namespace plimsoll::standard {
namespace {

struct OperatorRow {
  Operator op;
  std::string_view name, words, help;
};
constexpr OperatorRow kOperators[] = {
    {Operator::Is, "is", "is", "equal to the value"},
    {Operator::IsNot, "isNot", "is not", "anything but the value"},
    {Operator::In, "in", "is one of", "one of the values"},
    {Operator::NotIn, "notIn", "is none of", "none of the values"},
    {Operator::AtLeast, "atLeast", "is at least", "the value or more"},
    {Operator::AtMost, "atMost", "is at most", "the value or less"},
    {Operator::MoreThan, "moreThan", "is more than", "more than the value"},
    {Operator::LessThan, "lessThan", "is less than", "less than the value"},
    {Operator::Matches, "matches", "matches", "matches a glob: ? and * stay within a path's part, ** crosses, [a-z], {a,b}"},
    {Operator::NotMatches, "notMatches", "does not match", "matches none of the globs"},
    {Operator::Contains, "contains", "contains", "one of its texts is a value or matches a glob"},
    {Operator::Lacks, "lacks", "lacks", "none of its texts is a value or matches a glob"},
    {Operator::OnlyIn, "onlyIn", "holds only", "each of its texts is a value or matches a glob"},
    {Operator::OlderThan, "olderThan", "is older than", "more days ago than the value, e.g. 30d"},
    {Operator::NewerThan, "newerThan", "is newer than", "fewer days ago than the value"},
    {Operator::Before, "before", "is before", "before the day, e.g. 2027-01-31, or today"},
    {Operator::After, "after", "is after", "after the day"},
    {Operator::InRange, "inRange", "is in the range", "a version inside the range, by the order of its ecosystem: \">=2.0,<2.17.1\""},
    {Operator::Exists, "exists", "is known:", "it is known and not empty (true), or not (false)"},
};
const OperatorRow& row_of(Operator op) { return kOperators[static_cast<std::size_t>(op)]; }

bool is_version_field(const Field& field) {
  return (field.subject == Subject::Packages && field.name == "version") || (field.subject == Subject::Findings && field.name == "installedVersion");
}

Truth truth_of(bool value) { return value ? Truth::Yes : Truth::No; }
Truth opposite(Truth value) { return value == Truth::Unknown ? value : truth_of(value == Truth::No); }

bool is_glob(std::string_view text) { return text.find_first_of("*?[{") != std::string_view::npos; }
// Globs are for paths, where * stops at '/'; in other texts that stop would surprise nobody less, so it is the same there.
bool fits(std::string_view pattern, std::string_view text) { return pattern == text || (is_glob(pattern) && glob_match(pattern, text)); }
bool fits_any(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) { return fits(pattern, text); });
}
bool is_any(const std::vector<std::string>& values, std::string_view text) { return std::find(values.begin(), values.end(), text) != values.end(); }

Truth compare_number(const Condition& c, double value, std::int32_t today) {
  if (c.op == Operator::Exists) return truth_of(!std::isnan(value) == c.want);
  if (std::isnan(value)) return Truth::Unknown;
  const double bound = std::isinf(c.number) ? today : c.number;
  // An age below zero: one of the clocks is wrong, so nobody knows the age.
  if ((c.op == Operator::OlderThan || c.op == Operator::NewerThan) && value > today + 1.0) return Truth::Unknown;
  switch (c.op) {
    case Operator::Is: return truth_of(c.field->kind == FieldKind::Truth ? (value != 0) == c.want : value == bound);
    case Operator::IsNot: return truth_of(c.field->kind == FieldKind::Truth ? (value != 0) != c.want : value != bound);
    case Operator::AtLeast: return truth_of(value >= bound);
    case Operator::AtMost: return truth_of(value <= bound);
    case Operator::MoreThan: return truth_of(value > bound);
    case Operator::LessThan: return truth_of(value < bound);
    case Operator::OlderThan: return truth_of(today - value > bound);
    case Operator::NewerThan: return truth_of(today - value < bound);
    case Operator::Before: return truth_of(value < bound);
    case Operator::After: return truth_of(value > bound);
    default: return Truth::Unknown;
  }
}

Truth in_range(const Condition& c, std::string_view version, std::string_view type) {
  const version::Scheme* scheme = version::find_scheme(scheme_of_type(type));
  if (scheme == nullptr) return Truth::Unknown;
  const version::Version installed = version::parse(*scheme, version);
  bool inside = false;
  for (const std::string& text : c.values) {
    const auto range = version::parse_range(*scheme, text);
    if (!range) return Truth::Unknown;
    inside = inside || version::contains(*range, installed);
  }
  return truth_of(inside);
}

Truth compare_text(const Condition& c, std::string_view text, bool absent_is_known, std::string_view type) {
  if (c.op == Operator::Exists) return truth_of((text.data() != nullptr && !text.empty()) == c.want);
  if (text.data() == nullptr && !absent_is_known) return Truth::Unknown;
  switch (c.op) {
    case Operator::Is: case Operator::In: return truth_of(text.data() != nullptr && is_any(c.values, text));
    case Operator::IsNot: case Operator::NotIn: return truth_of(text.data() == nullptr || !is_any(c.values, text));
    case Operator::Matches: return truth_of(text.data() != nullptr && fits_any(c.values, text));
    case Operator::NotMatches: return truth_of(text.data() == nullptr || !fits_any(c.values, text));
    case Operator::InRange: return text.empty() ? Truth::Unknown : in_range(c, text, type);
    default: return Truth::Unknown;
  }
}

Truth compare_texts(const Condition& c, Texts texts, bool known) {
  if (c.op == Operator::Exists) return truth_of(!texts.empty() == c.want);
  if (!known) return Truth::Unknown;
  const auto fit = [&](std::string_view text) { return fits_any(c.values, text); };
  switch (c.op) {
    case Operator::Contains: return truth_of(std::any_of(texts.begin(), texts.end(), fit));
    case Operator::Lacks: return truth_of(std::none_of(texts.begin(), texts.end(), fit));
    case Operator::OnlyIn: return truth_of(std::all_of(texts.begin(), texts.end(), fit));
    default: return Truth::Unknown;
  }
}

Truth compare_map(const Condition& c, Pairs pairs, bool known) {
  if (!known) return c.op == Operator::Exists ? truth_of(!c.want) : Truth::Unknown;
  std::string_view value;
  for (const auto& [name, text] : pairs)
    if (name == c.key) {
      value = text.data() == nullptr ? std::string_view("") : text;
      break;
    }
  return compare_text(c, value, true, {});
}

// Lists that come from the image's config or from whoever verified it are not known when those are not.
bool lists_are_known(const Field& field, const Facts& facts) {
  if (field.subject != Subject::Image) return true;
  if (field.name.starts_with("config.") || field.name == "labels") return facts.image.config_known;
  if (field.name == "history") return !facts.image.history.empty();
  if (field.name.starts_with("claimed.")) return !facts.claims.empty();
  return !field.name.starts_with("provenance.") || facts.provenance != nullptr;
}

Truth criterion(const Condition& c, const Facts& facts, const void* item) {
  const Field& field = *c.field;
  switch (field.kind) {
    case FieldKind::Word: return truth_of((c.words >> static_cast<unsigned>(field.number(facts, item)) & 1) != 0);
    case FieldKind::Truth: case FieldKind::Number: case FieldKind::Date: return compare_number(c, field.number(facts, item), facts.today);
    case FieldKind::Text: {
      std::string_view type;
      if (c.op == Operator::InRange) type = field.subject == Subject::Packages ? static_cast<const PackageRow*>(item)->type : static_cast<const FindingRow*>(item)->package_type;
      return compare_text(c, field.text(facts, item), field.subject != Subject::Image && field.subject != Subject::Workload, type);
    }
    case FieldKind::Many: return compare_texts(c, field.texts(facts, item), lists_are_known(field, facts));
    case FieldKind::Map: return compare_map(c, field.pairs(facts, item), lists_are_known(field, facts));
  }
  return Truth::Unknown;
}

// ---- reading

std::string list_of(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view word : words) out += cat(out.empty() ? "" : ", ", word);
  return out;
}
std::string suggest(std::string_view wrong, const std::vector<std::string_view>& words) {
  const std::string_view near = nearest(wrong, words);
  return near.empty() ? cat("; there are ", list_of(words)) : cat("; did you mean \"", near, "\"?");
}

bool read_date(const std::string& text, Operator op, double& into) {
  if (op == Operator::OlderThan || op == Operator::NewerThan) {
    std::string_view days = text;
    if (days.ends_with('d')) days.remove_suffix(1);
    const auto count = parse_u64(days);
    if (!count || *count > 36500) return false;
    into = static_cast<double>(*count);
    return true;
  }
  if (text == "today") {
    into = std::numeric_limits<double>::infinity();
    return true;
  }
  const std::int32_t day = text.size() == 10 ? day_of(text) : kNoDay;
  into = day;
  return day != kNoDay;
}

bool read_number(const std::string& text, double& into) {
  if (text.empty() || text.find_first_not_of("0123456789.-") != std::string::npos) return false;
  char* end = nullptr;
  into = std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size() && std::isfinite(into);
}

void compile_word(Condition& c, const YamlNode& value, Problems& problems) {
  const Field& field = *c.field;
  std::uint64_t bits = 0;
  for (const std::string& text : c.values) {
    const auto found = std::find(field.words.begin(), field.words.end(), text);
    if (found == field.words.end()) {
      problems.error(value, cat("\"", text, "\" is no ", field.name, suggest(text, {field.words.begin(), field.words.end()})));
      return;
    }
    const auto index = static_cast<unsigned>(found - field.words.begin());
    const std::uint64_t all = (1ull << field.words.size()) - 1, below = (1ull << index) - 1;
    switch (c.op) {
      case Operator::AtLeast: bits |= all & ~below; break;
      case Operator::MoreThan: bits |= all & ~below & ~(1ull << index); break;
      case Operator::AtMost: bits |= below | 1ull << index; break;
      case Operator::LessThan: bits |= below; break;
      default: bits |= 1ull << index;
    }
  }
  if (c.op == Operator::IsNot || c.op == Operator::NotIn) bits = ((1ull << field.words.size()) - 1) & ~bits;
  c.words = bits;
}

void read_values(Condition& c, const YamlNode& value, Problems& problems) {
  if (value.is_list()) {
    for (const YamlNode& item : value.items) {
      if (!item.is_scalar()) return problems.error(item, "a value is a text or a number");
      c.values.push_back(item.text);
    }
    if (c.values.empty()) problems.error(value, "an empty list can never be met");
  } else if (value.is_scalar() || (value.kind == YamlNode::Kind::Null && value.line >= 0)) {
    c.values.push_back(value.text);
  } else {
    problems.error(value, "value is a text, a number or a list of them");
  }
}

void compile_value(Condition& c, const YamlNode& value, Problems& problems) {
  const Field& field = *c.field;
  read_values(c, value, problems);
  if (c.values.empty()) return;
  const bool many = c.op == Operator::In || c.op == Operator::NotIn || c.op == Operator::Matches || c.op == Operator::NotMatches || c.op == Operator::Contains || c.op == Operator::Lacks || c.op == Operator::OnlyIn || c.op == Operator::InRange;
  if (c.values.size() > 1 && !many) return problems.error(value, cat("operator ", to_string(c.op), " takes one value; ", field.kind == FieldKind::Many ? "contains" : "in", " takes a list"));
  const std::string& first = c.values.front();
  if (c.op == Operator::Exists || field.kind == FieldKind::Truth) {
    if (first != "true" && first != "false") return problems.error(value, cat("\"", first, "\" is neither true nor false"));
    c.want = first == "true";
    return;
  }
  if (field.kind == FieldKind::Word) return compile_word(c, value, problems);
  if (field.kind == FieldKind::Number && !read_number(first, c.number)) problems.error(value, cat("\"", first, "\" is not a number, as ", field.name, " is"));
  if (field.kind == FieldKind::Date && !read_date(first, c.op, c.number))
    problems.error(value, cat("\"", first, "\" is not ", c.op == Operator::OlderThan || c.op == Operator::NewerThan ? "a number of days like 30d" : "a day like 2027-01-31, or today"));
  if (c.op == Operator::InRange) {
    const version::Scheme* scheme = version::find_scheme("generic");
    for (const std::string& text : c.values)
      if (const auto range = version::parse_range(*scheme, text); !range) problems.error(value, cat("\"", text, "\" is not a range of versions: ", range.error().message()));
  }
}

Condition read_criterion(const YamlNode& node, Subject subject, Problems& problems) {
  Condition c;
  c.kind = Condition::Kind::Criterion;
  for (std::size_t i = 0; i < node.names.size(); ++i)
    if (const std::string& name = node.names[i]; name != "field" && name != "operator" && name != "value")
      problems.error(node.items[i].line != 0 ? node.name_lines[i] : 0, cat("a criterion has no member \"", name, "\"", suggest(name, {"field", "operator", "value", "all", "any", "not", "cel"})));
  const YamlNode &field = node["field"], &op = node["operator"], &value = node["value"];
  if (!field.is_scalar()) {
    problems.error(node, "a criterion needs a field");
    return c;
  }
  std::string_view key;
  c.field = find_field(subject, field.text, key);
  if (c.field == nullptr) {
    std::string elsewhere;
    for (std::size_t s = 0; s < kSubjects; ++s)
      if (std::string_view unused; find_field(static_cast<Subject>(s), field.text, unused) != nullptr) elsewhere = cat("; it is a field of ", to_string(static_cast<Subject>(s)));
    problems.error(field, cat("\"", field.text, "\" is no field of ", to_string(subject), elsewhere.empty() ? suggest(field.text, field_names(subject)) : elsewhere));
    return c;
  }
  c.key = key;
  if (!op.is_scalar()) {
    problems.error(node, cat("the criterion on ", field.text, " needs an operator"));
    return c;
  }
  std::vector<std::string_view> names;
  for (const Operator each : operators_of(*c.field)) names.push_back(to_string(each));
  if (std::find(names.begin(), names.end(), op.text) == names.end()) {
    problems.error(op, cat("operator \"", op.text, "\" does not go with ", field.text, " (", to_string(c.field->kind), ")", suggest(op.text, names)));
    return c;
  }
  c.op = *operator_from(op.text);
  if (!value.exists()) problems.error(node, cat("the criterion on ", field.text, " needs a value"));
  else compile_value(c, value, problems);
  return c;
}

}  // namespace

std::string_view to_string(Operator op) { return row_of(op).name; }
std::string_view help_of(Operator op) { return row_of(op).help; }
std::optional<Operator> operator_from(std::string_view text) {
  for (const OperatorRow& row : kOperators)
    if (row.name == text) return row.op;
  return std::nullopt;
}

std::vector<Operator> operators_of(const Field& field) {
  using O = Operator;
  switch (field.kind) {
    case FieldKind::Truth: return {O::Is, O::IsNot, O::Exists};
    case FieldKind::Number: return {O::Is, O::IsNot, O::AtLeast, O::AtMost, O::MoreThan, O::LessThan, O::Exists};
    case FieldKind::Word:
      if (field.ordered) return {O::Is, O::IsNot, O::In, O::NotIn, O::AtLeast, O::AtMost, O::MoreThan, O::LessThan};
      return {O::Is, O::IsNot, O::In, O::NotIn};
    case FieldKind::Many: return {O::Contains, O::Lacks, O::OnlyIn, O::Exists};
    case FieldKind::Date: return {O::OlderThan, O::NewerThan, O::Before, O::After, O::Exists};
    default: break;
  }
  std::vector<O> out = {O::Is, O::IsNot, O::In, O::NotIn, O::Matches, O::NotMatches, O::Exists};
  if (is_version_field(field)) out.push_back(O::InRange);
  return out;
}

bool Problems::has_errors() const {
  return std::any_of(list_.begin(), list_.end(), [](const Problem& p) { return !p.warning; });
}
void Problems::sort() {
  std::stable_sort(list_.begin(), list_.end(), [](const Problem& a, const Problem& b) { return std::pair(a.line, a.column) < std::pair(b.line, b.column); });
}
std::string Problems::text(std::string_view source) const {
  std::string out;
  for (const Problem& p : list_) {
    out += source;
    if (p.line > 0) out += cat(":", p.line);
    if (p.column > 0) out += cat(":", p.column);
    out += cat(p.warning ? ": warning: " : ": error: ", to_utf8(p.message), "\n");
  }
  return out;
}

Condition read_condition(const YamlNode& node, Subject subject, Problems& problems, int depth) {
  Condition out;
  out.line = node.line;
  if (!node.is_map()) {
    problems.error(node, "a condition is a map: {field, operator, value}, {all: [...]}, {any: [...]}, {not: {...}} or {cel: \"...\"}");
    return out;
  }
  const std::string_view first = node.names.empty() ? std::string_view() : std::string_view(node.names.front());
  if (first == "all" || first == "any" || first == "not" || first == "cel") {
    if (node.names.size() > 1) problems.error(node.name_lines[1], cat("\"", node.names[1], "\" beside \"", first, "\": put both into a list under all"));
    const YamlNode& value = node.items.front();
    if (first == "cel") {
      out.kind = Condition::Kind::Expression;
      out.expression = value.text;
      if (!value.is_scalar()) {
        problems.error(value, "cel is a text");
        return out;
      }
      auto program = cel::Program::compile(value.text, subject);
      if (program) out.program = std::make_shared<const cel::Program>(std::move(*program));
      else problems.error(value, cat("cel: ", program.error().message()));
      return out;
    }
    if (depth >= kMaxNesting) {
      problems.error(node, cat("all, any and not nest at most ", kMaxNesting, " deep; say it in a cel expression, or in two rules"));
      return out;
    }
    out.kind = first == "all" ? Condition::Kind::All : first == "any" ? Condition::Kind::Any : Condition::Kind::Not;
    if (out.kind == Condition::Kind::Not) {
      out.parts.push_back(read_condition(value, subject, problems, depth + 1));
      return out;
    }
    if (!value.is_list() || value.items.empty()) {
      problems.error(value, cat(first, " takes a list of conditions"));
      return out;
    }
    for (const YamlNode& item : value.items) out.parts.push_back(read_condition(item, subject, problems, depth + 1));
    return out;
  }
  out = read_criterion(node, subject, problems);
  out.line = node.line;
  return out;
}

Truth holds(const Condition& condition, const Facts& facts, const void* item) {
  switch (condition.kind) {
    case Condition::Kind::Criterion: return criterion(condition, facts, item);
    case Condition::Kind::Expression: return condition.program->holds(facts, item);
    case Condition::Kind::Not: return opposite(holds(condition.parts.front(), facts, item));
    case Condition::Kind::All: {
      Truth out = Truth::Yes;
      for (const Condition& part : condition.parts) {
        const Truth one = holds(part, facts, item);
        if (one == Truth::No) return Truth::No;
        if (one == Truth::Unknown) out = Truth::Unknown;
      }
      return out;
    }
    case Condition::Kind::Any: {
      Truth out = Truth::No;
      for (const Condition& part : condition.parts) {
        const Truth one = holds(part, facts, item);
        if (one == Truth::Yes) return Truth::Yes;
        if (one == Truth::Unknown) out = Truth::Unknown;
      }
      return out;
    }
  }
  return Truth::Unknown;
}

void write_condition(JsonWriter& json, const Condition& c) {
  json.begin_object();
  switch (c.kind) {
    case Condition::Kind::Expression: json.member("cel", c.expression); break;
    case Condition::Kind::Not:
      json.key("not");
      write_condition(json, c.parts.front());
      break;
    case Condition::Kind::Criterion:
      json.member("field", c.field == nullptr ? std::string() : c.key.empty() ? std::string(c.field->name) : cat(c.field->name, ".", c.key)).member("operator", to_string(c.op)).key("value");
      if (c.values.size() == 1) {
        json.value(c.values.front());
      } else {
        json.begin_array();
        for (const std::string& value : c.values) json.value(value);
        json.end_array();
      }
      break;
    default:
      json.key(c.kind == Condition::Kind::All ? "all" : "any").begin_array();
      for (const Condition& part : c.parts) write_condition(json, part);
      json.end_array();
  }
  json.end_object();
}

std::string condition_text(const Condition& condition) {
  std::string out;
  JsonWriter json(out);
  write_condition(json, condition);
  return out;
}

std::string in_words(const Condition& c) {
  switch (c.kind) {
    case Condition::Kind::Expression: return cat("the expression ", c.expression);
    case Condition::Kind::Not: return cat("not (", in_words(c.parts.front()), ")");
    case Condition::Kind::Criterion: {
      const std::string name = c.field == nullptr ? "?" : c.key.empty() ? std::string(c.field->name) : cat(c.field->name, " ", c.key);
      if (c.op == Operator::Exists) return cat(name, c.want ? " is known" : " is not known or empty");
      if (c.field != nullptr && c.field->kind == FieldKind::Truth) return cat(name, (c.op == Operator::Is) == c.want ? " is true" : " is false");
      std::string values;
      for (const std::string& value : c.values) values += cat(values.empty() ? "" : " or ", value.empty() ? "\"\"" : value);
      return cat(name, " ", row_of(c.op).words, " ", values);
    }
    default: {
      std::string out;
      for (const Condition& part : c.parts) {
        const bool nested = part.kind == Condition::Kind::All || part.kind == Condition::Kind::Any;
        out += cat(out.empty() ? "" : c.kind == Condition::Kind::All ? " and " : " or ", nested ? "(" : "", in_words(part), nested ? ")" : "");
      }
      return out;
    }
  }
}

}  // namespace plimsoll::standard
