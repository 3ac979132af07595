#include "inventory/merge.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <unordered_map>

#include "base/sorted.h"
#include "base/text.h"

namespace plimsoll::inventory {
namespace {

// Cataloguers that pass on what a builder wrote about a package, and not its database: believed last.
bool is_hearsay(std::string_view cataloguer) { return cataloguer == "sbom" || cataloguer == "elf_notes"; }

// What makes two packages the same. An SBOM often leaves the architecture out: see Merger::find.
struct Key {
  std::string purl;  // type, namespace, name, version: canonical
  std::string arch;  // OS packages only
  auto operator<=>(const Key&) const = default;
};

Key key_of(const Package& p) {
  return {PurlText(p.type, p.ns, p.name, p.version).take(), is_os_type(p.type) ? p.arch : std::string()};
}

template <class T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

template <class T>
void append_new(std::vector<T>& to, std::vector<T>& from) {
  for (T& value : from)
    if (std::find(to.begin(), to.end(), value) == to.end()) to.push_back(std::move(value));
}

// Adds what `other` says to `package`; where both speak, the first heard keeps its word.
void join(Package& package, Package& other) {
  // A package needed in production at one place is no development package.
  const bool both_dev = package.property("dev") == "true" && other.property("dev") == "true";
  const bool any_dev = package.property("dev") == "true" || other.property("dev") == "true";
  for (const auto& [key, value] : other.properties)
    if (package.property(key).empty()) package.set_property(key, value);
  if (any_dev && !both_dev) std::erase_if(package.properties, [](const auto& property) { return property.first == "dev"; });
  if (package.arch.empty()) package.arch = other.arch;
  if (package.source_name.empty()) {
    package.source_name = std::move(other.source_name);
    package.source_version = std::move(other.source_version);
  }
  append_new(package.licenses, other.licenses);
  append_new(package.depends, other.depends);
  // Places may be many thousands: doubles are taken out once, at the end.
  std::move(other.locations.begin(), other.locations.end(), std::back_inserter(package.locations));
  append_new(package.found_by, other.found_by);
}

class Merger {
 public:
  explicit Merger(std::span<const LayerOrigin> layers) {
    for (const LayerOrigin& layer : layers) origins_.emplace(layer.diff_id, layer.origin);
  }

  void add(Found& found) {
    Catalogue& catalogue = found.catalogue;
    std::vector<std::size_t> places(catalogue.packages.size(), kNone);
    for (std::size_t i = 0; i < catalogue.packages.size(); ++i) {
      Package& package = catalogue.packages[i];
      package.found_by.push_back(found.cataloguer);
      places[i] = place(package, is_hearsay(found.cataloguer));
    }
    for (const OwnedPaths& owned : catalogue.owned)
      if (owned.package < places.size() && places[owned.package] != kNone) owned_.push_back({places[owned.package], owned.paths});
    std::move(catalogue.findings.begin(), catalogue.findings.end(), std::back_inserter(out_.findings));
    std::move(catalogue.gaps.begin(), catalogue.gaps.end(), std::back_inserter(out_.gaps));
    if (out_.distribution.id.empty() && !catalogue.distributions.empty()) out_.distribution = std::move(catalogue.distributions.front());
  }

  Inventory finish() {
    for (Package& package : out_.packages) {
      sort_unique(package.locations);
      sort_unique(package.found_by);
      if (!origins_.empty()) package.origin = origin_of(package);  // without layers, what an SBOM says stands
    }
    name_packages();
    set_owners();
    sort_records(out_.packages, [](const Package& a, const Package& b) { return a.id < b.id; });
    sort_unique(out_.gaps);
    return std::move(out_);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // Where the package now is in out_.packages; kNone when it was dropped.
  std::size_t place(Package& package, bool hearsay) {
    Key key = key_of(package);
    const bool os = is_os_type(package.type);
    auto at = index_.find(key);
    if (at == index_.end() && hearsay && os) {
      if (key.arch.empty()) {  // any architecture of that very version
        at = index_.lower_bound(key);
        if (at != index_.end() && at->first.purl != key.purl) at = index_.end();
      }
      if (at == index_.end() && installed_.contains({package.type, package.name})) return kNone;
    }
    if (at != index_.end()) {
      join(out_.packages[at->second], package);
      return at->second;
    }
    if (os && !hearsay) installed_.emplace(package.type, package.name);
    index_.emplace(std::move(key), out_.packages.size());
    out_.packages.push_back(std::move(package));
    return out_.packages.size() - 1;
  }

  Origin origin_of(const Package& package) const {
    Origin out = Origin::Unknown;
    for (const Location& location : package.locations) {
      const auto layer = origins_.find(location.layer);
      if (layer == origins_.end()) continue;
      if (layer->second == Origin::Base) return Origin::Base;
      if (layer->second == Origin::Own) out = Origin::Own;
    }
    return out;
  }

  void name_packages() {
    std::set<std::string_view> taken;
    for (Package& package : out_.packages) {
      package.id = package.purl_text();
      // Two keys of one purl: one type's rules fold more than the key did. The place tells them apart.
      if (taken.contains(package.id)) package.id += cat("#", package.locations.empty() ? std::string() : package.locations.front().path);
      for (std::size_t n = 2; taken.contains(package.id); ++n) package.id += cat("~", n);
      taken.insert(package.id);
    }
  }

  // Few places against many owned paths: the places are the table, the lists stream past it.
  void set_owners() {
    std::unordered_map<std::uint64_t, std::size_t> owner_of;  // hash of a place's file -> owning package
    const auto file_hash = [](const Location& location) { return owned_path_hash(std::string_view(location.path).substr(0, location.path.find("!/"))); };
    for (const Package& package : out_.packages)
      if (!is_os_type(package.type) || is_heard_of(package))
        for (const Location& location : package.locations) owner_of.emplace(file_hash(location), kNone);
    if (owner_of.empty()) return;
    for (const auto& [package, paths] : owned_)
      for (const std::uint64_t path : paths)
        if (const auto at = owner_of.find(path); at != owner_of.end() && at->second == kNone) at->second = package;
    for (Package& package : out_.packages) {
      const bool heard_of = is_heard_of(package);
      if ((is_os_type(package.type) && !heard_of) || package.locations.empty()) continue;
      const auto owner = [&](const Location& location) { return owner_of.at(file_hash(location)); };
      if (std::any_of(package.locations.begin(), package.locations.end(), [&](const Location& l) { return owner(l) == kNone; })) continue;
      const std::size_t first = owner(package.locations.front());
      package.owned_by = out_.packages[first].id;
      if (package.type == "generic") fold(package, {package.locations.begin(), package.locations.end()}, out_.packages[first]);
      if (!heard_of) continue;
      // Each file's owner: a note may name the source ("systemd") of many packages that ship its parts.
      std::map<std::size_t, std::vector<Location>> places;
      for (const Location& location : package.locations) places[owner(location)].push_back(location);
      for (auto& [at, locations] : places) fold(package, std::move(locations), out_.packages[at]);
    }
    std::erase_if(out_.packages, [](const Package& package) { return package.locations.empty() && !package.owned_by.empty(); });
  }

  // An OS package that no database lists: a builder's note or document alone tells of it.
  static bool is_heard_of(const Package& package) {
    return is_os_type(package.type) && !package.found_by.empty() && std::all_of(package.found_by.begin(), package.found_by.end(), is_hearsay);
  }

  // The owner keeps its own version and names: only where it was seen and by whom is new.
  static void fold(Package& program, std::vector<Location> locations, Package& owner) {
    std::move(locations.begin(), locations.end(), std::back_inserter(owner.locations));
    program.locations.clear();
    for (const std::string& cataloguer : program.found_by)
      if (std::find(owner.found_by.begin(), owner.found_by.end(), cataloguer) == owner.found_by.end()) owner.found_by.push_back(cataloguer);
    sort_unique(owner.locations);
    sort_unique(owner.found_by);
  }

  struct Owned {
    std::size_t package;
    std::span<const std::uint64_t> paths;
  };
  std::unordered_map<std::string, Origin> origins_;
  std::map<Key, std::size_t> index_;
  std::set<std::pair<std::string, std::string>> installed_;  // type and name of what databases list
  std::vector<Owned> owned_;
  Inventory out_;
};

}  // namespace

bool is_os_type(std::string_view purl_type) {
  static constexpr std::array<std::string_view, 8> kTypes = {"deb", "rpm", "apk", "alpm", "opkg", "portage", "nix", "bottlerocket"};
  return std::find(kTypes.begin(), kTypes.end(), purl_type) != kTypes.end();
}

Inventory merge(std::vector<Found> found, std::span<const LayerOrigin> layers) {
  std::stable_partition(found.begin(), found.end(), [](const Found& f) { return !is_hearsay(f.cataloguer); });
  Merger merger(layers);
  for (Found& f : found) merger.add(f);
  return merger.finish();
}

}  // namespace plimsoll::inventory
