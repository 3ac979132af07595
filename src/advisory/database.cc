#include "advisory/database.h"

#include <algorithm>
#include <atomic>
#include <ctime>

#include "advisory/encoding.h"
#include "advisory/layout.h"
#include "advisory/record_code.h"
#include "advisory/signature.h"
#include "base/hash.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

struct Directory {  // one ecosystem's place in the packages section
  EcosystemInfo info;
  Span slots;     // of 8 bytes: high half of the name's hash, offset of its item + 1
  Span packages;  // items: u32 length, then the package
};

std::string iso_time(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

// Fills `cpes` and gives the repository's name.
Result<std::string_view> read_repository(Bytes item, std::vector<std::string>& cpes) {
  Cursor c(item);
  const std::string_view name = c.text();
  for (std::uint64_t n = c.items(); n > 0 && c.good(); --n) cpes.emplace_back(c.text());
  if (!c.good()) return malformed("advisory database: a repository cannot be read");
  return name;
}

}  // namespace

struct Database::State {
  Mapping mapping;
  Bytes file;
  Header header;
  std::uint64_t blocks = 0;
  // One bit a block, then one bit a group of leaf hashes. Set only after the check succeeded; relaxed is enough, since
  // the bytes are immutable and a second check by another thread does no harm.
  std::unique_ptr<std::atomic<std::uint64_t>[]> checked;

  std::vector<FeedSummary> feeds;
  std::vector<std::string> notes;
  std::vector<EndOfLife> ends_of_life;
  std::vector<Shortfall> shortfalls;
  std::vector<Directory> directories;  // sorted by key

  bool test(std::uint64_t bit) const { return (checked[bit / 64].load(std::memory_order_relaxed) >> (bit % 64)) & 1; }
  void set(std::uint64_t bit) const { checked[bit / 64].fetch_or(1ull << (bit % 64), std::memory_order_relaxed); }

  Status check_block(std::uint64_t block) const {
    const std::uint64_t group = block / kLeavesPerGroup;
    if (!test(blocks + group)) {
      const std::uint64_t first = group * kLeavesPerGroup * kHashBytes;
      const Bytes leaves = file.subspan(header.leaves.offset + first, std::min<std::uint64_t>(kLeavesPerGroup * kHashBytes, header.leaves.bytes - first));
      if (hash(HashKind::Sha256, leaves) != as_text(file.subspan(header.groups.offset + group * kHashBytes, kHashBytes)))
        return malformed(cat("advisory database is altered: checksums of blocks ", group * kLeavesPerGroup, " and on do not fit its root"));
      set(blocks + group);
    }
    const std::uint64_t at = header.data.offset + block * kBlockBytes;
    const Bytes bytes = file.subspan(at, std::min<std::uint64_t>(kBlockBytes, header.data.offset + header.data.bytes - at));
    if (hash(HashKind::Sha256, bytes) != as_text(file.subspan(header.leaves.offset + block * kHashBytes, kHashBytes)))
      return malformed(cat("advisory database is altered: block ", block, " at byte ", at, " does not fit its checksum"));
    set(block);
    return Ok{};
  }

  // Checked bytes at an absolute offset inside `span`.
  Result<Bytes> touch(const Span& span, std::uint64_t offset, std::uint64_t size) const {
    if (offset > span.bytes || size > span.bytes - offset) return malformed("advisory database: an offset points outside its section");
    const std::uint64_t from = span.offset + offset;
    if (size > 0) {
      const std::uint64_t last = (from + size - 1 - header.data.offset) / kBlockBytes;
      for (std::uint64_t block = (from - header.data.offset) / kBlockBytes; block <= last; ++block)
        if (!test(block)) PLIM_CHECK(check_block(block));
    }
    return file.subspan(from, size);
  }

  // An item: u32 length, then that many bytes.
  Result<Bytes> item(const Span& span, std::uint64_t offset) const {
    PLIM_TRY(const Bytes length, touch(span, offset, 4));
    return touch(span, offset + 4, load_le<std::uint32_t>(length, 0));
  }

  const Span& section(Section which) const { return header.sections[which]; }

  // Where the items of a section lie that is a table: number of slots, slots, items.
  Result<Span> items_of(const Span& span) const {
    PLIM_TRY(const Bytes head, touch(span, 0, 8));
    const std::uint64_t slots = load_le<std::uint64_t>(head, 0);
    if (slots == 0 || (slots & (slots - 1)) != 0 || slots > (span.bytes - 8) / 8) return malformed("advisory database: one of its tables cannot be read");
    return Span{span.offset + 8 + slots * 8, span.bytes - 8 - slots * 8};
  }

  // The item of that name in such a section; empty when there is none.
  Result<Bytes> look_up(const Span& span, std::string_view name) const {
    if (span.bytes == 0) return Bytes{};
    PLIM_TRY(const Span items, items_of(span));
    const std::uint64_t slots = (items.offset - span.offset) / 8 - 1, hashed = hash64(name);
    for (std::uint64_t slot = hashed & (slots - 1), tries = 0; tries < slots; slot = (slot + 1) & (slots - 1), ++tries) {
      PLIM_TRY(const Bytes entry, touch(span, 8 + slot * 8, 8));
      const std::uint32_t offset = load_le<std::uint32_t>(entry, 4);
      if (offset == 0) break;
      if (load_le<std::uint32_t>(entry, 0) != static_cast<std::uint32_t>(hashed >> 32)) continue;
      PLIM_TRY(const Bytes found, item(items, offset - 1));
      if (Cursor(found).text() == name) return found;
    }
    return Bytes{};
  }

  const Directory* directory(std::string_view key) const {
    const auto at = std::lower_bound(directories.begin(), directories.end(), key, [](const Directory& d, std::string_view k) { return d.info.key < k; });
    return at != directories.end() && at->info.key == key ? &*at : nullptr;
  }

  Status load() {
    blocks = (header.data.bytes + kBlockBytes - 1) / kBlockBytes;
    const std::uint64_t bits = blocks + header.groups.bytes / kHashBytes;
    checked = std::make_unique<std::atomic<std::uint64_t>[]>(bits / 64 + 1);
    if (hash(HashKind::Sha256, file.subspan(header.groups.offset, header.groups.bytes)) != header.root)
      return malformed("advisory database is altered: its checksums do not fit their root");
    PLIM_CHECK(load_meta());
    return load_ecosystems();
  }

  Status load_meta() {
    PLIM_TRY(const Bytes bytes, touch(header.sections[kMeta], 0, header.sections[kMeta].bytes));
    Cursor c(bytes);
    for (std::uint64_t i = c.items(8); i > 0 && c.good(); --i) {
      FeedSummary& feed = feeds.emplace_back();
      feed.name = c.text();
      feed.date = c.text();
      feed.files = c.count(), feed.records = c.count(), feed.affected = c.count(), feed.cves = c.count();
      for (std::uint64_t n = c.items(); n > 0 && c.good(); --n) feed.ecosystems.emplace_back(c.text());
    }
    for (std::uint64_t i = c.items(); i > 0 && c.good(); --i) notes.emplace_back(c.text());
    PLIM_TRY(const Bytes ends, touch(header.sections[kEndOfLife], 0, header.sections[kEndOfLife].bytes));
    Cursor e(ends);
    for (std::uint64_t i = ends.empty() ? 0 : e.items(5); i > 0 && e.good(); --i) {
      EndOfLife& end = ends_of_life.emplace_back();
      end.distribution = e.text(), end.release = e.text(), end.date = e.text(), end.long_term = e.text(), end.paid = e.text();
    }
    PLIM_TRY(const Bytes missing, touch(header.sections[kShortfalls], 0, header.sections[kShortfalls].bytes));
    Cursor m(missing);
    for (std::uint64_t i = missing.empty() ? 0 : m.items(3); i > 0 && m.good(); --i) {
      Shortfall& each = shortfalls.emplace_back();
      each.ecosystem = m.text(), each.where = m.text(), each.why = m.text();
    }
    if (!c.good() || !e.good() || !m.good()) return malformed("advisory database: its list of feeds cannot be read");
    return Ok{};
  }

  Status load_ecosystems() {
    const bool same_rules = header.key_rules == version_key_rules();
    PLIM_TRY(const Bytes bytes, touch(header.sections[kEcosystems], 0, header.sections[kEcosystems].bytes));
    Cursor c(bytes);
    for (std::uint64_t i = c.items(8); i > 0 && c.good(); --i) {
      Directory& d = directories.emplace_back();
      d.info.key = c.text(), d.info.scheme = c.text();
      d.info.packages = c.count(), d.info.entries = c.count();
      d.info.keys_usable = same_rules;
      for (std::uint64_t n = c.items(); n > 0 && c.good(); --n)
        if (const std::uint64_t feed = c.count(); feed < feeds.size()) d.info.feeds.push_back(feeds[feed].name);
      const std::uint64_t start = c.count(), slots = c.count(), size = c.count();
      const Span& all = header.sections[kPackages];
      const bool fits = start <= all.bytes && slots <= (all.bytes - start) / 8 && size <= all.bytes - start - slots * 8;
      if (!c.good() || !fits || slots == 0 || (slots & (slots - 1)) != 0) return malformed("advisory database: an ecosystem lies outside its section");
      d.slots = {all.offset + start, slots * 8};
      d.packages = {all.offset + start + slots * 8, size};
    }
    if (!c.good() || !std::is_sorted(directories.begin(), directories.end(), [](const Directory& a, const Directory& b) { return a.info.key < b.info.key; }))
      return malformed("advisory database: its list of ecosystems cannot be read");
    return Ok{};
  }
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

Result<Database> Database::over(Bytes bytes) {
  auto state = std::make_unique<State>();
  state->file = bytes;
  PLIM_TRY(state->header, read_header(bytes));
  PLIM_CHECK(state->load());
  return Database(std::move(state));
}

Result<Database> Database::open(const std::string& path) {
  PLIM_TRY(const Fd fd, open_file(path).context("advisory database", path));
  PLIM_TRY(const std::uint64_t size, file_size(fd));
  if (size == 0) return malformed(cat("advisory database ", path, " is empty"));
  if (size > kMaxFileBytes) return limit_reached(cat("advisory database ", path, " is larger than ", kMaxFileBytes, " bytes"));
  auto state = std::make_unique<State>();
  PLIM_TRY(state->mapping, Mapping::map(fd, size));
  state->file = state->mapping.bytes();
  PLIM_TRY(state->header, read_header(state->file).context("in", path));
  PLIM_CHECK(state->load().context("in", path));
  return Database(std::move(state));
}

const EcosystemInfo* Database::ecosystem(std::string_view key) const {
  const Directory* d = state_->directory(key);
  return d ? &d->info : nullptr;
}

Status Database::candidates(std::string_view ecosystem, std::string_view name, CandidateList& out) const {
  const Directory* d = state_->directory(ecosystem);
  if (!d) return Ok{};
  const std::uint64_t hashed = hash64(name);
  const std::uint64_t mask = d->slots.bytes / 8 - 1;
  for (std::uint64_t slot = hashed & mask, tries = 0; tries <= mask; slot = (slot + 1) & mask, ++tries) {
    PLIM_TRY(const Bytes entry, state_->touch(d->slots, slot * 8, 8));
    const std::uint32_t offset = load_le<std::uint32_t>(entry, 4);
    if (offset == 0) return Ok{};
    if (load_le<std::uint32_t>(entry, 0) != static_cast<std::uint32_t>(hashed >> 32)) continue;
    PLIM_TRY(const Bytes item, state_->item(d->packages, offset - 1));
    Cursor c(item);
    if (c.text() != name) continue;
    return read_candidates(c, out);
  }
  return Ok{};
}

Result<AdvisoryRecord> Database::record_at(std::uint32_t record) const {
  PLIM_TRY(const Bytes item, state_->item(state_->header.sections[kRecords], record));
  AdvisoryRecord out;
  std::uint64_t feed = 0;
  PLIM_CHECK(read_record(item, out, feed));
  if (feed < state_->feeds.size()) out.feed = state_->feeds[feed].name;
  return out;
}

Result<AdvisoryRecord> Database::record(const Candidate& candidate) const { return record_at(candidate.record); }

Result<std::vector<std::uint32_t>> Database::find(std::string_view id) const {
  std::vector<std::uint32_t> found;
  PLIM_TRY(const Bytes item, state_->look_up(state_->section(kIds), lower(id)));
  if (item.empty()) return found;
  Cursor c(item);
  c.text();
  for (std::uint64_t n = c.items(); n > 0 && c.good(); --n) found.push_back(static_cast<std::uint32_t>(c.count()));
  if (!c.good()) return malformed("advisory database: a list of records cannot be read");
  return found;
}

Result<std::vector<std::string>> Database::repository(std::string_view name) const {
  std::vector<std::string> cpes;
  PLIM_TRY(const Bytes item, state_->look_up(state_->section(kRepositories), name));
  if (item.empty()) return cpes;
  PLIM_CHECK(read_repository(item, cpes));
  return cpes;
}

Status Database::each_repository(const std::function<Status(std::string_view, const std::vector<std::string>&)>& visit) const {
  const Span& span = state_->section(kRepositories);
  if (span.bytes == 0) return Ok{};
  PLIM_TRY(const Span items, state_->items_of(span));
  for (std::uint64_t at = 0; at < items.bytes;) {
    PLIM_TRY(const Bytes item, state_->item(items, at));
    std::vector<std::string> cpes;
    PLIM_TRY(const std::string_view name, read_repository(item, cpes));
    PLIM_CHECK(visit(name, cpes));
    at += 4 + item.size();
  }
  return Ok{};
}

Result<std::optional<CveFacts>> Database::cve(std::string_view id) const {
  const std::uint32_t wanted = pack_cve(id);
  const Span& index = state_->header.sections[kCveIndex];
  const Span& rows = state_->header.sections[kCveRows];
  if (wanted == 0 || rows.bytes == 0) return std::optional<CveFacts>{};
  // The index holds the first CVE of every run of rows that fills one block.
  constexpr std::uint64_t kRowsPerRun = kBlockBytes / 16;
  PLIM_TRY(const Bytes firsts, state_->touch(index, 0, index.bytes));
  std::uint64_t low = 0, high = index.bytes / 4;
  while (low < high) {
    const std::uint64_t middle = (low + high) / 2;
    if (load_le<std::uint32_t>(firsts, middle * 4) <= wanted) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return std::optional<CveFacts>{};
  const std::uint64_t first = (low - 1) * kRowsPerRun, total = rows.bytes / 16;
  if (first >= total) return malformed("advisory database: its CVE index points outside its rows");
  const std::uint64_t n = std::min(kRowsPerRun, total - first);
  PLIM_TRY(const Bytes run, state_->touch(rows, first * 16, n * 16));
  low = 0, high = n;
  while (low < high) {
    const std::uint64_t middle = (low + high) / 2;
    if (load_le<std::uint32_t>(run, middle * 16) < wanted) low = middle + 1;
    else high = middle;
  }
  if (low == n || load_le<std::uint32_t>(run, low * 16) != wanted) return std::optional<CveFacts>{};
  PLIM_TRY(auto facts, read_cve(run.subspan(low * 16, 16), [&](std::uint32_t offset) { return state_->item(state_->header.sections[kCveDetails], offset); }));
  if (facts && facts->epss)  // one date for the whole feed, kept once
    for (const FeedSummary& feed : state_->feeds)
      if (feed.name == "epss") facts->epss->date = feed.date;
  return facts;
}

Status Database::each_cve(const std::function<Status(const CveFacts&)>& visit) const {
  const Span& rows = state_->header.sections[kCveRows];
  for (std::uint64_t at = 0; at + 16 <= rows.bytes; at += 16) {
    PLIM_TRY(const Bytes row, state_->touch(rows, at, 16));
    PLIM_TRY(const auto facts, read_cve(row, [&](std::uint32_t offset) { return state_->item(state_->header.sections[kCveDetails], offset); }));
    if (facts) PLIM_CHECK(visit(*facts));
  }
  return Ok{};
}

Status Database::each_package(std::string_view ecosystem, const std::function<Status(std::string_view, const CandidateList&)>& visit) const {
  const Directory* d = state_->directory(ecosystem);
  if (!d) return Ok{};
  CandidateList list;
  for (std::uint64_t at = 0; at < d->packages.bytes;) {
    PLIM_TRY(const Bytes item, state_->item(d->packages, at));
    Cursor c(item);
    const std::string_view name = c.text();
    list.clear();
    PLIM_CHECK(read_candidates(c, list));
    PLIM_CHECK(visit(name, list));
    at += 4 + item.size();
  }
  return Ok{};
}

std::optional<EndOfLife> Database::end_of_life(std::string_view distribution, std::string_view release) const {
  for (const EndOfLife& end : state_->ends_of_life)
    if (end.distribution == distribution && end.release == release) return end;
  return std::nullopt;
}

std::vector<std::string> Database::ecosystems() const {
  std::vector<std::string> keys;
  for (const Directory& d : state_->directories) keys.push_back(d.info.key);
  return keys;
}

std::vector<Shortfall> Database::shortfalls() const { return state_->shortfalls; }
const std::vector<FeedSummary>& Database::feeds() const { return state_->feeds; }
const std::vector<EndOfLife>& Database::ends_of_life() const { return state_->ends_of_life; }
const std::vector<std::string>& Database::notes() const { return state_->notes; }
std::uint64_t Database::size_bytes() const { return state_->file.size(); }

DatabaseInfo Database::info() const {
  DatabaseInfo out{.digest = cat("sha256:", to_hex(state_->header.digest)), .built_at = iso_time(state_->header.built_at), .feeds = {}};
  for (const FeedSummary& feed : state_->feeds) out.feeds.push_back({feed.name, feed.date});
  return out;
}

Result<Database::Check> Database::verify(std::string_view public_key) const {
  Check check{.blocks = state_->blocks, .bytes = state_->file.size()};
  for (std::uint64_t block = 0; block < state_->blocks; ++block) PLIM_CHECK(state_->check_block(block));
  const Header& header = state_->header;
  check.is_signed = !header.signature.empty();
  if (check.is_signed) {
    check.key_id = hash_hex(HashKind::Sha256, as_bytes(header.public_key));
    PLIM_TRY(check.signature_good, signature_holds(header.public_key, header.digest, header.signature));
    if (!check.signature_good) return denied("advisory database: its signature does not fit its contents");
  }
  if (!public_key.empty()) {
    if (!check.is_signed) return denied("advisory database: it is not signed, and a key was demanded");
    if (public_key != header.public_key) return denied(cat("advisory database: it is signed by another key, ", check.key_id));
  }
  return check;
}

Stack::Stack(std::vector<Database> databases) : databases_(std::move(databases)) {
  PLIM_ASSERT(!databases_.empty());
  for (const Database& database : databases_) {
    const bool overlay = &database != &databases_.front();
    for (const std::string& key : database.ecosystems()) {
      const EcosystemInfo& info = *database.ecosystem(key);
      const auto [at, fresh] = ecosystems_.try_emplace(key, info);
      if (fresh) {
        at->second.overlay_only = overlay;
        continue;
      }
      at->second.packages += info.packages, at->second.entries += info.entries;
      at->second.keys_usable = at->second.keys_usable && info.keys_usable;
      at->second.feeds.insert(at->second.feeds.end(), info.feeds.begin(), info.feeds.end());
    }
  }
}

const EcosystemInfo* Stack::ecosystem(std::string_view key) const {
  const auto at = ecosystems_.find(key);
  return at == ecosystems_.end() ? nullptr : &at->second;
}

Status Stack::candidates(std::string_view ecosystem, std::string_view name, CandidateList& out) const {
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    const std::size_t before = out.candidates.size();
    PLIM_CHECK(databases_[i].candidates(ecosystem, name, out));
    for (std::size_t n = before; n < out.candidates.size(); ++n) out.candidates[n].layer = static_cast<std::uint32_t>(i);
  }
  return Ok{};
}

Result<AdvisoryRecord> Stack::record(const Candidate& candidate) const {
  PLIM_ASSERT(candidate.layer < databases_.size());
  return databases_[candidate.layer].record_at(candidate.record);
}

Result<std::optional<CveFacts>> Stack::cve(std::string_view id) const {
  for (std::size_t i = databases_.size(); i-- > 0;) {
    PLIM_TRY(auto facts, databases_[i].cve(id));
    if (facts) return facts;
  }
  return std::optional<CveFacts>{};
}

std::optional<EndOfLife> Stack::end_of_life(std::string_view distribution, std::string_view release) const {
  for (std::size_t i = databases_.size(); i-- > 0;)
    if (auto end = databases_[i].end_of_life(distribution, release)) return end;
  return std::nullopt;
}

Result<std::vector<std::string>> Stack::repository(std::string_view name) const {
  for (std::size_t i = databases_.size(); i-- > 0;) {
    PLIM_TRY(auto cpes, databases_[i].repository(name));
    if (!cpes.empty()) return cpes;
  }
  return std::vector<std::string>{};
}

std::vector<Shortfall> Stack::shortfalls() const {
  std::vector<Shortfall> out;
  for (const Database& database : databases_) {
    const std::vector<Shortfall> each = database.shortfalls();
    out.insert(out.end(), each.begin(), each.end());
  }
  return out;
}

DatabaseInfo Stack::info() const {
  DatabaseInfo out = databases_.front().info();
  if (databases_.size() == 1) return out;
  std::string digests;
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    const DatabaseInfo each = databases_[i].info();
    digests += each.digest;
    if (i > 0)
      for (const FeedInfo& feed : each.feeds) out.feeds.push_back({cat("overlay/", feed.name), feed.date});
  }
  out.digest = cat("sha256:", hash_hex(HashKind::Sha256, as_bytes(digests)));  // of the stack: its parts' digests, in order
  return out;
}

}  // namespace plimsoll::advisory
