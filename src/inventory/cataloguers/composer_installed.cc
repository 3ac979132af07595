// composer_installed: the PHP packages that are installed.
//
// Input   vendor/composer/installed.json (Composer 1: a list, 2: an object) and installed.php where there is no such
//         .json beside it; hostile. The PHP is read as nested array(...) literals; nothing is run.
// Output  one composer Package for each; property "dev" from dev-package-names and dev_requirement.
// Errors  Malformed, Limit. An entry without a name is a gap.
// Cost    one pass, O(file).
// Source  getcomposer.org/doc/07-runtime.md (installed versions), composer 2 UPGRADE notes on installed.json.
#include <algorithm>
#include <set>

#include "inventory/cataloguer.h"
#include "inventory/composer.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> read_json(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "composer_installed", limits);
  const JsonValue root = document.root();
  if (!root.is_array() && !root.is_object()) return malformed("installed.json is a list or an object");
  std::set<std::string_view> dev;
  for (const JsonValue name : root["dev-package-names"].items()) dev.insert(name.text());
  for (const JsonValue entry : harvest.items(root.is_array() ? root : root["packages"], "packages"))
    add_composer_package(harvest, entry, dev.contains(entry["name"].text()));
  return harvest.take();
}

// 'versions' => array('vendor/name' => array('pretty_version' => 'v1.2', 'dev_requirement' => false, ...), ...)
Result<Facts> read_php(const FileView& file, const Limits& limits) {
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  Harvest harvest(file, "composer_installed", limits);
  std::vector<std::string_view> keys;  // of the arrays that are open
  std::string_view key, literal, version;
  bool dev = false;
  const auto value = [&](std::string_view what) {
    if (keys.size() == 3 && keys[1] == "versions") {
      if (key == "pretty_version") version = what;
      if (key == "dev_requirement") dev = what == "true";
    }
    key = {};
  };
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\'') {
      const std::size_t start = ++i;
      while (i < text.size() && text[i] != '\'') i += text[i] == '\\' ? 2 : 1;
      literal = text.substr(start, std::min(i, text.size()) - start);
      i = std::min(i + 1, text.size());
      const std::size_t next = text.find_first_not_of(" \t\r\n", i);
      if (next != std::string_view::npos && text.substr(next).starts_with("=>")) {
        key = literal;
        i = next + 2;
      } else if (!key.empty()) {
        value(literal);
      }
    } else if (c == '(' || c == '[') {
      if (keys.size() >= limits.nesting) return limit_reached(cat("arrays nest deeper than ", limits.nesting));
      keys.push_back(key);
      key = {};
      if (keys.size() == 3) {
        version = {};
        dev = false;
      }
      ++i;
    } else if (c == ')' || c == ']') {
      if (keys.size() == 3 && keys[1] == "versions" && !keys[2].empty() && !version.empty())
        add_composer(harvest, keys[2], version, dev);
      if (!keys.empty()) keys.pop_back();
      ++i;
    } else if (c >= 'a' && c <= 'z') {
      const std::size_t end = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz", i), text.size());
      if (!key.empty() && text.substr(i, end - i) != "array") value(text.substr(i, end - i));
      i = end;
    } else {
      ++i;
    }
  }
  return harvest.take();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  return file.path.ends_with(".php") ? read_php(file, limits) : read_json(file, limits);
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  PLIM_TRY(Catalogue out, resolve_each(facts));
  std::set<std::string> with_json;
  for (const FileFacts& file : facts.files)
    if (file.path.ends_with(".json")) with_json.emplace(parent_path(file.path));
  std::erase_if(out.packages, [&](const Package& package) {
    const std::string& path = package.locations.front().path;
    return path.ends_with(".php") && with_json.contains(std::string(parent_path(path)));
  });
  return out;
}

}  // namespace

Cataloguer composer_installed() {
  return {.name = "composer_installed",
          .version = 1,
          .paths = {"**/composer/installed.json", "**/composer/installed.php"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
