#include "inventory/harvest.h"

#include <algorithm>

#include "base/text.h"

namespace plimsoll::inventory {
namespace {

bool has_control_bytes(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool has_content(std::string_view text) {
  std::string_view line;
  while (next_line(text, line)) {
    line = trim(line);
    if (line.starts_with("\xEF\xBB\xBF")) line = trim(line.substr(3));
    if (!line.empty() && line[0] != '#' && !line.starts_with("//")) return true;
  }
  return false;
}

std::string shown(std::string_view text) { return to_utf8(text.substr(0, 60)); }

}  // namespace

void Harvest::gap(std::string why) {
  if (facts_.gaps.size() >= kMaxGapsOfAFile) {
    ++gaps_left_out_;
    return;
  }
  facts_.gaps.push_back({std::string(part_), to_utf8(file_.path), std::move(why)});
}

Package* Harvest::add(std::string_view type, std::string_view ns, std::string_view name, std::string_view version) {
  name = trim(name);
  version = trim(version);
  if (name.empty()) return nullptr;
  if (name.size() > kMaxNameBytes || ns.size() > kMaxNameBytes) {
    gap(cat("a package name of ", std::max(name.size(), ns.size()), " bytes was left out: ", shown(name), "..."));
    return nullptr;
  }
  if (has_control_bytes(name) || has_control_bytes(ns)) {
    gap(cat("a package name with control bytes was left out: ", shown(name)));
    return nullptr;
  }
  if (version.size() > kMaxVersionBytes) {
    gap(cat("the version of ", shown(name), " is ", version.size(), " bytes long; its first ", kMaxVersionBytes,
            " were kept"));
    version = version.substr(0, kMaxVersionBytes);
  }
  std::string key = cat(type, '\n', ns, '\n', name, '\n', version);
  if (!facts_.packages.empty()) {  // one package is by far the most common; its key is only made when a second comes
    if (index_.empty()) {
      const Package& first = facts_.packages.front();
      index_.emplace(cat(first.type, '\n', first.ns, '\n', first.name, '\n', first.version), 0);
    }
    if (const auto found = index_.find(key); found != index_.end()) return &facts_.packages[found->second];
    if (facts_.packages.size() >= limits_.records) {
      if (!full_) gap(cat("more than ", limits_.records, " packages; the rest was left out"));
      full_ = true;
      return nullptr;
    }
    index_.emplace(std::move(key), facts_.packages.size());
  }
  Package& package = facts_.packages.emplace_back();
  package.type = type;
  package.ns = ns;
  package.name = name;
  package.version = version;
  return &package;
}

Package* Harvest::add_dev(std::string_view type, std::string_view ns, std::string_view name, std::string_view version,
                          bool dev) {
  const std::size_t before = facts_.packages.size();
  Package* package = add(type, ns, name, version);
  if (!package) return nullptr;
  if (facts_.packages.size() > before) {
    if (dev) package->set_property("dev", "true");
  } else if (!dev) {
    std::erase_if(package->properties, [](const auto& property) { return property.first == "dev"; });
  }
  return package;
}

Package* Harvest::add_npm(std::string_view full_name, std::string_view version, bool dev) {
  if (!full_name.starts_with('@')) return add_dev("npm", {}, full_name, version, dev);
  const auto [scope, name] = split_last(full_name, '/');
  return add_dev("npm", scope, name, version, dev);
}

std::vector<JsonValue::Member> Harvest::members(JsonValue value, std::string_view what) {
  const auto kind = value.kind();
  if (kind == JsonValue::Kind::Object) {
    recognised_ = true;
    return value.members();
  }
  if (kind != JsonValue::Kind::Missing && kind != JsonValue::Kind::Null) gap(cat("\"", what, "\" is not an object"));
  return {};
}

std::vector<JsonValue> Harvest::items(JsonValue value, std::string_view what) {
  const auto kind = value.kind();
  if (kind == JsonValue::Kind::Array) {
    recognised_ = true;
    return value.items();
  }
  if (kind != JsonValue::Kind::Missing && kind != JsonValue::Kind::Null) gap(cat("\"", what, "\" is not a list"));
  return {};
}

Facts Harvest::take() {
  if (gaps_left_out_ > 0) {
    facts_.gaps.push_back(
        {std::string(part_), to_utf8(file_.path), cat(gaps_left_out_, " more of this file's parts could not be read")});
    gaps_left_out_ = 0;
  }
  return std::move(facts_);
}

Facts Harvest::take_lock() {
  if (!recognised_ && facts_.packages.empty() && facts_.gaps.empty() && has_content(as_text(file_.content)))
    gap("nothing in it was recognised: it is not what its name says, or of a form that is not known");
  return take();
}

Result<std::string_view> text_of(const FileView& file, const Limits& limits) {
  if (file.content.size() > limits.metadata_bytes)
    return limit_reached(cat("a file of ", file.content.size(), " bytes is longer than ", limits.metadata_bytes));
  std::string_view text = as_text(file.content);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

Result<JsonDocument> parse_json_file(const FileView& file, const Limits& limits) {
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  auto document = JsonDocument::parse(text, limits);
  if (!document && !is_utf8(text)) return JsonDocument::parse(to_utf8(text), limits);
  return document;
}

Result<JsonDocument> parse_yaml_file(const FileView& file, const Limits& limits) {
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  return is_utf8(text) ? JsonDocument::parse_yaml(text, limits) : JsonDocument::parse_yaml(to_utf8(text), limits);
}

Result<JsonDocument> parse_toml_file(const FileView& file, const Limits& limits) {
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  return is_utf8(text) ? JsonDocument::parse_toml(text, limits) : JsonDocument::parse_toml(to_utf8(text), limits);
}

std::string strip_json_comments(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t start = i++;
      while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
      i = std::min(i + 1, text.size());
      out.append(text.substr(start, i - start));
    } else if (c == '/' && text.substr(i).starts_with("//")) {
      while (i < text.size() && text[i] != '\n') ++i;
    } else if (c == '/' && text.substr(i).starts_with("/*")) {
      const std::size_t end = text.find("*/", i + 2);
      i = end == std::string_view::npos ? text.size() : end + 2;
    } else {
      if (c == '}' || c == ']') {  // a comma that only white space parts from the bracket
        std::size_t last = out.find_last_not_of(" \t\r\n");
        if (last != std::string::npos && out[last] == ',') out.erase(last, 1);
      }
      out.push_back(c);
      ++i;
    }
  }
  return out;
}

void add_unique(std::vector<std::string>& list, std::string_view item) {
  if (item.empty() || list.size() >= kMaxListItems || item.size() > kMaxNameBytes) return;
  if (std::find(list.begin(), list.end(), item) == list.end()) list.emplace_back(item);
}

std::pair<std::string_view, std::string_view> split_last(std::string_view text, char separator) {
  const std::size_t at = text.rfind(separator);
  if (at == std::string_view::npos) return {{}, text};
  return {text.substr(0, at), text.substr(at + 1)};
}

std::string_view path_in_archive(std::string_view path) {
  const std::size_t at = path.rfind("!/");
  return at == std::string_view::npos ? path : path.substr(at + 2);
}

std::string_view archive_of(std::string_view path) {
  const std::size_t at = path.rfind("!/");
  return at == std::string_view::npos ? std::string_view() : path.substr(0, at);
}

bool is_vendored_path(std::string_view path) {
  for (const std::string_view folder :
       {"node_modules/", "vendor/bundle/", ".venv/", "site-packages/", "dist-packages/", "bower_components/"})
    if (path.starts_with(folder) || path.find(cat("/", folder)) != std::string_view::npos) return true;
  return false;
}

std::vector<bool> reachable(std::size_t count, std::vector<std::size_t> roots,
                            const std::vector<std::vector<std::size_t>>& edges) {
  std::vector<bool> seen(count, false);
  while (!roots.empty()) {
    const std::size_t node = roots.back();
    roots.pop_back();
    if (node >= count || seen[node]) continue;
    seen[node] = true;
    if (node < edges.size()) roots.insert(roots.end(), edges[node].begin(), edges[node].end());
  }
  return seen;
}

std::string_view unquote(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
    return text.substr(1, text.size() - 2);
  return text;
}

}  // namespace plimsoll::inventory
