#include "detect/webshell/rules.h"

#include <algorithm>
#include <iterator>

#include "base/json.h"
#include "base/text.h"

namespace plimsoll::detect::web {
namespace {

constexpr std::string_view kFamilyNames[] = {"php", "jsp", "asp", "aspx", "python", "perl", "node", "shell"};
constexpr std::string_view kKindNames[] = {"evaluation", "process", "include", "write", "indirect", "deserialise", "template"};
constexpr std::string_view kDoesNames[] = {
    "nothing", "pass", "same", "number", "base64_decode", "hex_decode", "url_decode", "rot13", "reverse", "chr", "ord", "lower", "upper", "concat", "join", "split", "replace", "translate",
    "substr", "format", "inflate", "codes", "array", "map", "length", "pack", "trim",
    "open", "store", "load", "append", "push", "fill", "define", "extract", "invoke", "module", "member", "self", "construct", "unserialise", "content", "promise", "uuencode", "codec", "entries", "duplicate", "base_convert", "range", "methodcaller", "keys", "first", "last", "flip", "merge", "slice"};

template <std::size_t N>
std::optional<std::size_t> index_of(const std::string_view (&names)[N], std::string_view name) {
  const auto found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<std::size_t>(found - std::begin(names));
}

// The part of a name after its last dot.
std::string_view last_member(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

std::vector<std::string> texts(JsonValue list) {
  std::vector<std::string> out;
  for (const JsonValue item : list.items()) out.emplace_back(item.text());
  return out;
}

// Shipped rules reach us with every scalar as text (tools/embed); a user's YAML with numbers and truth values.
std::optional<std::int64_t> number_of(JsonValue value) {
  if (const auto n = value.integer()) return n;
  std::string_view text = value.text();
  const bool minus = text.starts_with('-');
  const auto n = parse_u64(minus ? text.substr(1) : text);
  if (!n || *n > 1000) return std::nullopt;
  return minus ? -static_cast<std::int64_t>(*n) : static_cast<std::int64_t>(*n);
}
bool truth_of(JsonValue value) { return value.boolean().value_or(value.text() == "true"); }

struct Section {
  std::string_view key;
  Rule::Use use;
};
constexpr Section kSections[] = {{"sources", Rule::Use::Source}, {"sinks", Rule::Use::Sink}, {"cleaners", Rule::Use::Cleaner}, {"guards", Rule::Use::Guard}, {"functions", Rule::Use::Function}, {"handlers", Rule::Use::Handler}};

Result<Rule> read_rule(JsonValue entry, Rule::Use use) {
  static constexpr std::string_view kKeys[] = {"names", "what", "with", "kind", "args", "path", "content", "from", "into", "assign", "shell", "direct", "spread", "connects", "unpacks", "for", "does", "params", "comment", "why", "match", "no_match"};
  for (const auto& member : entry.members())
    if (std::find(std::begin(kKeys), std::end(kKeys), member.name) == std::end(kKeys)) return malformed(cat("no key is called ", member.name));
  Rule rule;
  rule.use = use;
  if (use == Rule::Use::Source || entry["what"].exists()) {
    const std::string_view what = entry["what"].text("request");
    if (what == "request") rule.origin = kRequest;
    else if (what == "network") rule.origin = kNetwork;
    else if (what == "hidden") rule.origin = kHidden;
    else if (what == "upload") rule.origin = kRequest | kUpload;
    else return malformed(cat("what: ", what, " is none of request, network, hidden, upload"));
  }
  rule.with = entry["with"].text();
  if (use == Rule::Use::Sink) {
    const auto kind = index_of(kKindNames, entry["kind"].text());
    if (!kind) return malformed(cat("kind: ", entry["kind"].text(), " is no kind of sink"));
    rule.kind = static_cast<SinkKind>(*kind);
  }
  if (use == Rule::Use::Function) {
    const auto does = index_of(kDoesNames, entry["does"].text());
    if (!does) return malformed(cat("does: ", entry["does"].text(), " is not known"));
    rule.does = static_cast<Does>(*does);
  }
  if (use == Rule::Use::Cleaner) {
    for (const std::string& name : texts(entry["for"])) {
      const auto kind = index_of(kKindNames, name);
      if (name == "all") rule.cleans = kAllSinks;
      else if (!kind) return malformed(cat("for: ", name, " is no kind of sink"));
      else rule.cleans |= bit(static_cast<SinkKind>(*kind));
    }
    if (rule.cleans == 0) return malformed("a cleaner needs `for`");
  }
  for (const JsonValue arg : entry["args"].items()) {
    const auto number = number_of(arg);
    if (!number || *number < -1 || *number > 32) return malformed("args must be numbers from -1");
    rule.args.push_back(static_cast<int>(*number));
  }
  const auto number = [&](std::string_view key, int& to) {
    if (const auto value = number_of(entry[key])) to = static_cast<int>(std::clamp<std::int64_t>(*value, -2, 32));
  };
  number("path", rule.path);
  number("content", rule.content);
  number("from", rule.from);
  number("into", rule.into);
  rule.assign = truth_of(entry["assign"]);
  rule.shell = truth_of(entry["shell"]);
  rule.direct = truth_of(entry["direct"]);
  rule.spread = truth_of(entry["spread"]);
  rule.unpacks = truth_of(entry["unpacks"]);
  rule.connects = truth_of(entry["connects"]);
  rule.params = texts(entry["params"]);
  return rule;
}

}  // namespace

std::string_view to_string(Family family) { return kFamilyNames[static_cast<std::size_t>(family)]; }
std::string_view to_string(SinkKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

bool wildcard_match(std::string_view pattern, std::string_view text, bool ignore_case) {
  const auto same = [&](char a, char b) {
    if (!ignore_case) return a == b;
    const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return fold(a) == fold(b);
  };
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && same(pattern[p], text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

const Rule* FamilyRules::find(std::string_view name, Rule::Use use) const {
  if (name.empty()) return nullptr;
  std::string_view member = last_member(name);
  const auto found = ignore_case ? by_member.find(lower(member)) : by_member.find(member);
  if (found == by_member.end()) return nullptr;
  const Rule* best = nullptr;
  for (const std::uint32_t index : found->second) {
    const Rule& rule = rules[index];
    if (rule.use == use && (!best || rule.pattern.size() > best->pattern.size()) && wildcard_match(rule.pattern, name, ignore_case)) best = &rule;
  }
  return best;
}

bool FamilyRules::dangerous_module(std::string_view name) const {
  return std::any_of(modules.begin(), modules.end(), [&](const std::string& module) { return wildcard_match(module, name, ignore_case); });
}

Status RuleSet::add_entry(FamilyRules& family, Rule::Use use, JsonValue entry, std::string_view where) {
  PLIM_TRY(Rule rule, entry.is_string() ? Result<Rule>(Rule{.pattern = "", .use = use}) : read_rule(entry, use));
  const std::vector<std::string> names = entry.is_string() ? std::vector<std::string>{std::string(entry.text())} : texts(entry["names"]);
  if (names.empty()) return malformed("has no names");
  std::vector<std::string> patterns = names;
  if (family.qualifies)  // a class may be written with its package
    for (const std::string& pattern : names)
      if (pattern[0] >= 'A' && pattern[0] <= 'Z') patterns.push_back(cat("*.", pattern));
  if (&family == &families_[static_cast<std::size_t>(Family::Aspx)])  // Visual Basic does not tell cases apart; its names are read as small ones
    for (std::size_t i = 0, count = patterns.size(); i < count; ++i)
      if (std::string small = lower(patterns[i]); std::find(patterns.begin(), patterns.end(), small) == patterns.end()) patterns.push_back(std::move(small));
  for (const std::string& pattern : patterns) {
    std::string_view member = last_member(pattern);
    if (member.size() == pattern.size() && member.starts_with('*')) member.remove_prefix(1);  // "*Request[]": with or without something before it
    if (member.empty() || (member.find('*') != std::string_view::npos)) return malformed(cat(pattern, ": * may not be in the last member"));
    rule.pattern = pattern;
    family.by_member[family.ignore_case ? lower(member) : std::string(member)].push_back(static_cast<std::uint32_t>(family.rules.size()));
    family.rules.push_back(rule);
    ++count_;
  }
  if (!entry.is_string() && (entry["match"].exists() || entry["no_match"].exists() || use == Rule::Use::Sink))
    family.examples.push_back({cat(where, " (", names.front(), ")"), rule.kind, texts(entry["match"]), texts(entry["no_match"])});
  return {};
}

Status RuleSet::add(std::string_view name, std::string_view yaml, const Limits& limits, std::vector<RefusedRule>* refused) {
  auto document = name.ends_with(".json") ? JsonDocument::parse(yaml, limits) : JsonDocument::parse_yaml(yaml, limits);
  if (!document) return std::move(document).error().with_context("web shell rules", name);
  const JsonValue root = document->root();
  const auto bad = [&](std::string_view why) { return malformed(cat("web shell rules ", name, ": ", why)); };
  const auto index = index_of(kFamilyNames, root["family"].text());
  if (!index) return bad(cat("family: ", root["family"].text(), " is none of php, jsp, asp, aspx, python, perl, node, shell"));
  FamilyRules& family = families_[*index];
  last_ = static_cast<Family>(*index);
  static constexpr std::string_view kKeys[] = {"engine", "family", "ignore_case", "gate", "reach", "modules", "fix", "why", "comment", "sources", "sinks", "cleaners", "guards", "functions", "handlers"};
  for (const auto& member : root.members())
    if (std::find(std::begin(kKeys), std::end(kKeys), member.name) == std::end(kKeys)) return bad(cat("no key is called ", member.name));
  family.ignore_case |= truth_of(root["ignore_case"]);
  if (!root["fix"].text().empty()) family.fix = root["fix"].text();
  for (const JsonValue list : root["gate"].items()) family.gate.push_back(texts(list));
  static constexpr std::pair<std::string_view, std::vector<std::string> ReachLists::*> kReach[] = {{"sources", &ReachLists::sources}, {"sinks", &ReachLists::sinks}, {"by_name", &ReachLists::by_name}, {"hidden", &ReachLists::hidden}, {"cgi", &ReachLists::cgi}};
  for (const auto& member : root["reach"].members())
    if (std::none_of(std::begin(kReach), std::end(kReach), [&](const auto& list) { return list.first == member.name; })) return bad(cat("reach: no key is called ", member.name));
  for (const auto& [key, list] : kReach)
    for (std::string& entry : texts(root["reach"][key])) (family.reach.*list).push_back(std::move(entry));
  for (std::string& module : texts(root["modules"])) family.modules.push_back(std::move(module));
  family.qualifies = *index == static_cast<std::size_t>(Family::Jsp) || *index == static_cast<std::size_t>(Family::Aspx);
  for (const Section& section : kSections) {
    std::size_t number = 0;
    for (const JsonValue entry : root[section.key].items()) {
      const std::string where = cat(section.key, " entry ", ++number);
      if (const Status added = add_entry(family, section.use, entry, where); !added) {
        if (!refused) return bad(cat(where, ": ", added.error().message()));
        refused->push_back({where, added.error().message()});
      }
    }
  }
  family.text_calls = *index == static_cast<std::size_t>(Family::Php) || *index == static_cast<std::size_t>(Family::Perl);
  family.members_have_dots = *index == static_cast<std::size_t>(Family::Php) || *index == static_cast<std::size_t>(Family::Perl) || *index == static_cast<std::size_t>(Family::Python);
  family.marks = *index == static_cast<std::size_t>(Family::Node);
  family.may.build(family);
  return {};
}

}  // namespace plimsoll::detect::web
