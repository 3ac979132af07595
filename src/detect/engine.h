// An engine: one detector of what is not a CVE. One file under engines/ that defines `Engine NAME()`.
//
// NAME is also its name in reports and in the facts cache, its rules' folder rules/NAME/, its fixtures
// tests/data/detect/NAME/ and its fuzz target fuzz_detect_NAME. An engine loads its rules once (shipped ones and the
// user's) and becomes an Analyser (model/analyser.h): `extract` looks at one file of one layer and puts Findings into
// its Facts, `resolve` says which of them stand in the image.
//
//   PLIM_TRY(const LoadedEngine secrets, engine.load(options));
//   auto facts = secrets.analyser.extract(file, limits);
//
// Errors   load: Malformed, Unsupported with file, line and reason of the first rule that cannot be loaded.
// Threads  a loaded engine is immutable; extract may run in many threads at once.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "model/analyser.h"

namespace plimsoll::detect {

// A rule file the user named, read whole by the caller.
struct RuleFile {
  std::string path, text;
};
// The engine a rule file is for. By its ending: .toml (gitleaks) is for "secrets"; .yar, .yara, lists of hashes
// (.hashes, .md5, .sha1, .sha256, or any file that is one) and ClamAV's endings for "malware". A .yaml, .yml or .json document of our own says it in its
// top member `engine: NAME`, or lies in a folder of the engine's name. Errors: Unsupported, with the path and what to do.
Result<std::string> engine_of(const RuleFile& file);

struct EngineOptions {
  std::vector<RuleFile> rules;   // the user's, added to the shipped ones
  bool only_user_rules = false;  // replace the shipped ones
  std::string fingerprint_key;   // secrets are told apart across images by a hash under this key
  std::string cache_directory;   // for compiled rules; empty: none kept
  Scope scope = Scope::Image;    // what will be looked at; Directory: a tree of source code
  Limits limits;
};

struct LoadedEngine {
  Analyser analyser;
  std::string rules_digest;  // of all rules it runs by: part of the facts cache's key and of the report
  std::size_t rules = 0;     // how many
  // A text with every secret it holds made harmless; empty for engines that know none. Thread-safe.
  std::function<std::string(std::string_view text)> redact = {};
  // What of the user's files loaded otherwise than they say: for the run's notices. Where, and a sentence.
  std::vector<std::pair<std::string, std::string>> notices = {};
};

// What `rules check` says of one file: how many rules load, and every one that is refused.
struct RuleProblem {
  std::uint32_t line = 0;  // 1-based; 0 when it is not known
  std::string rule;        // its id, where it has one
  std::string why;
};
struct RuleCheck {
  std::size_t loads = 0;
  std::vector<RuleProblem> refused;
  std::vector<RuleProblem> notices = {};  // what loads otherwise than it says
};

struct Engine {
  std::string name;
  std::vector<FindingClass> classes;  // what it can report
  std::function<Result<LoadedEngine>(const EngineOptions&)> load;
  // Goes on after a bad rule. Empty: load's first error is all that is told.
  std::function<RuleCheck(const RuleFile&, const Limits&)> check;
};

// All of them, sorted by name (written by CMake).
const std::vector<Engine>& engines();

}  // namespace plimsoll::detect
