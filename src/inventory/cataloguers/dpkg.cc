// dpkg: packages installed in Debian-family images, and opkg's (OpenWrt and kin), which keeps the same form.
//
// Input   var/lib/dpkg/status and status.d/* (distroless), info/*.list, usr/share/doc/*/copyright; opkg's status and
//         info; hostile; bytes, not always UTF-8.
// Output  one Package per installed stanza, version verbatim, with its source, licences, relations and file list.
// Errors  none. A stanza without name or version is a Gap with its line; the others are kept.
// Cost    one pass over each file, O(bytes).
// Source  Debian Policy ch. 5 and 7; dpkg-query(1), Status field; deb822(5).
#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "inventory/cataloguer.h"
#include "inventory/licenses.h"
#include "inventory/os_packages.h"
#include "inventory/stanzas.h"

namespace plimsoll::inventory {
namespace {

// Files are there in every state but these two: after `remove` only configuration stays, after `purge` nothing.
// A wish to remove (first word "deinstall") that dpkg has not carried out leaves the package installed.
bool is_installed(std::string_view status) {
  if (status.empty()) return true;  // distroless stanzas have none
  const std::size_t space = status.rfind(' ');
  const std::string_view state = space == std::string_view::npos ? status : status.substr(space + 1);
  return state != "config-files" && state != "not-installed" && state != "deinstall" && state != "purge";
}

bool is_opkg(std::string_view path) { return path.find("opkg") != std::string_view::npos; }

// "glibc (2.36-9)" -> name and version.
void set_source(Package& package, std::string_view source) {
  const std::size_t open = source.find('(');
  package.source_name = to_utf8(trim(source.substr(0, open)));
  if (open != std::string_view::npos) {
    const std::string_view version = trim(cut(source.substr(open + 1), ')').first);
    if (version != package.version) package.source_version = to_utf8(version);
  }
  if (package.type == "opkg") package.source_name = base_name(package.source_name);  // a path in the build tree
  if (package.source_name.empty()) package.source_name = package.name;
}

void read_status(const FileView& file, const Limits& limits, Facts& facts) {
  const bool opkg = is_opkg(file.path);
  const auto gap = [&](std::uint32_t line, std::string_view why) {
    facts.gaps.push_back({"dpkg", cat(file.path, ":", line), std::string(why)});
  };
  StanzaReader reader(as_text(file.content));
  std::string provides;
  while (reader.next()) {
    if (facts.packages.size() >= limits.records) {
      gap(reader.line(), "more packages than the limit; the rest was not read");
      break;
    }
    if (!is_installed(reader.field("Status"))) continue;
    Package p{.type = opkg ? "opkg" : "deb"};
    p.name = to_utf8(reader.field("Package"));
    p.version = to_utf8(reader.field("Version"));
    if (p.name.empty() || p.version.empty()) {
      gap(reader.line(), p.name.empty() ? "stanza has no package name" : cat("package ", p.name, " has no version"));
      continue;
    }
    if (reader.bad_line() != 0) gap(reader.bad_line(), cat("line in the stanza of ", p.name, " is no field"));
    p.arch = to_utf8(reader.field("Architecture"));
    set_source(p, reader.field("Source"));
    p.depends = dependency_names(reader.field("Pre-Depends"));
    for (std::string& name : dependency_names(reader.field("Depends")))
      if (std::find(p.depends.begin(), p.depends.end(), name) == p.depends.end()) p.depends.push_back(std::move(name));
    if (const std::string_view license = reader.field("License"); !license.empty()) p.licenses.push_back(license_or_text(license));
    if (const std::string_view maintainer = reader.field("Maintainer"); !maintainer.empty()) p.set_property("maintainer", to_utf8(maintainer));
    for (const std::string& name : dependency_names(reader.field("Provides"))) provides += cat(name, "\t", p.name, "\n");
    facts.packages.push_back(std::move(p));
  }
  if (!provides.empty()) facts.notes.emplace_back("provides", std::move(provides));
}

// Lines "md5sum  path" (status.d): the paths.
void read_md5sums(std::string_view text, Facts& facts) {
  std::string_view line;
  while (next_line(text, line))
    if (const std::size_t space = line.find(' '); space != std::string_view::npos)
      if (const std::string_view path = trim(line.substr(space)); !path.empty()) facts.owned_paths.push_back(owned_path_hash(path));
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  Facts facts;
  const std::string_view text = as_text(file.content);
  if (file.path.ends_with(".list")) {
    add_owned_lines(facts.owned_paths, text);
  } else if (file.path.ends_with(".md5sums")) {
    read_md5sums(text, facts);
  } else if (file.path.ends_with("/copyright")) {
    for (std::string& license : licenses_of_copyright(text.substr(0, limits.metadata_bytes))) facts.notes.emplace_back("license", std::move(license));
  } else {
    note_database(facts);
    read_status(file, limits, facts);
  }
  return facts;
}

// Which package a list belongs to: "libc6:amd64.list" -> "libc6:amd64"; without an architecture the name alone.
std::string_view list_key(std::string_view path) {
  const std::string_view name = base_name(path);
  return name.substr(0, name.rfind('.'));
}

using Licenses = std::unordered_map<std::string, std::vector<std::string>>;

// A documentation folder may be a link to that of a package of the same source (Policy 12.5), whose licences then hold.
void add_licenses(std::vector<Package>& packages, const Licenses& by_name) {
  std::map<std::pair<std::string_view, std::string_view>, const std::vector<std::string>*> by_source;
  for (const Package& p : packages)
    if (const auto found = by_name.find(p.name); found != by_name.end()) by_source.emplace(std::pair(p.source_name, p.version), &found->second);
  for (Package& p : packages) {
    if (!p.licenses.empty()) continue;
    if (const auto own = by_name.find(p.name); own != by_name.end()) p.licenses = own->second;
    else if (const auto source = by_source.find({p.source_name, p.version}); source != by_source.end()) p.licenses = *source->second;
  }
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  Catalogue out;
  std::unordered_map<std::string_view, const FileFacts*> lists;
  Licenses licenses;
  Providers providers;
  for (const FileFacts& file : facts.files) {
    if (file.path.ends_with(".list") || file.path.ends_with(".md5sums")) lists.emplace(list_key(file.path), &file);
    if (file.path.ends_with("/copyright"))
      for (const auto& [key, value] : file.facts->notes) licenses[std::string(base_name(parent_path(file.path)))].push_back(value);
    std::string_view rest = file.facts->note("provides"), line;
    for (const Package& p : file.facts->packages) providers[p.name] = p.name;  // a package goes before what provides its name
    while (next_line(rest, line)) providers.emplace(cut(line, '\t'));
  }

  std::map<std::array<std::string, 4>, std::size_t> known;  // one package in several status files is one
  for (const FileFacts& file : facts.files) {
    const FirstLayers brought(facts, file);
    for (const Package& stated : file.facts->packages) {
      const auto [at, fresh] = known.emplace(std::array{stated.type, stated.name, stated.version, stated.arch}, out.packages.size());
      if (!fresh) {
        out.packages[at->second].locations.push_back(brought.location(stated));
        continue;
      }
      Package p = stated;
      p.ns = p.type == "deb" ? distro_namespace(facts.distribution, "debian") : distro_namespace(facts.distribution, "");
      if (const std::string distro = distro_qualifier(facts.distribution); !distro.empty()) p.set_property("distro", distro);
      pick_depends(p.depends, providers);
      p.locations.push_back(brought.location(p));
      auto list = lists.find(cat(p.name, ":", p.arch));
      if (list == lists.end()) list = lists.find(p.name);
      if (list != lists.end()) {
        p.locations.push_back(facts.location(*list->second));
        out.owned.push_back({.package = out.packages.size(), .paths = list->second->facts->owned_paths});
      }
      out.packages.push_back(std::move(p));
    }
  }
  add_licenses(out.packages, licenses);
  for (Package& p : out.packages) std::sort(p.locations.begin(), p.locations.end());
  add_unread_databases(out, facts, "dpkg", {"var/lib/dpkg/status", "usr/lib/opkg/status", "var/lib/opkg/status", "opt/lib/opkg/status"});
  return out;
}

}  // namespace

Cataloguer dpkg() {
  return {.name = "dpkg",
          .version = 2,
          .paths = {"var/lib/dpkg/status", "var/lib/dpkg/status.d/*", "var/lib/dpkg/info/*.list", "usr/share/doc/*/copyright", "{usr,var}/lib/opkg/status",
                    "{usr,var}/lib/opkg/info/*.{list,control}", "opt/lib/opkg/status", "opt/lib/opkg/info/*.{list,control}"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .nested = false,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
