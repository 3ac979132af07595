// Version: one version, parsed once and compared many times.
//
// Shape   a sort key: bytes made by the scheme so that comparing two versions is comparing two byte strings (a few
//         nanoseconds, no allocation). Three schemes (alpm, conan, maven) have an order that no byte string can carry;
//         their versions bring their own comparison in `order`.
// Cost    key bytes <= 6 * text bytes + 64; parsing is linear in the text, also for a version of megabytes.
// Threads plain data; all functions are pure.
// Mixing  comparing versions of two schemes gives a repeatable answer that means nothing.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::version {

struct Version {
  std::string key;
  std::uint32_t release_size = 0;  // key bytes that hold the release numbers alone; 0 when the scheme has no such part
  std::uint32_t public_size = 0;  // key bytes without what precedence ignores (PEP 440 local label, cargo build
                                  // metadata); the whole key when the version has none; 0 when the scheme has none
  std::uint32_t parts = 0;        // release numbers as written: 3 for 1.2.0, whatever the key drops
  bool prerelease = false;        // before the release of its numbers, as the scheme means it
  bool valid = true;              // false: ordered by the scheme's fallback (Scheme::fallback says how)
  int (*order)(const Version& a, const Version& b) = nullptr;  // nullptr: the bytes of `key`
};

// -1, 0 or 1.
int compare(const Version& a, const Version& b);
// Not a strict weak order for the three schemes named in scheme.h: sort with std::stable_sort, never std::sort.
inline bool operator<(const Version& a, const Version& b) { return compare(a, b) < 0; }

// The first `size` bytes of the keys only, a shorter key being the smaller: for release_size and public_size.
int compare_prefix(const Version& a, std::uint32_t a_size, const Version& b, std::uint32_t b_size);

}  // namespace plimsoll::version
