// rpm's own "ndb" form: a table of slots, each pointing at one blob.
#include "base/text.h"
#include "format/rpmdb.h"

namespace plimsoll::format {
namespace {

constexpr std::uint32_t word(const char (&text)[5]) {
  return static_cast<std::uint32_t>(text[0]) | static_cast<std::uint32_t>(text[1]) << 8 | static_cast<std::uint32_t>(text[2]) << 16 |
         static_cast<std::uint32_t>(text[3]) << 24;
}
constexpr std::uint32_t kFileMagic = word("RpmP"), kSlotMagic = word("Slot"), kBlobMagic = word("BlbS");
constexpr std::size_t kPage = 4096, kHeader = 32, kSlot = 16, kBlock = 16, kBlobHeader = 16;

}  // namespace

bool is_ndb(Bytes file) { return file.size() >= kHeader && load_le<std::uint32_t>(file, 0) == kFileMagic; }

Status read_ndb(Bytes file, const Limits& limits, const BlobVisitor& visit, std::vector<std::string>& problems) {
  if (!is_ndb(file)) return malformed("not an NDB file");
  if (const std::uint32_t version = load_le<std::uint32_t>(file, 4); version != 0) return unsupported(cat("NDB version ", version));
  const std::uint64_t slots_end = std::uint64_t{load_le<std::uint32_t>(file, 12)} * kPage;
  if (slots_end > file.size()) problems.push_back("the table of slots is cut short");
  const auto problem = [&](std::uint32_t package, std::string_view what) {
    constexpr std::size_t kMostNamed = 20;
    if (problems.size() < kMostNamed) problems.push_back(cat("package ", package, " ", what));
  };
  std::uint64_t count = 0, visited_bytes = 0;
  const std::size_t end = static_cast<std::size_t>(std::min<std::uint64_t>(slots_end, file.size()));
  for (std::size_t at = kHeader; at + kSlot <= end; at += kSlot) {
    const std::uint32_t package = load_le<std::uint32_t>(file, at + 4);
    if (load_le<std::uint32_t>(file, at) != kSlotMagic) {
      problem(package, cat("(or another) has a damaged slot at byte ", at));
      continue;
    }
    const std::uint64_t offset = std::uint64_t{load_le<std::uint32_t>(file, at + 8)} * kBlock;
    if (package == 0 || offset == 0) continue;  // a free slot
    if (++count > limits.records) return limit_reached(cat("NDB file has more than ", limits.records, " packages"));
    if (offset + kBlobHeader > file.size()) {
      problem(package, "lies outside the file");
      continue;
    }
    const Bytes blob = file.subspan(static_cast<std::size_t>(offset));
    const std::uint32_t length = load_le<std::uint32_t>(blob, 12);
    if (load_le<std::uint32_t>(blob, 0) != kBlobMagic || load_le<std::uint32_t>(blob, 4) != package || length > blob.size() - kBlobHeader) {
      problem(package, "has a damaged blob");
      continue;
    }
    visited_bytes += length;
    if (visited_bytes > file.size()) return malformed("NDB slots share their blobs");
    visit(blob.subspan(kBlobHeader, length));
  }
  return Ok{};
}

}  // namespace plimsoll::format
