// portage: packages installed in Gentoo-family images.
//
// Input   var/db/pkg/CATEGORY/NAME-VERSION/{CONTENTS,LICENSE,RDEPEND,KEYWORDS...}; hostile. CONTENTS is what every package has.
// Output  one Package per folder; namespace is the category, as Gentoo's advisories write it.
// Errors  none. A folder whose name has no version is a Gap.
// Cost    O(bytes).
// Source  Package Manager Specification ch. 3.2 (versions), vdb layout as portage writes it.
#include <algorithm>
#include <map>

#include "base/path.h"
#include "inventory/cataloguer.h"
#include "inventory/licenses.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits&) {
  Facts facts;
  const std::string_view text = as_text(file.content);
  if (base_name(file.path) != "CONTENTS") {
    facts.notes.emplace_back("text", to_utf8(trim(text.substr(0, 4096))));
    return facts;
  }
  facts.notes.emplace_back("contents", "");
  std::string_view rest = text, line;
  while (next_line(rest, line)) {
    // "obj PATH MD5 TIME", "sym PATH -> TARGET TIME", "dir PATH"; a path may hold spaces.
    const auto [kind, row] = cut(line, ' ');
    std::string_view path;
    if (kind == "sym") path = row.substr(0, row.find(" -> "));
    if (kind == "obj")
      if (const std::size_t time = row.rfind(' '); time != std::string_view::npos && time > 0) path = row.substr(0, row.rfind(' ', time - 1));
    if (!path.empty()) facts.owned_paths.push_back(owned_path_hash(path));
  }
  return facts;
}

// "openssl-3.0.13-r2" -> name and version: the last '-' before a digit that is not a revision.
std::pair<std::string_view, std::string_view> split_name(std::string_view folder) {
  std::size_t at = folder.size();
  while ((at = folder.rfind('-', at == 0 ? 0 : at - 1)) != std::string_view::npos && at > 0) {
    const std::string_view part = folder.substr(at + 1);
    if (!part.empty() && part[0] >= '0' && part[0] <= '9') return {folder.substr(0, at), part};
  }
  return {folder, {}};
}

// Package atoms of a dependency expression: ">=dev-libs/openssl-1.1:0= use? ( || ( a/b c/d ) )" -> "dev-libs/openssl", ...
std::vector<std::string> atoms(std::string_view text) {
  std::vector<std::string> out;
  for (std::string_view word : split(text, ' ')) {
    if (word.starts_with('!')) continue;  // a blocker: what must not be there
    while (!word.empty() && std::string_view("<>=~").find(word.front()) != std::string_view::npos) word.remove_prefix(1);
    word = word.substr(0, word.find_first_of(":["));
    if (word.find('/') == std::string_view::npos) continue;
    const auto [category, name] = cut(word, '/');
    std::string atom = cat(category, "/", split_name(name).first);
    if (std::find(out.begin(), out.end(), atom) == out.end()) out.push_back(std::move(atom));
  }
  return out;
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  Catalogue out;
  std::map<std::string_view, const FileFacts*> by_path;
  for (const FileFacts& file : facts.files) by_path.emplace(file.path, &file);
  for (const FileFacts& file : facts.files) {
    if (base_name(file.path) != "CONTENTS") continue;
    const std::string_view folder = parent_path(file.path);
    const auto [name, version] = split_name(base_name(folder));
    if (version.empty()) {
      out.gaps.push_back({"portage", std::string(folder), "the folder's name has no version"});
      continue;
    }
    const auto text_of = [&](std::string_view field) {
      const auto found = by_path.find(cat(folder, "/", field));
      return found == by_path.end() ? std::string_view() : found->second->facts->note("text");
    };
    Package p{.type = "portage", .ns = to_utf8(base_name(parent_path(folder))), .name = to_utf8(name), .version = to_utf8(version)};
    if (const std::string_view license = text_of("LICENSE"); !license.empty()) p.licenses.push_back(license_or_text(license));
    p.depends = atoms(text_of("RDEPEND"));
    if (const std::string_view repository = text_of("repository"); !repository.empty()) p.set_property("repository", repository);
    if (const std::string_view slot = text_of("SLOT"); !slot.empty()) p.set_property("slot", slot);
    p.locations = {facts.location(file)};
    if (!file.facts->owned_paths.empty()) out.owned.push_back({.package = out.packages.size(), .paths = file.facts->owned_paths});
    out.packages.push_back(std::move(p));
  }
  return out;
}

}  // namespace

Cataloguer portage() {
  return {.name = "portage",
          .paths = {"var/db/pkg/*/*/{CONTENTS,LICENSE,RDEPEND,repository,SLOT}"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .nested = false,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
