// Read-only reader of bbolt databases (containerd's meta.db and its snapshotters' metadata.db), no daemon needed.
//
// Model    A tree of buckets; a bucket holds keys with a value or a bucket, in byte order. Paths are the names from the
//          root: {"v1", "default", "images"}.
// Writers  A daemon may be writing: pages a reader holds can be reused. So the newest valid meta page is looked at
// again
//          after each call, and the call starts anew when it has moved on, a few times; then it is an Error{Io}.
// Source   bbolt's file format (page.go, meta.go, node.go): pages of meta.page_size, version 2, FNV-1a checksum.
// Input    hostile: every offset is checked, depth and the number of elements are bounded (Limits::records).
// Errors   NotFound (file), Malformed, Limit, Io. A bucket or key that is not there is an empty answer, not an error.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/result.h"

namespace plimsoll::format {

struct BoltEntry {
  std::string key;
  std::string value;  // of a plain key
  bool is_bucket = false;
};
using BoltPath = std::vector<std::string>;

class BoltFile {
 public:
  static Result<BoltFile> open(const std::string& path, const Limits& limits = {});

  // The value of the last name in the bucket that the names before lead to; nullopt when it is not there or a bucket.
  Result<std::optional<std::string>> get(const BoltPath& path) const;
  // All entries of a bucket; empty when there is none.
  Result<std::vector<BoltEntry>> list(const BoltPath& bucket) const;

 private:
  struct Meta {
    std::uint64_t page_size = 0, root = 0, high_water = 0, transaction = 0;
    friend bool operator==(const Meta&, const Meta&) = default;
  };
  struct Leaf;
  using Visit = std::function<Status(const Leaf&)>;
  explicit BoltFile(Fd file, std::uint64_t page_size, const Limits& limits)
      : file_(std::move(file)), page_size_(page_size), limits_(limits) {}

  Result<Meta> newest_meta() const;
  std::optional<Meta> read_meta(std::uint64_t page_size, std::uint64_t page) const;
  Result<std::string> read_page(const Meta& meta, std::uint64_t id) const;
  // Calls `visit` for the leaf elements of a bucket's tree: those equal to `key`, or all.
  Status walk(const Meta& meta, std::uint64_t page, const std::string* key, int depth, std::uint64_t& budget,
              const Visit& visit) const;
  Status walk_page(const Meta& meta, Bytes page, const std::string* key, int depth, std::uint64_t& budget,
                   const Visit& visit) const;
  Status in_bucket(const Meta& meta, const BoltPath& bucket, const std::string* key, const Visit& visit) const;
  template <class T>
  Result<T> consistently(const std::function<Result<T>(const Meta&)>& read) const;

  Fd file_;
  std::uint64_t page_size_;
  Limits limits_;
};

// A varint as Go's encoding/binary writes signed numbers; nullopt when it is none.
std::optional<std::int64_t> parse_go_varint(std::string_view bytes);
std::optional<std::uint64_t> parse_go_uvarint(std::string_view bytes);

}  // namespace plimsoll::format
