// One kind of detector on files and folders that somebody names, outside any image: what `plimsoll detect` does.
//
// Every file named is looked at, whatever its name; of a folder those that the detector asks for. Paths in the report are
// as given. `.git` and kin are left out of folders, and said.
// Errors   a path that cannot be read at all; no engine for the class in this build; a rule file. A file inside a folder
//          that cannot be read is a gap.
#pragma once
#include <string>
#include <vector>

#include "scan/scan.h"

namespace plimsoll::scan {

struct DetectTarget {
  std::string path;     // as given; "-" for `content`; "git:DIR" for a repository's history (secrets alone)
  std::string content;  // only of "-": standard input, read whole by the caller
};
// `request`: parts (one of the detectors'), rules, fingerprint key, limits, at. `engine`: only the engine of that name,
// all of the class when empty; "binary": that of malware, and Report::binaries says what each executable is.
// `since`: of repositories only what commits that this revision does not reach brought in; empty: everything.
Result<Report> detect(const Request& request, const std::string& engine, const std::vector<DetectTarget>& targets, const std::string& since = {});

}  // namespace plimsoll::scan
