// Binary profiles named on the line: a profile's file, a report that names one, or a digest.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/verb.h"
#include "profile/profile.h"

namespace plimsoll::cli {

// `name`: a BinaryProfile file whose parts lie beside it; a JSON report of a scan; or "sha256:..." of one in the cache's
// folder, or in `folder` when that is given. Errors: those of reading it; NotFound with what was looked for.
Result<std::vector<profile::ProfileEntry>> load_profile(const std::string& name, const std::string& folder);

}  // namespace plimsoll::cli
