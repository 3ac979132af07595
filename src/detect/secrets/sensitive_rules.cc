#include "detect/secrets/sensitive_rules.h"

#include <algorithm>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "detect/secrets/findings.h"

namespace plimsoll::detect {

const std::vector<std::pair<std::string_view, std::string_view>>& sensitive_file_rules();

namespace {

std::vector<std::string> texts(JsonValue value) {
  std::vector<std::string> out;
  if (value.is_string()) out.emplace_back(value.text());
  for (const JsonValue item : value.items()) out.emplace_back(item.text());
  return out;
}

// \0 and \xHH of examples; other backslashes stand for themselves when doubled.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '0') {
      out += '\0';
      ++i;
    } else if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x') {
      out += from_hex(text.substr(i + 2, 2));
      i += 3;
    } else if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\\') {
      out += '\\';
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

Result<SensitiveRule> read_rule(JsonValue value, bool trusted) {
  static constexpr std::string_view kKeys[] = {"id", "title", "why", "fix", "severity", "paths", "not_paths", "content", "match", "no_match", "source", "comment"};
  for (const auto& member : value.members())
    if (std::find(std::begin(kKeys), std::end(kKeys), member.name) == std::end(kKeys)) return malformed(cat("no key is called ", member.name));
  SensitiveRule rule{.id = std::string(value["id"].text()), .title = std::string(value["title"].text()), .why = std::string(value["why"].text()), .fix = std::string(value["fix"].text()), .source = std::string(value["source"].text())};
  if (rule.id.empty() || rule.title.empty() || rule.why.empty() || rule.fix.empty()) return malformed("a rule has id, title, why and fix");
  const auto severity = severity_from(value["severity"].text("medium"));
  if (!severity) return malformed(cat("severity ", value["severity"].text(), " is none"));
  rule.severity = *severity;
  rule.paths = texts(value["paths"]);
  rule.not_paths = texts(value["not_paths"]);
  if (rule.paths.empty()) return malformed("it has no paths");
  if (const std::string_view content = value["content"].text(); !content.empty()) {
    if (trusted) {
      rule.content = Regex::lazy(content);
    } else {
      PLIM_TRY(rule.content, Regex::checked(content));
    }
    rule.has_content = true;
  }
  for (const JsonValue e : value["match"].items()) rule.match.push_back({std::string(e["path"].text()), unescape(e["text"].text())});
  for (const JsonValue e : value["no_match"].items()) rule.no_match.push_back({std::string(e["path"].text()), unescape(e["text"].text())});
  return rule;
}

SensitiveRules read(std::string_view path, std::string_view text, const Limits& limits, bool trusted) {
  SensitiveRules out;
  auto document = path.ends_with(".json") ? JsonDocument::parse(text, limits) : JsonDocument::parse_yaml(text, limits);
  if (!document) {
    out.errors.push_back({std::string(path), 0, {}, document.error().message()});
    return out;
  }
  if (!document->root()["rules"].is_array()) out.errors.push_back({std::string(path), 0, {}, "it has no list of `rules`"});
  for (const JsonValue value : document->root()["rules"].items()) {
    auto rule = read_rule(value, trusted);
    if (rule) out.rules.push_back(std::move(*rule));
    else out.errors.push_back({std::string(path), 0, std::string(value["id"].text()), rule.error().message()});
  }
  return out;
}

}  // namespace

std::optional<Finding> SensitiveRules::examine(std::string_view path, std::string_view content) const {
  const auto fits = [&](const std::string& glob) { return glob_match(glob, path); };
  for (const SensitiveRule& rule : rules) {
    if (std::none_of(rule.paths.begin(), rule.paths.end(), fits) || std::any_of(rule.not_paths.begin(), rule.not_paths.end(), fits)) continue;
    if (rule.has_content && !rule.content.matches(content.substr(0, kLooked))) continue;
    Finding f;
    f.id = f.rule_id = rule.id;
    f.klass = FindingClass::SensitiveFile;
    const bool example = is_example_place(path);
    f.severity = example ? std::min(rule.severity, Severity::Low) : rule.severity;
    f.title = rule.title;
    f.fix = rule.fix;
    f.evidence = {{"why", rule.why}, {"sizeBytes", std::to_string(content.size())}};
    if (example) f.evidence.emplace_back("place", "where examples and tests lie: severity lowered");
    if (!rule.source.empty()) f.references.push_back(rule.source);
    f.key = finding_key(f.klass, f.id, path);
    f.locations.push_back({.path = std::string(path), .layer = {}, .line = 0});
    return f;
  }
  return std::nullopt;
}

SensitiveRules read_sensitive_rules(std::string_view path, std::string_view text, const Limits& limits) { return read(path, text, limits, false); }

SensitiveRules shipped_sensitive_rules() {
  SensitiveRules out;
  for (const auto& [name, text] : sensitive_file_rules()) {
    SensitiveRules one = read(name, text, {}, true);
    PLIM_ASSERT(one.errors.empty());
    std::move(one.rules.begin(), one.rules.end(), std::back_inserter(out.rules));
  }
  return out;
}

std::string shipped_sensitive_rules_digest() {
  Hasher hasher(HashKind::Sha256);
  for (const auto& [name, text] : sensitive_file_rules()) {
    hasher.update(as_bytes(name));
    hasher.update(as_bytes(text));
  }
  return to_hex(hasher.finish());
}

bool is_sensitive_rules(std::string_view path, std::string_view text) {
  return (path.ends_with(".yaml") || path.ends_with(".yml")) && text.find("paths:") != std::string_view::npos && text.find("pattern:") == std::string_view::npos && text.find("rules:") != std::string_view::npos;
}

}  // namespace plimsoll::detect
