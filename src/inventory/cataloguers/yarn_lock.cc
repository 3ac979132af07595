// yarn_lock: what yarn locked for a project.
//
// Input   yarn.lock of yarn 1 (its own format) and of yarn 2 and later (a plain kind of YAML); hostile.
// Output  one npm Package for each locked name and version; workspaces are left out; aliases under their real name;
//         the location has the line of the entry.
// Errors  Limit. An entry without a version is a gap.
// Cost    one pass by lines, both forms by one reader: keys at column 0, fields below, lists one deeper.
// Source  classic.yarnpkg.com/docs/yarn-lock; yarnpkg.com/features/linkers, the berry lockfile's own header.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

// "lodash4@npm:lodash@4.17.21" -> lodash; "@babel/types@npm:^7" -> @babel/types; "a@^1" -> a
std::string_view real_name(std::string_view descriptor) {
  const std::size_t at = descriptor.find('@', 1);
  if (at == std::string_view::npos) return descriptor;
  std::string_view range = descriptor.substr(at + 1);
  if (range.starts_with("npm:")) {
    range.remove_prefix(4);
    const std::size_t second = range.find('@', 1);
    if (second != std::string_view::npos && !range.empty() && (range[0] == '@' || (range[0] >= 'a' && range[0] <= 'z')))
      return range.substr(0, second);
  }
  return descriptor.substr(0, at);
}

struct Entry {
  std::string_view descriptor, version, resolution, resolved;
  std::vector<std::string_view> depends;
  bool soft = false;  // a workspace or link
  std::uint32_t line = 0;
};

void finish(const Entry& entry, Harvest& harvest, std::vector<std::uint32_t>& lines) {
  if (entry.descriptor.empty() || entry.descriptor == "__metadata" || entry.soft) return;
  // berry's resolution names what was taken: it is the last word
  const std::string_view name = real_name(entry.resolution.empty() ? entry.descriptor : entry.resolution);
  if (entry.version.empty()) {
    harvest.gap(cat("line ", entry.line, ": ", to_utf8(name.substr(0, 100)), " has no version"));
    return;
  }
  const std::size_t before = harvest.packages().size();
  if (Package* package = harvest.add_npm(name, entry.version, false)) {
    for (const auto dependency : entry.depends) add_unique(package->depends, dependency);
    if (entry.resolved.starts_with("git") || entry.resolution.find("@git") != std::string_view::npos)
      package->set_property("resolved",
                            (entry.resolved.empty() ? entry.resolution : entry.resolved).substr(0, kMaxNameBytes));
    if (harvest.packages().size() > before) lines.push_back(entry.line);
  }
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (is_vendored_path(file.path)) return Facts{};
  PLIM_TRY(std::string_view text, text_of(file, limits));
  Harvest harvest(file, "yarn_lock", limits);
  Entry entry;
  std::vector<std::uint32_t> lines;
  bool in_dependencies = false;
  std::uint32_t number = 0;
  std::string_view line;
  while (next_line(text, line)) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    line = trim(line);
    if (line.empty()) continue;
    if (indent == 0) {
      finish(entry, harvest, lines);
      entry = Entry{.line = number};
      in_dependencies = false;
      if (!line.ends_with(':')) {
        harvest.gap(cat("line ", number, " is no entry"));
        continue;
      }
      line.remove_suffix(1);
      // "a@^1, a@^2" or "a@^1", "a@^2": the first descriptor names it
      std::string_view first = line;
      if (line.starts_with('"')) first = line.substr(1, std::min(line.find('"', 1), line.size()) - 1);
      entry.descriptor = trim(cut(first, ',').first);
      if (entry.descriptor == "__metadata") harvest.recognised();
      continue;
    }
    // "key value", "key: value", with quotes around either
    std::string_view key, value;
    if (line.starts_with('"')) {
      const std::size_t close = std::min(line.find('"', 1), line.size() - 1);
      key = line.substr(1, close - 1);
      value = line.substr(close + 1);
      if (value.starts_with(':')) value.remove_prefix(1);
    } else {
      const std::size_t end = std::min(line.find_first_of(" :"), line.size());
      key = line.substr(0, end);
      value = end < line.size() ? line.substr(end + 1) : std::string_view();
    }
    value = unquote(trim(value));
    if (indent >= 4) {
      if (in_dependencies) entry.depends.push_back(key);
      continue;
    }
    in_dependencies = key == "dependencies" || key == "optionalDependencies";
    if (key == "version")
      entry.version = value;
    else if (key == "resolution")
      entry.resolution = value;
    else if (key == "resolved")
      entry.resolved = value;
    else if (key == "linkType")
      entry.soft = value == "soft";
  }
  finish(entry, harvest, lines);
  Facts facts = harvest.take_lock();
  for (std::size_t i = 0; i < facts.packages.size() && i < lines.size(); ++i)
    facts.packages[i].set_property("line", std::to_string(lines[i]));
  return facts;
}

// The line travels as a property only as far as here: the location is where it belongs.
Result<Catalogue> resolve(const SquashedFacts& facts) {
  PLIM_TRY(Catalogue out, resolve_each(facts));
  for (Package& package : out.packages) {
    const auto line = parse_u64(package.property("line"));
    for (Location& location : package.locations) location.line = static_cast<std::uint32_t>(line.value_or(0));
    std::erase_if(package.properties, [](const auto& property) { return property.first == "line"; });
  }
  return out;
}

}  // namespace

Cataloguer yarn_lock() {
  return {.name = "yarn_lock",
          .version = 2,
          .paths = {"**/yarn.lock"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
