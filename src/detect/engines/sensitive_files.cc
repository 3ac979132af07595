// sensitive_files: keys, credentials, histories, repositories, databases and dumps that were built into the image.
//
// Input   files whose path fits a rule; hostile.
// Output  one Finding a file, by the first rule that fits.
// Errors  load: a user's rule that cannot be used, with file and reason.
// Cost    the first 256 KiB of such files.
// Source  rules/sensitive-files/*.yaml, each with its reason.
#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "detect/engine.h"
#include "detect/secrets/sensitive_rules.h"

namespace plimsoll::detect {
namespace {

Result<LoadedEngine> load(const EngineOptions& options) {
  auto rules = std::make_shared<SensitiveRules>();
  Hasher hasher(HashKind::Sha256);
  if (!options.only_user_rules) {
    *rules = shipped_sensitive_rules();
    hasher.update(as_bytes(shipped_sensitive_rules_digest()));
  }
  for (const RuleFile& file : options.rules) {
    SensitiveRules own = read_sensitive_rules(file.path, file.text, options.limits);
    if (!own.errors.empty()) return malformed(to_string(own.errors[0]));
    hasher.update(as_bytes(cat(file.text.size(), ":", file.text)));
    std::move(own.rules.begin(), own.rules.end(), std::back_inserter(rules->rules));
  }
  LoadedEngine out;
  out.rules_digest = to_hex(hasher.finish());
  out.rules = rules->rules.size();
  std::vector<std::string> paths;
  for (const SensitiveRule& rule : rules->rules) paths.insert(paths.end(), rule.paths.begin(), rule.paths.end());
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  out.analyser = {.name = "sensitive_files",
                  .version = 1,
                  .paths = std::move(paths),
                  .input = Posture::Hostile,
                  .extract = [rules](const FileView& file, const Limits&) -> Result<Facts> {
                    Facts facts;
                    if (auto found = rules->examine(file.path, as_text(file.content))) facts.findings.push_back(std::move(*found));
                    return facts;
                  },
                  .resolve = [](const SquashedFacts& facts) { return resolve_findings(facts, true); }};
  return out;
}

RuleCheck check(const RuleFile& file, const Limits& limits) {
  SensitiveRules read = read_sensitive_rules(file.path, file.text, limits);
  RuleCheck out{.loads = read.rules.size(), .refused = {}};
  for (RuleError& error : read.errors) out.refused.push_back({.line = error.line, .rule = std::move(error.rule), .why = std::move(error.why)});
  return out;
}

}  // namespace

Engine sensitive_files() { return {.name = "sensitive_files", .classes = {FindingClass::SensitiveFile}, .load = load, .check = check}; }

}  // namespace plimsoll::detect
