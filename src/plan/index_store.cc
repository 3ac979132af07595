#include "plan/index_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll::plan {
namespace {

constexpr std::string_view kMagic = "plimidx3";

template <class T>
void put(std::string& out, const T* data, std::size_t count) {
  const std::uint64_t size = count;
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out.append(reinterpret_cast<const char*>(data), count * sizeof(T));
}

class Cursor {
 public:
  explicit Cursor(Bytes bytes) : rest_(bytes) {}
  template <class Container>
  bool get(Container& into) {
    using T = typename Container::value_type;
    std::uint64_t count = 0;
    if (rest_.size() < sizeof count) return false;
    std::memcpy(&count, rest_.data(), sizeof count);
    rest_ = rest_.subspan(sizeof count);
    if (count > rest_.size() / sizeof(T)) return false;
    into.resize(count);
    if (count > 0) std::memcpy(into.data(), rest_.data(), count * sizeof(T));
    rest_ = rest_.subspan(count * sizeof(T));
    return true;
  }
  bool done() const { return rest_.empty(); }

 private:
  Bytes rest_;
};

bool inside(const Range& range, std::size_t size) { return range.first <= size && range.count <= size - range.first; }

bool is_sound(const Store& s) {
  const auto text = [&](std::initializer_list<Id> ids) { return std::all_of(ids.begin(), ids.end(), [&](Id id) { return id < s.ends.size(); }); };
  if (s.ends.empty() || s.ends.back() > s.text.size() || !std::is_sorted(s.ends.begin(), s.ends.end())) return false;
  for (const Id id : s.lists)
    if (id >= s.ends.size()) return false;
  for (const StoredFinding& f : s.findings)
    if (f.klass > 7 || f.severity > 5 || f.state > 6 || f.origin > 2 || !text({f.key, f.rule, f.title, f.installed, f.fixed, f.severity_source, f.fix, f.package, f.package_name, f.package_type, f.package_source}) || !inside(f.ids, s.lists.size()) ||
        !inside(f.paths, s.lists.size()) || !inside(f.evidence, s.lists.size()) || f.evidence.count % 2 != 0)
      return false;
  for (const StoredPackage& p : s.packages)
    if (p.origin > 2 || !text({p.id, p.type, p.ns, p.name, p.version, p.arch, p.source, p.owned_by}) || !inside(p.licenses, s.lists.size()) || !inside(p.paths, s.lists.size()) || !inside(p.properties, s.lists.size()) || p.properties.count % 2 != 0) return false;
  for (const StoredLayer& l : s.layers)
    if (l.origin > 2 || !text({l.created_by})) return false;
  for (const StoredImage& i : s.images) {
    if (!text({i.file, i.error, i.reference, i.kind, i.digest, i.platform, i.base_name, i.base_digest, i.os_id, i.os_version, i.os_name, i.database_digest, i.config})) return false;
    if (!inside(i.findings, s.refs.size()) || !inside(i.packages, s.refs.size()) || !inside(i.gaps, s.refs.size()) || !inside(i.coverage, s.refs.size()) || !inside(i.claims, s.refs.size()) || !inside(i.layers, s.layers.size())) return false;
    if (i.gaps.count % 3 != 0 || i.coverage.count % 4 != 0 || i.claims.count % 5 != 0) return false;
    for (std::uint32_t k = 0; k < i.findings.count; ++k)
      if (s.refs[i.findings.first + k] >= s.findings.size()) return false;
    for (std::uint32_t k = 0; k < i.packages.count; ++k)
      if (s.refs[i.packages.first + k] >= s.packages.size()) return false;
    for (std::uint32_t k = 0; k < i.gaps.count; ++k)
      if (s.refs[i.gaps.first + k] >= s.ends.size()) return false;
    for (std::uint32_t k = 0; k < i.claims.count; ++k)
      if (s.refs[i.claims.first + k] >= s.ends.size()) return false;
    for (std::uint32_t k = 0; k < i.coverage.count; ++k)
      if (k % 4 < 2 && s.refs[i.coverage.first + k] >= s.ends.size()) return false;
  }
  return true;
}

template <class T>
std::string_view bytes_of(const T& value) { return {reinterpret_cast<const char*>(&value), sizeof(T)}; }

}  // namespace

std::string write_store(const Store& s) {
  std::string body;
  body.reserve(s.text.size() + s.ends.size() * 4 + s.lists.size() * 4 + s.refs.size() * 4 + s.findings.size() * sizeof(StoredFinding) + s.packages.size() * sizeof(StoredPackage) + s.images.size() * sizeof(StoredImage) + s.layers.size() * sizeof(StoredLayer) + 128);
  body.append(kMagic).append(8, '\0');
  put(body, s.text.data(), s.text.size());
  put(body, s.ends.data(), s.ends.size());
  put(body, s.lists.data(), s.lists.size());
  put(body, s.refs.data(), s.refs.size());
  put(body, s.findings.data(), s.findings.size());
  put(body, s.packages.data(), s.packages.size());
  put(body, s.layers.data(), s.layers.size());
  put(body, s.images.data(), s.images.size());
  const std::uint64_t sum = hash64(std::string_view(body).substr(16));
  std::memcpy(body.data() + 8, &sum, sizeof sum);
  return body;
}

Result<Store> read_store(Bytes bytes) {
  if (bytes.size() < 16 || as_text(bytes.first(8)) != kMagic) return malformed("not an index of reports of this version");
  std::uint64_t sum = 0;
  std::memcpy(&sum, bytes.data() + 8, sizeof sum);
  if (hash64(as_text(bytes.subspan(16))) != sum) return malformed("the index of reports is damaged");
  Store s;
  Cursor cursor(bytes.subspan(16));
  if (!cursor.get(s.text) || !cursor.get(s.ends) || !cursor.get(s.lists) || !cursor.get(s.refs) || !cursor.get(s.findings) || !cursor.get(s.packages) || !cursor.get(s.layers) || !cursor.get(s.images) || !cursor.done() || !is_sound(s))
    return malformed("the index of reports is not sound");
  return s;
}

void Interner::Table::grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(std::max<std::size_t>(1024, slots_.size() * 2)));
  for (const Slot& slot : old) {
    if (!slot.taken) continue;
    std::size_t i = slot.hash & (slots_.size() - 1);
    while (slots_[i].taken) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = slot;
  }
}

Interner::Interner(Store& store) : store_(store) {
  for (Id id = 1; id < store.ends.size(); ++id) texts_.find_or_add(hash64(store.view(id)), id, [&](std::uint32_t other) { return store.view(other) == store.view(id); });
  const auto add_row = [](auto& rows, Table& table) {
    for (std::uint32_t i = 0; i < rows.size(); ++i) table.find_or_add(hash64(bytes_of(rows[i])), i, [&](std::uint32_t other) { return bytes_of(rows[other]) == bytes_of(rows[i]); });
  };
  add_row(store.findings, findings_);
  add_row(store.packages, packages_);
  for (const StoredFinding& finding : store.findings)
    for (const Range& range : {finding.ids, finding.paths, finding.evidence}) known_list(range);
  for (const StoredPackage& package : store.packages)
    for (const Range& range : {package.licenses, package.paths, package.properties}) known_list(range);
}

Id Interner::text(std::string_view value) {
  if (value.data() == nullptr) return 0;
  const auto next = static_cast<Id>(store_.ends.size());
  const Id id = texts_.find_or_add(hash64(value), next, [&](std::uint32_t other) { return other < next && store_.view(other) == value; });
  if (id != next) return id;
  if (store_.text.size() + value.size() > UINT32_MAX || store_.refs.size() > UINT32_MAX - (1u << 26)) {
    full_ = true;  // the number that was added is of no text: nobody uses the store any more
    return 0;
  }
  store_.text.append(value);
  store_.ends.push_back(static_cast<std::uint32_t>(store_.text.size()));
  return id;
}

// The range of the same texts that stood in `lists` first.
Range Interner::known_list(const Range& range) {
  const Id* const lists = store_.lists.data();
  const std::uint64_t hash = hash64({reinterpret_cast<const char*>(lists + range.first), range.count * sizeof(Id)});
  const auto next = static_cast<std::uint32_t>(list_ranges_.size());
  const std::uint32_t number = lists_.find_or_add(hash, next, [&](std::uint32_t other) {
    const Range& there = list_ranges_[other];
    return there.count == range.count && std::equal(lists + there.first, lists + there.first + there.count, lists + range.first);
  });
  if (number == next) list_ranges_.push_back(range);
  return list_ranges_[number];
}

Range Interner::list(const std::vector<Id>& ids) {
  if (ids.empty()) return {};
  const Range range{static_cast<std::uint32_t>(store_.lists.size()), static_cast<std::uint32_t>(ids.size())};
  store_.lists.insert(store_.lists.end(), ids.begin(), ids.end());
  const Range known = known_list(range);
  if (known.first != range.first) store_.lists.resize(range.first);
  return known;
}

template <class T>
std::uint32_t Interner::row(std::vector<T>& rows, Table& table, const T& value) {
  const auto next = static_cast<std::uint32_t>(rows.size());
  const std::uint32_t number = table.find_or_add(hash64(bytes_of(value)), next, [&](std::uint32_t other) { return bytes_of(rows[other]) == bytes_of(value); });
  if (number == next) rows.push_back(value);
  return number;
}
std::uint32_t Interner::finding(const StoredFinding& value) { return row(store_.findings, findings_, value); }
std::uint32_t Interner::package(const StoredPackage& value) { return row(store_.packages, packages_, value); }

}  // namespace plimsoll::plan
