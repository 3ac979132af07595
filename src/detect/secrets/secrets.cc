#include "detect/secrets/secrets.h"

#include <algorithm>
#include <iterator>

#include "base/file.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "detect/secrets/extend_shipped.h"
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

// Windows writes configuration as UTF-16: its ASCII, line by line, with a mark for every other unit. Empty when it is none.
std::string from_utf16(std::string_view text) {
  const bool little = text.starts_with("\xff\xfe"), big = text.starts_with("\xfe\xff");
  if (!little && !big) return {};
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    const char low = text[little ? i : i + 1], high = text[little ? i + 1 : i];
    out += high == 0 && static_cast<unsigned char>(low) < 128 && low != 0 ? low : '\x80';
  }
  return out;
}

}  // namespace

struct Secrets::State {
  explicit State(SecretScanner s) : scanner(std::move(s)) {}
  SecretScanner scanner;
  std::string digest, key;
  std::vector<RuleError> notices;
};

Secrets::Secrets(std::unique_ptr<State> state) : state_(std::move(state)) {}
Secrets::~Secrets() = default;
Secrets::Secrets(Secrets&&) noexcept = default;
Secrets& Secrets::operator=(Secrets&&) noexcept = default;
const std::string& Secrets::rules_digest() const { return state_->digest; }
const std::string& Secrets::fingerprint_key() const { return state_->key; }
const std::vector<RuleError>& Secrets::notices() const { return state_->notices; }
std::size_t Secrets::rules() const { return state_->scanner.rules(); }

Result<Secrets> Secrets::load(const EngineOptions& options) {
  std::vector<RuleSet> sets;
  KeyRules keys;
  Hasher hasher(HashKind::Sha256);
  for (const RuleFile& file : options.rules) {
    RuleSet set = read_secret_rules(file.path, file.text, reading(file, options.limits));
    if (!set.errors.empty()) return malformed(to_string(set.errors[0]));
    hasher.update(as_bytes(cat(file.text.size(), ":", file.text)));
    sets.push_back(std::move(set));
  }
  std::vector<RuleError> notices;
  // A file that extends gitleaks' default rules has the shipped ones in their place, even where it is to stand alone.
  if (!options.only_user_rules || std::any_of(sets.begin(), sets.end(), [](const RuleSet& set) { return set.extends_shipped; })) {
    RuleSet shipped = shipped_secret_rules();
    hasher.update(as_bytes(shipped_secret_rules_digest()));
    keys = shipped_key_rules();
    for (RuleSet& set : sets) {
      extend_shipped(set, shipped, keys);
      std::move(set.notices.begin(), set.notices.end(), std::back_inserter(notices));
    }
    sets.insert(sets.begin(), std::move(shipped));
  }
  auto scanner = SecretScanner::build(std::move(sets), {.cache_directory = options.cache_directory, .not_paths = std::move(keys.not_paths), .key_rules = std::move(keys.rules), .key_allowlists = std::move(keys.allowlists)});
  if (!scanner) return std::move(scanner).error();
  auto state = std::make_unique<State>(std::move(*scanner));
  // Fingerprints are part of what is cached, so their key is part of what it was made by; it shows nothing of the key.
  hasher.update(as_bytes(hash(HashKind::Sha256, as_bytes(cat("fingerprint key", options.fingerprint_key)))));
  state->digest = to_hex(hasher.finish());
  state->key = options.fingerprint_key;
  state->notices = std::move(notices);
  return Secrets(std::move(state));
}

ScanOutcome Secrets::matches(const ScanText& text) const {
  const std::string plain = from_utf16(text.text);
  if (plain.empty()) return state_->scanner.scan(text);
  return state_->scanner.scan({.path = text.path, .text = plain, .commit = text.commit});
}

Facts Secrets::examine(const ScanText& text) const {
  Facts facts;
  ScanOutcome outcome = matches(text);
  facts.findings = secret_findings(text.path, outcome.matches, state_->key);
  for (std::string& why : outcome.gaps) facts.notes.emplace_back(kEffortBound, std::move(why));
  return facts;
}

RulesCheck check_secret_rules(const RuleFile& file, const Limits& limits) {
  RuleSet set = read_secret_rules(file.path, file.text, reading(file, limits));
  if (set.extends_shipped) {
    RuleSet shipped = shipped_secret_rules();
    KeyRules keys = shipped_key_rules();
    extend_shipped(set, shipped, keys);
  }
  RulesCheck out{.loaded = {}, .refused = std::move(set.errors), .notices = std::move(set.notices)};
  for (const SecretRule& rule : set.rules) out.loaded.push_back(rule.id);
  return out;
}

}  // namespace plimsoll::detect
