#include "plan/propose.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>
#include <set>

#include "base/json.h"
#include "base/text.h"

namespace plimsoll::plan {
namespace {

using standard::Effect;
using standard::Facts;
using standard::Stage;

struct Candidate {
  std::string id, title, why;
  std::string criteria;       // lines of YAML under `all:`
  int family = 0;             // within one, a later candidate counts all that an earlier one does
};

// The family of rules a line is made of, narrow to wide. At most 64: each finding keeps a bit for each.
std::vector<Candidate> candidates() {
  std::vector<Candidate> out;
  const auto add = [&](std::string id, std::string title, std::string why, std::vector<std::string> criteria, int family) {
    std::string lines;
    for (const std::string& each : criteria) lines += cat("          - {", each, "}\n");
    out.push_back({std::move(id), std::move(title), std::move(why), std::move(lines), family});
  };
  const std::string vulnerability = "field: class, operator: is, value: vulnerability", fix = "field: fixAvailable, operator: is, value: true";
  add("line-ransomware", "Nothing that ransomware is known to use", "These are used in attacks that cost most, and a fix exists.", {vulnerability, "field: ransomware, operator: is, value: true", fix}, 0);
  add("line-exploited", "Nothing that is known to be exploited", "These are used in attacks today, and a fix exists.", {vulnerability, "field: exploited, operator: is, value: true", fix}, 0);
  for (const auto& [word, percent] : {std::pair("0.5", "50"), std::pair("0.2", "20"), std::pair("0.1", "10"), std::pair("0.05", "5"), std::pair("0.01", "1")})
    add(cat("line-epss-", percent), cat("Nothing that is exploited within a month with a probability of ", percent, " % or more"), "What is likely to be exploited soon is fixed before it is, and a fix exists.", {vulnerability, cat("field: epss, operator: atLeast, value: ", word), fix}, 1);
  for (const int risk : {90, 80, 70, 60, 50, 40, 30})
    add(cat("line-risk-", risk), cat("Nothing of risk ", risk, " or more"), "Severity, likelihood and exploitation together say that this is worth a rebuild, and a fix exists.", {vulnerability, cat("field: risk, operator: atLeast, value: ", risk), fix}, 2);
  for (const std::string_view severity : {"critical", "high", "medium"})
    add(cat("line-", severity), cat("Nothing of severity ", severity, severity == "critical" ? "" : " or more"), "A fix exists, so the risk is carried for nothing.", {vulnerability, cat("field: severity, operator: atLeast, value: ", severity), fix}, 3);
  add("line-malicious", "No malware, no web shells", "A malicious file runs wherever the image runs.", {"field: class, operator: in, value: [malware, webshell]"}, 4);
  add("line-secrets", "No secrets of high severity", "Whoever can pull the image can read them.", {"field: class, operator: is, value: secret", "field: severity, operator: atLeast, value: high"}, 5);
  return out;
}

std::string rule_text(const Candidate& candidate, const ProposalOptions& options, std::string_view until) {
  std::string effects;
  for (std::size_t s = 0; s < standard::kStages; ++s) effects += cat(s == 0 ? "" : ", ", standard::to_string(static_cast<Stage>(s)), ": ", s < static_cast<std::size_t>(options.stage) ? "warn" : "block");
  return cat("    - id: ", candidate.id, "\n      title: ", candidate.title, "\n      why: ", candidate.why,
             "\n      fix: Raise the package to the fixed version, or rebuild on a current base image; remove what should not be there.\n      check: findings\n      forbid:\n        all:\n", candidate.criteria, until.empty() ? "" : cat("      grace: {until: ", until, "}\n"),
             "      effects: {", effects, "}\n");
}

std::string number_text(double value) {
  const auto tenths = std::llround(value * 10);
  return tenths % 10 == 0 ? std::to_string(tenths / 10) : cat(tenths / 10, ".", tenths % 10);
}

Result<standard::Resolved> resolved(const std::string& text, const standard::Loader& load) {
  standard::Problems problems;
  auto out = standard::resolve({text, "the proposal"}, load, problems);
  if (!out) return malformed(cat("the proposal does not read back: ", problems.text("proposal")));
  return std::move(*out);
}

std::string head(const ProposalOptions& options, std::string_view title, std::string_view description) {
  return cat("apiVersion: plimsoll.dev/v1alpha1\nkind: SecurityStandard\nmetadata:\n  name: ", options.name, "\n  title: ", title, "\n  description: ", description, "\nspec:\n",
             options.inherits.empty() ? "" : cat("  inherits: [", options.inherits, "]\n"), "  incomplete: allow\n");
}

// Which candidates each finding of each image meets.
struct Matches {
  std::vector<std::vector<std::uint64_t>> masks;  // by image, by finding
  std::vector<std::vector<float>> risks;
};

Matches match(const Index& index, const standard::Resolved& line, const standard::Resolved* in_force, const ProposalOptions& options, Proposal& out) {
  Matches all;
  all.masks.resize(index.size());
  all.risks.resize(index.size());
  std::mutex sums;
  constexpr std::uint64_t kInForce = 1ull << 63;
  in_parallel(index.size(), options.threads, [&](std::size_t i) {
    const Facts facts = index.facts(i, options.at);
    std::vector<std::uint64_t>& mask = all.masks[i];
    mask.assign(facts.findings.size(), 0);
    double risk = 0, with_fix = 0;
    for (std::size_t f = 0; f < facts.findings.size(); ++f) {
      all.risks[i].push_back(facts.findings[f].risk);
      for (std::size_t c = 0; c < line.rules.size(); ++c)
        if (standard::holds(line.rules[c].when, facts, &facts.findings[f]) == standard::Truth::Yes) mask[f] |= 1ull << c;
      risk += facts.findings[f].risk;
    }
    if (in_force != nullptr) {
      const standard::Context context{.stage = options.stage, .without_workload = true};
      for (const standard::RuleResult& result : standard::evaluate(*in_force, facts, context).results)
        if (result.effect == Effect::Block && result.rule->check == standard::Subject::Findings)
          for (const std::uint32_t f : result.items) mask[f] |= kInForce;
    }
    for (std::size_t f = 0; f < mask.size(); ++f)
      if ((mask[f] & kInForce) == 0 && facts.findings[f].fix_available) with_fix += all.risks[i][f];
    const std::lock_guard lock(sums);
    out.risk += risk;
    out.risk_with_fix += with_fix;
  });
  // The sum of floats depends on their order: once more, in order, so that a proposal is the same every time.
  out.risk = 0;
  for (const auto& risks : all.risks)
    for (const float risk : risks) out.risk += risk;
  return all;
}

}  // namespace

Result<Proposal> propose(const Index& index, const standard::Resolved* in_force, const standard::Loader& load, const ProposalOptions& options) {
  const std::vector<Candidate> all = candidates();
  Proposal out;
  out.images = index.size();
  out.enforced_from = format_date(options.at + std::chrono::days(options.grace_days));

  std::string everything = "apiVersion: plimsoll.dev/v1alpha1\nkind: SecurityStandard\nmetadata: {name: candidates}\nspec:\n  incomplete: allow\n  rules:\n";
  for (const Candidate& candidate : all) everything += rule_text(candidate, options, "");
  PLIM_TRY(const standard::Resolved line, resolved(everything, load));
  const Matches matches = match(index, line, in_force, options, out);
  out.risk_with_fix = 0;

  constexpr std::uint64_t kInForce = 1ull << 63;
  std::uint64_t counted = kInForce, available = (1ull << all.size()) - 1;
  std::vector<bool> rebuilt(index.size(), false);  // for the standard in force, or a step before
  for (std::size_t i = 0; i < index.size(); ++i)
    for (const std::uint64_t mask : matches.masks[i]) rebuilt[i] = rebuilt[i] || (mask & kInForce) != 0;
  for (std::size_t i = 0; i < index.size(); ++i)
    for (std::size_t f = 0; f < matches.masks[i].size(); ++f)
      if ((matches.masks[i][f] & kInForce) == 0 && (matches.masks[i][f] & available) != 0) out.risk_with_fix += matches.risks[i][f];

  Step so_far;
  std::vector<std::size_t> chosen;
  for (;;) {
    std::vector<Step> gains(all.size());
    for (std::size_t i = 0; i < index.size(); ++i) {
      std::uint64_t here = 0;
      for (std::size_t f = 0; f < matches.masks[i].size(); ++f) {
        const std::uint64_t mask = matches.masks[i][f];
        if ((mask & counted) != 0) continue;
        for (std::uint64_t left = mask & available; left != 0; left &= left - 1) {
          const auto c = static_cast<std::size_t>(std::countr_zero(left));
          gains[c].findings += 1;
          gains[c].risk += matches.risks[i][f];
        }
        here |= mask & available;
      }
      if (!rebuilt[i])
        for (; here != 0; here &= here - 1) ++gains[static_cast<std::size_t>(std::countr_zero(here))].images;
    }
    // What costs nothing more comes first; among equals, what removes more, then the narrower.
    std::size_t best = all.size();
    bool best_fits = false;
    double best_ratio = -1;
    for (std::size_t c = 0; c < all.size(); ++c) {
      if ((available >> c & 1) == 0 || gains[c].findings == 0) continue;
      const bool fits = so_far.images_so_far + gains[c].images <= options.budget;
      const double ratio = gains[c].risk / (static_cast<double>(gains[c].images) + 0.001);
      // Beyond the budget the curve goes on in the smallest steps there are.
      const bool better = fits != best_fits ? fits : fits || best == all.size() || gains[c].images == gains[best].images ? ratio > best_ratio : gains[c].images < gains[best].images;
      if (best == all.size() || better) best = c, best_fits = fits, best_ratio = ratio;
    }
    if (best == all.size()) break;
    Step step = gains[best];
    step.rule = all[best].id, step.title = all[best].title;
    step.chosen = best_fits;
    step.images_so_far = so_far.images_so_far + step.images;
    step.findings_so_far = so_far.findings_so_far + step.findings;
    step.risk_so_far = so_far.risk_so_far + step.risk;
    so_far = step;
    for (std::size_t i = 0; i < index.size(); ++i)
      for (const std::uint64_t mask : matches.masks[i]) {
        if ((mask & counted) != 0 || (mask >> best & 1) == 0) continue;
        if (step.chosen && (out.to_rebuild.empty() || out.to_rebuild.back() != i) && !rebuilt[i]) out.to_rebuild.push_back(static_cast<std::uint32_t>(i));
        rebuilt[i] = true;
      }
    counted |= 1ull << best;
    available &= ~(1ull << best);
    if (step.chosen) chosen.push_back(best);
    out.curve.push_back(std::move(step));
  }
  std::sort(out.to_rebuild.begin(), out.to_rebuild.end());
  out.to_rebuild.erase(std::unique(out.to_rebuild.begin(), out.to_rebuild.end()), out.to_rebuild.end());
  if (chosen.empty()) return out;

  // A wider rule of the same family makes a narrower one pointless.
  std::vector<std::size_t> kept;
  for (const std::size_t c : chosen)
    if (std::none_of(chosen.begin(), chosen.end(), [&](std::size_t other) { return other > c && all[other].family == all[c].family; })) kept.push_back(c);
  const Step& last = *std::find_if(out.curve.rbegin(), out.curve.rend(), [](const Step& step) { return step.chosen; });
  std::string text = cat("# A proposal of plimsoll standard propose, reckoned on ", format_date(options.at), " from ", index.size(), " reports.\n#\n# It asks for ", last.images_so_far, " images to be rebuilt, closes ", last.findings_so_far, " findings and removes ", number_text(last.risk_so_far),
                         " of the fleet's risk of ", number_text(out.risk), ".\n# Until ", out.enforced_from, " its rules only warn.\n#\n# step                images  findings       risk   (more than the steps before)\n");
  for (const Step& step : out.curve) {
    if (!step.chosen) continue;
    const auto cell = [](const std::string& value, std::size_t width) { return std::string(value.size() < width ? width - value.size() : 0, ' ') + value; };
    text += cat("# ", step.rule, std::string(step.rule.size() < 18 ? 18 - step.rule.size() : 1, ' '), cell(std::to_string(step.images), 8), cell(std::to_string(step.findings), 10), cell(number_text(step.risk), 11), "\n");
  }
  text += head(options, "The next line", cat("Proposed from ", index.size(), " reports for ", options.budget, " images to rebuild."));
  text += "  rules:\n";
  for (const std::size_t c : kept) text += rule_text(all[c], options, out.enforced_from);
  out.standard = std::move(text);

  // The promise, held against the same code that will decide.
  PLIM_TRY(standard::Resolved proposed, resolved(out.standard, load));
  std::erase_if(proposed.rules, [&](const standard::Rule& rule) { return rule.from != options.name; });
  for (std::size_t s = 0; s < standard::kStages; ++s) {
    const SimulationOptions how{.stage = static_cast<Stage>(s), .at = options.at, .threads = options.threads};
    SimulationOptions enforced = how;
    enforced.without_grace = true;
    const Simulation with = simulate(index, proposed, enforced);
    if (with.block == 0 || in_force == nullptr) {
      out.blocks_today[s] = with.block;
      continue;
    }
    const Simulation before = simulate(index, *in_force, how);
    for (std::size_t i = 0; i < index.size(); ++i) out.blocks_today[s] += with.results[i].worst == Effect::Block && before.results[i].worst != Effect::Block ? 1 : 0;
  }
  return out;
}

Result<AdvisoryProposal> propose_for_advisory(const Index& index, const std::string& id, const ProposalOptions& options) {
  AdvisoryProposal out;
  out.images = index.size();
  std::vector<std::uint8_t> state(index.size(), 0);  // 1: has it, 2: and a fix exists for all of it
  std::mutex names_lock;
  std::set<std::string> names;
  in_parallel(index.size(), options.threads, [&](std::size_t i) {
    const Facts facts = index.facts(i, options.at);
    bool has = false, fix = true;
    for (const standard::FindingRow& row : facts.findings) {
      if (row.state == FixState::NotAffected || std::none_of(row.ids.begin(), row.ids.end(), [&](std::string_view each) { return equals_ignore_case(each, id); })) continue;
      has = true;
      fix = fix && row.fix_available;
      const std::lock_guard lock(names_lock);
      names.insert(to_utf8(cat(row.package_type, " ", row.package_name, " ", row.installed, row.fixed.empty() ? " (no fix)" : " -> ", row.fixed)));
    }
    state[i] = has ? (fix ? 2 : 1) : 0;
  });
  for (std::uint32_t i = 0; i < state.size(); ++i) {
    if (state[i] == 0) continue;
    out.affected.push_back(i);
    out.fixable.push_back(state[i] == 2 ? 1 : 0);
    out.with_fix += state[i] == 2 ? 1 : 0;
  }
  out.packages.assign(names.begin(), names.end());
  const std::string until = options.grace_days == 0 ? std::string() : format_date(options.at + std::chrono::days(options.grace_days));
  for (const char c : id)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':' || c == '.')) return malformed(cat("\"", to_utf8(id), "\" is not the id of an advisory"));
  std::string effects;
  for (std::size_t s = 0; s < standard::kStages; ++s) effects += cat(s == 0 ? "" : ", ", standard::to_string(static_cast<Stage>(s)), ": ", s < static_cast<std::size_t>(options.stage) ? "warn" : "block");
  std::string rule_id = lower(id);
  for (char& c : rule_id)
    if (c == ':' || c == '.') c = '-';
  out.standard = cat("# A proposal of plimsoll standard propose --advisory ", id, ", reckoned on ", format_date(options.at), " from ", index.size(), " reports:\n# ", out.affected.size(), " images have it, ", out.with_fix, " of them can be fixed by a change that exists.\n",
                     head(options, cat("The answer to ", id), cat(out.affected.size(), " of ", index.size(), " images have it.")), "  rules:\n    - id: ", rule_id, "\n      title: No ", id, "\n      why: ", id,
                     " is answered by name, whatever its severity says.\n      fix: Raise the package to the fixed version, or rebuild on a current base image; without a fix, remove the package.\n      check: findings\n      forbid:\n        all:\n          - {field: ids, operator: contains, value: \"", id,
                     "\"}\n          - {field: state, operator: isNot, value: not-affected}\n", until.empty() ? "" : cat("      grace: {until: ", until, "}\n"), "      effects: {", effects, "}\n");
  return out;
}

std::string proposal_json(const Index& index, const Proposal& proposal, const ProposalOptions& options) {
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().member("at", format_time(options.at)).member("images", proposal.images).member("budget", options.budget).member("risk", proposal.risk).member("riskWithFix", proposal.risk_with_fix).member("enforcedFrom", proposal.enforced_from);
  json.key("steps").begin_array();
  for (const Step& step : proposal.curve)
    json.begin_object().member("rule", step.rule).member("title", step.title).member("chosen", step.chosen).member("images", step.images).member("findings", step.findings).member("risk", step.risk).member("imagesSoFar", step.images_so_far).member("findingsSoFar", step.findings_so_far).member("riskSoFar", step.risk_so_far).end_object();
  json.end_array().key("blocksToday").begin_object();
  for (std::size_t s = 0; s < standard::kStages; ++s) json.member(standard::to_string(static_cast<Stage>(s)), proposal.blocks_today[s]);
  json.end_object().key("toRebuild").begin_array();
  for (const std::uint32_t i : proposal.to_rebuild) json.value(index.reference(i));
  json.end_array().key("unreadable").begin_array();
  for (const Unreadable& each : index.unreadable()) json.begin_object().member("path", each.path).member("why", each.why).end_object();
  json.end_array().member("standard", proposal.standard).end_object();
  out += '\n';
  return out;
}

std::string proposal_text(const Index& index, const Proposal& proposal, const ProposalOptions& options) {
  if (proposal.curve.empty()) return "nothing to propose: no finding that a line could count has a fix\n";
  const auto cell = [](const std::string& value, std::size_t width) { return std::string(value.size() < width ? width - value.size() : 0, ' ') + value; };
  std::string out = cat("The next line for ", proposal.images, " images, with ", options.budget, " images to rebuild\n\n     IMAGES        FINDINGS            RISK   RISK AN IMAGE  STEP\n");
  for (const Step& step : proposal.curve) {
    out += cat(step.chosen ? " * " : "   ", cell(cat("+", step.images, " = ", step.images_so_far), 13), cell(cat("+", step.findings), 10), cell(cat("+", number_text(step.risk)), 14), cell(step.images == 0 ? "-" : number_text(step.risk / static_cast<double>(step.images)), 14), "  ", step.title, "\n");
  }
  out += cat("\n* within what was asked. Risk of the fleet: ", number_text(proposal.risk), "; of what has a fix and is not asked for yet: ", number_text(proposal.risk_with_fix), "\n");
  if (proposal.standard.empty()) return out + cat("no step fits into ", options.budget, " images: the smallest needs ", proposal.curve.front().images, "\n");
  out += cat("If it were enforced today it would block", options.inherits.empty() ? "" : ", beyond what is blocked already,");
  for (std::size_t s = 0; s < standard::kStages; ++s) out += cat(s == 0 ? " " : ", ", proposal.blocks_today[s], " at ", standard::to_string(static_cast<Stage>(s)));
  out += cat("; it only warns until ", proposal.enforced_from, ".\n");
  std::size_t shown = 0;
  for (const std::uint32_t i : proposal.to_rebuild) {
    if (shown++ == 10) break;
    out += cat(shown == 1 ? "To rebuild: " : "            ", to_utf8(index.reference(i)), "\n");
  }
  if (proposal.to_rebuild.size() > 10) out += cat("            and ", proposal.to_rebuild.size() - 10, " more (--format json names them)\n");
  return out;
}

}  // namespace plimsoll::plan
