// Package databases of each kind through the reader of checksums, and a check against what came out.
#include "detect/integrity.h"

#include <string>

namespace {
class EmptyTree : public plimsoll::Tree {
 public:
  bool contains(std::string_view) const override { return false; }
};
}  // namespace

void fuzz_detect_integrity(plimsoll::Bytes input) {
  using namespace plimsoll;
  static const Analyser analyser = detect::package_checksums();
  for (const std::string_view path : {"var/lib/dpkg/info/x.md5sums", "var/lib/dpkg/diversions", "lib/apk/db/installed", "var/lib/rpm/rpmdb.sqlite"}) {
    const auto facts = analyser.extract({.path = path, .content = input}, {});
    if (!facts) continue;
    const FileFacts file{.path = path, .facts = &*facts};
    const std::string digest(16, 'x');
    const detect::HashedFile hashed{.path = "usr/bin/a", .md5 = digest};
    (void)detect::check_integrity({.files = {&file, 1}, .tree = EmptyTree(), .layers = {}}, {&hashed, 1});
  }
}
