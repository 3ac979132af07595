#include "detect/secrets/findings.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "detect/secrets/redact.h"

namespace plimsoll::detect {

bool is_example_place(std::string_view path) {
  static constexpr std::string_view kFolders[] = {"test", "tests", "testdata", "test_data", "testing", "__tests__", "spec", "specs", "fixtures", "fixture", "__fixtures__", "example", "examples", "sample", "samples", "mock", "mocks", "__mocks__", "demo", "demos", "doc", "docs"};
  if (path.starts_with("usr/share/doc/") || path.starts_with("usr/share/man/") || path.starts_with("usr/share/info/")) return true;
  std::string_view rest = path;
  for (std::size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    const std::string folder = lower(rest.substr(0, slash));
    if (std::find(std::begin(kFolders), std::end(kFolders), folder) != std::end(kFolders)) return true;
    rest.remove_prefix(slash + 1);
  }
  const std::string name = lower(rest);
  return name.find(".example") != std::string::npos || name.find(".sample") != std::string::npos || name.find(".dist") != std::string::npos || name.find("_test.") != std::string::npos || name.find(".test.") != std::string::npos || name.find(".spec.") != std::string::npos || name.starts_with("test_") || name.starts_with("example") || name.starts_with("sample");
}

std::vector<Finding> secret_findings(std::string_view path, const std::vector<SecretMatch>& matches, std::string_view fingerprint_key) {
  std::vector<Finding> out;
  std::map<std::pair<const SecretRule*, std::string_view>, std::size_t> known;
  std::map<const SecretRule*, std::size_t> count;
  const bool example = is_example_place(path);
  for (const SecretMatch& match : matches) {
    const SecretRule& rule = *match.rule;
    const Location location{.path = std::string(path), .layer = {}, .line = match.line};
    const auto [at, fresh] = known.try_emplace({&rule, match.secret}, out.size());
    if (!fresh) {
      auto& places = out[at->second].locations;
      constexpr std::size_t kMostLines = 1000;
      if (places.back().line != match.line && places.size() < kMostLines) places.push_back(location);
      continue;
    }
    Finding f;
    f.id = f.rule_id = rule.id;
    f.klass = FindingClass::Secret;
    f.severity = example ? std::min(rule.severity, Severity::Low) : rule.severity;
    f.title = rule.title;
    f.fix = rule.fix;
    if (!rule.why.empty()) f.evidence.emplace_back("why", rule.why);
    const std::string print = fingerprint_key.empty() || match.secret.empty() ? std::string() : fingerprint(match.secret, fingerprint_key);
    if (!match.secret.empty()) f.evidence.emplace_back("secret", redacted(match.secret));
    if (!print.empty()) f.evidence.emplace_back("fingerprint", print);
    if (!match.decoded.empty()) f.evidence.emplace_back("decoded", match.decoded);
    if (example) f.evidence.emplace_back("place", "where examples and tests lie: severity lowered");
    if (!rule.source.empty()) f.references.push_back(rule.source);
    f.key = finding_key(f.klass, f.id, path, print.empty() ? cat("#", ++count[&rule]) : print);
    f.locations.push_back(location);
    out.push_back(std::move(f));
  }
  return out;
}

}  // namespace plimsoll::detect
