// python_requirements: pinned Python requirements of a project.
//
// Input   requirements*.txt and *-requirements.txt (pip), constraints.txt, Pipfile.lock (pipenv); hostile; UTF-16 as
//         Windows shells write it is read too.
// Output  one pypi Package for each requirement with an exact version (==, ===, or a wheel's address); a range names no
//         package yet. Property "dev" from Pipfile.lock and from files called dev-, test-, docs-.
// Errors  Malformed (Pipfile.lock), Limit.
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
std::string_view version_of_wheel(std::string_view address) {
  address = address.substr(0, address.find_first_of("#?"));
  const std::string_view name = base_name(address);
  if (!name.ends_with(".whl")) return {};
  const auto parts = split(name, '-');
  return parts.size() >= 5 ? parts[1] : std::string_view();
}

void read_line(std::string_view line, bool dev, Harvest& harvest) {
  line = trim(line);
  if (line.empty() || line[0] == '#' || line[0] == '-') return;
  const std::size_t name_end = std::min(line.find_first_not_of(kNameBytes), line.size());
  const std::string_view name = line.substr(0, name_end);
  std::string_view rest = trim(line.substr(name_end));
  if (name.empty()) return;
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) return;
    rest = trim(rest.substr(close + 1));
  }
  if (rest.starts_with('@')) {
    harvest.add_dev("pypi", {}, name, version_of_wheel(trim(rest.substr(1, rest.find(" ;") - 1))), dev);
    return;
  }
  if (rest.starts_with('(')) rest = trim(rest.substr(1));
  if (!rest.starts_with("==")) return;
  rest = trim(rest.substr(rest.starts_with("===") ? 3 : 2));
  const std::string_view version = rest.substr(0, std::min(rest.find_first_of(" \t;#,)\\"), rest.size()));
  if (version.empty() || version.ends_with(".*")) return;
  harvest.add_dev("pypi", {}, name, version, dev);
}

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
  return harvest.take();
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
  std::string joined;
  std::string_view line;
  while (next_line(text, line)) {
    const std::string_view trimmed = trim(line);
    if (trimmed.ends_with('\\') && joined.size() < limits.path_bytes) {
      joined.append(trimmed.substr(0, trimmed.size() - 1)).push_back(' ');
      continue;
    }
    read_line(joined.empty() ? line : std::string_view(joined.append(line)), dev, harvest);
    joined.clear();
  }
  if (!joined.empty()) read_line(joined, dev, harvest);
  return harvest.take();
}

}  // namespace

Cataloguer python_requirements() {
  return {.name = "python_requirements",
          .version = 1,
          .paths = {"**/*requirements*.txt", "**/requirements/*.txt", "**/constraints.txt", "**/Pipfile.lock"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
