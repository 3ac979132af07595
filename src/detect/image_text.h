// Secrets in what an image says of itself: ENV, ARG, LABEL, commands and history of its configuration; and the same texts
// without them, for `image.config`, `createdBy` and SBOMs.
//
//   PLIM_TRY(auto text, scan_image_config(config_json, secrets));
//   report.findings += text.findings;  report.image.config = text.redacted_json;
//   layer.created_by = redact(layer.created_by, secrets);
//
// Findings  one for each rule and secret; locations are places of the configuration ("config/Env/DB_PASSWORD",
//           "history/3"), those of history with the layer that the step made.
// Errors    Malformed, Limit: the configuration is no JSON within limits. Then there is no redacted copy either.
// Cost      a few microseconds a text.
// Source    https://github.com/opencontainers/image-spec/blob/main/config.md
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "detect/secrets/secrets.h"
#include "model/finding.h"
#include "model/gap.h"

namespace plimsoll::detect {

// `text` (a build step, a command line, KEY=VALUE) with every secret in it replaced by "[redacted]".
std::string redact(std::string_view text, const Secrets& secrets);

struct ImageConfigText {
  std::vector<Finding> findings;
  Gaps gaps;
  std::string redacted_json;  // the whole configuration, minified, secrets replaced in every text
};
Result<ImageConfigText> scan_image_config(std::string_view config_json, const Secrets& secrets, const Limits& limits = {});

}  // namespace plimsoll::detect
