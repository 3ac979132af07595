#include "standard/resolve.h"

#include <algorithm>

#include "base/hash.h"
#include "base/nearest.h"
#include "base/text.h"

namespace plimsoll::standard {

const std::vector<std::pair<std::string_view, std::string_view>>& embedded_standards();

namespace {

constexpr std::size_t kMaxDepth = 8;

class Resolver {
 public:
  Resolver(const Loader& load, Problems& problems) : load_(load), problems_(problems) {}

  // `line`: where the document that inherits says so; 0 for the first.
  std::optional<Resolved> resolve(const Document& document, int line) {
    Problems own;
    auto standard = read_standard(document.text, document.source, line == 0 ? problems_ : own);
    if (!standard) {
      if (line != 0) problems_.error(line, cat("inherited ", document.source, " is not right: ", own.list().empty() ? std::string("it cannot be read") : cat("line ", own.list().front().line, ": ", own.list().front().message)));
      return std::nullopt;
    }
    const auto open = std::find(open_.begin(), open_.end(), standard->name);
    if (open != open_.end()) {
      std::string path;
      for (auto at = open; at != open_.end(); ++at) path += cat(*at, " -> ");
      problems_.error(line, cat("inheritance goes in a circle: ", path, standard->name));
      return std::nullopt;
    }
    if (open_.size() >= kMaxDepth) {
      problems_.error(line, cat("inheritance goes deeper than ", kMaxDepth));
      return std::nullopt;
    }
    open_.push_back(standard->name);
    auto out = flatten(std::move(*standard), line);
    open_.pop_back();
    return out;
  }

 private:
  std::optional<Resolved> flatten(Standard standard, int line) {
    Resolved out{.name = standard.name, .title = standard.title, .description = standard.description, .version = standard.version};
    out.lineage.push_back(standard.name);
    for (const std::string& parent : standard.inherits) {
      const int where = line == 0 ? standard.inherits_line : line;
      auto document = load_(parent, standard.source);
      if (!document) {
        problems_.error(where, document.error().message());
        return std::nullopt;
      }
      auto inherited = resolve(*document, where);
      if (!inherited) return std::nullopt;
      if (!take(out, std::move(*inherited), where)) return std::nullopt;
    }
    const int overrides = line == 0 ? -1 : line;
    for (const Override& change : standard.overrides) {
      const auto rule = std::find_if(out.rules.begin(), out.rules.end(), [&](const Rule& r) { return r.id == change.rule; });
      if (rule != out.rules.end()) {
        apply_override(*rule, change, standard.name, problems_);
        continue;
      }
      std::vector<std::string_view> names;
      for (const Rule& r : out.rules) names.push_back(r.id);
      const std::string_view near = nearest(change.rule, names);
      problems_.error(overrides < 0 ? change.line : overrides, cat("no inherited rule is called \"", change.rule, "\"", near.empty() ? std::string() : cat("; did you mean \"", near, "\"?")));
    }
    for (Rule& rule : standard.rules) {
      const auto same = std::find_if(out.rules.begin(), out.rules.end(), [&](const Rule& r) { return r.id == rule.id; });
      if (same != out.rules.end()) problems_.error(line == 0 ? rule.line : line, cat("rule ", rule.id, " is inherited from ", same->from, ": change it under overrides, where the change is seen"));
      else out.rules.push_back(std::move(rule));
    }
    if (problems_.has_errors()) return std::nullopt;
    if (!standard.selector.empty()) out.selector = std::move(standard.selector);
    if (standard.allow_incomplete) out.allow_incomplete = *standard.allow_incomplete;
    if (!standard.granted_by.empty()) out.granted_by = std::move(standard.granted_by);
    if (standard.maximum_days) out.maximum_days = standard.maximum_days;
    if (!standard.exception_entries.empty()) out.exceptions.push_back(std::move(standard.exception_entries));
    out.examples = std::move(standard.examples);
    return out;
  }

  // Several parents may share an ancestor: the same rule in the same words is one rule.
  bool take(Resolved& into, Resolved parent, int line) {
    for (Rule& rule : parent.rules) {
      const auto same = std::find_if(into.rules.begin(), into.rules.end(), [&](const Rule& r) { return r.id == rule.id; });
      if (same == into.rules.end()) {
        into.rules.push_back(std::move(rule));
        continue;
      }
      if (same->from != rule.from || condition_text(same->when) != condition_text(rule.when) || same->effects != rule.effects || same->more_than != rule.more_than || same->at_least != rule.at_least) {
        problems_.error(line, cat("rule ", rule.id, " comes from ", same->from, " and differently from ", parent.name, ": inherit only one of them"));
        return false;
      }
    }
    for (std::string& name : parent.lineage)
      if (std::find(into.lineage.begin(), into.lineage.end(), name) == into.lineage.end()) into.lineage.push_back(std::move(name));
    into.allow_incomplete = into.allow_incomplete || parent.allow_incomplete;
    if (into.granted_by.empty()) into.granted_by = std::move(parent.granted_by);
    if (parent.maximum_days && (!into.maximum_days || *parent.maximum_days < *into.maximum_days)) into.maximum_days = parent.maximum_days;
    for (std::string& text : parent.exceptions) into.exceptions.push_back(std::move(text));
    return true;
  }

  const Loader& load_;
  Problems& problems_;
  std::vector<std::string> open_;
};

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_selector(JsonWriter& json, const Selector& selector) {
  if (selector.empty()) return;
  json.key("selector").begin_object();
  write_texts(json, "repositories", selector.repositories);
  write_texts(json, "namespaces", selector.namespaces);
  write_texts(json, "environments", selector.environments);
  if (!selector.labels.empty()) {
    json.key("labels").begin_object();
    for (const auto& [name, value] : selector.labels) json.member(name, value);
    json.end_object();
  }
  json.end_object();
}

void write_rule(JsonWriter& json, const Rule& rule) {
  json.begin_object().member("id", rule.id).text_member("title", rule.title).member("why", rule.why).member("fix", rule.fix).member("check", to_string(rule.check));
  json.key(rule.forbid ? "forbid" : "require");
  write_condition(json, rule.when);
  if (rule.more_than != 0) json.member("moreThan", rule.more_than);
  if (rule.at_least) json.member("atLeast", *rule.at_least);
  json.key("effects").begin_object();
  for (std::size_t i = 0; i < kStages; ++i) json.member(to_string(static_cast<Stage>(i)), to_string(rule.effects[i]));
  json.end_object().member("unknown", rule.counts_unknown() ? "counts" : "ignored");
  if (rule.grace) {
    json.key("grace").begin_object();
    if (rule.grace->days > 0) json.member("days", rule.grace->days).member("since", rule.grace->since->name);
    else json.member("until", day_text(rule.grace->until));
    json.end_object();
  }
  write_selector(json, rule.selector);
  json.text_member("exceptionBy", rule.exception_by).member("from", rule.from);
  write_texts(json, "changed", rule.changed);
  json.end_object();
}

std::string flattened(const Resolved& standard) {
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().member("apiVersion", "plimsoll.dev/v1alpha1").member("kind", "ResolvedSecurityStandard").key("metadata").begin_object().member("name", standard.name);
  json.text_member("title", standard.title).text_member("version", standard.version).end_object().key("spec").begin_object();
  write_texts(json, "lineage", standard.lineage);
  json.member("incomplete", standard.allow_incomplete ? "allow" : "refuse");
  write_selector(json, standard.selector);
  if (!standard.granted_by.empty() || standard.maximum_days || !standard.exceptions.empty()) {
    json.key("exceptions").begin_object().text_member("grantedBy", standard.granted_by);
    if (standard.maximum_days) json.member("maximumDays", *standard.maximum_days);
    if (!standard.exceptions.empty()) {
      json.key("documents").begin_array();
      for (const std::string& text : standard.exceptions) json.raw(text);
      json.end_array();
    }
    json.end_object();
  }
  json.key("rules").begin_array();
  for (const Rule& rule : standard.rules) write_rule(json, rule);
  json.end_array().end_object().end_object();
  out += '\n';
  return out;
}

}  // namespace

std::optional<Resolved> resolve(const Document& document, const Loader& load, Problems& problems) {
  auto out = Resolver(load, problems).resolve(document, 0);
  if (!out || problems.has_errors()) return std::nullopt;
  out->json = flattened(*out);
  out->digest = "sha256:" + hash_hex(HashKind::Sha256, as_bytes(out->json));
  return out;
}

const std::vector<std::pair<std::string, std::string_view>>& shipped_standards() {
  static const auto table = [] {
    std::vector<std::pair<std::string, std::string_view>> out;
    for (const auto& [path, text] : embedded_standards()) out.emplace_back(std::string(path.substr(0, path.rfind('.'))), text);
    return out;
  }();
  return table;
}

std::optional<std::string_view> shipped_standard(std::string_view name) {
  for (const auto& [each, text] : shipped_standards())
    if (each == name) return text;
  return std::nullopt;
}

}  // namespace plimsoll::standard
