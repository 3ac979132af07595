// What scan and the detect verbs share: rule files named on the line, the key of fingerprints.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/verb.h"
#include "detect/engine.h"
#include "scan/scan.h"

namespace plimsoll::cli {

struct RuleOptions {
  std::vector<std::string> rules, only_rules;  // files, or folders of them
};
// --rules, --only-rules.
void declare_rule_options(Options& options, RuleOptions& into);
// Reads the files and puts them into the request. Errors: NotFound, Io, Limit; both flags at once.
Status add_rules(const RuleOptions& options, scan::Request& request);
// A file, or every file of a folder whose ending is that of a rule file, whole. Errors: as read_file's; an empty folder.
Status read_rule_files(const std::string& path, std::vector<detect::RuleFile>& out);

// The key under which secrets are hashed to be told apart: PLIMSOLL_FINGERPRINT_KEY, else this installation's own, made
// on first use in the data directory (mode 0600); where that cannot be written one for this run alone. Errors: Io; Denied
// when others may read the key's file.
Status add_fingerprint_key(scan::Request& request);

// The verbs `detect WHAT`: `engine` empty for all engines of the part.
Action declare_detect(Options& options, scan::Part part, const std::string& engine);

}  // namespace plimsoll::cli
