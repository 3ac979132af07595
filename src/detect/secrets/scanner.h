// Finds secrets in one text by rules: literal starts in one pass, then each rule's expression only where it can begin.
//
// How      every rule's expression is asked how its matches begin (regex_shape.h); those starts, or where they say too
//          little the rule's keywords, are looked for together (literal_search.h). A start found is confirmed by the
//          expression anchored there; a keyword found opens the whole text to its rule. What looks encoded (base64, hex,
//          percent, \uXXXX) is decoded, up to kDecodeDepth deep, and searched again where it was decoded.
// Bounds   places are looked for 4 MiB at a time; expressions without an upper length are followed 64 KiB, and from the thousandth place
//          on 2 KiB; what was cut is in Outcome::gaps.
// Errors   build: the rules' literals cannot be compiled.
// Threads  built once, then used by many at once.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detect/secrets/key_value.h"
#include "detect/secrets/literal_search.h"
#include "detect/secrets/rule.h"

namespace plimsoll::detect {

struct SecretMatch {
  const SecretRule* rule = nullptr;
  std::string secret;      // never leaves this process: redact.h says what may
  std::size_t begin = 0, end = 0;  // of the whole match in the text; of the encoded piece when it was decoded
  std::uint32_t line = 1;  // of begin, from 1
  std::uint32_t column = 1;
  std::string decoded;     // "base64", "hex in percent": how it was hidden; empty when it was not
};

struct ScanText {
  std::string_view path;    // for path rules and allow-lists
  std::string_view text;
  std::string_view commit;  // hex, of a repository's history
};

struct ScanOutcome {
  std::vector<SecretMatch> matches;  // in order of place
  std::vector<std::string> gaps;     // a sentence each
};

class SecretScanner {
 public:
  static constexpr std::uint32_t kDecodeDepth = 5;
  static constexpr std::size_t kMostHits = 4'000'000;  // of 4 MiB
  struct Options {
    std::string cache_directory;
    LiteralSearch::Method method = LiteralSearch::Method::Best;
    bool decode = true;
    std::vector<std::string> not_paths = {};  // globs of files that rules of our own never look at
    std::vector<KeyRule> key_rules = {};  // secrets told by their key (key_value.h)
    std::vector<std::shared_ptr<const Allowlist>> key_allowlists = {};  // what takes those back
  };
  static Result<SecretScanner> build(std::vector<RuleSet> sets, Options options);
  ~SecretScanner();
  SecretScanner(SecretScanner&&) noexcept;
  SecretScanner& operator=(SecretScanner&&) noexcept;

  ScanOutcome scan(const ScanText& text) const;
  std::size_t rules() const;
  bool accelerated() const { return literal_origin() != LiteralSearch::Origin::Portable; }
  LiteralSearch::Origin literal_origin() const;
  const std::vector<Literal>& literals() const;  // what is looked for
  std::vector<Literal> binary_literals() const;  // in files that are no text: these alone
  struct State;  // scanner.cc's own

 private:
  explicit SecretScanner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Whether a text holds bytes that text does not: a zero among its first 8 KiB.
bool looks_binary(std::string_view text);

}  // namespace plimsoll::detect
