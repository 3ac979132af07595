#include "inventory/os_packages.h"

#include <algorithm>

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

}  // namespace plimsoll::inventory
