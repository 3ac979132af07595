// webshell: pages and scripts that run what a visitor sends them.
//
// Input   PHP, JSP, ASP, ASP.NET, Python, Perl, Node and shell scripts, by path, shebang or a picture's head; hostile.
// Output  one Finding a file, for the flow with the best score: where the data comes from, by which variables and
//         functions it goes, and which line runs it.
// Layers  what upper layers deleted or replaced is told too, since it still ships (resolve_findings).
// Errors  load: Malformed (a rule file). A bound that cut the following short is noted (kEffortBound).
// Cost    webshell/analyse.h; most files end at the gate.
// Source  docs/webshell.md; rules/webshell/*.yaml.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/hash.h"
#include "base/text.h"
#include "detect/engine.h"
#include "detect/webshell/analyse.h"

namespace plimsoll::detect {

const std::vector<std::pair<std::string_view, std::string_view>>& webshell_rules();

namespace {

using web::Analysis;
using web::Family;
using web::Report;
using web::SinkKind;

std::string_view family_title(Family family) {
  static constexpr std::string_view kTitles[] = {"PHP page", "JSP page", "ASP page", "ASP.NET page", "Python program", "Perl program", "Node program", "CGI script"};
  return kTitles[static_cast<std::size_t>(family)];
}

std::string_view kind_title(SinkKind kind) {
  switch (kind) {
    case SinkKind::Evaluation: return "runs outside data as code";
    case SinkKind::Process: return "runs outside data as a command";
    case SinkKind::Include: return "includes a file that outside data names";
    case SinkKind::Write: return "writes outside data to a file of its choice";
    case SinkKind::Indirect: return "calls a function that outside data names";
    case SinkKind::Deserialise: return "turns outside data into objects";
    case SinkKind::Template: return "renders outside data as a template";
  }
  return "";
}

Finding finding_of(const Report& best, std::size_t flows, Family family, std::string_view path, const std::string& fix) {
  Finding f;
  f.klass = FindingClass::Webshell;
  f.id = f.rule_id = cat("webshell.", to_string(family), ".", to_string(best.kind));
  f.key = finding_key(FindingClass::Webshell, f.id, path);
  f.severity = best.score >= 80 ? Severity::Critical : Severity::High;
  f.severity_source = "plimsoll";
  f.title = cat(family_title(family), " ", kind_title(best.kind));
  const auto say = [&](std::string key, std::string value) { f.evidence.emplace_back(std::move(key), to_utf8(value)); };
  if (!best.source.empty()) say("source", best.source_line ? cat(best.source, " at line ", best.source_line) : best.source);
  if (!best.way.empty()) say("way", best.way);
  say("sink", cat(best.sink, " at line ", best.line));
  for (const std::string& reason : best.reasons) say("because", reason);
  say("score", std::to_string(best.score));
  if (flows > 1) say("flows", std::to_string(flows));
  f.locations.push_back({std::string(path), "", best.line});
  f.fix = fix.empty() ? "Remove the file and rebuild the image from clean sources." : fix;
  return f;
}

Facts extract(const web::RuleSet& rules, const FileView& file, const Limits& limits) {
  Facts facts;
  const Analysis found = analyse(rules, file.path, as_text(file.content), limits);
  if (found.exhausted) facts.notes.emplace_back(kEffortBound, "the file is too large or too deep to be followed to its end");
  const Report* best = found.best();
  if (!best || best->score < web::kThreshold) return facts;
  const auto flows = static_cast<std::size_t>(std::count_if(found.reports.begin(), found.reports.end(), [](const Report& r) { return r.score >= web::kThreshold; }));
  facts.findings.push_back(finding_of(*best, flows, *found.family, file.path, rules.of(*found.family).fix));
  return facts;
}

Result<LoadedEngine> load(const EngineOptions& options) {
  const auto rules = std::make_shared<web::RuleSet>();
  Hasher digest(HashKind::Sha256);
  if (!options.only_user_rules) {
    for (const auto& [name, text] : webshell_rules()) {
      PLIM_CHECK(rules->add(name, text, options.limits));
      digest.update(as_bytes(text));
    }
  }
  for (const RuleFile& file : options.rules) {
    PLIM_CHECK(rules->add(file.path, file.text, options.limits));
    digest.update(as_bytes(file.text));
  }
  LoadedEngine out;
  out.rules_digest = to_hex(digest.finish());
  out.rules = rules->count();
  out.analyser = {.name = "webshell",
                  .version = 3,
                  .paths = web::script_paths(),
                  .magics = {"#!", "GIF8", "\xff\xd8\xff", "\x89PNG"},
                  .input = Posture::Hostile,
                  .extract = [rules](const FileView& file, const Limits& limits) -> Result<Facts> { return extract(*rules, file, limits); },
                  .resolve = [](const SquashedFacts& facts) { return resolve_findings(facts, true); }};
  return out;
}

// The entries of one file, then its examples by the shipped rules and the file's own.
RuleCheck check(const RuleFile& file, const Limits& limits) {
  RuleCheck out;
  web::RuleSet rules;
  for (const auto& [name, text] : webshell_rules())
    if (const Status added = rules.add(name, text, limits); !added) out.refused.push_back({.line = 0, .rule = std::string(name), .why = added.error().message()});
  const std::size_t shipped = rules.count();
  std::array<std::size_t, web::kFamilies> examples{};
  for (std::size_t i = 0; i < web::kFamilies; ++i) examples[i] = rules.of(static_cast<Family>(i)).examples.size();
  std::vector<web::RefusedRule> refused;
  if (const Status added = rules.add(file.path, file.text, limits, &refused); !added) {
    out.refused.push_back({.line = 0, .rule = {}, .why = added.error().message()});
    return out;
  }
  for (web::RefusedRule& rule : refused) out.refused.push_back({.line = 0, .rule = std::move(rule.rule), .why = std::move(rule.why)});
  out.loads = rules.count() - shipped;
  const web::FamilyRules& family = rules.of(rules.last());
  for (std::size_t i = examples[static_cast<std::size_t>(rules.last())]; i < family.examples.size(); ++i) {
    const web::Example& example = family.examples[i];
    for (const std::string& text : example.match)
      if (!web::example_found(rules, rules.last(), example.kind, text)) out.refused.push_back({.line = 0, .rule = example.rule, .why = cat("its example is not found: ", text)});
    for (const std::string& text : example.no_match)
      if (web::example_found(rules, rules.last(), std::nullopt, text)) out.refused.push_back({.line = 0, .rule = example.rule, .why = cat("what it must not find is found: ", text)});
  }
  return out;
}

}  // namespace

Engine webshell() { return {.name = "webshell", .classes = {FindingClass::Webshell}, .load = load, .check = check}; }

}  // namespace plimsoll::detect
