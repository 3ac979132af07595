// Everything that finds secrets in one text, put together from EngineOptions: shipped rules, the user's rule files, and
// configuration read as keys and values.
//
//   PLIM_TRY(const Secrets secrets, Secrets::load(options));
//   Facts facts = secrets.examine({.path = "app/.env", .text = text, .commit = {}});
//
// Errors   load: Malformed with file, line and reason of the first rule that cannot be used.
// Threads  immutable once loaded.
#pragma once
#include <memory>
#include <string>

#include "detect/engine.h"
#include "detect/secrets/scanner.h"
#include "model/facts.h"

namespace plimsoll::detect {

class Secrets {
 public:
  static Result<Secrets> load(const EngineOptions& options);
  ~Secrets();
  Secrets(Secrets&&) noexcept;
  Secrets& operator=(Secrets&&) noexcept;

  // Findings without layer, in order of place, and gaps.
  Facts examine(const ScanText& text) const;
  // UTF-16 with its mark in front is read as the ASCII in it; then places count those characters.
  // The matches themselves, for redaction and for a repository's history. They hold secrets: never to be written anywhere.
  ScanOutcome matches(const ScanText& text) const;
  const std::string& rules_digest() const;
  const std::string& fingerprint_key() const;
  std::size_t rules() const;
  const std::vector<RuleError>& notices() const;  // what of the user's files loaded otherwise than they say
  struct State;

 private:
  explicit Secrets(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// What `rules check` says of one file: the ids that load, and what is refused with line and reason.
struct RulesCheck {
  std::vector<std::string> loaded;
  std::vector<RuleError> refused;
  std::vector<RuleError> notices;
};
RulesCheck check_secret_rules(const RuleFile& file, const Limits& limits = {});

}  // namespace plimsoll::detect
