// Archive: feeds that are published as one archive of many files (OSV's all.zip, Red Hat's and SUSE's tars of CSAF).
#pragma once
#include <functional>
#include <string>

#include "advisory/input.h"
#include "base/limits.h"

namespace plimsoll::advisory {

// When `input` (the file at `path`) is a zip or a tar (packed or not), calls `visit` with each file in it, named
// "NAME/path inside", and returns true; false leaves `input` untouched. A zip is read from `path`, since its list of
// files stands at its end. Errors: Malformed (cut, corrupt), Limit, Unsupported (an encrypted or odd zip).
Result<bool> each_member(const std::string& path, const std::string& name, Input& input, const Limits& limits, const std::function<void(Input)>& visit);

}  // namespace plimsoll::advisory
