#include "plan/index_read.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <thread>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/json_split.h"
#include "base/text.h"
#include "plan/without_layers.h"
#include "report/stored.h"
#include "standard/facts.h"
#include "standard/score.h"

namespace plimsoll::plan {
namespace {

using standard::Facts;
constexpr std::uint64_t kMaxReportBytes = 512ull << 20;
constexpr std::size_t kRememberedBytes = 160u << 20;  // all threads together
constexpr std::uint32_t kNone = UINT32_MAX;

// Texts met before, each with a number. Found by hash, told apart by their bytes.
class Remembered {
 public:
  std::size_t bytes() const { return bytes_ + slots_.size() * sizeof(Slot); }

  // Before find(): the tables are larger than the caches, so each look-up would wait for memory twice. First for many texts the one,
  // then for all of them the other.
  void expect_slot(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & mask()]);
  }
  void expect_text(std::uint64_t hash) const {
    if (slots_.empty()) return;
    const Slot& slot = slots_[hash & mask()];
    for (std::uint32_t at = 0; at < std::min(slot.size, 512u); at += 64) __builtin_prefetch(slot.data + at);
  }
  // The number of `text`; kNone: not met before.
  std::uint32_t find(std::string_view text, std::uint64_t hash) const {
    if (slots_.empty()) return kNone;
    for (std::size_t step = 0, i = hash & mask(); step < kSteps; ++step, i = (i + 1) & mask()) {
      const Slot& slot = slots_[i];
      if (slot.data == nullptr) return kNone;
      if (slot.hash == hash && slot.size == text.size() && std::memcmp(slot.data, text.data(), text.size()) == 0) return slot.number;
    }
    return kNone;
  }
  // One that find() does not know. Not kept when very many share the place of its hash.
  void add(std::string_view text, std::uint64_t hash, std::uint32_t number) {
    if (used_ * 2 >= slots_.size()) grow();
    Slot* slot = free_slot(hash);
    if (slot == nullptr || text.size() > UINT32_MAX) return;
    *slot = {hash, keep(text), static_cast<std::uint32_t>(text.size()), number};
    ++used_;
  }

 private:
  struct alignas(32) Slot {
    std::uint64_t hash = 0;
    const char* data = nullptr;
    std::uint32_t size = 0, number = 0;
  };
  static constexpr std::size_t kSteps = 64, kChunk = 1u << 20;
  std::size_t mask() const { return slots_.size() - 1; }
  Slot* free_slot(std::uint64_t hash) {
    for (std::size_t step = 0, i = hash & mask(); step < kSteps; ++step, i = (i + 1) & mask())
      if (slots_[i].data == nullptr) return &slots_[i];
    return nullptr;
  }
  void grow() {
    const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(std::max<std::size_t>(1024, slots_.size() * 2)));
    for (const Slot& slot : old)
      if (slot.data != nullptr)
        if (Slot* to = free_slot(slot.hash)) *to = slot;
  }
  const char* keep(std::string_view text) {
    if (text.size() > room_) {
      room_ = std::max(kChunk, text.size());
      next_ = chunks_.emplace_back(std::make_unique_for_overwrite<char[]>(room_)).get();
      bytes_ += room_;
    }
    char* const at = next_;
    std::memcpy(at, text.data(), text.size());
    next_ += text.size(), room_ -= text.size();
    return at;
  }

  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* next_ = nullptr;
  std::size_t room_ = 0, used_ = 0, bytes_ = 0;
};

// One thread's arrays. Its store's images, refs and layers are of the reports since the last clear(); the rest stays.
class Shelf {
 public:
  Shelf() : in_(store_) {}
  const Store& store() const { return store_; }

  void add(const std::string& folder, const FileStamp& stamp) {
    StoredImage image{.file_size = stamp.size, .file_time = stamp.time};
    image.file = in_.text(stamp.path);
    const auto text = read_file(cat(folder, "/", stamp.path), kMaxReportBytes, buffer_);
    if (!text) image.error = in_.text(text.error().message());
    else if (!add_by_parts(image, *text)) add_whole(image, *text);
    store_.images.push_back(image);
  }
  void clear() { store_.images.clear(), store_.refs.clear(), store_.layers.clear(); }
  // How much memory what it remembers takes, about.
  std::size_t bytes() const {
    return findings_.bytes() + packages_.bytes() + store_.text.size() + store_.ends.size() * 48 + store_.lists.size() * 24 + known_.size() * sizeof(KnownFinding) + store_.findings.size() * (sizeof(StoredFinding) + 32) +
           store_.packages.size() * (sizeof(StoredPackage) + 32);
  }

 private:
  // A finding as its own bytes tell it; what the report's packages add is not in `row` yet.
  struct KnownFinding {
    StoredFinding row;
    unsigned risk_tenths = 0;
    std::uint32_t package_row = kNone, finding_row = kNone;  // the last answer of with_package()
  };
  struct PackageOfId {
    std::uint64_t report = 0;
    std::uint32_t row = 0;
  };

  static Limits limits(std::uint32_t levels) {
    Limits out;
    out.metadata_bytes = kMaxReportBytes;
    out.nesting -= levels;
    return out;
  }

  void add_whole(StoredImage& image, std::string_view text) {
    auto report = report::read_report(as_bytes(text), limits(0));
    if (!report) {
      image.error = in_.text(report.error().message());
      return;
    }
    if (!report->score && report->tool.database) {
      const FindingClass searched[] = {FindingClass::Vulnerability};
      report->score = standard::score(*report, searched);
    }
    // What the facts of a report are is told in one place; here they only change their form.
    const Facts facts = standard::facts_of(*report, Time{});
    fill(image, *report, facts);
    refs_.clear();
    for (const standard::FindingRow& row : facts.findings) refs_.push_back(in_.finding(finding(row)));
    image.findings = keep(refs_);
    refs_.clear();
    for (const standard::PackageRow& row : facts.packages) refs_.push_back(package(row));
    image.packages = keep(refs_);
  }

  // False when the report is not plainly a good one: nothing of it is then in `image`.
  bool add_by_parts(StoredImage& image, std::string_view text) {
    enum { kPackages, kFindings };
    parts_[kPackages].name = "packages", parts_[kFindings].name = "findings";
    if (!splitter_.split(text, parts_, rest_)) return false;
    auto report = report::read_report(as_bytes(rest_), limits(0));
    if (!report) return false;
    ++report_number_;
    refs_.clear();
    arena_.clear();
    arena_.reserve(text.size());
    expect(packages_, parts_[kPackages].elements);
    std::size_t place = 0;
    for (const std::string_view element : parts_[kPackages].elements) {
      const auto row = package(element, known_by_[place++]);
      if (!row) return false;
      refs_.push_back(*row);
      const Id id = store_.packages[*row].id;
      if (id >= package_of_.size()) package_of_.resize(std::max<std::size_t>(id + 1, package_of_.size() * 2));
      if (package_of_[id].report != report_number_) package_of_[id] = {report_number_, *row};  // the first of two of one id, as facts_of
    }
    std::vector<std::uint32_t>& findings = finding_refs_;
    findings.clear();
    standard::ScoreSum total;
    std::array<std::optional<standard::ScoreSum>, 8> by_class;
    const bool scored = report->score || !report->tool.database;
    expect(findings_, parts_[kFindings].elements);
    place = 0;
    for (const std::string_view element : parts_[kFindings].elements) {
      KnownFinding* known = finding(element, known_by_[place++]);
      if (known == nullptr) return false;
      findings.push_back(with_package(*known));
      if (scored) continue;
      total.add(known->risk_tenths / 10.0);
      auto& sum = by_class[known->row.klass];
      if (!sum) sum.emplace();
      sum->add(known->risk_tenths / 10.0);
    }
    if (!scored) {
      auto& score = report->score.emplace();
      by_class[static_cast<std::size_t>(FindingClass::Vulnerability)].emplace(by_class[static_cast<std::size_t>(FindingClass::Vulnerability)].value_or(standard::ScoreSum()));
      score.total = total.score();
      for (std::size_t i = 0; i < by_class.size(); ++i)
        if (by_class[i]) score.by_class.emplace_back(static_cast<FindingClass>(i), by_class[i]->score());
    }
    image.packages = keep(refs_);
    image.findings = keep(findings);
    fill(image, *report, standard::facts_of(*report, Time{}));
    return true;
  }

  // All but findings and packages.
  void fill(StoredImage& out, const Report& report, const Facts& facts) {
    const standard::ImageRow& image = facts.image;
    out.score_total = image.score_total;
    for (std::size_t i = 0; i < 8; ++i) out.score_by_class[i] = image.score_by_class[i];
    out.reference = in_.text(image.reference), out.kind = in_.text(image.kind), out.digest = in_.text(image.digest), out.platform = in_.text(image.platform);
    out.base_name = in_.text(image.base_name), out.base_digest = in_.text(image.base_digest), out.os_id = in_.text(image.os_id), out.os_version = in_.text(image.os_version), out.os_name = in_.text(image.os_name);
    out.database_digest = in_.text(image.database_digest);
    out.config = report.image.config_json.empty() ? 0 : in_.text(report.image.config_json);
    out.created = image.created, out.os_end_of_life = image.os_end_of_life, out.database_day = image.database_day;
    out.day = standard::day_of(report.tool.at);
    out.complete = image.complete ? 1 : 0;
    refs_.clear();
    for (const standard::GapRow& gap : facts.gaps)
      for (const std::string_view text : {gap.part, gap.where, gap.why}) refs_.push_back(in_.text(text));
    out.gaps = keep(refs_);
    refs_.clear();
    for (const standard::ClaimRow& claim : facts.claims)
      for (const std::string_view text : {claim.found_in, claim.predicate_type, claim.builder, claim.source, claim.revision}) refs_.push_back(in_.text(text));
    out.claims = keep(refs_);
    refs_.clear();
    for (const standard::CoverageRow& row : facts.coverage) {
      refs_.push_back(in_.text(row.ecosystem));
      refs_.push_back(in_.text(row.feed));
      refs_.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(row.packages, UINT32_MAX)));
      refs_.push_back(static_cast<std::uint32_t>(row.feed_day));
    }
    out.coverage = keep(refs_);
    out.layers = {static_cast<std::uint32_t>(store_.layers.size()), static_cast<std::uint32_t>(facts.layers.size())};
    for (const standard::LayerRow& row : facts.layers) store_.layers.push_back({row.size_bytes, in_.text(row.created_by), static_cast<std::uint32_t>(row.origin)});
  }

  Range keep(const std::vector<std::uint32_t>& refs) {
    const Range range{static_cast<std::uint32_t>(store_.refs.size()), static_cast<std::uint32_t>(refs.size())};
    store_.refs.insert(store_.refs.end(), refs.begin(), refs.end());
    return range;
  }
  Range texts(standard::Texts from) {
    ids_.clear();
    for (const std::string_view text : from) ids_.push_back(in_.text(text));
    return in_.list(ids_);
  }
  Range pairs(standard::Pairs from) {
    ids_.clear();
    for (const auto& [name, value] : from) ids_.push_back(in_.text(name)), ids_.push_back(in_.text(value));
    return in_.list(ids_);
  }

  // What an element is known by: its text without layers, which no row keeps, and the hash of that.
  struct KnownBy {
    std::string_view text;
    std::uint64_t hash = 0;
  };
  // That of all elements, and on the way to the cache what remembers them.
  void expect(const Remembered& remembered, const std::vector<std::string_view>& elements) {
    known_by_.clear();
    for (const std::string_view element : elements) {
      const std::string_view text = without_layers(element, arena_);
      remembered.expect_slot(known_by_.emplace_back(KnownBy{text, hash64(text)}).hash);
    }
    for (const KnownBy& by : known_by_) remembered.expect_text(by.hash);
  }

  std::optional<std::uint32_t> package(std::string_view element, const KnownBy& by) {
    if (const std::uint32_t row = packages_.find(by.text, by.hash); row != kNone) return row;
    const auto json = json_.parse(element, limits(2));
    if (!json) return std::nullopt;
    auto read = report::read_package(*json);
    if (!read) return std::nullopt;
    Report alone;
    alone.packages.push_back(std::move(*read));
    const std::uint32_t row = package(standard::facts_of(alone, Time{}).packages.front());
    packages_.add(by.text, by.hash, row);
    return row;
  }
  KnownFinding* finding(std::string_view element, const KnownBy& by) {
    if (const std::uint32_t number = findings_.find(by.text, by.hash); number != kNone) return &known_[number];
    const auto json = json_.parse(element, limits(2));
    if (!json) return nullptr;
    auto read = report::read_finding(*json);
    if (!read) return nullptr;
    Report alone;
    alone.findings.push_back(std::move(*read));
    known_.push_back({.row = finding(standard::facts_of(alone, Time{}).findings.front()), .risk_tenths = standard::ScoreSum::tenths(alone.findings.front().risk_0_100)});
    findings_.add(by.text, by.hash, static_cast<std::uint32_t>(known_.size() - 1));
    return &known_.back();
  }
  // The row of a finding in the report that is being read.
  std::uint32_t with_package(KnownFinding& known) {
    const Id id = known.row.package;
    const bool found = id != 0 && id < package_of_.size() && package_of_[id].report == report_number_;
    const std::uint32_t package_row = found ? package_of_[id].row : kNone;
    if (known.finding_row != kNone && known.package_row == package_row) return known.finding_row;
    StoredFinding row = known.row;
    if (found) {
      const StoredPackage& package = store_.packages[package_row];
      row.package_name = package.name, row.package_type = package.type, row.package_source = package.source;
    }
    known.package_row = package_row;
    return known.finding_row = in_.finding(row);
  }

  StoredFinding finding(const standard::FindingRow& row) {
    StoredFinding out{.klass = static_cast<std::uint8_t>(row.klass), .severity = static_cast<std::uint8_t>(row.severity), .state = static_cast<std::uint8_t>(row.state), .origin = static_cast<std::uint8_t>(row.origin)};
    out.exploited = row.exploited, out.ransomware = row.ransomware, out.fix_available = row.fix_available;
    out.risk = row.risk, out.cvss = row.cvss, out.epss = row.epss, out.epss_percentile = row.epss_percentile;
    out.published = row.published, out.exploited_since = row.exploited_since, out.exploited_due = row.exploited_due;
    out.key = in_.text(row.key), out.rule = in_.text(row.rule), out.title = in_.text(row.title), out.installed = in_.text(row.installed), out.fixed = in_.text(row.fixed), out.severity_source = in_.text(row.severity_source), out.fix = in_.text(row.fix);
    out.package = in_.text(row.package), out.package_name = in_.text(row.package_name), out.package_type = in_.text(row.package_type), out.package_source = in_.text(row.package_source);
    out.ids = texts(row.ids), out.paths = texts(row.paths), out.evidence = pairs(row.evidence);
    return out;
  }
  std::uint32_t package(const standard::PackageRow& row) {
    StoredPackage out{.id = in_.text(row.id), .type = in_.text(row.type), .ns = in_.text(row.ns), .name = in_.text(row.name), .version = in_.text(row.version), .arch = in_.text(row.arch), .source = in_.text(row.source), .owned_by = in_.text(row.owned_by)};
    out.origin = static_cast<std::uint32_t>(row.origin);
    out.licenses = texts(row.licenses), out.paths = texts(row.paths), out.properties = pairs(row.properties);
    return in_.package(out);
  }

  Store store_;
  Interner in_;
  Remembered findings_, packages_;  // numbers in known_; rows of the store
  std::deque<KnownFinding> known_;
  std::vector<PackageOfId> package_of_;  // by the text of its id
  std::uint64_t report_number_ = 0;
  JsonSplitter splitter_;
  JsonReader json_;
  std::array<JsonPart, 2> parts_;
  std::string buffer_;
  std::string rest_, arena_;
  std::vector<std::uint32_t> refs_, finding_refs_;
  std::vector<KnownBy> known_by_;
  std::vector<Id> ids_;
};

// Carries images from a shelf over into the index.
class Carrier {
 public:
  explicit Carrier(Store& store) : store_(store), in_(store) {}
  bool full() const { return in_.full(); }

  // What of one shelf has which number in the index.
  struct Numbers {
    std::vector<Id> texts;
    std::vector<std::uint32_t> findings, packages;
  };

  void add(const Store& from, Numbers& numbers, const StoredImage& image) {
    from_ = &from, numbers_ = &numbers;
    numbers.texts.resize(from.ends.size(), 0);
    numbers.findings.resize(from.findings.size(), kNone);
    numbers.packages.resize(from.packages.size(), kNone);
    StoredImage out = image;
    for (Id* id : {&out.file, &out.error, &out.reference, &out.kind, &out.digest, &out.platform, &out.base_name, &out.base_digest, &out.os_id, &out.os_version, &out.os_name, &out.database_digest, &out.config}) *id = text(*id);
    out.findings = refs(image.findings, [&](std::uint32_t row, std::uint32_t) { return finding(row); });
    out.packages = refs(image.packages, [&](std::uint32_t row, std::uint32_t) { return package(row); });
    out.gaps = refs(image.gaps, [&](Id id, std::uint32_t) { return text(id); });
    out.claims = refs(image.claims, [&](Id id, std::uint32_t) { return text(id); });
    out.coverage = refs(image.coverage, [&](std::uint32_t word, std::uint32_t k) { return k % 4 < 2 ? text(word) : word; });
    out.layers.first = static_cast<std::uint32_t>(store_.layers.size());
    for (std::uint32_t k = 0; k < image.layers.count; ++k) {
      StoredLayer layer = from.layers[image.layers.first + k];
      layer.created_by = text(layer.created_by);
      store_.layers.push_back(layer);
    }
    store_.images.push_back(out);
  }

 private:
  Id text(Id id) {
    if (id == 0) return 0;
    Id& known = numbers_->texts[id];
    return known != 0 ? known : known = in_.text(from_->view(id));
  }
  Range list(const Range& range) {
    ids_.clear();
    for (std::uint32_t k = 0; k < range.count; ++k) ids_.push_back(text(from_->lists[range.first + k]));
    return in_.list(ids_);
  }
  std::uint32_t finding(std::uint32_t row) {
    std::uint32_t& known = numbers_->findings[row];
    if (known != kNone) return known;
    StoredFinding out = from_->findings[row];
    for (Id* id : {&out.key, &out.rule, &out.title, &out.installed, &out.fixed, &out.severity_source, &out.fix, &out.package, &out.package_name, &out.package_type, &out.package_source}) *id = text(*id);
    for (Range* range : {&out.ids, &out.paths, &out.evidence}) *range = list(*range);
    return known = in_.finding(out);
  }
  std::uint32_t package(std::uint32_t row) {
    std::uint32_t& known = numbers_->packages[row];
    if (known != kNone) return known;
    StoredPackage out = from_->packages[row];
    for (Id* id : {&out.id, &out.type, &out.ns, &out.name, &out.version, &out.arch, &out.source, &out.owned_by}) *id = text(*id);
    for (Range* range : {&out.licenses, &out.paths, &out.properties}) *range = list(*range);
    return known = in_.package(out);
  }
  template <class Map>
  Range refs(const Range& range, Map map) {
    const Range out{static_cast<std::uint32_t>(store_.refs.size()), range.count};
    for (std::uint32_t k = 0; k < range.count; ++k) store_.refs.push_back(map(from_->refs[range.first + k], k));
    return out;
  }

  Store& store_;
  Interner in_;
  const Store* from_ = nullptr;
  Numbers* numbers_ = nullptr;
  std::vector<Id> ids_;
};

}  // namespace

Status read_reports(const std::string& folder, std::span<const FileStamp* const> files, unsigned threads, Store& store, const std::function<void(std::size_t, std::size_t)>& progress) {
  constexpr std::size_t kBatch = 256;  // reports
  Carrier carrier(store);
  threads = static_cast<unsigned>(std::clamp<std::size_t>(files.size(), 1, std::max(1u, threads)));
  std::vector<std::unique_ptr<Shelf>> shelves(threads);
  std::vector<Carrier::Numbers> numbers(threads);
  struct Place {
    std::uint32_t shelf = 0, image = 0;
  };
  std::vector<Place> places;
  for (std::size_t begin = 0; begin < files.size(); begin += kBatch) {
    const auto batch = files.subspan(begin, std::min(kBatch, files.size() - begin));
    places.assign(batch.size(), {});
    std::atomic<std::size_t> next = 0;
    const auto work = [&](std::uint32_t t) {
      if (!shelves[t] || shelves[t]->bytes() > kRememberedBytes / threads) shelves[t] = std::make_unique<Shelf>(), numbers[t] = {};
      shelves[t]->clear();
      for (std::size_t i; (i = next.fetch_add(1)) < batch.size();) {
        places[i] = {t, static_cast<std::uint32_t>(shelves[t]->store().images.size())};
        shelves[t]->add(folder, *batch[i]);
      }
    };
    std::vector<std::thread> helpers;
    for (std::uint32_t t = 1; t < threads; ++t) helpers.emplace_back(work, t);
    work(0);
    for (std::thread& helper : helpers) helper.join();
    for (const Place& place : places) carrier.add(shelves[place.shelf]->store(), numbers[place.shelf], shelves[place.shelf]->store().images[place.image]);
    if (carrier.full()) return limit_reached("the reports hold more than an index can: 4 GiB of different texts");
    if (progress) progress(begin + batch.size(), files.size());
  }
  return Ok{};
}

}  // namespace plimsoll::plan
