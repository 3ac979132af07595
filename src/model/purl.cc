#include "model/purl.h"

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll {
namespace {

std::string encode(std::string_view text, std::string_view keep) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain || keep.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const std::string byte = from_hex(text.substr(i + 1, 2));
      if (!byte.empty()) {
        out += byte;
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

// The per-type rules of PURL-TYPES.rst that touch identity.
void apply_type_rules(Purl& purl) {
  static constexpr std::string_view kLowerNs[] = {"deb", "apk", "rpm", "alpm", "bitbucket", "github", "composer", "hex", "golang", "gitlab", "opkg"};
  static constexpr std::string_view kLowerName[] = {"deb", "apk", "alpm", "bitbucket", "github", "composer", "hex", "pypi", "golang", "gitlab", "pub", "opkg"};
  for (const std::string_view type : kLowerNs)
    if (purl.type == type) purl.ns = lower(purl.ns);
  for (const std::string_view type : kLowerName)
    if (purl.type == type) purl.name = lower(purl.name);
  if (purl.type == "pypi") purl.name = normalise_pypi_name(purl.name);
}

}  // namespace

std::string normalise_pypi_name(std::string_view name) {
  std::string out;
  for (const char c : lower(name)) {
    const char mapped = c == '_' || c == '.' ? '-' : c;
    if (mapped != '-' || !out.ends_with('-')) out += mapped;
  }
  return out;
}

std::string Purl::text() const {
  Purl canonical = *this;
  apply_type_rules(canonical);
  std::string out = cat("pkg:", canonical.type, "/");
  if (!canonical.ns.empty())
    for (const std::string_view part : split(canonical.ns, '/'))
      if (!part.empty()) out += encode(part, ":") + "/";
  out += encode(canonical.name, ":");
  if (!canonical.version.empty()) out += "@" + encode(canonical.version, ":+");
  char separator = '?';
  for (const auto& [key, value] : canonical.qualifiers) {
    if (value.empty()) continue;
    out += separator + lower(key) + "=" + encode(value, ":/");
    separator = '&';
  }
  if (!canonical.subpath.empty()) out += "#" + encode(canonical.subpath, "/");
  return out;
}

Result<Purl> Purl::parse(std::string_view text) {
  const std::string_view whole = text;
  const auto bad = [&](std::string_view why) { return malformed(cat("package URL: ", why, ": \"", to_utf8(whole.substr(0, 200)), "\"")); };
  text = trim(text);
  if (text.size() > 8192) return bad("too long");
  if (!text.starts_with("pkg:")) return bad("does not begin with pkg:");
  text.remove_prefix(4);
  while (text.starts_with('/')) text.remove_prefix(1);
  Purl purl;
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    purl.subpath = decode(text.substr(hash + 1));
    text = text.substr(0, hash);
  }
  if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
    for (const std::string_view pair : split(text.substr(mark + 1), '&')) {
      const auto [key, value] = cut(pair, '=');
      if (!key.empty() && !value.empty()) purl.qualifiers[lower(key)] = decode(value);
    }
    text = text.substr(0, mark);
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0) return bad("has no type or no name");
  purl.type = lower(text.substr(0, slash));
  text.remove_prefix(slash + 1);
  // npm scopes may stand undecoded ("@scope/name"): a version's '@' is after the last '/'.
  const std::size_t last_slash = text.rfind('/');
  const std::size_t at = text.find('@', last_slash == std::string_view::npos ? (text.starts_with('@') ? 1 : 0) : last_slash + 1);
  if (at != std::string_view::npos) {
    purl.version = decode(text.substr(at + 1));
    text = text.substr(0, at);
  }
  while (text.ends_with('/')) text.remove_suffix(1);
  const std::size_t name_at = text.rfind('/');
  purl.name = decode(name_at == std::string_view::npos ? text : text.substr(name_at + 1));
  if (name_at != std::string_view::npos) purl.ns = decode(text.substr(0, name_at));
  if (purl.name.empty()) return bad("has no name");
  apply_type_rules(purl);
  return purl;
}

std::pair<std::string, std::string> source_of_upstream(std::string_view upstream) {
  for (const std::string_view end : {".nosrc.rpm", ".src.rpm"}) {
    if (!upstream.ends_with(end)) continue;
    upstream.remove_suffix(end.size());
    const std::size_t release = upstream.rfind('-');
    const std::size_t version = release == std::string_view::npos || release == 0 ? std::string_view::npos : upstream.rfind('-', release - 1);
    if (version == std::string_view::npos || version == 0) return {};
    return {std::string(upstream.substr(0, version)), std::string(upstream.substr(version + 1))};
  }
  const auto [name, version] = cut(upstream, '@');
  return {std::string(name), std::string(version)};
}

}  // namespace plimsoll
