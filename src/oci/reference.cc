#include "oci/reference.h"

#include <algorithm>

#include "base/text.h"

namespace plimsoll::oci {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || is_digit(c); }
bool is_letter_or_digit(char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

// One part of a repository name: runs of [a-z0-9] joined by ".", "_", "__" or any number of "-".
bool is_component(std::string_view part) {
  std::size_t at = 0;
  for (;;) {
    const std::size_t start = at;
    while (at < part.size() && is_lower_or_digit(part[at])) ++at;
    if (at == start) return false;
    if (at == part.size()) return true;
    const char separator = part[at];
    std::size_t count = 0;
    while (at < part.size() && part[at] == separator) ++at, ++count;
    const std::size_t most = separator == '.' ? 1 : separator == '_' ? 2 : separator == '-' ? part.size() : 0;
    if (count > most) return false;
  }
}

bool is_host(std::string_view host) {
  if (host.size() > 255) return false;
  std::string_view port;
  if (host.starts_with('[')) {  // IPv6
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    if (host.substr(1, end - 1).find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
    if (end + 1 == host.size()) return true;
    if (host[end + 1] != ':') return false;
    port = host.substr(end + 2);
    return !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit);
  }
  const std::size_t colon = host.find(':');
  if (colon != std::string_view::npos) {
    port = host.substr(colon + 1);
    if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit)) return false;
    host = host.substr(0, colon);
  }
  for (const std::string_view label : split(host, '.')) {
    if (label.empty() || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; }))
      return false;
  }
  return true;
}

}  // namespace

bool is_repository_name(std::string_view name) {
  if (name.empty() || name.size() > 255) return false;
  const auto parts = split(name, '/');
  return std::all_of(parts.begin(), parts.end(), is_component);
}

bool is_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > 128 || tag.front() == '.' || tag.front() == '-') return false;
  return std::all_of(tag.begin(), tag.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-'; });
}

Result<Reference> Reference::parse(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return malformed(cat("not an image reference: \"", to_utf8(text.substr(0, 300)), "\": ", why));
  };
  Reference out;
  std::string_view rest = text;
  if (rest.size() > 1024) return bad("longer than 1024 bytes");
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    auto digest = Digest::parse(rest.substr(at + 1));
    if (!digest) return bad("what follows @ must be sha256:HEX or sha512:HEX");
    out.digest = std::move(*digest);
    rest = rest.substr(0, at);
  }
  const std::size_t slash = rest.find('/');
  const std::string_view first = rest.substr(0, slash);
  // Docker takes a first part with a capital for a host too; in lower case it would name another image, so it is
  // refused.
  const bool has_host = slash != std::string_view::npos &&
                        (first.find_first_of(".:") != std::string_view::npos || lower(first) == "localhost");
  out.registry = "docker.io";
  if (has_host) {
    if (!is_host(first)) return bad("the registry's host is malformed");
    out.registry = lower(first);
    rest = rest.substr(slash + 1);
  }
  if (const std::size_t colon = rest.rfind(':'); colon != std::string_view::npos) {
    out.tag = rest.substr(colon + 1);
    if (!is_tag(out.tag)) return bad("a tag is 1 to 128 letters, digits, '_', '.' and '-'");
    rest = rest.substr(0, colon);
  } else if (out.digest.empty()) {
    out.tag = "latest";
  }
  if (out.registry == "index.docker.io" || out.registry == "registry-1.docker.io") out.registry = "docker.io";
  out.repository = rest;
  if (out.registry == "docker.io" && rest.find('/') == std::string_view::npos) out.repository = cat("library/", rest);
  if (!is_repository_name(out.repository))
    return bad("a repository name is lower-case letters and digits, joined by '/', '.', '_', '__' or '-'");
  return out;
}

std::string Reference::name() const { return cat(registry, "/", repository); }

std::string Reference::text() const {
  std::string out = name();
  if (!tag.empty()) out += cat(":", tag);
  if (!digest.empty()) out += cat("@", digest.text());
  return out;
}

}  // namespace plimsoll::oci
