// semver: Semantic Versioning 2.0.0; also Swift's, Terraform's, GitHub Actions' and others' order.
//
// Input   hostile text.
// Order   https://semver.org/spec/v2.0.0.html, item 11; build metadata has no precedence.
// Errors  none; fallback in version/semver.h.
// Cost    one pass.
#include "version/semver.h"

#include "version/scheme.h"

namespace plimsoll::version {
namespace {

Version parse_one(std::string_view text) { return parse_semver(text, {}); }

}  // namespace

Scheme semver() {
  return {.name = "semver",
          .aliases = {"swift", "swifturl", "github", "githubactions", "github actions", "terraform", "bitnami", "helm",
                      "julia", "kubernetes", "vscode"},
          .fallback =
              "a leading v is dropped, missing numbers are 0, more than three count, the rest is a pre-release; "
              "no number at the start: below all, in natural order",
          .parse = parse_one};
}
}  // namespace plimsoll::version
