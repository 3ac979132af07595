#include "detect/configuration.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <set>

#include "base/text.h"

namespace plimsoll::detect {

// The files of rules/configuration, written by CMake.
const std::vector<std::pair<std::string_view, std::string_view>>& configuration_rule_files();

namespace {

constexpr std::uint32_t kConditionDepth = 4;

void add_values(const JsonValue& value, std::vector<std::string>& out) {
  switch (value.kind()) {
    case JsonValue::Kind::Array:
      for (const JsonValue& item : value.items()) add_values(item, out);
      return;
    case JsonValue::Kind::String: out.emplace_back(value.text()); return;
    case JsonValue::Kind::Object: out.emplace_back("{}"); return;  // it is there; its members have fields of their own
    case JsonValue::Kind::Missing: case JsonValue::Kind::Null: return;
    default: out.push_back(value.dump()); return;
  }
}

// The shipped rules come as JSON whose scalars are all text.
bool is_true(const JsonValue& value) { return value.boolean().value_or(false) || value.text() == "true"; }
std::optional<std::uint64_t> number_of(const JsonValue& value) {
  if (const auto number = value.integer()) return *number < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(*number));
  return parse_u64(value.text());
}

// "a.b.c" in a tree; a list on the way is entered element by element ("volumes.hostPath.path").
void walk(const JsonValue& value, std::string_view path, std::vector<std::string>& out) {
  if (path.empty()) return add_values(value, out);
  if (value.is_array()) {
    for (const JsonValue& item : value.items()) walk(item, path, out);
    return;
  }
  const auto [first, rest] = cut(path, '.');
  walk(value[first], rest, out);
}

// The line of what the rule found fault with: the first field it names that has one, else the subject's own.
std::uint32_t first_line(const Condition& condition, const Subject& subject) {
  if (!condition.field.empty()) return subject.line_of(condition.field);
  for (const Condition& part : condition.parts)
    if (const std::uint32_t line = first_line(part, subject); line != 0) return line;
  return 0;
}
std::uint32_t line_of(const Condition& condition, const Subject& subject) {
  const std::uint32_t line = first_line(condition, subject);
  return line != 0 ? line : subject.line;
}

class RuleReader {
 public:
  RuleReader(std::string id, bool needs_examples) : id_(std::move(id)), needs_examples_(needs_examples) {}

  Result<ConfigurationRule> read(const JsonValue& object) {
    static const std::set<std::string_view> kKnown = {"id", "title", "severity", "subject", "when", "why", "fix", "cis", "evidence",
                                                      "files", "references", "group", "unless_owned", "needs_packages", "match", "no_match"};
    for (const auto& [member, value] : object.members())
      if (!member.starts_with('\x01') && !kKnown.contains(member)) return wrong(cat("\"", to_utf8(member), "\" is no member of a rule"));
    ConfigurationRule rule;
    rule.id = id_;
    for (const auto& [member, into] : {std::pair{"title", &rule.title}, {"why", &rule.why}, {"fix", &rule.fix}, {"subject", &rule.subject}}) {
      *into = object[member].text();
      if (into->empty()) return wrong(cat("it has no ", member));
    }
    rule.cis = object["cis"].text();
    const auto severity = severity_from(object["severity"].text());
    if (!severity || *severity == Severity::Unknown) return wrong("severity is none of critical, high, medium, low, negligible");
    rule.severity = *severity;
    rule.group = is_true(object["group"]);
    rule.unless_owned = is_true(object["unless_owned"]);
    rule.needs_packages = is_true(object["needs_packages"]);
    static const std::set<std::string_view> kOfMalware = {"program", "text", "placed", "entry"};
    if ((rule.unless_owned || rule.needs_packages) && !kOfMalware.contains(rule.subject)) return wrong("unless_owned and needs_packages are for rules of malware alone");
    for (const auto& [member, into] : {std::pair{"evidence", &rule.evidence}, {"files", &rule.files}, {"references", &rule.references}})
      for (const JsonValue& item : object[member].items()) {
        if (item.text().empty()) return wrong(cat(member, " holds what is no text"));
        into->emplace_back(item.text());
      }
    rule.when.form = Condition::Form::All;
    for (const JsonValue& item : object["when"].items()) {
      PLIM_TRY(Condition condition, this->condition(item, 1));
      rule.when.parts.push_back(std::move(condition));
    }
    if (rule.when.parts.empty() && rule.files.empty()) return wrong("it has no conditions under \"when\"");
    for (const auto& [member, into] : {std::pair{"match", &rule.match}, {"no_match", &rule.no_match}})
      for (const JsonValue& item : object[member].items()) into->push_back(item.dump());
    if (needs_examples_ && (rule.match.empty() || rule.no_match.empty())) return wrong("it has no examples: match and no_match need one each");
    return rule;
  }

 private:
  Error wrong(std::string what) const { return malformed(cat("rule ", id_, ": ", what)); }

  static std::size_t members(const JsonValue& object) {
    std::size_t count = 0;
    for (const auto& [member, value] : object.members()) count += !member.starts_with('\x01');
    return count;
  }

  Result<Condition> condition(const JsonValue& object, std::uint32_t depth) {
    using Form = Condition::Form;
    if (depth > kConditionDepth) return wrong("conditions nest more than three deep");
    if (!object.is_object()) return wrong("a condition is not a mapping");
    Condition out;
    for (const auto& [word, form] : {std::pair{"any", Form::Any}, {"all", Form::All}}) {
      if (!object[word].exists()) continue;
      if (members(object) != 1) return wrong(cat("\"", word, "\" stands with other members"));
      out.form = form;
      for (const JsonValue& item : object[word].items()) {
        PLIM_TRY(Condition part, condition(item, depth + 1));
        out.parts.push_back(std::move(part));
      }
      if (out.parts.empty()) return wrong(cat("\"", word, "\" has no conditions"));
      return out;
    }
    if (object["not"].exists()) {
      if (members(object) != 1) return wrong("\"not\" stands with other members");
      out.form = Form::Not;
      PLIM_TRY(Condition part, condition(object["not"], depth + 1));
      out.parts.push_back(std::move(part));
      return out;
    }
    out.field = object["field"].text();
    if (out.field.empty() || members(object) != 2) return wrong("a condition needs \"field\" and one of is, like, has, matches, at_least, at_most, missing");
    for (const auto& [word, form] : {std::pair{"is", Form::Is}, {"like", Form::Like}, {"has", Form::Has}}) {
      const JsonValue value = object[word];
      if (!value.exists()) continue;
      out.form = form;
      std::vector<std::string> texts;
      add_values(value, texts);
      for (const std::string& text : texts) out.texts.push_back(lower(text));
      if (out.texts.empty()) return wrong(cat("\"", word, "\" names nothing"));
      return out;
    }
    if (object["matches"].exists()) {
      out.form = Form::Matches;
      std::vector<std::string> patterns;
      add_values(object["matches"], patterns);
      for (const std::string& pattern : patterns) {
        // Shipped ones are compiled by a test; at run time only those that are asked.
        Regex expression = Regex::lazy(pattern);
        if (needs_examples_) {
          auto checked = Regex::checked(pattern);
          if (!checked) return wrong(cat("\"matches\": ", checked.error().message()));
          if (checked->is_pcre()) return wrong("\"matches\" takes RE2's expressions: no look-around, no back references");
          expression = std::move(checked).value();
        }
        out.expressions.push_back(std::make_shared<const Regex>(std::move(expression)));
      }
      if (out.expressions.empty()) return wrong("\"matches\" names nothing");
      return out;
    }
    for (const auto& [word, form] : {std::pair{"at_least", Form::AtLeast}, {"at_most", Form::AtMost}}) {
      if (!object[word].exists()) continue;
      const auto number = number_of(object[word]);
      if (!number) return wrong(cat("\"", word, "\" is not a number"));
      out.form = form;
      out.number = *number;
      return out;
    }
    if (!is_true(object["missing"])) return wrong("a condition needs one of is, like, has, matches, at_least, at_most, missing: true");
    out.form = Form::Missing;
    return out;
  }

  std::string id_;
  bool needs_examples_;
};

}  // namespace

std::vector<std::string> Subject::values(std::string_view field) const {
  std::vector<std::string> out;
  for (const auto& [name, value] : fields)
    if (name == field) out.push_back(value);
  if (!out.empty()) return out;
  const auto [first, rest] = cut(field, '.');
  if (rest.empty()) return out;
  for (const auto& [name, value] : documents)
    if (name == first) walk(value, rest, out);
  return out;
}

std::uint32_t Subject::line_of(std::string_view field) const {
  const auto [first, path] = cut(field, '.');
  for (const auto& [name, value] : documents) {
    if (name != first || path.empty()) continue;
    JsonValue at = value;
    std::string_view rest = path;
    while (rest.find('.') != std::string_view::npos) {
      const auto [member, after] = cut(rest, '.');
      at = at[member];
      if (at.is_array()) at = at.at(0);
      rest = after;
    }
    const auto line_number = at[cat('\x01', rest)].integer();
    if (line_number && *line_number > 0 && *line_number < UINT32_MAX) return static_cast<std::uint32_t>(*line_number);
  }
  return 0;
}

bool Condition::holds(const Subject& subject) const {
  switch (form) {
    case Form::All: return std::all_of(parts.begin(), parts.end(), [&](const Condition& c) { return c.holds(subject); });
    case Form::Any: return std::any_of(parts.begin(), parts.end(), [&](const Condition& c) { return c.holds(subject); });
    case Form::Not: return !parts.front().holds(subject);
    default: break;
  }
  const std::vector<std::string> values = subject.values(field);
  if (form == Form::Missing) return std::all_of(values.begin(), values.end(), [](const std::string& value) { return value.empty(); });
  return std::any_of(values.begin(), values.end(), [&](const std::string& value) {
    if (form == Form::AtLeast || form == Form::AtMost) {
      const auto given = parse_u64(value);
      return given && (form == Form::AtLeast ? *given >= number : *given <= number);
    }
    if (form == Form::Matches) return std::any_of(expressions.begin(), expressions.end(), [&](const auto& expression) { return expression->matches(value); });
    const std::string small = lower(value);
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
      if (form == Form::Is) return small == text;
      if (form == Form::Like) return glob_match(text, small);
      return small.find(text) != std::string::npos;
    });
  });
}

Result<std::vector<ConfigurationRule>> read_configuration_rules(std::string_view name, std::string_view yaml, const Limits& limits,
                                                                std::vector<RuleProblem>* refused) {
  std::vector<JsonDocument> documents;
  const bool shipped = name.ends_with(".json");  // what CMake put into the program: examples were for the tests
  if (shipped) {
    PLIM_TRY(JsonDocument document, JsonDocument::parse(yaml, limits).context("rule file", name));
    documents.push_back(std::move(document));
  } else {
    PLIM_TRY(documents, JsonDocument::parse_yaml_documents(yaml, limits).context("rule file", name));
  }
  std::vector<ConfigurationRule> out;
  std::set<std::string> ids;
  const auto read_one = [&](const JsonValue& item, std::string id) -> Result<ConfigurationRule> {
    const bool plain = !id.empty() && std::all_of(id.begin(), id.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    if (!plain) return malformed("it has no id of small letters, digits and dashes");
    if (!ids.insert(id).second) return malformed(cat("rule ", id, " stands there twice"));
    return RuleReader(std::move(id), !shipped).read(item);
  };
  for (const JsonDocument& document : documents) {
    const JsonValue list = document.root()["rules"];
    if (!list.is_array()) return malformed(cat(name, ": it has no list \"rules\""));
    for (const JsonValue& item : list.items()) {
      const auto line = item["\x01" "id"].integer();
      std::string id(item["id"].text());
      auto rule = read_one(item, id);
      if (rule) {
        rule->line = static_cast<std::uint32_t>(line.value_or(0));
        out.push_back(std::move(rule).value());
      } else if (refused != nullptr) {
        refused->push_back({.line = static_cast<std::uint32_t>(line.value_or(0)), .rule = std::move(id), .why = rule.error().message()});
      } else {
        return malformed(cat(name, line ? cat(":", *line) : std::string(), ": ", rule.error().message()));
      }
    }
  }
  return out;
}

const std::vector<ConfigurationRule>& shipped_configuration_rules() {
  static const std::vector<ConfigurationRule> all = [] {
    std::vector<ConfigurationRule> out;
    for (const auto& [name, text] : configuration_rule_files()) {
      auto rules = read_configuration_rules(name, text);
      if (!rules) std::fprintf(stderr, "plimsoll: %s\n", rules.error().message().c_str());
      PLIM_ASSERT(rules.has_value());
      std::move(rules->begin(), rules->end(), std::back_inserter(out));
    }
    return out;
  }();
  return all;
}

void judge(const std::vector<ConfigurationRule>& rules, const Subject& subject, std::string_view path, std::vector<Finding>& out) {
  for (const ConfigurationRule& rule : rules) {
    if (rule.subject != subject.kind) continue;
    if (!rule.files.empty()) {
      const auto named = [&](const std::string& glob) { return glob_match(glob, path); };
      if (std::none_of(rule.files.begin(), rule.files.end(), named)) continue;
    }
    if (!rule.when.holds(subject)) continue;
    Finding finding{.id = rule.id, .klass = FindingClass::Configuration, .severity = rule.severity, .severity_source = "plimsoll"};
    finding.title = rule.title;
    finding.rule_id = rule.id;
    finding.fix = rule.fix;
    finding.references = rule.references;
    finding.evidence.emplace_back("why", rule.why);
    if (!rule.cis.empty()) finding.evidence.emplace_back("cis", cat("CIS Docker Benchmark ", rule.cis));
    for (const std::string& field : rule.evidence)
      for (const std::string& value : subject.values(field))
        if (!value.empty()) finding.evidence.emplace_back(field, to_utf8(value.substr(0, 300)));
    if (!path.empty()) finding.locations.push_back({.path = std::string(path), .layer = {}, .line = line_of(rule.when, subject)});
    out.push_back(std::move(finding));
  }
}

}  // namespace plimsoll::detect
