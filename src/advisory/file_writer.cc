#include "advisory/file_writer.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "advisory/encoding.h"
#include "advisory/layout.h"
#include "advisory/record_code.h"
#include "advisory/signature.h"
#include "base/hash.h"
#include "base/text.h"
#include "model/ecosystem.h"
#include "version/scheme.h"

namespace plimsoll::advisory {
namespace {

constexpr std::size_t kMaxFiledBytes = 0xfffffff0;  // offsets are 32 bits wide

using Offsets = std::vector<std::pair<std::string_view, std::uint32_t>>;

// A hash table of 8-byte slots (high half of the hash, offset + 1) over items; see FORMAT.md.
std::string slots_of(const Offsets& items) {
  std::size_t slots = 1;
  while (slots < items.size() * 3 / 2 + 1) slots *= 2;
  std::vector<std::uint64_t> table(slots, 0);
  for (const auto& [name, offset] : items) {
    const std::uint64_t hashed = hash64(name);
    std::size_t slot = hashed & (slots - 1);
    while (table[slot] != 0) slot = (slot + 1) & (slots - 1);
    table[slot] = (hashed >> 32) | static_cast<std::uint64_t>(offset + 1) << 32;
  }
  std::string out;
  out.reserve(slots * 8);
  Encoder e(out);
  for (const std::uint64_t entry : table) e.fixed(entry);
  return out;
}

// The data region: sections one after another, each at a multiple of 16.
struct Region {
  std::string bytes;
  std::array<Span, kSections> spans;
  void put(Section section, std::string_view content) {
    bytes.resize((bytes.size() + 15) / 16 * 16, '\0');
    spans[section] = {bytes.size(), content.size()};
    bytes.append(content);
  }
};

std::string assemble(Region& region, std::int64_t built_at, Header& header) {
  const std::uint64_t blocks = (region.bytes.size() + kBlockBytes - 1) / kBlockBytes;
  std::string leaves, groups;
  const Bytes data = as_bytes(region.bytes);
  for (std::uint64_t i = 0; i < blocks; ++i)
    leaves += hash(HashKind::Sha256, data.subspan(i * kBlockBytes, std::min<std::uint64_t>(kBlockBytes, data.size() - i * kBlockBytes)));
  constexpr std::size_t kGroupBytes = kLeavesPerGroup * kHashBytes;
  for (std::size_t at = 0; at < leaves.size(); at += kGroupBytes) groups += hash(HashKind::Sha256, as_bytes(std::string_view(leaves).substr(at, kGroupBytes)));
  header.built_at = built_at;
  header.key_rules = version_key_rules();
  header.groups = {kHeaderBytes, groups.size()};
  header.leaves = {kHeaderBytes + groups.size(), leaves.size()};
  const std::uint64_t start = (header.leaves.offset + leaves.size() + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  header.data = {start, region.bytes.size()};
  header.file_bytes = start + region.bytes.size();
  for (std::size_t i = 0; i < kSections; ++i) header.sections[i] = {start + region.spans[i].offset, region.spans[i].bytes};
  header.root = hash(HashKind::Sha256, as_bytes(groups));
  std::string rest = groups + leaves;
  rest.resize(start - kHeaderBytes, '\0');
  return rest;
}

// Appends an item (its length, then its bytes) and notes where it lies.
Status add_item(std::string& items, Offsets& offsets, std::string_view name, std::string_view item, std::string_view what) {
  if (items.size() > kMaxFiledBytes) return limit_reached(cat("the advisory database's ", what, " are beyond 4 GiB"));
  offsets.emplace_back(name, static_cast<std::uint32_t>(items.size()));
  Encoder(items).fixed(static_cast<std::uint32_t>(item.size()));
  items += item;
  return Ok{};
}

// Number of slots, slots, items.
std::string table_of(const Offsets& offsets, std::string_view items) {
  const std::string slots = slots_of(offsets);
  std::string out;
  Encoder(out).fixed(static_cast<std::uint64_t>(slots.size() / 8));
  out += slots;
  out += items;
  return out;
}

class Writer {
 public:
  explicit Writer(Content& content) : content_(content), feed_places_(content.feed_places()) {}

  Status write(Region& region) {
    std::string records, packages, directory, ids, repositories, rows, index, details;
    PLIM_CHECK(write_records(records));
    PLIM_CHECK(write_packages(packages, directory));
    PLIM_CHECK(write_ids(ids));
    PLIM_CHECK(write_repositories(repositories));
    for (auto& [packed, facts] : content_.cves) {
      if (rows.size() % kBlockBytes == 0) Encoder(index).fixed(packed);
      sort_unique(facts.cwes);
      write_cve(rows, details, packed, facts);
    }
    region.put(kMeta, meta()), region.put(kEndOfLife, ends_of_life()), region.put(kShortfalls, shortfalls()), region.put(kEcosystems, directory), region.put(kPackages, packages);
    region.put(kRecords, records), region.put(kIds, ids), region.put(kCveRows, rows), region.put(kCveIndex, index), region.put(kCveDetails, details);
    region.put(kRepositories, repositories);
    return Ok{};
  }

 private:
  // In the order of feed and id; only then are their places known.
  Status write_records(std::string& out) {
    std::vector<std::uint32_t> order(content_.records.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::tie(content_.records[a].feed, content_.records[a].id) < std::tie(content_.records[b].feed, content_.records[b].id);
    });
    place_.resize(content_.records.size());
    for (const std::uint32_t i : order) {
      const AdvisoryRecord& record = content_.records[i];
      if (out.size() > kMaxFiledBytes) return limit_reached("the advisory database's records are beyond 4 GiB");
      place_[i] = static_cast<std::uint32_t>(out.size());
      std::string item;
      write_record(item, record, feed_places_.at(record.feed));
      Encoder(out).fixed(static_cast<std::uint32_t>(item.size()));
      out += item;
      ids_[lower(record.id)].push_back(place_[i]);
      for (const auto* list : {&record.aliases, &record.fixes})
        for (const std::string& id : *list) ids_[lower(id)].push_back(place_[i]);
    }
    return Ok{};
  }

  Status write_packages(std::string& out, std::string& directory) {
    Encoder directory_out(directory);
    directory_out.count(content_.ecosystems.size());
    for (auto& [key, ecosystem] : content_.ecosystems) {
      const version::Scheme* scheme = version::find_scheme(scheme_of_ecosystem(key));
      if (!scheme) scheme = version::find_scheme("generic");
      std::string items;
      Offsets offsets;
      PLIM_TRY(const std::uint64_t entries, write_statements(key, *scheme, ecosystem, items, offsets));
      out.resize((out.size() + 7) / 8 * 8, '\0');
      const std::string slots = slots_of(offsets);
      directory_out.text(key), directory_out.text(scheme->name);
      directory_out.count(ecosystem.packages.size()), directory_out.count(entries);
      directory_out.count(ecosystem.feeds.size());
      for (const std::uint32_t feed : ecosystem.feeds) directory_out.count(feed);
      directory_out.count(out.size()), directory_out.count(slots.size() / 8), directory_out.count(items.size());
      out += slots;
      out += items;
      for (auto& [feed_name, summary] : content_.feeds)
        if (ecosystem.feeds.count(feed_places_.at(feed_name))) summary.ecosystems.push_back(key);
    }
    return Ok{};
  }

  Result<std::uint64_t> write_statements(const std::string& key, const version::Scheme& scheme, Ecosystem& ecosystem, std::string& items, Offsets& offsets) {
    std::unordered_map<std::string, std::string> keys;  // one feed names the same versions again and again
    const auto sort_key = [&](const std::string& text) -> const std::string& {
      const auto [at, fresh] = keys.try_emplace(text);
      if (fresh) at->second = scheme.parse(text).key;
      return at->second;
    };
    std::uint64_t entries = 0;
    for (auto& [name, package] : ecosystem.packages) {
      std::stable_sort(package.begin(), package.end(), [&](const Statement& a, const Statement& b) { return place_[a.record] < place_[b.record]; });
      std::string item;
      Encoder e(item);
      e.text(name);
      e.count(package.size());
      for (Statement& statement : package) {
        std::vector<KeyedInterval> intervals;
        for (Interval& interval : statement.affected.intervals) {
          KeyedInterval keyed{interval, {}, {}};
          if (!interval.introduced.empty()) keyed.introduced_key = sort_key(interval.introduced);
          if (interval.end_kind != IntervalEnd::Open) keyed.end_key = sort_key(interval.end);
          intervals.push_back(std::move(keyed));
        }
        write_statement(e, place_[statement.record], statement.affected, intervals, content_.records[statement.record].withdrawn);
        ++entries;
      }
      PLIM_CHECK(add_item(items, offsets, name, item, cat("advisories of ", key)));
    }
    return entries;
  }

  Status write_ids(std::string& out) {
    std::string items;
    Offsets offsets;
    for (auto& [id, places] : ids_) {
      std::sort(places.begin(), places.end());
      places.erase(std::unique(places.begin(), places.end()), places.end());
      std::string item;
      Encoder e(item);
      e.text(id);
      e.count(places.size());
      for (const std::uint32_t at : places) e.count(at);
      PLIM_CHECK(add_item(items, offsets, id, item, "ids"));
    }
    out = table_of(offsets, items);
    return Ok{};
  }

  Status write_repositories(std::string& out) {
    if (content_.repositories.empty()) return Ok{};
    std::string items;
    Offsets offsets;
    for (const auto& [name, cpes] : content_.repositories) {
      std::string item;
      Encoder e(item);
      e.text(name);
      e.count(cpes.size());
      for (const std::string& cpe : cpes) e.text(cpe);
      PLIM_CHECK(add_item(items, offsets, name, item, "repositories"));
    }
    out = table_of(offsets, items);
    return Ok{};
  }

  std::string meta() const {
    std::string out;
    Encoder e(out);
    e.count(content_.feeds.size());
    for (const auto& [name, feed] : content_.feeds) {
      e.text(name), e.text(feed.date);
      e.count(feed.files), e.count(feed.records), e.count(feed.affected), e.count(feed.cves);
      e.count(feed.ecosystems.size());
      for (const std::string& ecosystem : feed.ecosystems) e.text(ecosystem);
    }
    e.count(content_.notes.size());
    for (const std::string& note : content_.notes) e.text(note);
    return out;
  }

  std::string ends_of_life() {
    std::sort(content_.ends.begin(), content_.ends.end(), [](const EndOfLife& a, const EndOfLife& b) { return std::tie(a.distribution, a.release) < std::tie(b.distribution, b.release); });
    std::string out;
    Encoder e(out);
    e.count(content_.ends.size());
    for (const EndOfLife& end : content_.ends) e.text(end.distribution), e.text(end.release), e.text(end.date), e.text(end.long_term), e.text(end.paid);
    return out;
  }

  std::string shortfalls() const {
    std::string out;
    Encoder e(out);
    e.count(content_.shortfalls.size());
    for (const Shortfall& each : content_.shortfalls) e.text(each.ecosystem), e.text(each.where), e.text(each.why);
    return out;
  }

  Content& content_;
  const std::map<std::string, std::uint32_t> feed_places_;
  std::vector<std::uint32_t> place_;  // of each record, in its section
  std::map<std::string, std::vector<std::uint32_t>> ids_;
};

}  // namespace

Result<std::string> write_file(Content& content, std::int64_t built_at, std::string_view private_key_pem) {
  Region region;
  PLIM_CHECK(Writer(content).write(region));
  Header header;
  const std::string checksums = assemble(region, built_at, header);
  std::string out = write_header(header);
  if (!private_key_pem.empty()) {
    PLIM_TRY(const Signed signature, sign(private_key_pem, header.digest));
    header.public_key = signature.public_key, header.signature = signature.signature;
    out = write_header(header);
  }
  out += checksums;
  out += region.bytes;
  return out;
}

}  // namespace plimsoll::advisory
