// perl_packages: Perl distributions, installed from CPAN or locked by a project.
//
// Input   .meta/*/install.json (cpanm, cpm), perllocal.pod (make install), cpanfile.snapshot (Carton); hostile.
// Output  one cpan Package for each, named as the distribution ("DBI", "libwww-perl"), author as namespace where the
// file
//         tells it; perllocal.pod names the main module ("LWP"), which is written with "-".
// Errors  Malformed, Limit. An entry without a version is a gap.
// Cost    one pass per file.
// Source  metacpan.org: App::cpanminus, ExtUtils::Install (perllocal), Carton::Snapshot; purl-spec, type cpan.
#include <algorithm>
#include <tuple>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> read_install(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "perl_packages", limits);
  const JsonValue root = document.root();
  // "dist": "DBI-1.643", "name": "DBI", "version": "1.643", "pathname": "T/TI/TIMB/DBI-1.643.tar.gz"
  const auto [dist, dist_version] = split_last(root["dist"].text(), '-');
  const std::string_view version = root["version"].text(dist_version);
  const auto parts = split(root["pathname"].text(), '/');
  std::string name(dist.empty() ? root["name"].text() : dist);
  for (std::size_t at; (at = name.find("::")) != std::string::npos;) name.replace(at, 2, "-");
  if (name.empty() || version.empty()) harvest.gap(cat("no ", name.empty() ? "name" : "version"));
  harvest.add("cpan", parts.size() > 3 ? parts[2] : std::string_view(), name, version);
  return harvest.take();
}

Facts read_perllocal(std::string_view text, const FileView& file, const Limits& limits) {
  Harvest harvest(file, "perl_packages", limits);
  std::string name;
  std::string_view line;
  while (next_line(text, line)) {
    // =head2 Tue Jan  2 03:04:05 2024: C<Module> L<LWP::UserAgent|LWP::UserAgent>
    if (line.starts_with("=head2 ")) {
      const std::size_t link = line.find("L<");
      name = link == std::string_view::npos
                 ? std::string()
                 : std::string(line.substr(link + 2, std::min(line.find_first_of("|>", link), line.size()) - link - 2));
      for (std::size_t at; (at = name.find("::")) != std::string::npos;) name.replace(at, 2, "-");
    } else if (const std::size_t at = line.find("C<VERSION: "); at != std::string_view::npos && !name.empty()) {
      const std::string_view version = line.substr(at + 11);
      harvest.add("cpan", {}, name, version.substr(0, version.find('>')));
    }
  }
  return harvest.take();
}

Facts read_snapshot(std::string_view text, const FileView& file, const Limits& limits) {
  Harvest harvest(file, "perl_packages", limits);
  std::string_view line, name, version;
  bool in_requirements = false;
  Package* last = nullptr;  // ends with the next add
  for (std::size_t number = 1; next_line(text, line); ++number) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    const std::string_view item = trim(line);
    if (item.empty() || item[0] == '#' || indent == 0) continue;
    if (indent == 2) {
      std::tie(name, version) = split_last(item, '-');
      in_requirements = false;
      last = nullptr;
      if (name.empty()) harvest.gap(cat("line ", number, " is not a distribution with a version"));
    } else if (indent == 4) {
      in_requirements = item == "requirements:";
      if (item.starts_with("pathname:") && !name.empty()) {
        const auto parts = split(trim(item.substr(9)), '/');
        last = harvest.add("cpan", parts.size() > 3 ? parts[2] : std::string_view(), name, version);
      }
    } else if (in_requirements && last) {
      const std::string_view module = cut(item, ' ').first;
      if (module != "perl") add_unique(last->depends, module);
    }
  }
  return harvest.take();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  const std::string_view name = base_name(file.path);
  if (name == "install.json") return read_install(file, limits);
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  return name == "perllocal.pod" ? read_perllocal(text, file, limits) : read_snapshot(text, file, limits);
}

}  // namespace

Cataloguer perl_packages() {
  return {.name = "perl_packages",
          .version = 1,
          .paths = {"**/.meta/*/install.json", "**/perllocal.pod", "**/cpanfile.snapshot"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
