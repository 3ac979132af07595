#include "format/rpm_header.h"

#include "base/text.h"

namespace plimsoll::format {
namespace {

constexpr std::uint32_t kInt16 = 3, kInt32 = 4, kString = 6, kStringArray = 8, kI18nString = 9;
constexpr std::uint32_t kMostEntries = 1 << 16;  // rpm's own bound
constexpr std::uint32_t kMostItems = 1 << 21;    // of one tag; the biggest packages own some 100,000 files
constexpr std::size_t kEntry = 16, kCounts = 8;

}  // namespace

Result<RpmHeader> RpmHeader::parse(Bytes blob) {
  if (blob.size() < kCounts) return malformed("rpm header is cut short");
  const std::uint32_t count = load_be<std::uint32_t>(blob, 0);
  const std::uint32_t data_size = load_be<std::uint32_t>(blob, 4);
  if (count == 0 || count > kMostEntries || std::uint64_t{count} * kEntry + data_size > blob.size() - kCounts)
    return malformed(cat("rpm header of ", blob.size(), " bytes says ", count, " entries and ", data_size, " bytes of data"));
  RpmHeader header;
  header.data_ = blob.subspan(kCounts + count * kEntry, data_size);
  header.entries_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes at = blob.subspan(kCounts + i * kEntry, kEntry);
    const Entry entry{load_be<std::uint32_t>(at, 0), load_be<std::uint32_t>(at, 4), load_be<std::uint32_t>(at, 8), load_be<std::uint32_t>(at, 12)};
    constexpr std::uint32_t kFirstRealTag = 100;  // below: regions of signed data
    if (entry.tag < kFirstRealTag) continue;
    if (entry.offset > data_size) {
      header.damaged_ = true;
      continue;
    }
    header.entries_.push_back(entry);
  }
  return header;
}

const RpmHeader::Entry* RpmHeader::find(RpmTag tag) const {
  for (const Entry& entry : entries_)
    if (entry.tag == static_cast<std::uint32_t>(tag)) return &entry;
  return nullptr;
}

std::string_view RpmHeader::text(RpmTag tag) const {
  const Entry* entry = find(tag);
  if (!entry) return {};
  if (entry->type != kString && entry->type != kStringArray && entry->type != kI18nString) {
    damaged_ = true;
    return {};
  }
  const std::string_view rest = as_text(data_).substr(entry->offset);
  const std::size_t end = rest.find('\0');
  if (end != std::string_view::npos) return rest.substr(0, end);
  damaged_ = true;
  return {};
}

std::vector<std::string_view> RpmHeader::texts(RpmTag tag) const {
  const Entry* entry = find(tag);
  std::vector<std::string_view> out;
  if (!entry) return out;
  if ((entry->type != kStringArray && entry->type != kString) || entry->count > kMostItems) {
    damaged_ = true;
    return out;
  }
  std::string_view rest = as_text(data_).substr(entry->offset);
  for (std::uint32_t i = 0; i < entry->count; ++i) {
    const std::size_t end = rest.find('\0');
    if (end == std::string_view::npos) {
      damaged_ = true;
      break;
    }
    out.push_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return out;
}

std::vector<std::uint32_t> RpmHeader::numbers(RpmTag tag) const {
  const Entry* entry = find(tag);
  std::vector<std::uint32_t> out;
  if (!entry) return out;
  const std::size_t size = entry->type == kInt16 ? 2 : 4;
  if ((entry->type != kInt16 && entry->type != kInt32) || entry->count > kMostItems ||
      entry->count > (data_.size() - entry->offset) / size) {
    damaged_ = true;
    return out;
  }
  out.reserve(entry->count);
  for (std::size_t i = 0; i < entry->count; ++i)
    out.push_back(size == 2 ? load_be<std::uint16_t>(data_, entry->offset + i * 2) : load_be<std::uint32_t>(data_, entry->offset + i * 4));
  return out;
}

}  // namespace plimsoll::format
