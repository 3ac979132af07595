// gitleaks' rule files (TOML): https://github.com/gitleaks/gitleaks#configuration
//
// Read     rules with regex, path, keywords, entropy, secretGroup, allowlist(s), required, skipReport; file-wide
//          allowlist(s), with targetRules; [extend] path (one file, at most two deep) and disabledRules; [extend] useDefault,
//          with the shipped rules in the place of gitleaks' own (extend_shipped.h).
// Refused  [extend] url: nothing is fetched; save the file and name it as [extend] path.
// Severity gitleaks has none: every rule is `high`, unless its tags say critical, medium or low.
#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "detect/secrets/rule.h"

namespace plimsoll::detect {
namespace {

constexpr int kMostExtended = 2;

std::vector<std::string> texts(JsonValue value) {
  std::vector<std::string> out;
  for (const JsonValue item : value.items()) out.emplace_back(item.text());
  return out;
}

// Go reads a group's name after (?<name> since 1.22 and \z; RE2 of Debian 12 knows only (?P<name>.
std::string for_re2(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out.append(pattern.substr(i, 2));
      ++i;
    } else if (pattern.substr(i).starts_with("(?<") && i + 3 < pattern.size() && pattern[i + 3] != '=' && pattern[i + 3] != '!') {
      out += "(?P<";
      i += 2;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

class Reader {
 public:
  Reader(std::string_view path, std::string_view text, const RuleReadOptions& options, int depth) : file_(path), text_(text), options_(options), depth_(depth) { index_lines(); }

  RuleSet read() {
    auto document = JsonDocument::parse_toml(text_, options_.limits);
    if (!document) {
      error(0, {}, document.error().message());
      return std::move(out_);
    }
    const JsonValue root = document->root();
    extends_ = root["extend"].exists();
    std::size_t at = 0;
    for (const JsonValue rule : root["rules"].items()) {
      const std::uint32_t line = at < rule_lines_.size() ? rule_lines_[at] : 0;
      ++at;
      read_rule(rule, line);
    }
    if (root["allowlist"].exists()) file_allowlist(root["allowlist"]);
    for (const JsonValue list : root["allowlists"].items()) file_allowlist(list);
    extend(root["extend"]);
    out_.file = file_;
    const auto known = [&](const std::string& id) {
      return std::any_of(out_.rules.begin(), out_.rules.end(), [&](const SecretRule& r) { return r.id == id; }) || (out_.extends_shipped && is_shipped_secret_rule(id));
    };
    if (depth_ == 0) {
      // Those that say nothing of what to look for add to the rule they extend.
      for (SecretRule& rule : out_.rules)
        if (!rule.has_pattern && !rule.path) {
          if (out_.extends_shipped) out_.extensions.push_back(std::move(rule));
          else error(rule.line, rule.id, "it has neither regex nor path");
          rule.id.clear();
        }
      std::erase_if(out_.rules, [](const SecretRule& rule) { return rule.id.empty(); });
      std::erase_if(out_.rules, [&](const SecretRule& rule) {
        for (const RequiredRule& r : rule.required)
          if (!known(r.id)) {
            error(rule.line, rule.id, cat("it requires rule ", r.id, ", which is not there"));
            return true;
          }
        return false;
      });
      // Of the shipped rules' ids the user knows less; extend_shipped() says which are not there.
      for (const auto& list : out_.allowlists)
        for (const std::string& id : list->target_rules)
          if (!known(id) && !out_.extends_shipped) error(0, {}, cat("an allowlist is for rule ", id, ", which is not there"));
      if (out_.rules.empty() && out_.errors.empty() && !out_.extends_shipped) error(0, {}, "it has no rules");
    }
    return std::move(out_);
  }

 private:
  void index_lines() {
    std::string_view rest = text_, line;
    for (std::uint32_t at = 1; next_line(rest, line); ++at) {
      if (trim(line).starts_with("useDefault")) use_default_line_ = at;
      else if (trim(line).starts_with("[[rules]]") || trim(line).starts_with("[[ rules ]]")) rule_lines_.push_back(at);
    }
  }
  void error(std::uint32_t line, std::string_view rule, std::string why) { out_.errors.push_back({file_, line, std::string(rule), std::move(why)}); }

  Result<Regex> compile(std::string_view pattern) const {
    if (options_.trusted) return Regex::lazy(for_re2(pattern));
    return Regex::checked(for_re2(pattern));
  }

  // Many expressions in one, so that a file's path is matched once and not thirty times.
  Result<std::vector<Regex>> compile_all(JsonValue list) const {
    std::string joined;
    std::vector<Regex> out;
    for (const std::string& pattern : texts(list)) {
      PLIM_TRY(Regex one, compile(pattern));
      if (one.is_pcre()) {
        out.push_back(std::move(one));
        continue;
      }
      if (!joined.empty()) joined += '|';
      joined.append("(?:").append(for_re2(pattern)).append(")");
    }
    if (joined.empty()) return out;
    // One named group may stand in several of them, and together they may be too large: then they stay apart.
    if (auto all = Regex::checked(joined)) {
      out.push_back(std::move(*all));
      return out;
    }
    for (const std::string& pattern : texts(list)) {
      PLIM_TRY(Regex one, compile(pattern));
      if (!one.is_pcre()) out.push_back(std::move(one));
    }
    return out;
  }

  Result<std::shared_ptr<const Allowlist>> allowlist(JsonValue value) const {
    auto list = std::make_shared<Allowlist>();
    const std::string condition = lower(value["condition"].text());
    if (condition == "and" || condition == "&&") list->all = true;
    else if (!condition.empty() && condition != "or" && condition != "||") return malformed(cat("allowlist condition ", condition, " is neither AND nor OR"));
    const std::string_view target = value["regexTarget"].text();
    if (target == "match") list->target = Allowlist::Target::Match;
    else if (target == "line") list->target = Allowlist::Target::Line;
    else if (!target.empty() && target != "secret") return malformed(cat("allowlist regexTarget ", target, " is none of secret, match, line"));
    PLIM_TRY(list->paths, compile_all(value["paths"]));
    PLIM_TRY(list->regexes, compile_all(value["regexes"]));
    for (const std::string& word : texts(value["stopwords"])) list->stop_words.push_back(lower(word));
    for (const std::string& commit : texts(value["commits"])) list->commits.push_back(lower(trim(commit)));
    list->target_rules = texts(value["targetRules"]);
    if (list->paths.empty() && list->regexes.empty() && list->stop_words.empty() && list->commits.empty()) return malformed("an allowlist has none of commits, paths, regexes, stopwords");
    return std::shared_ptr<const Allowlist>(std::move(list));
  }

  void file_allowlist(JsonValue value) {
    auto list = allowlist(value);
    if (list) out_.allowlists.push_back(std::move(*list));
    else error(0, {}, list.error().message());
  }

  void read_rule(JsonValue value, std::uint32_t line) {
    auto rule = rule_of(value);
    const std::string id(value["id"].text());
    if (!rule) return error(line, id, rule.error().message());
    if (!ids_.insert(id).second) return error(line, id, "another rule of this file has this id");
    rule->file = file_;
    rule->line = line;
    out_.rules.push_back(std::move(*rule));
  }

  Result<SecretRule> rule_of(JsonValue value) const {
    SecretRule rule;
    rule.dialect = Dialect::Gitleaks;
    rule.id = value["id"].text();
    if (trim(rule.id).empty()) return malformed("it has no id");
    rule.title = value["description"].text(rule.id);
    rule.why = cat("It matches rule ", rule.id, " of ", file_, ".");
    rule.fix = "Revoke it where it was issued, and give the program its secret at run time.";
    if (const std::string_view pattern = value["regex"].text(); !pattern.empty()) {
      PLIM_TRY(rule.pattern, compile(pattern));
      rule.has_pattern = true;
    }
    if (const std::string_view path = value["path"].text(); !path.empty()) {
      PLIM_TRY(Regex regex, compile(path));
      rule.path = std::move(regex);
    }
    if (!rule.has_pattern && !rule.path && !extends_) return malformed("it has neither regex nor path");
    for (const std::string& keyword : texts(value["keywords"]))
      if (!keyword.empty()) rule.keywords.push_back(lower(keyword));
    rule.entropy = value["entropy"].number().value_or(0);
    const std::int64_t group = value["secretGroup"].integer().value_or(0);
    if (group < 0 || (rule.has_pattern && group > rule.pattern.groups())) return malformed(cat("the regex has no group ", group));
    rule.group = group > 0 ? static_cast<std::int32_t>(group) : -1;
    rule.silent = value["skipReport"].boolean().value_or(false);
    for (const std::string& tag : texts(value["tags"]))
      if (const auto severity = severity_from(tag)) rule.severity = *severity;
    if (value["allowlist"].exists()) {
      PLIM_TRY(auto list, allowlist(value["allowlist"]));
      rule.allowlists.push_back(std::move(list));
    }
    for (const JsonValue item : value["allowlists"].items()) {
      PLIM_TRY(auto list, allowlist(item));
      rule.allowlists.push_back(std::move(list));
    }
    for (const JsonValue item : value["required"].items()) {
      RequiredRule r{.id = std::string(item["id"].text()), .within_lines = item["withinLines"].integer(), .within_columns = item["withinColumns"].integer()};
      if (r.id.empty()) return malformed("a required rule has no id");
      rule.required.push_back(std::move(r));
    }
    return rule;
  }

  void extend(JsonValue value) {
    if (!value.exists()) return;
    const std::vector<std::string> disabled = texts(value["disabledRules"]);
    if (value["useDefault"].boolean().value_or(false)) {
      out_.extends_shipped = true;
      out_.extend_line = use_default_line_;
      out_.disabled = disabled;
    }
    if (!value["url"].text().empty()) return error(0, {}, "[extend] url: nothing is fetched; save the file and name it as [extend] path");
    const std::string path(value["path"].text());
    if (path.empty()) return;
    if (depth_ >= kMostExtended) return error(0, {}, cat("[extend] goes deeper than ", kMostExtended, " files"));
    if (!options_.read_other) return error(0, {}, "[extend] path: other files cannot be read here");
    const auto text = options_.read_other(path);
    if (!text) return error(0, {}, cat("[extend] path: ", text.error().message()));
    RuleSet base = Reader(path, *text, options_, depth_ + 1).read();
    if (base.extends_shipped) {
      out_.extends_shipped = true;
      out_.disabled.insert(out_.disabled.end(), base.disabled.begin(), base.disabled.end());
    }
    for (RuleError& e : base.errors) out_.errors.push_back(std::move(e));
    for (SecretRule& rule : base.rules) {
      if (std::find(disabled.begin(), disabled.end(), rule.id) != disabled.end()) continue;
      const auto mine = std::find_if(out_.rules.begin(), out_.rules.end(), [&](const SecretRule& r) { return r.id == rule.id; });
      if (mine == out_.rules.end()) {
        out_.rules.push_back(std::move(rule));
        continue;
      }
      // This file's words win where it has any; lists are joined.
      if (!mine->has_pattern && rule.has_pattern) mine->pattern = std::move(rule.pattern), mine->has_pattern = true;
      if (!mine->path && rule.path) mine->path = std::move(rule.path);
      if (mine->entropy == 0) mine->entropy = rule.entropy;
      if (mine->group < 0) mine->group = rule.group;
      mine->keywords.insert(mine->keywords.end(), rule.keywords.begin(), rule.keywords.end());
      mine->allowlists.insert(mine->allowlists.end(), rule.allowlists.begin(), rule.allowlists.end());
    }
    out_.allowlists.insert(out_.allowlists.end(), base.allowlists.begin(), base.allowlists.end());
  }

  std::string file_;
  std::string_view text_;
  const RuleReadOptions& options_;
  int depth_;
  RuleSet out_;
  std::set<std::string> ids_;
  std::vector<std::uint32_t> rule_lines_;
  std::uint32_t use_default_line_ = 0;
  bool extends_ = false;
};

}  // namespace

RuleSet read_gitleaks(std::string_view path, std::string_view text, const RuleReadOptions& options) { return Reader(path, text, options, 0).read(); }

}  // namespace plimsoll::detect
