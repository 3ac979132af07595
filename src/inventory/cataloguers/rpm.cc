// rpm: packages installed in images of the RHEL family, Fedora, Amazon, SUSE, Photon, Mariner and kin.
//
// Input   the rpm database in any of its forms (format/rpmdb.h), the write-ahead log of the SQLite form (what is committed
//         there counts: rpm_log.h), Mariner's distroless manifest, Red Hat's manifests of content sets; hostile.
// Output  one Package per header: version with epoch, source package, module, licence, relations, owned files, and the
//         content sets of the layer that brought it (content_sets.h). The keys
//         that rpm lists as packages (gpg-pubkey) are no software and are left out.
// Errors  Malformed, Limit when the database cannot be read at all; a torn page or header is a Gap.
// Cost    one pass over the pages; memory for the hashes of owned paths.
// Source  rpm's documents on the database and headers; CBL-Mariner's container-manifest-2.
#include <algorithm>
#include <map>

#include "format/rpm_header.h"
#include "format/rpmdb.h"
#include "format/sqlite.h"
#include "inventory/cataloguer.h"
#include "inventory/content_sets.h"
#include "inventory/licenses.h"
#include "inventory/os_packages.h"
#include "inventory/rpm_log.h"

namespace plimsoll::inventory {
namespace {

using format::RpmHeader;
using format::RpmTag;

// "openssl-3.0.7-24.el9.src.rpm" -> name, and version-release where it is not the package's own.
void set_source(Package& p, std::string_view source_rpm, std::string_view version_release, std::string_view epoch) {
  for (const std::string_view ending : {".src.rpm", ".nosrc.rpm"})
    if (source_rpm.ends_with(ending)) source_rpm.remove_suffix(ending.size());
  const std::size_t release = source_rpm.rfind('-');
  const std::size_t version = release == std::string_view::npos || release == 0 ? std::string_view::npos : source_rpm.rfind('-', release - 1);
  if (version == std::string_view::npos || version == 0) {
    p.source_name = p.name;
    return;
  }
  p.source_name = to_utf8(source_rpm.substr(0, version));
  const std::string_view source_version = source_rpm.substr(version + 1);
  // SOURCERPM has no epoch; a source and its packages nearly always share it.
  if (source_version != version_release) p.source_version = to_utf8(cat(epoch, source_version));
}

void set_version(Package& p, std::string_view version, std::string_view release, std::uint64_t epoch, std::string_view source_rpm) {
  const std::string version_release = release.empty() ? std::string(version) : cat(version, "-", release);
  const std::string epoch_text = epoch == 0 ? std::string() : cat(epoch, ":");
  p.version = to_utf8(cat(epoch_text, version_release));
  set_source(p, source_rpm, version_release, epoch_text);
}

constexpr std::string_view kTable = "Packages";
constexpr std::uint32_t kFileType = 0170000, kDirectory = 0040000;

// Every file of a header: `visit(path)`. Directories are left out.
template <class Visit>
void each_file(const RpmHeader& header, const Visit& visit) {
  const std::vector<std::uint32_t> modes = header.numbers(RpmTag::FileModes);
  const auto is_directory = [&](std::size_t i) { return i < modes.size() && (modes[i] & kFileType) == kDirectory; };
  const std::vector<std::string_view> names = header.texts(RpmTag::BaseNames), folders = header.texts(RpmTag::DirNames);
  const std::vector<std::uint32_t> indexes = header.numbers(RpmTag::DirIndexes);
  for (std::size_t i = 0; i < names.size() && i < indexes.size(); ++i)
    if (indexes[i] < folders.size() && !is_directory(i)) visit(cat(folders[indexes[i]], names[i]));
  const std::vector<std::string_view> old = header.texts(RpmTag::OldFileNames);
  for (std::size_t i = 0; i < old.size(); ++i)
    if (!is_directory(i)) visit(std::string(old[i]));
}

class DatabaseReader {
 public:
  explicit DatabaseReader(const FileView& file) : path_(file.path) {}

  // `row` of a database of rows: its number.
  void add(Bytes blob, std::int64_t row = 0) {
    const std::size_t before = facts_.packages.size();
    read(blob);
    if (row != 0) (facts_.packages.size() > before ? rows_ : other_rows_).push_back(row);
  }

  void gap(std::string why) { facts_.gaps.push_back({"rpm", path_, std::move(why)}); }

  Facts finish() {
    note_database(facts_);
    return finish_log();
  }

  // Of a write-ahead log, which is no database.
  Facts finish_log() {
    resolve_depends();
    for (const std::size_t count : counts_) facts_.notes.emplace_back("owned", cat(count));
    if (!rows_.empty() || !other_rows_.empty()) note_rows(facts_, rows_, other_rows_);
    return std::move(facts_);
  }

  void tree(const format::SqliteTree& tree) { note_tree(facts_, tree); }

 private:
  void read(Bytes blob) {
    const auto header = RpmHeader::parse(blob);
    if (!header) return gap(header.error().message());
    Package p{.type = "rpm"};
    p.name = to_utf8(header->text(RpmTag::Name));
    const std::string_view version = header->text(RpmTag::Version);
    if (p.name.empty() || version.empty()) return gap(cat("a header has no ", p.name.empty() ? "name" : cat("version: ", p.name)));
    if (p.name == "gpg-pubkey") return;
    const std::vector<std::uint32_t> epoch = header->numbers(RpmTag::Epoch);
    set_version(p, version, header->text(RpmTag::Release), epoch.empty() ? 0 : epoch[0], header->text(RpmTag::SourceRpm));
    p.arch = to_utf8(header->text(RpmTag::Arch));
    if (const std::string_view license = header->text(RpmTag::License); !license.empty()) p.licenses.push_back(license_or_text(license));
    if (const std::string_view vendor = header->text(RpmTag::Vendor); !vendor.empty()) p.set_property("vendor", to_utf8(vendor));
    // "nodejs:18:9020230327:rhel9": advisories speak of module and stream.
    if (const std::string_view label = header->text(RpmTag::ModularityLabel); !label.empty()) {
      const auto [module, rest] = cut(label, ':');
      p.set_property("modularity", to_utf8(cat(module, ":", cut(rest, ':').first)));
    }
    for (const std::string_view name : header->texts(RpmTag::ProvideName)) providers_.emplace(std::string(name), p.name);
    for (const std::string_view name : header->texts(RpmTag::RequireName))
      if (!name.starts_with("rpmlib(")) p.depends.push_back(to_utf8(name));
    const std::size_t first = facts_.owned_paths.size();
    each_file(*header, [&](const std::string& path) { facts_.owned_paths.push_back(owned_path_hash(path)); });
    counts_.push_back(facts_.owned_paths.size() - first);
    if (header->damaged()) gap(cat("header of ", p.name, " is damaged in part"));  // known once all its tags were read
    facts_.packages.push_back(std::move(p));
  }

  // What is needed is a capability or a file; reported are the packages that bring it.
  void resolve_depends() {
    std::unordered_map<std::uint64_t, std::size_t> wanted;  // files that somebody needs
    for (const Package& p : facts_.packages)
      for (const std::string& name : p.depends)
        if (name.starts_with('/')) wanted.emplace(owned_path_hash(name), facts_.packages.size());
    std::size_t at = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i)
      for (const std::size_t end = at + counts_[i]; at < end; ++at)
        if (const auto found = wanted.find(facts_.owned_paths[at]); found != wanted.end()) found->second = i;
    for (Package& p : facts_.packages) {
      std::vector<std::string> names;
      for (const std::string& need : p.depends) {
        const auto provider = providers_.find(need);
        const auto file = need.starts_with('/') ? wanted.find(owned_path_hash(need)) : wanted.end();
        if (provider != providers_.end()) names.push_back(provider->second);
        else if (file != wanted.end() && file->second < facts_.packages.size()) names.push_back(facts_.packages[file->second].name);
      }
      std::sort(names.begin(), names.end());
      names.erase(std::unique(names.begin(), names.end()), names.end());
      std::erase(names, p.name);
      p.depends = std::move(names);
    }
  }

  std::string path_;
  Facts facts_;
  std::vector<std::size_t> counts_;
  std::vector<std::int64_t> rows_, other_rows_;  // with a package, without one
  Providers providers_;
};

// Rows of tabs: name, version-release, install time, build time, vendor, epoch, size, architecture, epoch number, source.
Facts read_manifest(const FileView& file) {
  Facts facts;
  std::string_view rest = as_text(file.content), line;
  for (std::uint32_t number = 1; next_line(rest, line); ++number) {
    if (trim(line).empty()) continue;
    const std::vector<std::string_view> fields = split(line, '\t');
    if (fields.size() < 10 || fields[0].empty() || fields[1].empty()) {
      facts.gaps.push_back({"rpm", cat(file.path, ":", number), "row has not the ten fields of a package"});
      continue;
    }
    if (fields[0] == "gpg-pubkey") continue;
    Package p{.type = "rpm"};
    p.name = to_utf8(fields[0]);
    const auto [version, release] = cut(fields[1], '-');
    set_version(p, version, release, parse_u64(fields[8]).value_or(0), fields[9]);
    p.arch = to_utf8(fields[7]);
    if (fields[4] != "(none)" && !fields[4].empty()) p.set_property("vendor", to_utf8(fields[4]));
    facts.packages.push_back(std::move(p));
  }
  return facts;
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  const std::string_view name = base_name(file.path);
  if (name == "container-manifest-2") return read_manifest(file);
  if (is_content_manifest(file.path)) return read_content_manifest(file, limits);
  DatabaseReader reader(file);
  if (name.ends_with("-wal")) {
    // Rows of Packages are a number and a blob; those of its indexes have three values.
    const auto visit = [&](const format::SqliteRow& row) {
      if (row.values.size() == 2 && row.values[1].kind == format::SqliteValue::Kind::Blob) reader.add(row.values[1].bytes, row.row_id);
    };
    PLIM_TRY(const format::SqliteLog log, format::read_sqlite_log(file.content, kTable, limits, visit));
    if (log.left_out > 0) reader.gap(cat(log.left_out, " pages of the write-ahead log are torn or were never committed and are left out"));
    if (!log.tree.pages.empty()) reader.tree(log.tree);
    return reader.finish_log();
  }
  if (file.content.empty()) return reader.finish();  // left behind by rpm when it moves to another form
  std::vector<std::string> problems;
  if (format::is_sqlite(file.content)) {
    format::SqliteTree tree;
    const auto visit = [&](const format::SqliteRow& row) {
      if (row.values.size() >= 2 && row.values[1].kind == format::SqliteValue::Kind::Blob) reader.add(row.values[1].bytes, row.row_id);
      else problems.push_back("a row of Packages has no blob");
    };
    PLIM_CHECK(format::read_sqlite_table(file.content, kTable, limits, visit, problems, &tree));
    reader.tree(tree);
  } else {
    PLIM_CHECK(format::read_rpmdb(file.content, limits, [&](Bytes blob) { reader.add(blob); }, problems));
  }
  for (std::string& problem : problems) reader.gap(std::move(problem));
  return reader.finish();
}

const FileFacts* beside(const SquashedFacts& facts, std::string_view path) {
  for (const FileFacts& file : facts.files)
    if (file.path == path) return &file;
  return nullptr;
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  Catalogue out;
  const ContentSets content_sets(facts);
  for (const FileFacts& file : facts.files) {
    if (is_content_manifest(file.path)) continue;
    const bool is_log = file.path.ends_with("-wal");
    const FileFacts* other = beside(facts, is_log ? std::string(file.path.substr(0, file.path.size() - 4)) : cat(file.path, "-wal"));
    if (is_log && !other && !file.facts->packages.empty())
      out.gaps.push_back({"rpm", std::string(file.path), "a write-ahead log without its database is not read, as SQLite does not"});
    const FileFacts* log = is_log ? (other ? &file : nullptr) : other;
    const FileFacts* database = is_log ? other : &file;
    const LogOverlay overlay(database ? database->facts : nullptr, log ? log->facts : nullptr);
    if (is_log && overlay.missing() > 0)
      out.gaps.push_back({"rpm", std::string(file.path), cat(overlay.missing(), " rows or pages of the table are whole neither in the database nor in its write-ahead log")});
    const FirstLayers brought(facts, file);
    OwnedLists owned(*file.facts);
    for (std::size_t i = 0; i < file.facts->packages.size(); ++i) {
      if (is_log ? !overlay.in_log(i) : !overlay.in_database(i)) {
        owned.skip();
        continue;
      }
      Package& p = out.packages.emplace_back(file.facts->packages[i]);
      p.ns = distro_namespace(facts.distribution, "");
      if (const std::string distro = distro_qualifier(facts.distribution); !distro.empty()) p.set_property("distro", distro);
      p.locations = {brought.location(p)};
      if (const std::string_view sets = content_sets.of(brought.layer(p)); !sets.empty()) p.set_property(kContentSetsProperty, sets);
      owned.next(out);
    }
  }
  add_unread_databases(out, facts, "rpm",
                       {"var/lib/rpm/Packages", "var/lib/rpm/Packages.db", "var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/Packages.db", "usr/lib/sysimage/rpm/rpmdb.sqlite"});
  return out;
}

}  // namespace

Cataloguer rpm() {
  return {.name = "rpm",
          .version = 5,
          .paths = {"{var/lib,usr/lib/sysimage,usr/share,usr/lib}/rpm/{Packages,Packages.db,rpmdb.sqlite,rpmdb.sqlite-wal}",
                    "var/lib/rpmmanifest/container-manifest-2", std::string(kContentManifests[0]), std::string(kContentManifests[1])},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .nested = false,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
