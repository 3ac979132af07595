// secrets: keys, tokens and passwords in the text of files.
//
// Input   every file; hostile. Nested archives too.
// Output  one Finding per distinct secret and file, with all lines; the value is never in it (secrets/redact.h).
// Errors  none: what could not be searched to the end is a Gap on the file.
// Cost    about 1 GB/s a core; memory O(places found).
// Source  rules/secrets/*.yaml, each with its provider's page.
#include "detect/secrets/secrets.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/image_text.h"

namespace plimsoll::detect {
namespace {

// What stands, what upper layers only hid, and what the image's config and history say.
Result<Catalogue> resolve(const Secrets& secrets, const SquashedFacts& facts) {
  PLIM_TRY(Catalogue out, resolve_findings(facts, true));
  if (facts.config_json.empty()) return out;
  auto config = scan_image_config(facts.config_json, secrets);
  if (!config) {
    out.gaps.push_back({"secrets", "image config", config.error().message()});
    return out;
  }
  for (Finding& finding : config->findings) {
    // These places are no files: evidence names them, and the rule and the fingerprint tell the finding apart.
    for (const Location& place : finding.locations) finding.evidence.emplace_back("where", place.layer.empty() ? place.path : cat(place.path, " (layer ", place.layer, ")"));
    finding.locations.clear();
    out.findings.push_back(std::move(finding));
  }
  std::move(config->gaps.begin(), config->gaps.end(), std::back_inserter(out.gaps));
  return out;
}

Result<LoadedEngine> load(const EngineOptions& options) {
  PLIM_TRY(Secrets loaded, Secrets::load(options));
  const auto secrets = std::make_shared<const Secrets>(std::move(loaded));
  LoadedEngine out;
  out.rules_digest = secrets->rules_digest();
  out.rules = secrets->rules();
  out.analyser = {.name = "secrets",
                  .version = 1,
                  .all_files = true,
                  .input = Posture::Hostile,
                  .extract = [secrets](const FileView& file, const Limits&) -> Result<Facts> { return secrets->examine({.path = file.path, .text = as_text(file.content), .commit = {}}); },
                  .resolve = [secrets](const SquashedFacts& facts) { return resolve(*secrets, facts); }};
  for (const RuleError& notice : secrets->notices()) out.notices.emplace_back(notice.line ? cat(notice.file, ":", notice.line) : notice.file, cat(notice.rule.empty() ? std::string() : cat("rule ", notice.rule, ": "), notice.why));
  out.redact = [secrets](std::string_view text) { return detect::redact(text, *secrets); };
  return out;
}

RuleCheck check(const RuleFile& file, const Limits& limits) {
  RulesCheck found = check_secret_rules(file, limits);
  RuleCheck out{.loads = found.loaded.size(), .refused = {}};
  for (RuleError& error : found.refused) out.refused.push_back({.line = error.line, .rule = std::move(error.rule), .why = std::move(error.why)});
  for (RuleError& notice : found.notices) out.notices.push_back({.line = notice.line, .rule = std::move(notice.rule), .why = std::move(notice.why)});
  return out;
}

}  // namespace

Engine secrets() { return {.name = "secrets", .classes = {FindingClass::Secret}, .load = load, .check = check}; }

}  // namespace plimsoll::detect
