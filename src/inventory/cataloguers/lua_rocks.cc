// lua_rocks: Lua packages that LuaRocks installed or a project declares.
//
// Input   *.rockspec: Lua, of which only top-level assignments of text and the dependencies list are read; hostile.
// Output  one luarocks Package for each file, version with its revision ("1.0-1").
// Errors  Limit. A specification without a plain name or version is a gap (the file's name is used where it has them).
// Cost    one pass by lines.
// Source  github.com/luarocks/luarocks wiki: Rockspec format.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

std::string_view quoted(std::string_view text) {
  text = trim(text);
  if (text.size() < 2 || (text[0] != '"' && text[0] != '\'')) return {};
  const std::size_t close = text.find(text[0], 1);
  return close == std::string_view::npos ? std::string_view() : text.substr(1, close - 1);
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(std::string_view text, text_of(file, limits));
  Harvest harvest(file, "lua_rocks", limits);
  std::string_view line, name, version, license;
  std::vector<std::string> depends;
  bool in_dependencies = false;
  while (next_line(text, line)) {
    const std::string_view item = trim(line);
    if (in_dependencies || (item.starts_with("dependencies") && item.find('{') != std::string_view::npos)) {
      std::string_view rest = in_dependencies ? item : item.substr(item.find('{') + 1);
      in_dependencies = rest.find('}') == std::string_view::npos;
      while (true) {
        const std::size_t open = rest.find_first_of("\"'");
        if (open == std::string_view::npos) break;
        const std::string_view one = quoted(rest.substr(open));
        add_unique(depends, one.substr(0, one.find_first_of(" <>=~")));
        const std::size_t close = rest.find(rest[open], open + 1);
        if (close == std::string_view::npos) break;
        rest.remove_prefix(close + 1);
      }
      continue;
    }
    const auto [key, value] = cut(item, '=');
    const std::string_view what = trim(key);
    if (what == "package" && name.empty())
      name = quoted(value);
    else if (what == "version" && version.empty())
      version = quoted(value);
    else if (what == "license" && license.empty())
      license = quoted(value);
  }
  std::string_view stem = base_name(file.path);
  stem.remove_suffix(stem.ends_with(".rockspec") ? 9 : 0);
  if (const std::size_t revision = stem.rfind('-');
      revision != std::string_view::npos && revision > 0) {  // "name-1.0-1"
    const std::size_t dash = stem.rfind('-', revision - 1);
    if (dash != std::string_view::npos) {
      if (name.empty()) name = stem.substr(0, dash);
      if (version.empty()) version = stem.substr(dash + 1);
    }
  }
  if (name.empty() || version.empty()) {
    harvest.gap(cat("no ", name.empty() ? "name" : "version", " that can be read without running Lua"));
    return harvest.take();
  }
  if (Package* package = harvest.add("luarocks", {}, name, version)) {
    add_license(package->licenses, license);
    std::erase(depends, "lua");
    package->depends = std::move(depends);
  }
  return harvest.take();
}

}  // namespace

Cataloguer lua_rocks() {
  return {.name = "lua_rocks",
          .version = 1,
          .paths = {"**/*.rockspec"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
