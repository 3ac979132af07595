// nuget: .NET packages.
//
// Input   hostile text.
// Order   semver with up to four numbers (1.0 = 1.0.0.0), pre-release identifiers without case, build metadata
//         ignored. Numeric identifiers beyond 2^31-1 compare as text, as NuGet.Versioning does, for it reads them as
//         Int32.
// Ranges  intervals `[1.0,2.0)`, `(,1.0]`, `[1.5]`; a bare version is that or newer; `1.2.*` is 1.2.0 or newer.
// Errors  none on order; fallback in version/semver.h.
// Source  https://learn.microsoft.com/nuget/concepts/package-versioning
#include "base/text.h"
#include "version/key.h"
#include "version/range_text.h"
#include "version/scheme.h"
#include "version/semver.h"

namespace plimsoll::version {
namespace {

Version parse_one(std::string_view text) { return parse_semver(text, {.fold_case = true, .int32_labels = true}); }

Result<Range> parse_native(std::string_view text) {
  if (!text.empty() && (text[0] == '[' || text[0] == '(')) return parse_intervals(text, parse_one);
  if (text == "*") return Range{{{}}};
  const std::size_t star = text.find(".*");
  const std::string_view low = text.substr(0, star);
  if (low.empty() || !is_digit(low[0]) || low.find_first_of(" \t,|") != std::string_view::npos) return bad_range(text);
  return Range{{{{is_greater_equal, parse_one(low)}}}};
}

}  // namespace

Scheme nuget() {
  return {.name = "nuget",
          .aliases = {".net", "dotnet"},
          .fallback = "as semver's; four numbers are no exception",
          .parse = parse_one,
          .parse_native = parse_native};
}
}  // namespace plimsoll::version
