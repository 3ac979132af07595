#include "standard/fix.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "standard/score.h"
#include "version/scheme.h"

namespace plimsoll::standard {
namespace {

constexpr std::size_t kExact = 16;
constexpr std::uint32_t kNone = 0xFFFFFFFFu;

bool is_system(std::string_view type) { return type == "deb" || type == "rpm" || type == "apk" || type == "alpm"; }

bool lower_version(std::string_view type, std::string_view a, std::string_view b) {
  const version::Scheme* scheme = version::find_scheme(scheme_of_type(type));
  return scheme != nullptr ? version::compare(*scheme, a, b) < 0 : a < b;
}

// "raise x above 1.2": where only the last affected version is known, the finding's own sentence says what to do.
bool has_fix(const FindingRow& row) {
  if (row.klass != FindingClass::Vulnerability) return true;
  return !row.fixed.empty() || (row.state == FixState::NotFixed && row.fix.starts_with("raise "));
}

bool is_about_score(const Condition& condition) {
  if (condition.kind == Condition::Kind::Criterion) return condition.field->name.starts_with("score.");
  return !condition.parts.empty() && std::all_of(condition.parts.begin(), condition.parts.end(), is_about_score);
}

class Search {
 public:
  Search(const Judgement& judgement, const Resolved& standard, Facts& facts, Verdict& verdict) : standard_(standard), facts_(facts), verdict_(verdict), changes_(changes_of(facts)) {
    of_finding_.assign(facts.findings.size(), kNone);
    for (std::uint32_t c = 0; c < changes_.size(); ++c)
      for (const std::uint32_t f : changes_[c].findings) of_finding_[f] = c;
    for (const RuleResult& result : judgement.results)
      if (result.effect == Effect::Block) sort_in(result);
  }

  void run() {
    std::vector<bool> chosen(changes_.size(), false);
    if (!needs_.empty() || !scores_.empty()) choose(chosen);
    for (std::size_t c = 0; c < changes_.size(); ++c)
      if (chosen[c]) tell(changes_[c]);
    for (const RuleResult* result : others_) verdict_.shortest_fix.push_back({.kind = "fix", .target = result->rule->id, .change = without_stop(result->rule->fix), .rules = {result->rule->id}});
    std::stable_sort(verdict_.shortest_fix.begin(), verdict_.shortest_fix.end(), [](const VerdictChange& a, const VerdictChange& b) { return a.findings > b.findings; });
    for (const auto& [rule, findings] : unfixable_) tell_exception(*rule, findings);
  }

 private:
  struct Need {
    const Rule* rule;
    std::vector<std::uint32_t> items;
    std::uint64_t tolerated;
  };

  void sort_in(const RuleResult& result) {
    const Rule& rule = *result.rule;
    if (rule.check == Subject::Findings && rule.forbid) {
      Need need{&rule, result.items, rule.more_than};
      std::vector<std::uint32_t> stuck;
      for (const std::uint32_t f : result.items)
        if (of_finding_[f] == kNone) stuck.push_back(f);
      if (stuck.size() > need.tolerated) {
        verdict_.fixable = false;
        unfixable_.emplace_back(&rule, stuck);
        need.tolerated = stuck.size();
      }
      needs_.push_back(std::move(need));
    } else if (rule.check == Subject::Image && is_about_score(rule.when)) {
      scores_.push_back(&result);
    } else {
      others_.push_back(&result);
    }
  }

  // Which rules are met once the chosen changes are made.
  std::size_t unmet(const std::vector<bool>& chosen) {
    std::size_t out = 0;
    for (const Need& need : needs_) {
      std::uint64_t left = 0;
      for (const std::uint32_t f : need.items) left += of_finding_[f] == kNone || !chosen[of_finding_[f]] ? 1 : 0;
      if (left > need.tolerated) out += left - need.tolerated;
    }
    if (out == 0 && !scores_.empty()) out += unmet_scores(chosen);
    return out;
  }

  std::size_t unmet_scores(const std::vector<bool>& chosen) {
    const ImageRow before = facts_.image;
    std::array<ScoreSum, 9> sums;
    for (std::size_t f = 0; f < facts_.findings.size(); ++f) {
      if (of_finding_[f] != kNone && chosen[of_finding_[f]]) continue;
      sums[8].add(facts_.findings[f].risk);
      sums[static_cast<std::size_t>(facts_.findings[f].klass)].add(facts_.findings[f].risk);
    }
    facts_.image.score_total = sums[8].score();
    for (std::size_t i = 0; i < 8; ++i)
      if (before.score_by_class[i] == before.score_by_class[i]) facts_.image.score_by_class[i] = sums[i].score();
    std::size_t out = 0;
    for (const RuleResult* result : scores_) {
      const Truth truth = holds(result->rule->when, facts_, nullptr);
      if (truth != (result->rule->forbid ? Truth::No : Truth::Yes)) ++out;
    }
    facts_.image = before;
    return out;
  }

  // Changes that can matter: those that close a finding some blocking rule counts; all, where a score is asked for.
  std::vector<std::uint32_t> candidates() const {
    std::set<std::uint32_t> out;
    for (const Need& need : needs_)
      for (const std::uint32_t f : need.items)
        if (of_finding_[f] != kNone) out.insert(of_finding_[f]);
    if (!scores_.empty())
      for (std::uint32_t c = 0; c < changes_.size(); ++c) out.insert(c);
    return {out.begin(), out.end()};
  }

  void choose(std::vector<bool>& chosen) {
    const std::vector<std::uint32_t> candidates = this->candidates();
    std::vector<bool> all(changes_.size(), false);
    for (const std::uint32_t c : candidates) all[c] = true;
    if (unmet(all) != 0) {  // a score that even all changes together do not reach
      verdict_.fixable = false;
      for (const RuleResult* result : scores_) unfixable_.emplace_back(result->rule, std::vector<std::uint32_t>());
      scores_.clear();
      if (unmet(all) != 0 || needs_.empty()) {
        chosen = all;
        return;
      }
    }
    if (candidates.size() <= kExact && exact(candidates, chosen)) return;
    chosen = all;
    if (scores_.empty()) {
      spare(candidates, chosen);
      return;
    }
    // Many small changes for a score: take those that close most risk until it is met, then spare what can be.
    std::fill(chosen.begin(), chosen.end(), false);
    for (const std::uint32_t c : candidates) {
      if (unmet(chosen) == 0) break;
      chosen[c] = true;
    }
    spare(candidates, chosen);
  }

  bool exact(const std::vector<std::uint32_t>& candidates, std::vector<bool>& chosen) {
    const std::uint32_t end = 1u << candidates.size();
    for (int size = 0; size <= static_cast<int>(candidates.size()); ++size)
      for (std::uint32_t mask = 0; mask < end; ++mask) {
        if (std::popcount(mask) != size) continue;
        std::vector<bool> trial(changes_.size(), false);
        for (std::size_t i = 0; i < candidates.size(); ++i)
          if (mask >> i & 1) trial[candidates[i]] = true;
        if (unmet(trial) != 0) continue;
        chosen = std::move(trial);
        return true;
      }
    return false;
  }

  // Takes out what is not needed, the least useful first.
  void spare(const std::vector<std::uint32_t>& candidates, std::vector<bool>& chosen) {
    for (std::size_t i = candidates.size(); i-- > 0;) {
      if (!chosen[candidates[i]]) continue;
      chosen[candidates[i]] = false;
      if (unmet(chosen) != 0) chosen[candidates[i]] = true;
    }
  }

  void tell(const Change& change) {
    VerdictChange out{.kind = change.kind, .target = change.target, .change = change.text};
    std::set<std::uint32_t> findings;
    for (const Need& need : needs_) {
      bool helps = false;
      for (const std::uint32_t f : need.items)
        if (std::binary_search(change.findings.begin(), change.findings.end(), f)) findings.insert(f), helps = true;
      if (helps) out.rules.push_back(need.rule->id);
    }
    if (out.rules.empty())
      for (const RuleResult* result : scores_) out.rules.push_back(result->rule->id);
    out.findings = findings.size();
    verdict_.shortest_fix.push_back(std::move(out));
  }

  void tell_exception(const Rule& rule, const std::vector<std::uint32_t>& findings) {
    const std::string& by = rule.exception_by.empty() ? standard_.granted_by : rule.exception_by;
    std::string who = by.empty() ? std::string() : cat(", granted by ", by);
    if (!by.empty() && standard_.maximum_days) who += cat(", for at most ", *standard_.maximum_days, " days");
    if (findings.empty()) {
      verdict_.shortest_fix.push_back({.kind = "exception", .target = rule.id, .change = cat("no fixes that exist reach what rule ", rule.id, " asks: remove packages, or an exception is needed", who), .rules = {rule.id}});
      return;
    }
    std::set<std::string> ids;
    for (const std::uint32_t f : findings) ids.emplace(to_utf8(facts_.findings[f].id()));
    std::string names;
    std::size_t shown = 0;
    for (const std::string& id : ids) {
      if (shown++ == 5) break;
      names += cat(names.empty() ? "" : ", ", id);
    }
    if (ids.size() > 5) names += cat(" and ", ids.size() - 5, " more");
    verdict_.shortest_fix.push_back({.kind = "exception", .target = rule.id, .change = cat("no fix exists for ", names, ": remove what has it, or an exception is needed", who), .rules = {rule.id}, .findings = findings.size()});
  }

  static std::string without_stop(std::string text) {
    while (text.ends_with('.')) text.pop_back();
    return text;
  }

  const Resolved& standard_;
  Facts& facts_;
  Verdict& verdict_;
  std::vector<Change> changes_;
  std::vector<std::uint32_t> of_finding_;
  std::vector<Need> needs_;
  std::vector<const RuleResult*> scores_, others_;
  std::vector<std::pair<const Rule*, std::vector<std::uint32_t>>> unfixable_;
};

}  // namespace

std::vector<Change> changes_of(const Facts& facts) {
  std::map<std::tuple<std::string, std::string, std::string>, Change> by_target;
  std::map<const Change*, std::string> highest;
  for (std::uint32_t i = 0; i < facts.findings.size(); ++i) {
    const FindingRow& row = facts.findings[i];
    if (!has_fix(row) || row.state == FixState::NotAffected) continue;
    if (row.klass != FindingClass::Vulnerability) {
      const std::string target(row.paths.empty() ? (row.rule.empty() ? row.id() : row.rule) : row.paths.front());
      std::string text = row.fix.empty() ? cat("remove ", to_utf8(target), " (", to_string(row.klass), " ", to_utf8(row.id()), ")") : cat(to_utf8(target), ": ", to_utf8(row.fix));
      while (text.ends_with('.')) text.pop_back();
      Change& change = by_target[{"fix", target, text}];
      change.kind = "fix", change.target = to_utf8(target), change.text = text;
      change.findings.push_back(i);
      continue;
    }
    if (row.origin == Origin::Base && is_system(row.package_type)) {
      Change& change = by_target[{"rebuild", "", ""}];
      change.kind = "rebuild";
      change.target = facts.image.base_name.empty() ? "the base image" : to_utf8(facts.image.base_name);
      change.text = cat("rebuild on a current ", facts.image.base_name.empty() ? "base image" : change.target, ", or upgrade its packages in the build");
      change.findings.push_back(i);
      continue;
    }
    const std::string name(row.package_source.empty() ? (row.package_name.empty() ? row.package : row.package_name) : row.package_source);
    Change& change = by_target[{"raise", cat(row.package_type, "/", name), std::string(row.installed)}];
    change.kind = "raise", change.target = to_utf8(name);
    change.findings.push_back(i);
    std::string& version = highest[&change];
    if (!row.fixed.empty() && (version.empty() || lower_version(row.package_type, version, row.fixed))) version = row.fixed;
    const std::string from = row.installed.empty() ? std::string() : cat(" ", row.installed);
    change.text = version.empty() ? to_utf8(row.fix) : to_utf8(cat("raise ", name, from, " to ", version));
  }
  std::vector<std::pair<double, Change>> sorted;
  for (auto& [key, change] : by_target) {
    double risk = 0;
    for (const std::uint32_t f : change.findings) risk += facts.findings[f].risk;
    std::sort(change.findings.begin(), change.findings.end());
    sorted.emplace_back(risk, std::move(change));
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Change> out;
  for (auto& [risk, change] : sorted) out.push_back(std::move(change));
  return out;
}

void find_shortest_fix(const Judgement& judgement, const Resolved& standard, Facts& facts, Verdict& verdict) {
  verdict.fixable = true;
  if (judgement.worst != Effect::Block) return;
  Search(judgement, standard, facts, verdict).run();
}

}  // namespace plimsoll::standard
