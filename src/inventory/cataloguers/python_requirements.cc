// python_requirements: pinned Python requirements of a project.
//
// Input   requirements*.txt and *-requirements.txt (pip), constraints.txt, Pipfile.lock (pipenv); hostile; UTF-16 as
//         Windows shells write it is read too.
// Output  one pypi Package for each requirement: with its version where that is exact (==, ===, or a wheel's address),
//         else without one and with property "declared"; ranges of constraints.txt ask for no package and are left out.
//         Property "dev" from Pipfile.lock and from files called dev-, test-, docs-.
// Errors  Malformed (Pipfile.lock), Limit. Lines that name no package are one counted gap.
// Cost    one pass by lines.
// Source  PEP 508, pip "Requirements File Format", Pipfile.lock as pipenv 2023 writes it.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

constexpr std::string_view kNameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

// UTF-16 text that is ASCII but for comments; bytes that are not become '?'.
std::string from_utf16(std::string_view text, bool big_endian) {
  std::string out;
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    const char high = text[big_endian ? i : i + 1], low = text[big_endian ? i + 1 : i];
    out.push_back(high == 0 ? low : '?');
  }
  return out;
}

// "https://host/flask-2.3.2-py3-none-any.whl#sha256=..." -> 2.3.2
// "https://host/foo-1.5-py3-none-any.whl#sha256=1" -> {"foo", "1.5"}
std::pair<std::string_view, std::string_view> wheel_of(std::string_view address) {
  address = address.substr(0, address.find_first_of("#? "));
  const std::string_view name = base_name(address);
  if (!name.ends_with(".whl")) return {};
  const auto parts = split(name, '-');
  if (parts.size() < 5) return {};
  return {name.substr(0, parts[0].size()), name.substr(parts[0].size() + 1, parts[1].size())};
}

class Requirements {
 public:
  Requirements(Harvest& harvest, bool dev, bool constraints) : harvest_(harvest), dev_(dev), constraints_(constraints) {}

  void line(std::string_view text, std::size_t number) {
    text = trim(text);
    if (text.empty() || text[0] == '#' || text[0] == '-') return;  // "-r other.txt", "--hash", "-e ."
    if (read(text)) return;
    if (strange_++ == 0) first_strange_ = number;
  }
  void finish() {
    if (strange_ > 0) harvest_.gap(cat(strange_, strange_ == 1 ? " line names" : " lines name", " no package, the first is line ", first_strange_));
  }

 private:
  // False when the line is no requirement.
  bool read(std::string_view text) {
    const std::string_view word = text.substr(0, text.find_first_of(" \t;"));
    if (word.starts_with('.') || word.starts_with('/') || word.starts_with("file:")) return true;  // the project's own
    if (word.find("://") != std::string_view::npos && word.find('@') > word.find("://")) return read_address(word);
    const std::size_t name_end = std::min(text.find_first_not_of(kNameBytes), text.size());
    const std::string_view name = text.substr(0, name_end);
    std::string_view rest = trim(text.substr(name_end));
    if (name.empty()) return false;
    if (rest.starts_with('[')) {
      const std::size_t close = rest.find(']');
      if (close == std::string_view::npos) return false;
      rest = trim(rest.substr(close + 1));
    }
    if (rest.starts_with('@')) {
      harvest_.add_dev("pypi", {}, name, wheel_of(trim(rest.substr(1))).second, dev_);
      return true;
    }
    if (rest.starts_with('(')) rest = trim(rest.substr(1));
    if (rest.starts_with("==")) {
      rest = trim(rest.substr(rest.starts_with("===") ? 3 : 2));
      const std::string_view version = rest.substr(0, std::min(rest.find_first_of(" \t;#,)\\"), rest.size()));
      if (version.empty()) return false;
      if (!version.ends_with(".*")) {
        harvest_.add_dev("pypi", {}, name, version, dev_);
        return true;
      }
    } else if (!rest.empty() && std::string_view("<>!~;#-").find(rest[0]) == std::string_view::npos) {
      return false;
    }
    if (!constraints_)
      if (Package* package = harvest_.add_dev("pypi", {}, name, {}, dev_)) package->set_property("declared", "true");
    return true;
  }

  // "git+https://host/x.git@v1#egg=x", or a wheel's address.
  bool read_address(std::string_view address) {
    if (const auto [name, version] = wheel_of(address); !name.empty()) {
      harvest_.add_dev("pypi", {}, name, version, dev_);
      return true;
    }
    const std::size_t egg = address.find("#egg=");
    if (egg == std::string_view::npos) return false;
    std::string_view name = address.substr(egg + 5);
    name = name.substr(0, std::min(name.find_first_not_of(kNameBytes), name.size()));
    Package* package = harvest_.add_dev("pypi", {}, name, {}, dev_);
    if (package) package->set_property("resolved", address.substr(0, std::min(egg, kMaxNameBytes)));
    return package != nullptr;
  }

  Harvest& harvest_;
  bool dev_, constraints_;
  std::size_t strange_ = 0, first_strange_ = 0;
};

Result<Facts> read_pipfile(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "python_requirements", limits);
  const JsonValue root = document.root();
  if (!root.is_object()) return malformed("Pipfile.lock is a JSON object");
  for (const auto& [group, entries] : root.members()) {
    if (group == "_meta") continue;
    for (const auto& [name, entry] : harvest.members(entries, group)) {
      std::string_view version = entry["version"].text();
      while (version.starts_with('=')) version.remove_prefix(1);
      if (entry["path"].exists() && version.empty()) continue;
      Package* package = harvest.add_dev("pypi", {}, name, version, group != "default");
      if (package && entry["git"].is_string())
        package->set_property("resolved", cat(entry["git"].text(), "@", entry["ref"].text()).substr(0, kMaxNameBytes));
    }
  }
  return harvest.take_lock();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (is_vendored_path(file.path)) return Facts{};
  const std::string_view name = base_name(file.path);
  if (name == "Pipfile.lock") return read_pipfile(file, limits);
  PLIM_TRY(std::string_view text, text_of(file, limits));
  std::string converted;
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    converted = from_utf16(text, text[0] == '\xFE');
    text = converted;
  }
  Harvest harvest(file, "python_requirements", limits);
  const bool dev = name.find("dev") != std::string_view::npos || name.find("test") != std::string_view::npos ||
                   name.find("doc") != std::string_view::npos;
  Requirements requirements(harvest, dev, name == "constraints.txt");
  std::string joined;
  std::string_view line;
  std::size_t number = 0;
  while (next_line(text, line)) {
    ++number;
    const std::string_view trimmed = trim(line);
    if (trimmed.ends_with('\\') && joined.size() < limits.path_bytes) {
      joined.append(trimmed.substr(0, trimmed.size() - 1)).push_back(' ');
      continue;
    }
    requirements.line(joined.empty() ? line : std::string_view(joined.append(line)), number);
    joined.clear();
  }
  if (!joined.empty()) requirements.line(joined, number);
  requirements.finish();
  return harvest.take();
}

}  // namespace

Cataloguer python_requirements() {
  return {.name = "python_requirements",
          .version = 2,
          .paths = {"**/*requirements*.txt", "**/requirements/*.txt", "**/constraints.txt", "**/Pipfile.lock"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
