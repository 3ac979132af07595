// The arrays an index is made of, and their file: see index.cc.
//
// File     "plimidx" and a version, hash64 of all that follows, then each array as a count and its elements. Of this
//          machine's byte order: it is a cache. Every number in it is checked before it is used as a place.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace plimsoll::plan {

using Id = std::uint32_t;  // of a text; 0: not known

struct Range {
  std::uint32_t first = 0, count = 0;
};
struct StoredFinding {
  std::uint8_t klass = 0, severity = 0, state = 0, origin = 0, exploited = 0, ransomware = 0, fix_available = 0, unused = 0;
  float risk = 0, cvss = 0, epss = 0, epss_percentile = 0;
  std::int32_t published = 0, exploited_since = 0, exploited_due = 0;
  Id key = 0, rule = 0, title = 0, installed = 0, fixed = 0, severity_source = 0, fix = 0, package = 0, package_name = 0, package_type = 0, package_source = 0;
  Range ids, paths, evidence;  // in `lists`; evidence: name, value, name...
};
struct StoredPackage {
  Id id = 0, type = 0, ns = 0, name = 0, version = 0, arch = 0, source = 0, owned_by = 0;
  std::uint32_t origin = 0;
  Range licenses, paths, properties;
};
struct StoredLayer {
  std::uint64_t size_bytes = 0;
  Id created_by = 0;
  std::uint32_t origin = 0;
};
struct StoredImage {
  std::uint64_t file_size = 0;
  std::int64_t file_time = 0;
  double score_total = 0, score_by_class[8] = {};
  Id file = 0, error = 0;  // error: why the report could not be read; the rest is then empty
  Id reference = 0, kind = 0, digest = 0, platform = 0, base_name = 0, base_digest = 0, os_id = 0, os_version = 0, os_name = 0, database_digest = 0, config = 0;
  std::int32_t created = 0, os_end_of_life = 0, database_day = 0, day = 0;
  std::uint32_t complete = 0, unused = 0;
  Range findings, packages, gaps, coverage;  // in `refs`: numbers of findings and packages; gaps: 3 texts each; coverage: 4 words each
  Range claims;                              // in `refs`: 5 texts each
  Range layers;
};

struct Store {
  std::string text;                    // all texts, one after the other
  std::vector<std::uint32_t> ends{0};  // ends[id] of text id; text 0 is empty and means "not known"
  std::vector<Id> lists;
  std::vector<std::uint32_t> refs;
  std::vector<StoredFinding> findings;
  std::vector<StoredPackage> packages;
  std::vector<StoredLayer> layers;
  std::vector<StoredImage> images;

  std::string_view view(Id id) const { return id == 0 ? std::string_view() : std::string_view(text).substr(ends[id - 1], ends[id] - ends[id - 1]); }
};

std::string write_store(const Store& store);
// Errors: Malformed when it is damaged, cut short or of another version.
Result<Store> read_store(Bytes bytes);

// Adds to a store, each text, finding and package once.
class Interner {
 public:
  explicit Interner(Store& store);
  Id text(std::string_view value);
  std::uint32_t finding(const StoredFinding& finding);
  std::uint32_t package(const StoredPackage& package);
  Range list(const std::vector<Id>& ids);
  bool full() const { return full_; }  // a text was left out since 32 bits do not reach: the store is then not to be used

 private:
  // Numbers of rows by the hash of what they hold.
  class Table {
   public:
    // The number for which `is_it(number)` among those of this hash; else `fresh`, which is then added.
    template <class IsIt>
    std::uint32_t find_or_add(std::uint64_t hash, std::uint32_t fresh, IsIt is_it) {
      if ((used_ + 1) * 2 > slots_.size()) grow();
      const auto short_hash = static_cast<std::uint32_t>(hash ^ hash >> 32);
      for (std::size_t i = short_hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
        Slot& slot = slots_[i];
        if (!slot.taken) {
          slot = {short_hash, fresh, true};
          ++used_;
          return fresh;
        }
        if (slot.hash == short_hash && is_it(slot.number)) return slot.number;
      }
    }

   private:
    struct Slot {
      std::uint32_t hash = 0, number = 0;
      bool taken = false;
    };
    void grow();
    std::vector<Slot> slots_;
    std::size_t used_ = 0;
  };
  template <class T>
  static std::uint32_t row(std::vector<T>& rows, Table& table, const T& value);
  Range known_list(const Range& range);
  Store& store_;
  bool full_ = false;
  Table texts_, findings_, packages_, lists_;
  std::vector<Range> list_ranges_;  // by number in lists_
};

}  // namespace plimsoll::plan
