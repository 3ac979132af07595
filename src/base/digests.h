// Several digests of one content, computed together: MD5, SHA-1, SHA-256 and the fs-verity digest.
//
// Speed   one after another they take 3.6 ns a byte. Each is a chain of steps that wait for one another, so a processor
//         runs them side by side in little more than the time of the slowest, MD5: 1.9 ns a byte with the SHA instructions
//         of x86-64, 0.9 without MD5 and SHA-1 (64 MiB, a core of a busy two-core machine). Where there are no such
//         instructions OpenSSL computes them one by one.
// fs-verity  what FS_IOC_MEASURE_VERITY gives: SHA-256 over the descriptor of a Merkle tree of 4 KiB blocks, no salt
//         (Linux Documentation/filesystems/fsverity.rst).
// Threads  pure.
#pragma once
#include <string>

#include "base/bytes.h"

namespace plimsoll {

struct DigestsWanted {
  bool md5_and_sha1 = true;
  bool verity = true;
};
// Raw bytes; empty when not wanted.
struct Digests {
  std::string md5, sha1, sha256, verity;
};
Digests all_digests(Bytes content, DigestsWanted wanted);
// The digests of one content that several may ask for while it is looked at: what one of them computed, the next gets for
// nothing. `content` is borrowed; one thread.
class ContentDigests {
 public:
  explicit ContentDigests(Bytes content) : content_(content) {}
  const Digests& get(DigestsWanted wanted);

 private:
  Bytes content_;
  Digests known_;
};
// The same by OpenSSL alone: what the fast form is tested against.
Digests all_digests_one_by_one(Bytes content, DigestsWanted wanted);

}  // namespace plimsoll
