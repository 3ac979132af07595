// apk: packages installed in Alpine, Wolfi, Chainguard and OpenWrt (since 24.10) images.
//
// Input   lib/apk/db/installed, usr/lib/apk/db/installed (apk-tools 3 on merged-/usr systems); hostile.
// Output  one Package per paragraph with its origin (source) package, licence, relations and owned files.
// Errors  none. A paragraph without name or version is a Gap with its line; blank lines only separate.
// Cost    one pass, O(bytes).
// Source  apk-tools apk-installed(5): one-letter fields, "F:" folder and "R:" file of it.
#include <algorithm>

#include "inventory/cataloguer.h"
#include "inventory/licenses.h"
#include "inventory/os_packages.h"

namespace plimsoll::inventory {
namespace {

// Old packages list licences with spaces between: "MIT BSD GPL2+".
std::vector<std::string> licenses_of(std::string_view text) {
  if (std::string spdx = spdx_expression(text); !spdx.empty()) return {std::move(spdx)};
  std::string all;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty() || word == "AND" || word == "and") continue;
    const std::string one = spdx_expression(word);
    if (one.empty()) return {license_or_text(text)};
    all += cat(all.empty() ? "" : " AND ", one);
  }
  return {std::move(all)};
}

// "so:libc.musl-x86_64.so.1=1", "pc:x>=1", "cmd:busybox", "busybox>1.2", "!conflict" -> the name, with its prefix.
std::string_view relation_name(std::string_view word) { return word.substr(0, word.find_first_of("=<>~@")); }

struct Paragraph {
  Package package{.type = "apk"};
  std::vector<std::uint64_t> owned;
  std::string provides;
  std::uint32_t line = 0;
};

class DatabaseReader {
 public:
  DatabaseReader(const FileView& file, const Limits& limits) : path_(file.path), limits_(limits), rest_(as_text(file.content)) {}

  Facts read() {
    note_database(facts_);
    std::string_view line;
    std::uint32_t number = 0;
    while (next_line(rest_, line)) {
      ++number;
      if (trim(line).empty()) {
        close();
        if (facts_.packages.size() >= limits_.records) {
          gap(number, "more packages than the limit; the rest was not read");
          break;
        }
        continue;
      }
      if (current_.line == 0) current_.line = number;
      if (line.size() < 2 || line[1] != ':') {
        gap(number, "line is no field");
        continue;
      }
      field(line[0], line.substr(2));
    }
    close();
    if (!provides_.empty()) facts_.notes.emplace_back("provides", std::move(provides_));
    return std::move(facts_);
  }

 private:
  void field(char key, std::string_view value) {
    Package& p = current_.package;
    switch (key) {
      case 'P': p.name = to_utf8(value); break;
      case 'V': p.version = to_utf8(value); break;
      case 'A': p.arch = to_utf8(value); break;
      case 'o': p.source_name = to_utf8(value); break;
      case 'L': p.licenses = licenses_of(value); break;
      case 'm': p.set_property("maintainer", to_utf8(value)); break;
      case 'D':
        for (const std::string_view word : split(value, ' '))
          if (const std::string_view name = relation_name(word); !name.empty() && name[0] != '!') p.depends.push_back(to_utf8(name));
        break;
      case 'p':
        for (const std::string_view word : split(value, ' '))
          if (const std::string_view name = relation_name(word); !name.empty()) current_.provides += cat(to_utf8(name), "\n");
        break;
      case 'F': folder_ = value; break;
      case 'R': current_.owned.push_back(owned_path_hash(folder_.empty() ? std::string(value) : cat(folder_, "/", value))); break;
      default: break;
    }
  }

  void close() {
    if (current_.line != 0) {
      Package& p = current_.package;
      if (p.name.empty() || p.version.empty()) {
        gap(current_.line, p.name.empty() ? "paragraph has no package name" : cat("package ", p.name, " has no version"));
      } else {
        if (p.source_name.empty()) p.source_name = p.name;
        std::string_view rest = current_.provides, line;
        while (next_line(rest, line)) provides_ += cat(line, "\t", p.name, "\n");
        // How many of the hashes are whose: see OwnedLists.
        facts_.notes.emplace_back("owned", cat(current_.owned.size()));
        facts_.owned_paths.insert(facts_.owned_paths.end(), current_.owned.begin(), current_.owned.end());
        facts_.packages.push_back(std::move(p));
      }
    }
    current_ = {};
    folder_ = {};
  }

  void gap(std::uint32_t line, std::string_view why) { facts_.gaps.push_back({"apk", cat(path_, ":", line), std::string(why)}); }

  std::string_view path_;
  const Limits& limits_;
  std::string_view rest_, folder_;
  Paragraph current_;
  std::string provides_;
  Facts facts_;
};

Result<Facts> extract(const FileView& file, const Limits& limits) { return DatabaseReader(file, limits).read(); }

Result<Catalogue> resolve(const SquashedFacts& facts) {
  Catalogue out;
  Providers providers;
  for (const FileFacts& file : facts.files) {
    for (const Package& p : file.facts->packages) providers[p.name] = p.name;
    std::string_view rest = file.facts->note("provides"), line;
    while (next_line(rest, line)) providers.emplace(cut(line, '\t'));
  }
  for (const FileFacts& file : facts.files) {
    const FirstLayers brought(facts, file);
    OwnedLists owned(*file.facts);
    for (const Package& stated : file.facts->packages) {
      Package& p = out.packages.emplace_back(stated);
      p.ns = distro_namespace(facts.distribution, "alpine");
      if (const std::string distro = distro_qualifier(facts.distribution); !distro.empty()) p.set_property("distro", distro);
      pick_depends(p.depends, providers);
      std::erase(p.depends, p.name);  // what it provides itself
      p.locations = {brought.location(p)};
      owned.next(out);
    }
  }
  add_unread_databases(out, facts, "apk", {"lib/apk/db/installed", "usr/lib/apk/db/installed"});
  return out;
}

}  // namespace

Cataloguer apk() {
  return {.name = "apk",
          .version = 2,
          .paths = {"lib/apk/db/installed", "usr/lib/apk/db/installed"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .nested = false,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
