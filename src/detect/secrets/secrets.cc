#include "detect/secrets/secrets.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "detect/secrets/findings.h"

namespace plimsoll::detect {
namespace {

RuleReadOptions reading(const RuleFile& file, const Limits& limits) {
  RuleReadOptions options{.limits = limits, .trusted = false, .read_other = {}};
  const std::string folder(parent_path(file.path));
  const bool absolute = file.path.starts_with('/');
  // [extend] names a file beside the one that extends.
  options.read_other = [folder, absolute, limits](const std::string& path) { return read_file(path.starts_with('/') || folder.empty() ? path : cat(absolute && !folder.starts_with('/') ? "/" : "", folder, "/", path), limits.metadata_bytes); };
  return options;
}

}  // namespace

struct Secrets::State {
  explicit State(SecretScanner s) : scanner(std::move(s)) {}
  SecretScanner scanner;
  std::string digest, key;
};

Secrets::Secrets(std::unique_ptr<State> state) : state_(std::move(state)) {}
Secrets::~Secrets() = default;
Secrets::Secrets(Secrets&&) noexcept = default;
Secrets& Secrets::operator=(Secrets&&) noexcept = default;
const std::string& Secrets::rules_digest() const { return state_->digest; }
const std::string& Secrets::fingerprint_key() const { return state_->key; }
std::size_t Secrets::rules() const { return state_->scanner.rules(); }

Result<Secrets> Secrets::load(const EngineOptions& options) {
  std::vector<RuleSet> sets;
  std::vector<KeyRule> keys;
  Hasher hasher(HashKind::Sha256);
  if (!options.only_user_rules) {
    sets.push_back(shipped_secret_rules());
    hasher.update(as_bytes(shipped_secret_rules_digest()));
    keys = shipped_key_rules().rules;
  }
  for (const RuleFile& file : options.rules) {
    if (!is_secret_rules(file.path, file.text)) continue;
    RuleSet set = read_secret_rules(file.path, file.text, reading(file, options.limits));
    if (!set.errors.empty()) return malformed(to_string(set.errors[0]));
    hasher.update(as_bytes(cat(file.text.size(), ":", file.text)));
    sets.push_back(std::move(set));
  }
  auto scanner = SecretScanner::build(std::move(sets), {.cache_directory = options.cache_directory, .key_rules = std::move(keys)});
  if (!scanner) return std::move(scanner).error();
  auto state = std::make_unique<State>(std::move(*scanner));
  // Fingerprints are part of what is cached, so their key is part of what it was made by; it shows nothing of the key.
  hasher.update(as_bytes(hash(HashKind::Sha256, as_bytes(cat("fingerprint key", options.fingerprint_key)))));
  state->digest = to_hex(hasher.finish());
  state->key = options.fingerprint_key;
  return Secrets(std::move(state));
}

ScanOutcome Secrets::matches(const ScanText& text) const { return state_->scanner.scan(text); }

Facts Secrets::examine(const ScanText& text) const {
  Facts facts;
  ScanOutcome outcome = matches(text);
  facts.findings = secret_findings(text.path, outcome.matches, state_->key);
  for (std::string& why : outcome.gaps) facts.gaps.push_back({"secrets", std::string(text.path), std::move(why)});
  return facts;
}

bool is_secret_rules(std::string_view path, std::string_view text) {
  if (path.ends_with(".toml")) return true;
  if (path.ends_with(".yar") || path.ends_with(".yara") || path.ends_with(".conf")) return false;
  return text.find("rules:") != std::string_view::npos ? text.find("pattern:") != std::string_view::npos : text.find("[[rules]]") != std::string_view::npos || text.find("\"pattern\"") != std::string_view::npos;
}

RulesCheck check_secret_rules(const RuleFile& file, const Limits& limits) {
  RuleSet set = read_secret_rules(file.path, file.text, reading(file, limits));
  RulesCheck out{.loaded = {}, .refused = std::move(set.errors)};
  for (const SecretRule& rule : set.rules) out.loaded.push_back(rule.id);
  return out;
}

}  // namespace plimsoll::detect
