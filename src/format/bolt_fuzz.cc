#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "format/bolt.h"

namespace {

// Lists every bucket it can reach, to a bound.
void list_all(const plimsoll::format::BoltFile& file, const plimsoll::format::BoltPath& path, int& budget) {
  const auto entries = file.list(path);
  if (!entries || path.size() > 8) return;
  for (const auto& entry : *entries) {
    if (--budget < 0) return;
    plimsoll::format::BoltPath below = path;
    below.push_back(entry.key);
    if (entry.is_bucket) {
      list_all(file, below, budget);
    } else {
      (void)file.get(below);
      (void)plimsoll::format::parse_go_varint(entry.value);
    }
  }
}

}  // namespace

void fuzz_format_bolt(plimsoll::Bytes input) {
  using namespace plimsoll;
  const Fd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  if (!write_all(fd, input)) return;
  Limits limits;
  limits.records = 20'000;
  const auto file = format::BoltFile::open(cat("/proc/self/fd/", fd.get()), limits);
  int budget = 300;
  if (file) list_all(*file, {}, budget);
}
