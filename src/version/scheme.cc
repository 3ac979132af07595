#include "version/scheme.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace plimsoll::version {
namespace {

int compare_bytes(std::string_view a, std::string_view b) {
  const int order = std::memcmp(a.data(), b.data(), std::min(a.size(), b.size()));
  if (order != 0) return order < 0 ? -1 : 1;
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

}  // namespace

int compare(const Version& a, const Version& b) {
  if (a.order && a.order == b.order) return a.order(a, b);
  return compare_bytes(a.key, b.key);
}

int compare_prefix(const Version& a, std::uint32_t a_size, const Version& b, std::uint32_t b_size) {
  return compare_bytes(std::string_view(a.key).substr(0, a_size), std::string_view(b.key).substr(0, b_size));
}

const Scheme* find_scheme(std::string_view name_or_alias) {
  name_or_alias = cut(name_or_alias, ':').first;
  for (const Scheme& scheme : schemes()) {
    if (equals_ignore_case(scheme.name, name_or_alias)) return &scheme;
    for (const std::string_view alias : scheme.aliases)
      if (equals_ignore_case(alias, name_or_alias)) return &scheme;
  }
  return nullptr;
}

Version parse(const Scheme& scheme, std::string_view text) { return scheme.parse(text.substr(0, kMaxVersionBytes)); }

int compare(const Scheme& scheme, std::string_view a, std::string_view b) {
  return compare(parse(scheme, a), parse(scheme, b));
}

}  // namespace plimsoll::version
