// conan_packages: C and C++ packages of Conan, locked, declared or installed.
//
// Input   conan.lock (Conan 1: graph_lock, Conan 2: lists of references), conanfile.txt, conaninfo.txt; hostile.
// Output  one conan Package for each reference "name/version@user/channel#revision"; user and channel as properties;
//         build and test requirements have property "dev". Ranges ("[>1.0]") name no package.
// Errors  Malformed, Limit. A reference without a version is a gap.
// Cost    one pass per file.
// Source  docs.conan.io: lockfiles, conanfile.txt, conaninfo.txt; purl-spec, type conan.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

void add_reference(Harvest& harvest, std::string_view reference, bool dev) {
  reference = trim(reference);
  if (reference.empty()) return;
  reference = cut(cut(reference, '%').first, '#').first;
  const auto [id, owner] = cut(reference, '@');
  const auto [name, rest] = cut(id, '/');
  const std::string_view version = cut(rest, ':').first;
  if (version.starts_with('[')) return;
  if (version.empty()) {
    harvest.gap(cat("\"", to_utf8(reference.substr(0, 100)), "\" has no version"));
    return;
  }
  Package* package = harvest.add_dev("conan", {}, name, version, dev);
  if (!package || owner.empty()) return;
  const auto [user, channel] = cut(owner, '/');
  if (user != "_" && !user.empty()) package->set_property("user", user);
  if (channel != "_" && !channel.empty()) package->set_property("channel", channel);
}

Result<Facts> read_lock(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "conan_packages", limits);
  const JsonValue root = document.root();
  if (!root.is_object()) return malformed("conan.lock is a JSON object");
  for (const auto& [id, node] : harvest.members(root["graph_lock"]["nodes"], "nodes"))
    if (node["path"].text().empty())
      add_reference(harvest, node["ref"].text(node["pref"].text()), node["context"].text() == "build");
  for (const JsonValue reference : harvest.items(root["requires"], "requires"))
    add_reference(harvest, reference.text(), false);
  for (const std::string_view kind : {"build_requires", "python_requires"})
    for (const JsonValue reference : harvest.items(root[kind], kind)) add_reference(harvest, reference.text(), true);
  return harvest.take_lock();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (file.path.ends_with(".lock")) return read_lock(file, limits);
  PLIM_TRY(std::string_view text, text_of(file, limits));
  Harvest harvest(file, "conan_packages", limits);
  const bool info = base_name(file.path) == "conaninfo.txt";
  std::string_view line, section;
  while (next_line(text, line)) {
    line = trim(line.substr(0, line.find(" #")));
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[' && line.ends_with(']') && line.find('/') == std::string_view::npos)
      section = line.substr(1, line.size() - 2);
    else if (info ? section == "full_requires" : section == "requires")
      add_reference(harvest, line, false);
    else if (!info && (section == "build_requires" || section == "tool_requires" || section == "test_requires"))
      add_reference(harvest, line, true);
  }
  return harvest.take();
}

}  // namespace

Cataloguer conan_packages() {
  return {.name = "conan_packages",
          .version = 2,
          .paths = {"**/conan.lock", "**/conanfile.txt", "**/conaninfo.txt"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
