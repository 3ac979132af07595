#include "model/purl.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll {
namespace {

// What stands unencoded in every part, as a table over the bytes.
constexpr auto kUnreserved = [] {
  std::array<bool, 256> out{};
  for (int c = 0; c < 256; ++c) out[static_cast<std::size_t>(c)] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
  return out;
}();

void append_encoded(std::string& out, std::string_view text, std::string_view keep) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kUnreserved[byte] || keep.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
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
bool has_lower_namespace(std::string_view type) {
  static constexpr std::string_view kTypes[] = {"deb", "apk", "rpm", "alpm", "bitbucket", "github", "composer", "hex", "golang", "gitlab", "opkg"};
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}
bool has_lower_name(std::string_view type) {
  static constexpr std::string_view kTypes[] = {"deb", "apk", "alpm", "bitbucket", "github", "composer", "hex", "pypi", "golang", "gitlab", "pub", "opkg"};
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

std::string canonical_name(std::string_view type, std::string_view name) {
  if (type == "pypi") return normalise_pypi_name(name);
  return has_lower_name(type) ? lower(name) : std::string(name);
}
std::string canonical_namespace(std::string_view type, std::string_view ns) { return has_lower_namespace(type) ? lower(ns) : std::string(ns); }

}  // namespace

std::string normalise_pypi_name(std::string_view name) {
  std::string out;
  for (const char c : lower(name)) {
    const char mapped = c == '_' || c == '.' ? '-' : c;
    if (mapped != '-' || !out.ends_with('-')) out += mapped;
  }
  return out;
}

PurlText::PurlText(std::string_view type, std::string_view ns, std::string_view name, std::string_view version) {
  text_.reserve(96);
  text_.append("pkg:").append(type).append(1, '/');
  const std::string lowered = canonical_namespace(type, ns);
  for (std::string_view rest = lowered; !rest.empty();) {
    const auto [part, more] = cut(rest, '/');
    rest = more;
    if (part.empty()) continue;
    append_encoded(text_, part, ":");
    text_ += '/';
  }
  append_encoded(text_, canonical_name(type, name), ":");
  if (!version.empty()) {
    text_ += '@';
    append_encoded(text_, version, ":+");
  }
}

void PurlText::qualify(std::string_view key, std::string_view value, std::string_view behind_at) {
  if (value.empty()) return;
  text_.append(1, qualified_ ? '&' : '?').append(key).append(1, '=');
  append_encoded(text_, value, ":/");
  if (!behind_at.empty()) {
    append_encoded(text_, "@", ":/");
    append_encoded(text_, behind_at, ":/");
  }
  qualified_ = true;
}

std::string Purl::text() const {
  PurlText out(type, ns, name, version);
  for (const auto& [key, value] : qualifiers) out.qualify(lower(key), value);
  std::string text = std::move(out).take();
  if (subpath.empty()) return text;
  text += '#';
  append_encoded(text, subpath, "/");
  return text;
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
  purl.ns = canonical_namespace(purl.type, purl.ns);
  purl.name = canonical_name(purl.type, purl.name);
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
