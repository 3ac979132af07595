// Berkeley DB hash files: all pairs, by a walk over the pages in file order.
#include <array>

#include "base/text.h"
#include "format/rpmdb.h"

namespace plimsoll::format {
namespace {

constexpr std::uint32_t kHashMagic = 0x061561;
constexpr std::size_t kPageHeader = 26;
constexpr std::size_t kPairCount = 88;  // in the meta page of a hash: HMETA.nelem of db_page.h
constexpr std::uint8_t kFreePage = 0, kUnsortedHashPage = 2, kOverflowPage = 7, kHashPage = 13;
constexpr std::uint8_t kKeyData = 1, kOffPage = 3;

class Reader {
 public:
  Reader(Bytes file, std::vector<std::string>& problems) : file_(file), problems_(problems) { swapped_ = load_le<std::uint32_t>(file, 12) != kHashMagic; }

  Status open() {
    page_size_ = u32(file_, 20);
    if (page_size_ < 512 || page_size_ > 65536 || (page_size_ & (page_size_ - 1)) != 0) return malformed(cat("Berkeley DB page size ", page_size_));
    if (file_[24] != 0) return unsupported("Berkeley DB file is encrypted");
    pages_ = file_.size() / page_size_;
    if (file_.size() % page_size_ != 0) problem(pages_, "is cut short");
    const std::uint64_t last = u32(file_, 32);
    if (last >= pages_) problems_.push_back(cat("the file has ", pages_, " pages of ", last + 1));
    return Ok{};
  }

  Status walk(const Limits& limits, const std::function<void(Bytes, Bytes)>& visit) {
    std::uint64_t pairs = 0, copied = 0;
    for (std::uint64_t number = 1; number < pages_; ++number) {
      const Bytes page = page_at(number);
      const std::uint8_t type = page[25];
      if (type == kFreePage || type == kOverflowPage) continue;
      if (type != kHashPage && type != kUnsortedHashPage) {
        problem(number, cat("is of type ", type, ", which no page of a hash file is"));
        continue;
      }
      const std::size_t entries = u16(page, 20);
      if (kPageHeader + 2 * entries > page_size_) {
        problem(number, "has more entries than fit");
        continue;
      }
      for (std::size_t i = 0; i + 1 < entries; i += 2) {
        if (++pairs > limits.records) return limit_reached(cat("Berkeley DB file has more than ", limits.records, " pairs"));
        std::string key_buffer, value_buffer;
        Bytes key, value;
        if (!item(page, i, key, key_buffer) || !item(page, i + 1, value, value_buffer)) {
          problem(number, cat("has a damaged pair ", i / 2));
          continue;
        }
        // Items or chains of overflow pages that cross each other could be read again and again.
        copied += value.size() + key.size();
        if (copied > 2 * file_.size()) return malformed("Berkeley DB pairs share their bytes");
        visit(key, value);
      }
    }
    // A page of zeros is no damage to look at: buckets never filled are zeros too. The file's own count tells.
    if (const std::uint64_t counted = u32(file_, kPairCount); pairs < counted)
      problems_.push_back(cat("the pages hold ", pairs, " pairs of the ", counted, " that the file counts"));
    return Ok{};
  }

 private:
  std::uint16_t u16(Bytes bytes, std::size_t at) const { return swapped_ ? load_be<std::uint16_t>(bytes, at) : load_le<std::uint16_t>(bytes, at); }
  std::uint32_t u32(Bytes bytes, std::size_t at) const { return swapped_ ? load_be<std::uint32_t>(bytes, at) : load_le<std::uint32_t>(bytes, at); }
  Bytes page_at(std::uint64_t number) const { return file_.subspan(static_cast<std::size_t>(number) * page_size_, page_size_); }

  void problem(std::uint64_t page, std::string_view what) {
    constexpr std::size_t kMostNamed = 20;
    if (problems_.size() < kMostNamed) problems_.push_back(cat("page ", page, " ", what));
  }

  // Items lie from the page's end downward: an item ends where the one before it begins.
  bool item(Bytes page, std::size_t index, Bytes& out, std::string& buffer) const {
    const std::size_t begin = u16(page, kPageHeader + 2 * index);
    const std::size_t end = index == 0 ? page_size_ : u16(page, kPageHeader + 2 * (index - 1));
    if (begin < kPageHeader || begin >= end || end > page_size_) return false;
    const Bytes bytes = page.subspan(begin, end - begin);
    if (bytes[0] == kKeyData) {
      out = bytes.subspan(1);
      return true;
    }
    if (bytes[0] != kOffPage || bytes.size() < 12) return false;
    const std::size_t length = u32(bytes, 8);
    if (length > file_.size()) return false;
    std::uint64_t number = u32(bytes, 4);
    buffer.reserve(length);
    while (buffer.size() < length) {
      if (number == 0 || number >= pages_) return false;
      const Bytes overflow = page_at(number);
      const std::size_t used = u16(overflow, 22);
      if (overflow[25] != kOverflowPage || used == 0 || used > page_size_ - kPageHeader) return false;
      buffer += as_text(overflow.subspan(kPageHeader, std::min(used, length - buffer.size())));
      number = u32(overflow, 16);
    }
    out = as_bytes(buffer);
    return true;
  }

  Bytes file_;
  std::vector<std::string>& problems_;
  bool swapped_ = false;
  std::size_t page_size_ = 0;
  std::uint64_t pages_ = 0;
};

}  // namespace

bool is_bdb(Bytes file) {
  return file.size() >= 512 && (load_le<std::uint32_t>(file, 12) == kHashMagic || load_be<std::uint32_t>(file, 12) == kHashMagic);
}

Status read_bdb_hash(Bytes file, const Limits& limits, const std::function<void(Bytes, Bytes)>& visit, std::vector<std::string>& problems) {
  if (!is_bdb(file)) return malformed("not a Berkeley DB hash file");
  Reader reader(file, problems);
  PLIM_CHECK(reader.open());
  return reader.walk(limits, visit);
}

}  // namespace plimsoll::format
