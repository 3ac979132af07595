// Our own rule files: the format is in rule.h.
#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "detect/secrets/checks.h"
#include "detect/secrets/rule.h"

namespace plimsoll::detect {
namespace {

std::vector<std::string> texts(JsonValue value) {
  std::vector<std::string> out;
  if (value.is_string()) out.emplace_back(value.text());
  for (const JsonValue item : value.items()) out.emplace_back(item.text());
  return out;
}

// The embedded form has every scalar as text, a user's YAML has numbers.
std::optional<double> number(JsonValue value) {
  if (const auto n = value.number()) return n;
  const std::string text(value.text());
  if (text.empty()) return std::nullopt;
  char* end = nullptr;
  const double n = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size()) return std::nullopt;
  return n;
}

// The line on which rule `id` says its id.
std::uint32_t line_of(std::string_view text, std::string_view id) {
  std::uint32_t at = 0;
  std::string_view line;
  while (next_line(text, line)) {
    ++at;
    const std::size_t key = line.find("id:");
    if (key == std::string_view::npos || line.find(id, key) == std::string_view::npos) continue;
    std::string_view value = trim(line.substr(key + 3));
    value = value.substr(0, value.find_first_of(",}#"));
    if (trim(value) == id || trim(value) == cat("\"", id, "\"") || trim(value) == cat("'", id, "'")) return at;
  }
  return 0;
}

Result<Regex> compiled(std::string_view pattern, bool trusted) {
  if (trusted) return Regex::lazy(pattern);
  return Regex::checked(pattern);
}

Result<SecretRule> read_rule(JsonValue value, bool trusted) {
  static constexpr std::string_view kKeys[] = {"id", "title", "why", "fix", "severity", "keywords", "pattern", "group", "entropy", "check", "paths", "not_paths", "not", "match", "no_match", "source", "comment", "general"};
  for (const auto& member : value.members())
    if (std::find(std::begin(kKeys), std::end(kKeys), member.name) == std::end(kKeys)) return malformed(cat("no key is called ", member.name));
  SecretRule rule;
  rule.id = value["id"].text();
  rule.title = value["title"].text();
  rule.why = value["why"].text();
  rule.fix = value["fix"].text();
  rule.source = value["source"].text();
  if (rule.id.empty()) return malformed("it has no id");
  for (const std::string_view key : {"title", "why", "fix"})
    if (value[key].text().empty()) return malformed(cat("it has no ", key));
  const auto severity = severity_from(value["severity"].text("high"));
  if (!severity || *severity == Severity::Unknown) return malformed(cat("severity ", value["severity"].text(), " is none of critical, high, medium, low"));
  rule.severity = *severity;
  rule.keywords = texts(value["keywords"]);
  if (rule.keywords.empty()) return malformed("it has no keywords: every file would be searched");
  for (std::string& keyword : rule.keywords) {
    if (keyword.size() < 2) return malformed("a keyword has at least two characters");
    keyword = lower(keyword);
  }
  const std::string pattern(value["pattern"].text());
  if (pattern.empty()) return malformed("it has no pattern");
  PLIM_TRY(rule.pattern, compiled(pattern, trusted));
  rule.has_pattern = true;
  if (const JsonValue group = value["group"]; group.exists()) {
    const auto n = number(group);
    if (!n || *n < 0 || *n > 32) return malformed("group is not a number from 0 to 32");
    rule.group = static_cast<std::int32_t>(*n);
    if (!trusted && static_cast<std::uint32_t>(rule.group) > rule.pattern.groups()) return malformed(cat("the pattern has no group ", rule.group));
  }
  if (const JsonValue entropy = value["entropy"]; entropy.exists()) {
    const auto n = number(entropy);
    if (!n || *n < 0 || *n > 8) return malformed("entropy is not a number of bits from 0 to 8");
    rule.entropy = *n;
  }
  rule.general = value["general"].boolean().value_or(value["general"].text() == "true");
  rule.check = value["check"].text();
  if (!rule.check.empty() && !find_check(rule.check)) return malformed(cat("no check is called ", rule.check));
  rule.paths = texts(value["paths"]);
  rule.not_paths = texts(value["not_paths"]);
  for (const std::string& dummy : texts(value["not"])) {
    PLIM_TRY(Regex regex, compiled(dummy, trusted));
    rule.dummies.push_back(std::move(regex));
  }
  rule.match = texts(value["match"]);
  rule.no_match = texts(value["no_match"]);
  return rule;
}

}  // namespace

RuleSet read_secret_yaml(std::string_view path, std::string_view text, const RuleReadOptions& options) {
  RuleSet out;
  const std::string file(path);
  auto document = path.ends_with(".json") ? JsonDocument::parse(text, options.limits) : JsonDocument::parse_yaml(text, options.limits);
  if (!document) {
    out.errors.push_back({file, 0, {}, document.error().message()});
    return out;
  }
  const JsonValue rules = document->root()["rules"];
  if (!rules.is_array()) {
    out.errors.push_back({file, 0, {}, "it has no list of `rules`"});
    return out;
  }
  std::set<std::string> ids;
  for (const JsonValue value : rules.items()) {
    auto rule = read_rule(value, options.trusted);
    const std::string id(value["id"].text());
    if (!rule) {
      out.errors.push_back({file, line_of(text, id), id, rule.error().message()});
      continue;
    }
    if (!ids.insert(rule->id).second) {
      out.errors.push_back({file, line_of(text, id), id, "another rule of this file has this id"});
      continue;
    }
    rule->file = file;
    if (!options.trusted) rule->line = line_of(text, rule->id);
    out.rules.push_back(std::move(*rule));
  }
  return out;
}

}  // namespace plimsoll::detect
