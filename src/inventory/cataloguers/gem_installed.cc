// gem_installed: Ruby gems that are installed, the interpreter's default and bundled gems included.
//
// Input   **/specifications/**/*.gemspec as `gem install` writes them: Ruby, of which only plain assignments of text
// and
//         lists of text are read; nothing is run; hostile.
// Output  one gem Package for each file; property "platform" where it is not "ruby".
// Errors  Limit. A version that is an expression is taken from the stub line or the file name; if neither has it: a
// gap. Cost    one pass, O(file). Source  Gem::Specification#to_ruby, Gem::StubSpecification (rubygems 3.5 guides:
// specification-reference).
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

// All text literals of a piece of Ruby: "a", 'a', %q<a>, %q(a), %q[a]. Escapes stay as they are: names have none.
std::vector<std::string_view> literals(std::string_view ruby) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < ruby.size() && out.size() < kMaxListItems;) {
    char close = 0;
    std::size_t start = i + 1;
    if (ruby[i] == '"' || ruby[i] == '\'') {
      close = ruby[i];
    } else if (ruby.substr(i).starts_with("%q") && i + 2 < ruby.size()) {
      start = i + 3;
      switch (ruby[i + 2]) {
        case '<':
          close = '>';
          break;
        case '(':
          close = ')';
          break;
        case '[':
          close = ']';
          break;
        case '{':
          close = '}';
          break;
        default:
          break;
      }
    } else if (ruby[i] == '#') {
      break;  // a comment
    }
    if (!close) {
      ++i;
      continue;
    }
    const std::size_t end = ruby.find(close, start);
    if (end == std::string_view::npos) break;
    out.push_back(ruby.substr(start, end - start));
    i = end + 1;
  }
  return out;
}

struct Spec {
  std::string_view name, version, platform;
  std::vector<std::string> licenses, depends;
};

// "# stub: name version platform require_paths" - the second line of an installed specification.
void read_stub(std::string_view line, Spec& stub) {
  const auto parts = split(trim(line.substr(8)), ' ');
  if (parts.size() < 2) return;
  stub.name = parts[0];
  stub.version = parts[1];
  if (parts.size() > 2) stub.platform = parts[2];
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(std::string_view text, text_of(file, limits));
  Harvest harvest(file, "gem_installed", limits);
  Spec spec, stub;
  std::string_view line;
  while (next_line(text, line)) {
    line = trim(line);
    if (line.starts_with("# stub: ")) {
      if (stub.name.empty()) read_stub(line, stub);
      continue;
    }
    // "s.name = ..." with any one-word receiver
    const std::size_t dot = line.find('.');
    if (dot == std::string_view::npos || dot == 0 ||
        line.substr(0, dot).find_first_of(" \"'(") != std::string_view::npos)
      continue;
    const std::string_view call = line.substr(dot + 1);
    const std::size_t name_end = call.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
    const std::string_view what = call.substr(0, name_end),
                           rest = name_end == std::string_view::npos ? std::string_view() : call.substr(name_end);
    const auto first = [&]() -> std::string_view {
      const auto found = literals(rest);
      return found.empty() ? std::string_view() : found.front();
    };
    // A literal that is all of the right-hand side; "#{...}" and constants are expressions.
    const auto plain = [&]() -> std::string_view {
      const std::string_view value = first();
      return value.find("#{") == std::string_view::npos ? value : std::string_view();
    };
    if (what == "name" && spec.name.empty())
      spec.name = plain();
    else if (what == "version" && spec.version.empty())
      spec.version = plain();
    else if (what == "platform" && spec.platform.empty())
      spec.platform = plain();
    else if (what == "license" || what == "licenses")
      for (const auto license : literals(rest)) add_license(spec.licenses, license);
    else if (what == "add_runtime_dependency" || what == "add_dependency")
      add_unique(spec.depends, first());
  }
  if (spec.name.empty()) spec.name = stub.name;
  if (spec.version.empty()) spec.version = stub.version;
  if (spec.platform.empty()) spec.platform = stub.platform;
  std::string_view stem = base_name(file.path);
  stem.remove_suffix(stem.ends_with(".gemspec") ? 8 : 0);
  if (spec.name.empty() || spec.version.empty()) {  // "name-1.2.3.gemspec"
    const auto [stem_name, stem_version] = split_last(stem, '-');
    if (!stem_name.empty() && !stem_version.empty() && stem_version[0] >= '0' && stem_version[0] <= '9') {
      if (spec.name.empty()) spec.name = stem_name;
      if (spec.version.empty()) spec.version = stem_version;
    }
  }
  if (spec.name.empty() || spec.version.empty()) {
    harvest.gap(cat("no ", spec.name.empty() ? "name" : "version", " that can be read without running Ruby"));
    return harvest.take();
  }
  if (Package* package = harvest.add("gem", "", spec.name, spec.version)) {
    package->licenses = std::move(spec.licenses);
    package->depends = std::move(spec.depends);
    if (!spec.platform.empty() && spec.platform != "ruby")
      package->set_property("platform", spec.platform.substr(0, 100));
  }
  return harvest.take();
}

}  // namespace

Cataloguer gem_installed() {
  return {.name = "gem_installed",
          .version = 1,
          .paths = {"**/specifications/*.gemspec", "**/specifications/*/*.gemspec"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
