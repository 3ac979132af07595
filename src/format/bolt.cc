#include "format/bolt.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace plimsoll::format {
namespace {

constexpr std::uint64_t kPageHeader = 16;  // id u64, flags u16, count u16, overflow u32
constexpr std::uint64_t kElement = 16;
constexpr std::uint64_t kMetaBytes =
    64;  // magic, version, page size, flags; root, sequence; freelist, high water, transaction; checksum
constexpr std::uint16_t kBranchPage = 0x01, kLeafPage = 0x02, kMetaPage = 0x04;
constexpr std::uint32_t kMagic = 0xED0CDAED, kVersion = 2, kBucketLeaf = 0x01;
constexpr std::uint64_t kMostPageBytes = 64ull << 20;  // one page with its overflow
constexpr int kMostDepth = 32;
constexpr int kTries = 5;

std::uint64_t fnv1a(Bytes bytes) {
  std::uint64_t out = 14695981039346656037ull;
  for (const std::uint8_t byte : bytes) out = (out ^ byte) * 1099511628211ull;
  return out;
}

Error torn(std::string_view what, std::uint64_t page) {
  return malformed(cat("bolt database: ", what, " in page ", page));
}

}  // namespace

struct BoltFile::Leaf {
  std::string_view key;
  Bytes value;
  bool is_bucket;
};

std::optional<BoltFile::Meta> BoltFile::read_meta(std::uint64_t page_size, std::uint64_t page) const {
  std::array<std::uint8_t, kPageHeader + kMetaBytes> bytes;
  const auto count = read_at(file_, page * page_size, bytes.data(), bytes.size());
  if (!count || *count != bytes.size()) return std::nullopt;
  const Bytes all(bytes), meta = all.subspan(kPageHeader);
  if ((load_le<std::uint16_t>(all, 8) & kMetaPage) == 0 || load_le<std::uint32_t>(meta, 0) != kMagic ||
      load_le<std::uint32_t>(meta, 4) != kVersion)
    return std::nullopt;
  if (load_le<std::uint64_t>(meta, 56) != fnv1a(meta.first(56))) return std::nullopt;
  return Meta{load_le<std::uint32_t>(meta, 8), load_le<std::uint64_t>(meta, 16), load_le<std::uint64_t>(meta, 40),
              load_le<std::uint64_t>(meta, 48)};
}

Result<BoltFile::Meta> BoltFile::newest_meta() const {
  const auto first = read_meta(page_size_, 0), second = read_meta(page_size_, 1);
  if (!first && !second) return malformed("bolt database: no valid meta page");
  return !second || (first && first->transaction > second->transaction) ? *first : *second;
}

Result<BoltFile> BoltFile::open(const std::string& path, const Limits& limits) {
  PLIM_TRY(Fd fd, open_file(path));
  BoltFile out(std::move(fd), 4096, limits);
  // The page size stands in the meta pages themselves; where the first is torn, the second tells.
  for (std::uint64_t size = 512; size <= 65536; size *= 2) {
    for (const std::uint64_t page : {0, 1}) {
      const auto meta = out.read_meta(size, page);
      if (!meta || meta->page_size < 512 || meta->page_size > 65536 || (meta->page_size & (meta->page_size - 1)) != 0)
        continue;
      if (page == 1 && meta->page_size != size) continue;
      out.page_size_ = meta->page_size;
      return out;
    }
  }
  return malformed(cat("not a bolt database, or both its meta pages are torn: ", path));
}

Result<std::string> BoltFile::read_page(const Meta& meta, std::uint64_t id) const {
  if (id < 2 || id >= meta.high_water) return torn("a reference out of the file", id);
  std::array<std::uint8_t, kPageHeader> header;
  PLIM_TRY(const std::size_t count, read_at(file_, id * page_size_, header.data(), header.size()));
  if (count != header.size()) return torn("end of file", id);
  if (load_le<std::uint64_t>(header, 0) != id) return torn("a wrong page number", id);
  const std::uint64_t size = (1 + std::uint64_t{load_le<std::uint32_t>(header, 12)}) * page_size_;
  PLIM_TRY(const std::uint64_t whole, file_size(file_));
  if (size > kMostPageBytes || size > whole || id * page_size_ > whole - size) return torn("an absurd size", id);
  std::string out(static_cast<std::size_t>(size), '\0');
  PLIM_TRY(const std::size_t got,
           read_at(file_, id * page_size_, reinterpret_cast<std::uint8_t*>(out.data()), out.size()));
  if (got != out.size()) return torn("end of file", id);
  return out;
}

Status BoltFile::walk(const Meta& meta, std::uint64_t page, const std::string* key, int depth, std::uint64_t& budget,
                      const Visit& visit) const {
  if (depth > kMostDepth) return malformed("bolt database: a tree without end");
  PLIM_TRY(const std::string bytes, read_page(meta, page));
  return walk_page(meta, as_bytes(bytes), key, depth, budget, visit).context("page", std::to_string(page));
}

Status BoltFile::walk_page(const Meta& meta, Bytes page, const std::string* key, int depth, std::uint64_t& budget,
                           const Visit& visit) const {
  const std::uint64_t id = load_le<std::uint64_t>(page, 0);
  const std::uint16_t flags = load_le<std::uint16_t>(page, 8), count = load_le<std::uint16_t>(page, 10);
  if (flags != kLeafPage && flags != kBranchPage) return torn("neither leaf nor branch", id);
  if (kPageHeader + count * kElement > page.size()) return torn("more elements than fit", id);
  if (budget < count) return limit_reached("bolt database: too many elements");
  budget -= count;
  // Positions count from the element they stand in.
  const auto part = [&](std::uint64_t element, std::uint64_t position, std::uint64_t size) -> std::optional<Bytes> {
    const std::uint64_t start = element + position;
    if (start > page.size() || size > page.size() - start) return std::nullopt;
    return page.subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(size));
  };
  std::uint64_t child = 0;  // of a branch: the last one whose first key is not above the key looked for
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = kPageHeader + i * kElement;
    const Bytes element = page.subspan(static_cast<std::size_t>(at), kElement);
    if (flags == kBranchPage) {
      const auto first = part(at, load_le<std::uint32_t>(element, 0), load_le<std::uint32_t>(element, 4));
      if (!first) return torn("a key out of the page", id);
      const std::uint64_t next = load_le<std::uint64_t>(element, 8);
      if (!key) {
        PLIM_CHECK(walk(meta, next, key, depth + 1, budget, visit));
      } else if (i == 0 || as_text(*first) <= *key) {
        child = next;
      }
      continue;
    }
    const std::uint64_t position = load_le<std::uint32_t>(element, 4), key_size = load_le<std::uint32_t>(element, 8);
    const auto name = part(at, position, key_size),
               value = part(at, position + key_size, load_le<std::uint32_t>(element, 12));
    if (!name || !value) return torn("a key or value out of the page", id);
    if (!key || as_text(*name) == *key)
      PLIM_CHECK(visit({as_text(*name), *value, (load_le<std::uint32_t>(element, 0) & kBucketLeaf) != 0}));
  }
  if (flags == kBranchPage && key && child != 0) return walk(meta, child, key, depth + 1, budget, visit);
  return Ok{};
}

Status BoltFile::in_bucket(const Meta& meta, const BoltPath& bucket, const std::string* key, const Visit& visit) const {
  std::uint64_t budget = limits_.records;
  std::uint64_t root = meta.root;
  std::string inlined;  // a small bucket lies inside its parent's value, as a page
  for (std::size_t i = 0; i <= bucket.size(); ++i) {
    const bool last = i == bucket.size();
    std::optional<std::string> found;
    const std::string* wanted = last ? key : &bucket[i];
    const Visit step = [&](const Leaf& leaf) -> Status {
      if (leaf.is_bucket) found = std::string(as_text(leaf.value));
      return Ok{};
    };
    const Visit& use = last ? visit : step;
    if (root != 0) {
      PLIM_CHECK(walk(meta, root, wanted, 0, budget, use));
    } else {
      PLIM_CHECK(walk_page(meta, as_bytes(inlined), wanted, 0, budget, use));
    }
    if (last) return Ok{};
    if (!found) return Ok{};
    if (found->size() < 16) return malformed("bolt database: a bucket without header");
    root = load_le<std::uint64_t>(as_bytes(*found), 0);
    inlined = root == 0 ? found->substr(16) : std::string();
    if (root == 0 && inlined.size() < kPageHeader) return malformed("bolt database: an inline bucket without page");
  }
  return Ok{};
}

template <class T>
Result<T> BoltFile::consistently(const std::function<Result<T>(const Meta&)>& read) const {
  for (int i = 0; i < kTries; ++i) {
    PLIM_TRY(const Meta before, newest_meta());
    auto out = read(before);
    PLIM_TRY(const Meta after, newest_meta());
    if (before == after) return out;
  }
  return io_error("bolt database: changed under each of several readings");
}

Result<std::optional<std::string>> BoltFile::get(const BoltPath& path) const {
  PLIM_ASSERT(!path.empty());
  using Value = std::optional<std::string>;
  return consistently<Value>([&](const Meta& meta) -> Result<Value> {
    Value out;
    const BoltPath bucket(path.begin(), path.end() - 1);
    PLIM_CHECK(in_bucket(meta, bucket, &path.back(), [&](const Leaf& leaf) -> Status {
      if (!leaf.is_bucket) out = std::string(as_text(leaf.value));
      return Ok{};
    }));
    return out;
  });
}

Result<std::vector<BoltEntry>> BoltFile::list(const BoltPath& bucket) const {
  using Entries = std::vector<BoltEntry>;
  return consistently<Entries>([&](const Meta& meta) -> Result<Entries> {
    Entries out;
    PLIM_CHECK(in_bucket(meta, bucket, nullptr, [&](const Leaf& leaf) -> Status {
      out.push_back(
          {std::string(leaf.key), leaf.is_bucket ? std::string() : std::string(as_text(leaf.value)), leaf.is_bucket});
      return Ok{};
    }));
    return out;
  });
}

std::optional<std::uint64_t> parse_go_uvarint(std::string_view bytes) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 10; ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    if (i == 9 && byte > 1) return std::nullopt;
    out |= std::uint64_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) return out;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_go_varint(std::string_view bytes) {
  const auto raw = parse_go_uvarint(bytes);
  if (!raw) return std::nullopt;
  return static_cast<std::int64_t>(*raw >> 1) ^ -static_cast<std::int64_t>(*raw & 1);
}

}  // namespace plimsoll::format
