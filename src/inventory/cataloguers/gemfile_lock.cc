// gemfile_lock: the gems a Ruby project locked.
//
// Input   Gemfile.lock and gems.locked; hostile.
// Output  one gem Package for each line of specs in GEM, GIT and PLUGIN SOURCE; PATH sections are the project's own
// parts
//         (property "local"). Property "platform" where it is not "ruby", "resolved" for gems from version control.
// Errors  Limit. A spec without a version is a gap.
// Cost    one pass by lines.
// Source  bundler.io/man/gemfile.5, Bundler::LockfileParser's published form.
#include <algorithm>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (is_vendored_path(file.path)) return Facts{};
  PLIM_TRY(std::string_view text, text_of(file, limits));
  Harvest harvest(file, "gemfile_lock", limits);
  std::string_view line, section, remote;
  bool in_specs = false;
  Package* last = nullptr;  // ends with the next add
  std::size_t number = 0;
  while (next_line(text, line)) {
    ++number;
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    const std::string_view item = trim(line);
    if (item.empty()) continue;
    if (item.starts_with("<<<<<<<") || item.starts_with(">>>>>>>"))
      harvest.gap(cat("line ", number, " is an unsolved merge conflict"));
    if (indent == 0) {
      section = item;
      remote = {};
      in_specs = false;
      last = nullptr;
      static constexpr std::string_view kSections[] = {"GEM",       "GIT",          "PATH",         "PLUGIN SOURCE",
                                                       "PLATFORMS", "DEPENDENCIES", "BUNDLED WITH", "RUBY VERSION"};
      if (std::find(std::begin(kSections), std::end(kSections), section) != std::end(kSections)) harvest.recognised();
    } else if (indent == 2) {
      in_specs =
          item == "specs:" && (section == "GEM" || section == "GIT" || section == "PATH" || section == "PLUGIN SOURCE");
      if (item.starts_with("remote:")) remote = trim(item.substr(7));
    } else if (in_specs && indent == 4) {
      const auto [name, rest] = cut(item, ' ');
      std::string_view version = trim(rest);
      if (!version.starts_with('(') || !version.ends_with(')')) {
        harvest.gap(cat("line ", number, ": ", to_utf8(name.substr(0, 100)), " has no version"));
        last = nullptr;
        continue;
      }
      version = version.substr(1, version.size() - 2);
      const auto [plain, platform] = cut(version, '-');  // gem versions have no '-': what follows is a platform
      last = harvest.add("gem", {}, name, plain);
      if (!last) continue;
      if (!platform.empty() && last->property("platform").empty())
        last->set_property("platform", platform.substr(0, 100));
      if (section == "PATH") last->set_property("local", "true");
      if (section == "GIT" && !remote.empty()) last->set_property("resolved", remote.substr(0, kMaxNameBytes));
    } else if (in_specs && indent == 6 && last) {
      std::string_view name = item.substr(0, item.find_first_of(" ("));
      if (name.ends_with('!')) name.remove_suffix(1);
      add_unique(last->depends, name);
    }
  }
  return harvest.take_lock();
}

}  // namespace

Cataloguer gemfile_lock() {
  return {.name = "gemfile_lock",
          .version = 2,
          .paths = {"**/Gemfile.lock", "**/gems.locked"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
