#include "plan/index.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "base/program.h"
#include "base/text.h"
#include "plan/index_read.h"
#include "plan/index_store.h"

namespace plimsoll::plan {
namespace {

using standard::Facts;

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
  for (std::uint32_t k = 0; k < image.claims.count; k += 5) {
    const std::uint32_t* refs = s.store.refs.data() + image.claims.first + k;
    out.claims.push_back({text(refs[0]), text(refs[1]), text(refs[2]), text(refs[3]), text(refs[4])});
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
  if (!fresh.empty()) PLIM_CHECK(read_reports(folder, fresh, thread_count(options.threads), store, options.progress));
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
