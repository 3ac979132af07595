// Feeds bytes to one cataloguer as a file at each kind of path it asks for, then resolves what came out.
#include <algorithm>

#include "base/hash.h"
#include "inventory/cataloguer.h"

namespace {

using namespace plimsoll;

// A path that `pattern` matches: "**/a-*.{x,y}" -> "d/a-n.x".
std::string path_for(std::string_view pattern) {
  std::string out;
  while (!pattern.empty()) {
    std::size_t used = 1;
    if (pattern.starts_with("**")) {
      out += "d";
      used = 2;
    } else if (pattern[0] == '*' || pattern[0] == '?') {
      out += 'n';
    } else if (pattern[0] == '{' && pattern.find('}') != std::string_view::npos) {
      out += cut(cut(pattern.substr(1), '}').first, ',').first;
      used = pattern.find('}') + 1;
    } else if (pattern[0] == '[' && pattern.find(']') != std::string_view::npos && pattern.size() > 1) {
      out += pattern[1];
      used = pattern.find(']') + 1;
    } else {
      out += pattern[0];
    }
    pattern.remove_prefix(used);
  }
  return out;
}

class EmptyTree : public Tree {
 public:
  bool contains(std::string_view) const override { return false; }
};

}  // namespace

void fuzz_inventory_plugins(std::string_view plugin, Bytes input) {
  const auto& all = inventory::cataloguers();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& cataloguer) { return cataloguer.name == plugin; });
  PLIM_ASSERT(found != all.end());
  std::vector<std::string> paths;
  for (const std::string& pattern : found->paths) paths.push_back(path_for(pattern));
  if (paths.empty()) paths.push_back("usr/bin/program");
  // Many patterns share their reader: eight a run are enough, other inputs take others.
  constexpr std::size_t kMostPaths = 8;
  if (paths.size() > kMostPaths) {
    std::rotate(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(hash64(as_text(input)) % paths.size()), paths.end());
    paths.resize(kMostPaths);
  }
  Limits limits;
  limits.archive_bytes = 16 << 20;
  std::vector<std::pair<std::string, Facts>> kept;
  for (const std::string& path : paths)
    if (auto facts = found->extract({.path = path, .content = input, .mode = 0755}, limits)) kept.emplace_back(path, std::move(*facts));
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<FileFacts> files;
  for (const auto& [path, facts] : kept) files.push_back({.path = path, .facts = &facts});
  const Distribution distribution{.id = "debian", .version_id = "12"};
  if (const auto catalogue = found->resolve({.files = files, .tree = EmptyTree(), .layers = {}, .distribution = &distribution}))
    for (const Package& package : catalogue->packages) PLIM_ASSERT(!package.locations.empty() && !package.name.empty() && !package.type.empty());
}
