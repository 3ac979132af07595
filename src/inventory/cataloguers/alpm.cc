// alpm: packages installed in Arch-family images.
//
// Input   var/lib/pacman/local/NAME-VERSION/{desc,files}; hostile.
// Output  one Package per desc, with base package, licences, relations, owned files.
// Errors  none. A desc without name or version is a Gap.
// Cost    O(bytes).
// Source  pacman's local database: lib/libalpm/be_local.c; "%FIELD%" lines, each followed by its values and a blank line.
#include <algorithm>

#include "base/path.h"
#include "inventory/cataloguer.h"
#include "inventory/licenses.h"
#include "inventory/os_packages.h"

namespace plimsoll::inventory {
namespace {

// Calls visit(field, value) for each value line.
template <class Visit>
void each_value(std::string_view text, const Visit& visit) {
  std::string_view line, field;
  while (next_line(text, line)) {
    if (line.size() > 2 && line.front() == '%' && line.back() == '%') field = line.substr(1, line.size() - 2);
    else if (!line.empty() && !field.empty()) visit(field, line);
  }
}

std::string_view relation_name(std::string_view text) { return text.substr(0, text.find_first_of("<>=")); }

Result<Facts> extract(const FileView& file, const Limits&) {
  Facts facts;
  const std::string_view text = as_text(file.content);
  if (base_name(file.path) == "files") {
    each_value(text, [&](std::string_view field, std::string_view value) {
      if (field == "FILES" && !value.ends_with('/')) facts.owned_paths.push_back(owned_path_hash(value));
    });
    return facts;
  }
  Package p{.type = "alpm"};
  std::string provides;
  each_value(text, [&](std::string_view field, std::string_view value) {
    if (field == "NAME") p.name = to_utf8(value);
    else if (field == "VERSION") p.version = to_utf8(value);
    else if (field == "BASE") p.source_name = to_utf8(value);
    else if (field == "ARCH") p.arch = to_utf8(value);
    else if (field == "LICENSE") p.licenses.push_back(license_or_text(value));
    else if (field == "DEPENDS") p.depends.push_back(to_utf8(relation_name(value)));
    else if (field == "PROVIDES") provides += cat(to_utf8(relation_name(value)), "\n");
    else if (field == "PACKAGER" && value != "Unknown Packager") p.set_property("maintainer", to_utf8(value));
  });
  if (p.name.empty() || p.version.empty()) {
    facts.gaps.push_back({"alpm", std::string(file.path), cat("the description has no ", p.name.empty() ? "name" : "version")});
    return facts;
  }
  if (p.source_name.empty()) p.source_name = p.name;
  facts.notes.emplace_back("provides", std::move(provides));
  facts.packages.push_back(std::move(p));
  return facts;
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  Catalogue out;
  Providers providers;
  for (const FileFacts& file : facts.files) {
    for (const Package& p : file.facts->packages) {
      providers[p.name] = p.name;
      std::string_view rest = file.facts->note("provides"), line;
      while (next_line(rest, line)) providers.emplace(line, p.name);
    }
  }
  for (const FileFacts& file : facts.files) {
    for (const Package& stated : file.facts->packages) {
      Package& p = out.packages.emplace_back(stated);
      p.ns = distro_namespace(facts.distribution, "arch");
      if (const std::string distro = distro_qualifier(facts.distribution); !distro.empty()) p.set_property("distro", distro);
      pick_depends(p.depends, providers);
      p.locations = {facts.location(file)};
    }
    // "files" sorts right behind "desc" of the same folder.
    if (!file.facts->owned_paths.empty() && !out.packages.empty() && parent_path(out.packages.back().locations[0].path) == parent_path(file.path))
      out.owned.push_back({.package = out.packages.size() - 1, .paths = file.facts->owned_paths});
  }
  return out;
}

}  // namespace

Cataloguer alpm() {
  return {.name = "alpm",
          .paths = {"var/lib/pacman/local/*/{desc,files}"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .nested = false,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
