#include "model/package.h"

#include <algorithm>

#include "base/text.h"

namespace plimsoll {

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::Base: return "base";
    case Origin::Own: return "own";
    case Origin::Unknown: return "unknown";
  }
  return "unknown";
}

std::string_view Package::property(std::string_view key) const {
  for (const auto& [property_key, value] : properties)
    if (property_key == key) return value;
  return {};
}

void Package::set_property(std::string_view key, std::string_view value) {
  const auto at = std::lower_bound(properties.begin(), properties.end(), key, [](const auto& pair, std::string_view k) { return pair.first < k; });
  if (at != properties.end() && at->first == key) at->second = value;
  else properties.insert(at, {std::string(key), std::string(value)});
}

Purl Package::purl() const {
  Purl out{.type = type, .ns = ns, .name = name, .version = version};
  if (type == "rpm" || type == "deb" || type == "apk" || type == "alpm" || type == "opkg") {
    if (!arch.empty()) out.qualifiers["arch"] = arch;
    if (const std::string_view distro = property("distro"); !distro.empty()) out.qualifiers["distro"] = distro;
    // rpm purls carry the epoch as a qualifier; deb purls keep it in the version (PURL-TYPES.rst).
    if (type == "rpm")
      if (const auto [epoch, rest] = cut(version, ':'); !rest.empty() && parse_u64(epoch)) {
        out.qualifiers["epoch"] = epoch;
        out.version = rest;
      }
    if (!source_name.empty() && (source_name != name || !source_version.empty()))
      out.qualifiers["upstream"] = source_version.empty() ? source_name : cat(source_name, "@", source_version);
    if (const std::string_view module = property("modularity"); !module.empty()) out.qualifiers["rpmmod"] = module;
  }
  return out;
}

std::string_view scheme_of_type(std::string_view purl_type) {
  static constexpr std::pair<std::string_view, std::string_view> kSchemes[] = {
      {"deb", "deb"},        {"opkg", "deb"},      {"apk", "apk"},       {"rpm", "rpm"},       {"alpm", "alpm"},   {"npm", "npm"},
      {"pypi", "pep440"},    {"maven", "maven"},   {"golang", "go"},     {"cargo", "cargo"},   {"gem", "rubygems"}, {"composer", "packagist"},
      {"nuget", "nuget"},    {"hex", "hex"},       {"pub", "pub"},       {"cran", "cran"},     {"conan", "conan"}, {"swift", "semver"},
      {"githubactions", "semver"}, {"terraform", "semver"}, {"helm", "semver"}, {"otp", "semver"}, {"conda", "pep440"}};
  for (const auto& [type, scheme] : kSchemes)
    if (type == purl_type) return scheme;
  return "generic";
}

}  // namespace plimsoll
