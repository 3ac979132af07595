// wordpress: WordPress, its plug-ins and themes.
//
// Input   wp-includes/version.php; wp-content/plugins/NAME.php and NAME/*.php with a header comment;
// wp-content/themes/NAME/
//         style.css; hostile; nothing is run.
// Output  one generic Package "wordpress"; one of type wordpress-plugin or wordpress-theme for each, named by its
// folder, as
//         its page on wordpress.org is; property "title" is the header's name.
// Errors  Limit. A plug-in with a name and no version is kept without one.
// Cost    the first 8 KiB of each file, which is what WordPress reads.
// Source  developer.wordpress.org: plugin header requirements, theme main stylesheet, get_file_data().
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

constexpr std::size_t kHeaderBytes = 8192;

// " * Plugin Name: Akismet" -> Akismet
std::string_view header(std::string_view text, std::string_view name) {
  std::string_view line;
  while (next_line(text, line)) {
    const std::size_t start = line.find_first_not_of(" \t/*#@<?ph");  // also when it stands on the line of "<?php /*"
    for (const std::string_view item : {line.substr(std::min(start, line.size())),
                                        trim(line.substr(std::min(line.find_first_not_of(" \t/*#@"), line.size())))})
      if (item.size() > name.size() && equals_ignore_case(item.substr(0, name.size()), name) &&
          item[name.size()] == ':') {
        std::string_view value = trim(item.substr(name.size() + 1));
        if (value.ends_with("*/")) value = trim(value.substr(0, value.size() - 2));
        return value;
      }
  }
  return {};
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  Harvest harvest(file, "wordpress", limits);
  const std::string_view text = as_text(file.content).substr(0, kHeaderBytes), name = base_name(file.path);
  if (file.path.ends_with("wp-includes/version.php")) {
    const std::size_t at = text.find("$wp_version");
    const std::size_t open = at == std::string_view::npos ? at : text.find_first_of("'\"", at);
    const std::size_t close = open == std::string_view::npos ? open : text.find(text[open], open + 1);
    if (close == std::string_view::npos)
      harvest.gap("no $wp_version");
    else
      harvest.add("generic", {}, "wordpress", text.substr(open + 1, close - open - 1));
    return harvest.take();
  }
  const bool theme = name == "style.css";
  const std::string_view title = header(text, theme ? "Theme Name" : "Plugin Name");
  if (title.empty()) return harvest.take();
  std::string_view folder = base_name(parent_path(file.path));
  if (folder == "plugins") folder = name.substr(0, name.size() - 4);  // a plug-in of one file
  if (Package* package =
          harvest.add(theme ? "wordpress-theme" : "wordpress-plugin", {}, folder, header(text, "Version"))) {
    package->set_property("title", to_utf8(title.substr(0, 200)));
    add_license(package->licenses, header(text, "License"));
  }
  return harvest.take();
}

}  // namespace

Cataloguer wordpress() {
  return {.name = "wordpress",
          .version = 1,
          .paths = {"**/wp-includes/version.php", "**/wp-content/plugins/*.php", "**/wp-content/plugins/*/*.php",
                    "**/wp-content/themes/*/style.css"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
