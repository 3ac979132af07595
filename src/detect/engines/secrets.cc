// secrets: keys, tokens and passwords in the text of files.
//
// Input   every file; hostile. Nested archives too.
// Output  one Finding per distinct secret and file, with all lines; the value is never in it (secrets/redact.h).
// Errors  none: what could not be searched to the end is a Gap on the file.
// Cost    about 1 GB/s a core; memory O(places found).
// Source  rules/secrets/*.yaml, each with its provider's page.
#include "detect/secrets/secrets.h"

namespace plimsoll::detect {
namespace {

std::string redact(const Secrets& secrets, std::string_view text) {
  const ScanOutcome outcome = secrets.matches({.path = {}, .text = text, .commit = {}});
  std::string out(text);
  for (auto match = outcome.matches.rbegin(); match != outcome.matches.rend(); ++match) {
    // What was decoded is taken out where its encoded form stands.
    if (!match->decoded.empty() && match->begin < match->end && match->end <= text.size()) {
      out.replace(match->begin, match->end - match->begin, "[redacted]");
      return out.size() < text.size() + 64 ? redact(secrets, out) : out;  // places have moved: once more, on what is left
    }
  }
  for (const SecretMatch& match : outcome.matches)
    for (std::size_t at = 0; !match.secret.empty() && (at = out.find(match.secret, at)) != std::string::npos; at += 10) out.replace(at, match.secret.size(), "[redacted]");
  return out;
}

// What stands, what upper layers only hid, and what the image's config and history say.
Result<Catalogue> resolve(const Secrets& secrets, const SquashedFacts& facts) {
  PLIM_TRY(Catalogue out, resolve_findings(facts, true));
  if (facts.config_json.empty()) return out;
  Facts config = secrets.examine({.path = "image config", .text = facts.config_json, .commit = {}});
  for (Finding& finding : config.findings) {
    finding.locations.clear();  // it lies in no file; the rule and the fingerprint tell it apart
    finding.evidence.emplace_back("where", "image config (variables, labels, history)");
    out.findings.push_back(std::move(finding));
  }
  out.gaps.insert(out.gaps.end(), config.gaps.begin(), config.gaps.end());
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
                  .paths = {"**"},
                  .input = Posture::Hostile,
                  .extract = [secrets](const FileView& file, const Limits&) -> Result<Facts> { return secrets->examine({.path = file.path, .text = as_text(file.content), .commit = {}}); },
                  .resolve = [secrets](const SquashedFacts& facts) { return resolve(*secrets, facts); }};
  out.redact = [secrets](std::string_view text) { return redact(*secrets, text); };
  return out;
}

RuleCheck check(const RuleFile& file, const Limits& limits) {
  RulesCheck found = check_secret_rules(file, limits);
  RuleCheck out{.loads = found.loaded.size(), .refused = {}};
  for (RuleError& error : found.refused) out.refused.push_back({.line = error.line, .rule = std::move(error.rule), .why = std::move(error.why)});
  return out;
}

}  // namespace

Engine secrets() { return {.name = "secrets", .classes = {FindingClass::Secret}, .load = load, .check = check}; }

}  // namespace plimsoll::detect
