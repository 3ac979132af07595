#include "inventory/os_packages.h"

#include <algorithm>

#include "base/path.h"
#include "base/text.h"

namespace plimsoll::inventory {

std::string distro_qualifier(const Distribution* distribution) {
  if (!distribution || distribution->id.empty()) return {};
  const std::string& version = distribution->version_id.empty() ? distribution->codename : distribution->version_id;
  return version.empty() ? distribution->id : cat(distribution->id, "-", version);
}

std::string distro_namespace(const Distribution* distribution, std::string_view otherwise) {
  return std::string(distribution && !distribution->id.empty() ? std::string_view(distribution->id) : otherwise);
}

std::vector<std::string> dependency_names(std::string_view list) {
  std::vector<std::string> out;
  for (const std::string_view item : split(list, ',')) {
    std::string names;
    for (std::string_view option : split(item, '|')) {
      option = trim(option);
      option = option.substr(0, option.find_first_of(" (:[<\t\n"));
      if (!option.empty()) names += cat(names.empty() ? "" : "|", to_utf8(option));
    }
    if (!names.empty() && std::find(out.begin(), out.end(), names) == out.end()) out.push_back(std::move(names));
  }
  return out;
}

void pick_depends(std::vector<std::string>& depends, const Providers& providers) {
  for (std::string& entry : depends) {
    std::string picked;
    for (const std::string_view option : split(entry, '|'))
      if (const auto found = picked.empty() ? providers.find(std::string(option)) : providers.end(); found != providers.end()) picked = found->second;
    entry = picked.empty() ? std::string(cut(entry, '|').first) : picked;
  }
  std::sort(depends.begin(), depends.end());
  depends.erase(std::unique(depends.begin(), depends.end()), depends.end());
}

namespace {
std::string identity(const Package& p) { return cat(p.name, "\n", p.version, "\n", p.arch); }
}  // namespace

FirstLayers::FirstLayers(const SquashedFacts& facts, const FileFacts& file) : facts_(facts), file_(file) {
  std::vector<const FileFacts*> states;
  for (const FileFacts& old : facts.replaced)
    if (old.path == file.path && old.layer < file.layer) states.push_back(&old);
  if (states.empty()) return;
  for (const Package& p : file.facts->packages) first_.emplace(identity(p), file.layer);
  // From the newest state down: a package that a state lacks was installed again after it.
  std::stable_sort(states.begin(), states.end(), [](const FileFacts* a, const FileFacts* b) { return a->layer > b->layer; });
  std::uint32_t above = file.layer;
  for (const FileFacts* state : states) {
    for (const Package& p : state->facts->packages)
      if (const auto at = first_.find(identity(p)); at != first_.end() && at->second == above) at->second = state->layer;
    above = state->layer;
  }
}

std::uint32_t FirstLayers::layer(const Package& package) const {
  const auto at = first_.find(identity(package));
  return at != first_.end() ? at->second : file_.layer;
}

Location FirstLayers::location(const Package& package) const {
  FileFacts file = file_;
  file.layer = layer(package);
  return facts_.location(file);
}

void OwnedLists::next(Catalogue& catalogue) {
  if (const auto paths = take(); !paths.empty()) catalogue.owned.push_back({.package = catalogue.packages.size() - 1, .paths = paths});
}

void OwnedLists::skip() { (void)take(); }

std::span<const std::uint64_t> OwnedLists::take() {
  while (note_ < facts_.notes.size() && facts_.notes[note_].first != "owned") ++note_;
  if (note_ == facts_.notes.size()) return {};
  const std::uint64_t stated = parse_u64(facts_.notes[note_++].second).value_or(0);
  const auto paths = rest_.first(static_cast<std::size_t>(std::min<std::uint64_t>(stated, rest_.size())));
  rest_ = rest_.subspan(paths.size());
  return paths;
}

void add_owned_lines(std::vector<std::uint64_t>& owned, std::string_view list) {
  std::string_view line, last;
  while (next_line(list, line)) {
    if (line.empty()) continue;
    const bool last_is_directory = line.size() > last.size() && line.starts_with(last) && line[last.size()] == '/';
    if (!last.empty() && !last_is_directory && last != "/.") owned.push_back(owned_path_hash(last));
    last = line;
  }
  if (!last.empty() && last != "/.") owned.push_back(owned_path_hash(last));
}

void note_database(Facts& facts) { facts.notes.emplace_back("database", ""); }

void add_unread_databases(Catalogue& catalogue, const SquashedFacts& facts, std::string_view cataloguer, std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths) {
    if (!facts.tree.contains(path)) continue;
    const bool read = std::any_of(facts.files.begin(), facts.files.end(), [&](const FileFacts& file) { return base_name(file.path) == base_name(path); });
    if (!read) catalogue.gaps.push_back({std::string(cataloguer), std::string(path), "the package database is a link, or lies behind one, to a place that is not read"});
  }
}

}  // namespace plimsoll::inventory
