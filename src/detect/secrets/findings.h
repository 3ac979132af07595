// From matches to findings: one for each distinct secret of a file, with all its lines; nothing of the secret but its
// redacted form and its keyed fingerprint.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "detect/secrets/scanner.h"
#include "model/finding.h"

namespace plimsoll::detect {

// `fingerprint_key` empty: no fingerprint; distinct secrets are then told apart by their order in the file.
std::vector<Finding> secret_findings(std::string_view path, const std::vector<SecretMatch>& matches, std::string_view fingerprint_key);

// Whether `path` is where examples and tests lie, whose secrets are seldom anybody's: documentation, test folders,
// fixtures. Findings there are `low` and say so.
bool is_example_place(std::string_view path);

}  // namespace plimsoll::detect
