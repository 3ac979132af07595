#include "standard/document.h"

#include <algorithm>

#include "base/nearest.h"
#include "base/text.h"

namespace plimsoll::standard {
namespace {

constexpr std::string_view kStageNames[] = {"build", "push", "deploy", "run"};
constexpr std::string_view kEffectNames[] = {"none", "audit", "warn", "block"};

// Helpers that put what is wrong into the list and go on.
class Reader {
 public:
  explicit Reader(Problems& problems) : problems_(problems) {}
  std::optional<Standard> read(std::string_view document, std::string_view source);

  void members(const YamlNode& node, std::string_view what, const std::vector<std::string_view>& known) {
    for (std::size_t i = 0; i < node.names.size(); ++i) {
      if (std::find(known.begin(), known.end(), node.names[i]) != known.end()) continue;
      const std::string_view near = nearest(node.names[i], known);
      std::string all;
      for (const std::string_view name : known) all += cat(all.empty() ? "" : ", ", name);
      problems_.error(node.name_lines[i], cat(what, " has no member \"", node.names[i], "\"; ", near.empty() ? cat("there are ", all) : cat("did you mean \"", near, "\"?")));
    }
  }
  bool map(const YamlNode& node, std::string_view what) {
    if (!node.exists()) return false;
    if (!node.is_map()) problems_.error(node, cat(what, " is not a map"));
    return node.is_map();
  }
  std::string text(const YamlNode& parent, std::string_view name) {
    const YamlNode& node = parent[name];
    if (!node.exists()) return {};
    if (!node.is_scalar()) problems_.error(node, cat(name, " is not a text"));
    std::string out(trim(node.text));
    return out;
  }
  std::vector<std::string> texts(const YamlNode& parent, std::string_view name) {
    const YamlNode& node = parent[name];
    std::vector<std::string> out;
    if (!node.exists()) return out;
    if (!node.is_list()) problems_.error(node, cat(name, " is not a list"));
    for (const YamlNode& item : node.items) {
      if (!item.is_scalar()) problems_.error(item, cat(name, " holds what is no text"));
      else out.push_back(item.text);
    }
    return out;
  }
  std::optional<std::uint64_t> count(const YamlNode& parent, std::string_view name) {
    const YamlNode& node = parent[name];
    if (!node.exists()) return std::nullopt;
    const auto value = node.is_scalar() ? parse_u64(node.text) : std::nullopt;
    if (!value || *value > 1'000'000'000) problems_.error(node, cat(name, " is not a count"));
    return value;
  }
  std::optional<bool> truth(const YamlNode& parent, std::string_view name) {
    const YamlNode& node = parent[name];
    if (!node.exists()) return std::nullopt;
    if (node.text != "true" && node.text != "false") problems_.error(node, cat(name, " is neither true nor false"));
    return node.text == "true";
  }
  template <class T>
  std::optional<T> word(const YamlNode& node, std::string_view what, std::optional<T> (*from)(std::string_view), const std::vector<std::string_view>& known) {
    const auto value = node.is_scalar() ? from(node.text) : std::nullopt;
    if (value) return value;
    std::string all;
    for (const std::string_view name : known) all += cat(all.empty() ? "" : ", ", name);
    const std::string_view near = nearest(node.text, known);
    problems_.error(node, cat("\"", node.text, "\" is no ", what, "; ", near.empty() ? cat("there are ", all) : cat("did you mean \"", near, "\"?")));
    return std::nullopt;
  }
  static std::vector<std::string_view> stage_names() { return {std::begin(kStageNames), std::end(kStageNames)}; }
  static std::vector<std::string_view> effect_names() { return {std::begin(kEffectNames), std::end(kEffectNames)}; }

  // `effect`, `stages`, `effects` together; nullopt when none is given.
  std::optional<std::array<Effect, kStages>> effects(const YamlNode& node) {
    const YamlNode &one = node["effect"], &stages = node["stages"], &each = node["effects"];
    if (!one.exists() && !stages.exists() && !each.exists()) return std::nullopt;
    std::array<Effect, kStages> out{};
    if (each.exists()) {
      if (one.exists() || stages.exists()) problems_.error(each, "effects says the effect of each stage: then there is no effect and no stages beside it");
      if (map(each, "effects")) {
        members(each, "effects", stage_names());
        for (std::size_t i = 0; i < each.names.size(); ++i)
          if (const auto stage = stage_from(each.names[i]))
            if (const auto effect = word<Effect>(each.items[i], "effect", effect_from, effect_names())) out[static_cast<std::size_t>(*stage)] = *effect;
      }
      return out;
    }
    Effect effect = Effect::Block;
    if (one.exists()) effect = word<Effect>(one, "effect", effect_from, effect_names()).value_or(effect);
    if (!stages.exists()) {
      out.fill(effect);
      return out;
    }
    if (!stages.is_list() || stages.items.empty()) problems_.error(stages, "stages is a list of build, push, deploy, run");
    for (const YamlNode& item : stages.items)
      if (const auto stage = word<Stage>(item, "stage", stage_from, stage_names())) out[static_cast<std::size_t>(*stage)] = effect;
    return out;
  }

  std::optional<Grace> grace(const YamlNode& node, Subject subject, bool subject_known) {
    if (!node.exists()) return std::nullopt;
    if (!map(node, "grace")) return std::nullopt;
    members(node, "grace", {"days", "since", "until"});
    Grace out;
    if (const YamlNode& until = node["until"]; until.exists()) {
      out.until = until.text.size() == 10 ? day_of(until.text) : kNoDay;
      if (out.until == kNoDay) problems_.error(until, cat("\"", until.text, "\" is not a day like 2027-01-31"));
      if (node["days"].exists() || node["since"].exists()) problems_.error(until, "grace has either until, or days and since");
      return out;
    }
    const auto days = count(node, "days");
    if (!days || *days == 0 || *days > 3650) problems_.error(node, "grace needs days, from 1 to 3650, or until");
    else out.days = static_cast<std::uint32_t>(*days);
    const YamlNode& since = node["since"];
    std::vector<std::string_view> dates;
    for (const Field& field : fields())
      if (field.kind == FieldKind::Date && (!subject_known || field.subject == subject)) dates.push_back(field.name);
    for (const Field& field : fields())
      if (field.kind == FieldKind::Date && field.name == since.text && (!subject_known || field.subject == subject)) out.since = &field;
    if (out.since == nullptr) {
      std::string all;
      for (const std::string_view name : dates) all += cat(all.empty() ? "" : ", ", name);
      problems_.error(since.exists() ? since : node, cat("grace needs since, a date of what is checked", all.empty() ? cat("; ", to_string(subject), " has none") : cat(": ", all)));
    }
    return out;
  }

  Selector selector(const YamlNode& node) {
    Selector out;
    if (!map(node, "selector")) return out;
    members(node, "selector", {"repositories", "namespaces", "environments", "labels"});
    out.repositories = texts(node, "repositories");
    out.namespaces = texts(node, "namespaces");
    out.environments = texts(node, "environments");
    if (const YamlNode& labels = node["labels"]; map(labels, "labels"))
      for (std::size_t i = 0; i < labels.names.size(); ++i) out.labels.emplace_back(labels.names[i], labels.items[i].text);
    return out;
  }

  void identifier(const YamlNode& node, std::string_view what, const std::string& text) {
    const bool good = !text.empty() && text.size() <= 63 && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos && text.front() != '-';
    if (!good) problems_.error(node, cat(what, " \"", text, "\" is not made of a-z, 0-9 and -"));
  }

  Rule rule(const YamlNode& node, std::string_view standard);
  Override override_of(const YamlNode& node);
  Example example(const YamlNode& node);
  void spec(const YamlNode& node, Standard& out);
  void exceptions(const YamlNode& node, Standard& out);

 private:
  Problems& problems_;
};

Rule Reader::rule(const YamlNode& node, std::string_view standard) {
  Rule out;
  out.line = node.line;
  out.from = standard;
  if (!map(node, "a rule")) {
    if (!node.exists()) problems_.error(node, "a rule is missing");
    return out;
  }
  members(node, "a rule", {"id", "title", "why", "fix", "check", "forbid", "require", "moreThan", "atLeast", "effect", "effects", "stages", "unknown", "grace", "selector", "exceptionBy"});
  out.id = text(node, "id");
  identifier(node, "rule id", out.id);
  out.title = text(node, "title");
  out.why = text(node, "why");
  out.fix = text(node, "fix");
  if (out.why.empty()) problems_.error(node, cat("rule ", out.id, " has no why: one sentence for whom it stops"));
  if (out.fix.empty()) problems_.error(node, cat("rule ", out.id, " has no fix: one sentence on what to do"));
  if (!node["check"].exists()) {
    problems_.error(node, cat("rule ", out.id, " has no check: what it looks at, one of findings, packages, layers, gaps, coverage, image, workload"));
    return out;
  }
  const auto subject = word<Subject>(node["check"], "subject of check", subject_from, subject_names());
  if (!subject) return out;
  out.check = *subject;
  const bool forbids = node["forbid"].exists(), requires_it = node["require"].exists();
  if (forbids == requires_it) {
    problems_.error(node, cat("rule ", out.id, " needs either forbid or require"));
    return out;
  }
  out.forbid = forbids;
  out.when = read_condition(forbids ? node["forbid"] : node["require"], out.check, problems_);
  out.more_than = count(node, "moreThan").value_or(0);
  out.at_least = count(node, "atLeast");
  if (node["moreThan"].exists() && (!forbids || is_single(out.check))) problems_.error(node["moreThan"], "moreThan goes with forbid over a list: so many are tolerated");
  if (node["atLeast"].exists() && (!requires_it || is_single(out.check))) problems_.error(node["atLeast"], "atLeast goes with require over a list: so many must meet it");
  std::array<Effect, kStages> all{};
  all.fill(Effect::Block);
  out.effects = effects(node).value_or(all);
  if (const YamlNode& unknown = node["unknown"]; unknown.exists()) {
    if (unknown.text != "counts" && unknown.text != "ignored") problems_.error(unknown, "unknown is counts (what is not known counts against the rule) or ignored");
    out.unknown_counts = unknown.text == "counts";
  }
  out.grace = grace(node["grace"], out.check, true);
  if (out.grace && out.grace->days > 0 && !out.forbid) problems_.error(node["grace"], "grace in days goes with forbid: what is required is there or not; use until");
  out.selector = selector(node["selector"]);
  out.exception_by = text(node, "exceptionBy");
  return out;
}

Override Reader::override_of(const YamlNode& node) {
  Override out;
  out.line = node.line;
  if (!map(node, "an override")) return out;
  members(node, "an override", {"rule", "why", "effect", "effects", "stages", "moreThan", "atLeast", "value", "forbid", "require", "grace"});
  out.rule = text(node, "rule");
  out.why = text(node, "why");
  if (out.rule.empty()) problems_.error(node, "an override needs rule: the id of the inherited rule");
  if (out.why.empty()) problems_.error(node, cat("the override of ", out.rule, " needs why"));
  out.effects = effects(node);
  out.more_than = count(node, "moreThan");
  out.at_least = count(node, "atLeast");
  if (node["value"].exists()) out.value = text(node, "value");
  if (node["forbid"].exists()) out.forbid = node["forbid"];
  if (node["require"].exists()) out.require = node["require"];
  if (const YamlNode& none = node["grace"]; none.is_scalar() && none.text == "none") out.no_grace = true;
  else out.grace = grace(none, Subject::Findings, false);
  if (!out.effects && !out.more_than && !out.at_least && !out.value && !out.forbid && !out.require && !out.grace && !out.no_grace) problems_.error(node, cat("the override of ", out.rule, " changes nothing"));
  return out;
}

Example Reader::example(const YamlNode& node) {
  Example out;
  out.line = node.line;
  if (!map(node, "an example")) return out;
  members(node, "an example", {"name", "stage", "expect", "rules", "report", "workload", "provenance", "at"});
  out.name = text(node, "name");
  if (out.name.empty()) problems_.error(node, "an example needs a name");
  if (node["stage"].exists()) out.stage = word<Stage>(node["stage"], "stage", stage_from, stage_names()).value_or(out.stage);
  out.expect = text(node, "expect");
  if (out.expect != "pass" && out.expect != "warn" && out.expect != "block") problems_.error(node["expect"].exists() ? node["expect"] : node, "expect is pass, warn or block");
  out.rules = texts(node, "rules");
  out.report = node["report"];
  out.workload = node["workload"];
  out.provenance = node["provenance"];
  if (node["at"].exists()) out.at = text(node, "at");
  if (day_of(out.at) == kNoDay) problems_.error(node["at"], "at is not a day like 2027-01-31");
  return out;
}

void Reader::exceptions(const YamlNode& node, Standard& out) {
  if (!map(node, "exceptions")) return;
  members(node, "exceptions", {"grantedBy", "maximumDays", "entries"});
  out.granted_by = text(node, "grantedBy");
  if (const auto days = count(node, "maximumDays")) out.maximum_days = static_cast<std::uint32_t>(*days);
  const YamlNode& entries = node["entries"];
  if (!entries.exists()) return;
  if (!entries.is_list()) return problems_.error(entries, "entries is a list, as in a document of kind Exception");
  JsonWriter json(out.exception_entries);
  json.begin_object().member("apiVersion", "plimsoll.dev/v1alpha1").member("kind", "Exception").key("spec").begin_object().key("entries");
  entries.write(json);
  json.end_object().end_object();
}

void Reader::spec(const YamlNode& node, Standard& out) {
  members(node, "spec", {"inherits", "selector", "incomplete", "exceptions", "rules", "overrides", "examples"});
  out.inherits = texts(node, "inherits");
  out.inherits_line = node["inherits"].line;
  out.overrides_line = node["overrides"].line;
  out.selector = selector(node["selector"]);
  if (const YamlNode& incomplete = node["incomplete"]; incomplete.exists()) {
    if (incomplete.text != "allow" && incomplete.text != "refuse") problems_.error(incomplete, "incomplete is allow or refuse: what a report with gaps is worth");
    out.allow_incomplete = incomplete.text == "allow";
  }
  exceptions(node["exceptions"], out);
  const auto list = [&](std::string_view name) -> const std::vector<YamlNode>& {
    const YamlNode& value = node[name];
    if (value.exists() && !value.is_list()) problems_.error(value, cat(name, " is not a list"));
    return value.items;
  };
  for (const YamlNode& item : list("rules")) {
    Rule one = rule(item, out.name);
    const auto same = std::find_if(out.rules.begin(), out.rules.end(), [&](const Rule& other) { return other.id == one.id; });
    if (same != out.rules.end() && !one.id.empty()) problems_.error(item, cat("rule ", one.id, " is there twice; the first is on line ", same->line));
    out.rules.push_back(std::move(one));
  }
  for (const YamlNode& item : list("overrides")) out.overrides.push_back(override_of(item));
  for (const YamlNode& item : list("examples")) out.examples.push_back(example(item));
  if (out.rules.empty() && out.inherits.empty()) problems_.error(node, "a standard without rules passes everything: it needs rules, or inherits");
  if (!out.overrides.empty() && out.inherits.empty()) problems_.error(out.overrides_line, "overrides change inherited rules, but nothing is inherited");
}

std::optional<Standard> Reader::read(std::string_view document, std::string_view source) {
  const auto tree = read_yaml(document);
  if (!tree) {
    problems_.error(0, tree.error().message());
    return std::nullopt;
  }
  const YamlNode& root = *tree;
  Standard out;
  out.source = source;
  if (!root.is_map()) {
    problems_.error(root, "a standard is a map with apiVersion, kind, metadata and spec");
    return std::nullopt;
  }
  members(root, "the document", {"apiVersion", "kind", "metadata", "spec"});
  if (root["kind"].text != "SecurityStandard") problems_.error(root["kind"].exists() ? root["kind"] : root, cat("kind is \"", root["kind"].text, "\", not SecurityStandard"));
  if (root["apiVersion"].text != "plimsoll.dev/v1alpha1") problems_.error(root["apiVersion"].exists() ? root["apiVersion"] : root, cat("apiVersion is \"", root["apiVersion"].text, "\", not plimsoll.dev/v1alpha1"));
  const YamlNode& metadata = root["metadata"];
  if (map(metadata, "metadata")) {
    members(metadata, "metadata", {"name", "title", "description", "version", "labels", "annotations", "namespace"});
    out.name = text(metadata, "name");
    identifier(metadata, "the name", out.name);
    out.title = text(metadata, "title");
    out.description = text(metadata, "description");
    out.version = text(metadata, "version");
  } else {
    problems_.error(root, "metadata with a name is missing");
  }
  if (root["spec"].is_map()) spec(root["spec"], out);
  else problems_.error(root, "spec is missing or not a map");
  problems_.sort();
  if (problems_.has_errors()) return std::nullopt;
  return out;
}

std::string effects_text(const std::array<Effect, kStages>& effects) {
  if (std::all_of(effects.begin(), effects.end(), [&](Effect e) { return e == effects[0]; })) return std::string(to_string(effects[0]));
  std::string out;
  for (std::size_t i = 0; i < kStages; ++i) out += cat(i == 0 ? "" : " ", kStageNames[i], "=", to_string(effects[i]));
  return out;
}

// The one criterion of a condition whose value an override may replace.
Condition* only_criterion(Condition& condition) {
  if (condition.kind == Condition::Kind::Criterion) return &condition;
  return condition.kind != Condition::Kind::Expression && condition.parts.size() == 1 ? only_criterion(condition.parts.front()) : nullptr;
}

}  // namespace

std::string_view to_string(Stage stage) { return kStageNames[static_cast<std::size_t>(stage)]; }
std::optional<Stage> stage_from(std::string_view text) {
  for (std::size_t i = 0; i < kStages; ++i)
    if (kStageNames[i] == text) return static_cast<Stage>(i);
  return std::nullopt;
}
std::string_view to_string(Effect effect) { return kEffectNames[static_cast<std::size_t>(effect)]; }
std::optional<Effect> effect_from(std::string_view text) {
  for (std::size_t i = 0; i < 4; ++i)
    if (kEffectNames[i] == text) return static_cast<Effect>(i);
  return std::nullopt;
}

std::optional<Standard> read_standard(std::string_view document, std::string_view source, Problems& problems) { return Reader(problems).read(document, source); }

void apply_override(Rule& rule, const Override& change, std::string_view by, Problems& problems) {
  const auto note = [&](std::string_view what, std::string_view before, std::string_view after) { rule.changed.push_back(cat(what, ": ", before, " -> ", after, ", by ", by, ": ", change.why)); };
  if (change.effects) {
    note("effect", effects_text(rule.effects), effects_text(*change.effects));
    rule.effects = *change.effects;
  }
  if (change.more_than) {
    if (!rule.forbid || is_single(rule.check)) problems.error(change.line, cat("rule ", rule.id, " has no moreThan to override"));
    note("moreThan", std::to_string(rule.more_than), std::to_string(*change.more_than));
    rule.more_than = *change.more_than;
  }
  if (change.at_least) {
    if (rule.forbid || is_single(rule.check)) problems.error(change.line, cat("rule ", rule.id, " has no atLeast to override"));
    note("atLeast", rule.at_least ? std::to_string(*rule.at_least) : "each", std::to_string(*change.at_least));
    rule.at_least = change.at_least;
  }
  if (change.value || change.forbid || change.require) {
    const std::string before = in_words(rule.when);
    if (change.value) {
      Condition* criterion = only_criterion(rule.when);
      if (criterion == nullptr) {
        problems.error(change.line, cat("rule ", rule.id, " has more than one criterion: override it with a whole ", rule.forbid ? "forbid" : "require"));
        return;
      }
      YamlNode node{.kind = YamlNode::Kind::Map, .line = change.line};
      const auto member = [&](std::string name, std::string text) {
        node.names.push_back(std::move(name));
        node.name_lines.push_back(change.line);
        node.items.push_back({.kind = YamlNode::Kind::Scalar, .line = change.line, .text = std::move(text)});
      };
      member("field", criterion->key.empty() ? std::string(criterion->field->name) : cat(criterion->field->name, ".", criterion->key));
      member("operator", std::string(to_string(criterion->op)));
      member("value", *change.value);
      *criterion = read_condition(node, rule.check, problems);
    }
    if (change.forbid || change.require) {
      rule.forbid = change.forbid.has_value();
      rule.when = read_condition(change.forbid ? *change.forbid : *change.require, rule.check, problems);
    }
    note(rule.forbid ? "forbid" : "require", before, in_words(rule.when));
  }
  if (change.grace || change.no_grace) {
    if (change.grace && change.grace->since != nullptr && change.grace->since->subject != rule.check) problems.error(change.line, cat("rule ", rule.id, " checks ", to_string(rule.check), ", which has no date ", change.grace->since->name));
    const auto words = [](const std::optional<Grace>& grace) { return !grace ? std::string("none") : grace->days > 0 ? cat(grace->days, " days") : cat("until ", day_text(grace->until)); };
    const std::string before = words(rule.grace);
    rule.grace = change.no_grace ? std::nullopt : change.grace;
    note("grace", before, words(rule.grace));
  }
}

}  // namespace plimsoll::standard
