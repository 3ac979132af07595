#include "plan/index.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <memory>
#include <span>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "base/program.h"
#include "base/text.h"
#include "plan/index_store.h"
#include "report/stored.h"
#include "standard/score.h"

namespace plimsoll::plan {
namespace {

using standard::Facts;
constexpr std::uint64_t kMaxReportBytes = 512ull << 20;

struct FileStamp {
  std::string path;  // inside the folder
  std::uint64_t size = 0;
  std::int64_t time = 0;
};

Result<std::vector<FileStamp>> list_reports(const std::string& folder) {
  if (!is_directory(folder)) return not_found(cat("\"", to_utf8(folder), "\" is not a folder of reports"));
  std::vector<FileStamp> out;
  std::error_code failed;
  std::filesystem::recursive_directory_iterator walk(folder, failed), end;
  if (failed) return io_error(cat("the folder ", to_utf8(folder), " cannot be listed: ", failed.message()));
  for (; walk != end; walk.increment(failed)) {
    if (failed) break;
    const std::string path = walk->path().string();
    if (!path.ends_with(".json")) continue;
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0 || S_ISDIR(info.st_mode)) continue;
    out.push_back({std::filesystem::path(path).lexically_relative(folder).string(), static_cast<std::uint64_t>(info.st_size), info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec});
  }
  if (failed) return io_error(cat("the folder ", to_utf8(folder), " cannot be listed whole: ", failed.message()));
  std::sort(out.begin(), out.end(), [](const FileStamp& a, const FileStamp& b) { return a.path < b.path; });
  return out;
}

// One report in the store's terms.
class Adder {
 public:
  explicit Adder(Store& store) : store_(store), in_(store) {}

  void add(const FileStamp& stamp, const Result<Report>& report) {
    StoredImage image{.file_size = stamp.size, .file_time = stamp.time};
    image.file = in_.text(stamp.path);
    if (report) fill(image, *report);
    else image.error = in_.text(report.error().message());
    store_.images.push_back(image);
  }

  bool full() const { return in_.full(); }

 private:
  void fill(StoredImage& out, const Report& report) {
    // What the facts of a report are is told in one place; here they only change their form.
    const Facts facts = standard::facts_of(report, Time{});
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
    std::vector<std::uint32_t> refs;
    for (const standard::FindingRow& row : facts.findings) refs.push_back(finding(row));
    out.findings = keep(refs);
    refs.clear();
    for (const standard::PackageRow& row : facts.packages) refs.push_back(package(row));
    out.packages = keep(refs);
    refs.clear();
    for (const standard::GapRow& gap : facts.gaps)
      for (const std::string_view text : {gap.part, gap.where, gap.why}) refs.push_back(in_.text(text));
    out.gaps = keep(refs);
    refs.clear();
    for (const standard::CoverageRow& row : facts.coverage) {
      refs.push_back(in_.text(row.ecosystem));
      refs.push_back(in_.text(row.feed));
      refs.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(row.packages, UINT32_MAX)));
      refs.push_back(static_cast<std::uint32_t>(row.feed_day));
    }
    out.coverage = keep(refs);
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

  std::uint32_t finding(const standard::FindingRow& row) {
    StoredFinding out{.klass = static_cast<std::uint8_t>(row.klass), .severity = static_cast<std::uint8_t>(row.severity), .state = static_cast<std::uint8_t>(row.state), .origin = static_cast<std::uint8_t>(row.origin)};
    out.exploited = row.exploited, out.ransomware = row.ransomware, out.fix_available = row.fix_available;
    out.risk = row.risk, out.cvss = row.cvss, out.epss = row.epss, out.epss_percentile = row.epss_percentile;
    out.published = row.published, out.exploited_since = row.exploited_since, out.exploited_due = row.exploited_due;
    out.key = in_.text(row.key), out.rule = in_.text(row.rule), out.title = in_.text(row.title), out.installed = in_.text(row.installed), out.fixed = in_.text(row.fixed), out.severity_source = in_.text(row.severity_source), out.fix = in_.text(row.fix);
    out.package = in_.text(row.package), out.package_name = in_.text(row.package_name), out.package_type = in_.text(row.package_type), out.package_source = in_.text(row.package_source);
    out.ids = texts(row.ids), out.paths = texts(row.paths), out.evidence = pairs(row.evidence);
    return in_.finding(out);
  }
  std::uint32_t package(const standard::PackageRow& row) {
    StoredPackage out{.id = in_.text(row.id), .type = in_.text(row.type), .ns = in_.text(row.ns), .name = in_.text(row.name), .version = in_.text(row.version), .arch = in_.text(row.arch), .source = in_.text(row.source), .owned_by = in_.text(row.owned_by)};
    out.origin = static_cast<std::uint32_t>(row.origin);
    out.licenses = texts(row.licenses), out.paths = texts(row.paths), out.properties = pairs(row.properties);
    return in_.package(out);
  }

  Store& store_;
  Interner in_;
  std::vector<Id> ids_;
};

Result<Report> read_one(const std::string& path) {
  PLIM_TRY(const std::string text, read_file(path, kMaxReportBytes));
  Limits limits;
  limits.metadata_bytes = kMaxReportBytes;
  PLIM_TRY(Report report, report::read_report(as_bytes(text), limits));
  if (!report.score && report.tool.database) {
    const FindingClass searched[] = {FindingClass::Vulnerability};
    report.score = standard::score(report, searched);
  }
  return report;
}

// Some reports, read by threads of their own from the moment it is made.
class Batch {
 public:
  Batch(const std::string& folder, std::span<const FileStamp* const> files, unsigned threads) : folder_(folder), files_(files), reports_(files.size()) {
    for (unsigned t = 0; t < std::min<std::size_t>(threads, files.size()); ++t) threads_.emplace_back([this] { work(); });
  }
  ~Batch() {
    for (std::thread& thread : threads_) thread.join();
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  // Helps reading, and adds what was read once all is.
  void add_to(Adder& adder) {
    work();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    for (std::size_t i = 0; i < files_.size(); ++i) {
      adder.add(*files_[i], *reports_[i]);
      reports_[i].reset();
    }
  }

 private:
  void work() {
    for (std::size_t i; (i = next_.fetch_add(1)) < files_.size();) reports_[i].emplace(read_one(cat(folder_, "/", files_[i]->path)));
  }

  const std::string& folder_;
  std::span<const FileStamp* const> files_;
  std::vector<std::optional<Result<Report>>> reports_;
  std::atomic<std::size_t> next_ = 0;
  std::vector<std::thread> threads_;
};

// Reads in threads, adds in the order of the list: the index of a folder does not depend on who was faster. While one batch
// is added the next is read.
Status read_new(const std::string& folder, const std::vector<const FileStamp*>& files, Store& store, const IndexOptions& options) {
  Adder adder(store);
  constexpr std::size_t kBatch = 64;  // reports; two batches are in memory at once
  const auto batch = [&](std::size_t begin) {
    const std::span<const FileStamp* const> rest = std::span(files).subspan(std::min(begin, files.size()));
    return std::make_unique<Batch>(folder, rest.first(std::min(rest.size(), kBatch)), thread_count(options.threads));
  };
  auto next = batch(0);
  for (std::size_t begin = 0; begin < files.size(); begin += kBatch) {
    const auto current = std::exchange(next, batch(begin + kBatch));
    current->add_to(adder);
    if (adder.full()) return limit_reached("the reports hold more than an index can: 4 GiB of different texts");
    if (options.progress) options.progress(std::min(files.size(), begin + kBatch), files.size());
  }
  return Ok{};
}

}  // namespace

struct Index::State {
  Store store;
  std::vector<std::uint32_t> readable;
  std::vector<Unreadable> unreadable;
  std::size_t reports_read = 0;
  // Rows as the standard reads them, made once.
  std::vector<std::string_view> pool;
  std::vector<standard::Pair> pairs;
  std::vector<standard::FindingRow> findings;
  std::vector<standard::PackageRow> packages;

  void open() {
    for (std::uint32_t i = 0; i < store.images.size(); ++i) {
      if (store.images[i].error == 0) readable.push_back(i);
      else unreadable.push_back({std::string(store.view(store.images[i].file)), std::string(store.view(store.images[i].error))});
    }
    pool.reserve(store.lists.size());
    for (const Id id : store.lists) pool.push_back(store.view(id));
    std::size_t wanted = 0;
    for (const StoredFinding& f : store.findings) wanted += f.evidence.count / 2;
    for (const StoredPackage& p : store.packages) wanted += p.properties.count / 2;
    pairs.reserve(wanted);
    findings.reserve(store.findings.size());
    for (const StoredFinding& f : store.findings) findings.push_back(row(f));
    packages.reserve(store.packages.size());
    for (const StoredPackage& p : store.packages) packages.push_back(row(p));
  }

  standard::Texts texts(const Range& range) const { return standard::Texts(pool).subspan(range.first, range.count); }
  standard::Pairs pairs_of(const Range& range) {
    const std::size_t first = pairs.size();
    for (std::uint32_t i = 0; i < range.count; i += 2) pairs.emplace_back(pool[range.first + i], pool[range.first + i + 1]);
    return standard::Pairs(pairs).subspan(first);
  }
  standard::FindingRow row(const StoredFinding& f) {
    standard::FindingRow out;
    out.klass = static_cast<FindingClass>(f.klass), out.severity = static_cast<Severity>(f.severity), out.state = static_cast<FixState>(f.state), out.origin = static_cast<Origin>(f.origin);
    out.exploited = f.exploited, out.ransomware = f.ransomware, out.fix_available = f.fix_available;
    out.risk = f.risk, out.cvss = f.cvss, out.epss = f.epss, out.epss_percentile = f.epss_percentile;
    out.published = f.published, out.exploited_since = f.exploited_since, out.exploited_due = f.exploited_due;
    out.key = store.view(f.key), out.rule = store.view(f.rule), out.title = store.view(f.title), out.installed = store.view(f.installed), out.fixed = store.view(f.fixed), out.severity_source = store.view(f.severity_source), out.fix = store.view(f.fix);
    out.package = store.view(f.package), out.package_name = store.view(f.package_name), out.package_type = store.view(f.package_type), out.package_source = store.view(f.package_source);
    out.ids = texts(f.ids), out.paths = texts(f.paths), out.evidence = pairs_of(f.evidence);
    return out;
  }
  standard::PackageRow row(const StoredPackage& p) {
    standard::PackageRow out;
    out.id = store.view(p.id), out.type = store.view(p.type), out.ns = store.view(p.ns), out.name = store.view(p.name), out.version = store.view(p.version), out.arch = store.view(p.arch), out.source = store.view(p.source), out.owned_by = store.view(p.owned_by);
    out.origin = static_cast<Origin>(p.origin);
    out.licenses = texts(p.licenses), out.paths = texts(p.paths), out.properties = pairs_of(p.properties);
    return out;
  }
};

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
Index::~Index() = default;
Index::Index(Index&&) noexcept = default;
Index& Index::operator=(Index&&) noexcept = default;
std::size_t Index::size() const { return state_->readable.size(); }
std::string_view Index::path(std::size_t i) const { return state_->store.view(state_->store.images[state_->readable[i]].file); }
std::string_view Index::reference(std::size_t i) const { return state_->store.view(state_->store.images[state_->readable[i]].reference); }
std::int32_t Index::day(std::size_t i) const { return state_->store.images[state_->readable[i]].day; }
const std::vector<Unreadable>& Index::unreadable() const { return state_->unreadable; }
std::size_t Index::reports_read() const { return state_->reports_read; }

Facts Index::facts(std::size_t i, Time at) const {
  const State& s = *state_;
  const StoredImage& image = s.store.images[s.readable[i]];
  const auto text = [&](Id id) { return s.store.view(id); };
  Facts out;
  out.at = at;
  out.today = standard::day_of(at);
  out.pairs.reserve(text(image.config).size() / 4 + 1);
  standard::read_reference(out, text(image.reference));
  standard::read_config(out, text(image.config));
  standard::ImageRow& to = out.image;
  to.kind = text(image.kind), to.digest = text(image.digest), to.platform = text(image.platform), to.base_name = text(image.base_name), to.base_digest = text(image.base_digest);
  to.os_id = text(image.os_id), to.os_version = text(image.os_version), to.os_name = text(image.os_name), to.database_digest = text(image.database_digest);
  to.created = image.created, to.os_end_of_life = image.os_end_of_life, to.database_day = image.database_day;
  to.score_total = image.score_total;
  for (std::size_t k = 0; k < 8; ++k) to.score_by_class[k] = image.score_by_class[k];
  to.complete = image.complete != 0;
  out.findings.reserve(image.findings.count);
  for (std::uint32_t k = 0; k < image.findings.count; ++k) out.findings.push_back(s.findings[s.store.refs[image.findings.first + k]]);
  out.packages.reserve(image.packages.count);
  for (std::uint32_t k = 0; k < image.packages.count; ++k) out.packages.push_back(s.packages[s.store.refs[image.packages.first + k]]);
  for (std::uint32_t k = 0; k < image.gaps.count; k += 3) {
    const std::uint32_t* refs = s.store.refs.data() + image.gaps.first + k;
    out.gaps.push_back({text(refs[0]), text(refs[1]), text(refs[2])});
  }
  for (std::uint32_t k = 0; k < image.coverage.count; k += 4) {
    const std::uint32_t* refs = s.store.refs.data() + image.coverage.first + k;
    out.coverage.push_back({text(refs[0]), text(refs[1]), refs[2], static_cast<std::int32_t>(refs[3])});
  }
  auto& history = out.lists.emplace_back();
  for (std::uint32_t k = 0; k < image.layers.count; ++k) {
    const StoredLayer& layer = s.store.layers[image.layers.first + k];
    out.layers.push_back({static_cast<Origin>(layer.origin), layer.size_bytes, text(layer.created_by)});
    to.size_bytes += layer.size_bytes;
    if (!text(layer.created_by).empty()) history.push_back(text(layer.created_by));
  }
  to.history = history;
  return out;
}

Result<Index> update_index(const std::string& folder, const std::string& file, const IndexOptions& options) {
  PLIM_TRY(const auto files, list_reports(folder));
  auto state = std::make_unique<Index::State>();
  Store& store = state->store;
  if (!file.empty()) {
    if (const auto bytes = read_file(file, 4ull << 30)) {
      // A damaged or older one is made anew.
      if (auto known = read_store(as_bytes(*bytes))) store = std::move(*known);
    }
  }
  std::unordered_map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < store.images.size(); ++i) known.emplace(store.view(store.images[i].file), i);
  std::vector<StoredImage> kept;
  std::vector<const FileStamp*> fresh;
  for (const FileStamp& stamp : files) {
    const auto found = known.find(stamp.path);
    if (found != known.end() && store.images[found->second].file_size == stamp.size && store.images[found->second].file_time == stamp.time) kept.push_back(store.images[found->second]);
    else fresh.push_back(&stamp);
  }
  const bool changed = !fresh.empty() || kept.size() != store.images.size();
  // When most of it is of reports that are gone, it is made anew.
  if (kept.size() * 2 < store.images.size()) {
    store = Store{};
    kept.clear();
    fresh.clear();
    for (const FileStamp& stamp : files) fresh.push_back(&stamp);
  }
  store.images = std::move(kept);
  if (!fresh.empty()) PLIM_CHECK(read_new(folder, fresh, store, options));
  std::sort(store.images.begin(), store.images.end(), [&](const StoredImage& a, const StoredImage& b) { return store.view(a.file) < store.view(b.file); });
  if (changed && !file.empty()) {
    const std::string bytes = write_store(store);
    PLIM_CHECK(make_directories(file.substr(0, file.rfind('/')), 0700));
    PLIM_CHECK(replace_file(file, as_bytes(bytes), 0600).context("index of reports", file));
  }
  state->reports_read = fresh.size();
  state->open();
  return Index(std::move(state));
}

}  // namespace plimsoll::plan
