// Fuzzes one scheme: the first line is a range, the others are versions; the laws must hold for what they parse to.
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/text.h"
#include "version/scheme.h"

void fuzz_version_plugins(std::string_view plugin, plimsoll::Bytes input) {
  using namespace plimsoll;
  const version::Scheme* scheme = version::find_scheme(plugin);
  PLIM_ASSERT(scheme != nullptr);
  std::string_view rest = as_text(input);
  std::string_view line;
  std::vector<version::Version> versions;
  const bool has_range = next_line(rest, line);
  const Result<version::Range> range = version::parse_range(*scheme, has_range ? line : std::string_view{});
  while (versions.size() < 16 && next_line(rest, line)) {
    versions.push_back(version::parse(*scheme, line));
    if (range) (void)version::contains(*range, versions.back());
    PLIM_ASSERT(versions.back().key.size() <= 6 * line.size() + 64);
  }
  for (const version::Version& a : versions) {
    PLIM_ASSERT(compare(a, a) == 0);
    for (const version::Version& b : versions) PLIM_ASSERT(compare(a, b) == -compare(b, a));
  }
}
