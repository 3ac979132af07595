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

namespace {

// rpm purls carry the epoch as a qualifier; deb purls keep it in the version (PURL-TYPES.rst).
std::pair<std::string_view, std::string_view> epoch_and_version(const Package& p) {
  const auto [epoch, rest] = p.type == "rpm" ? cut(p.version, ':') : std::pair<std::string_view, std::string_view>();
  if (rest.empty() || !parse_u64(epoch)) return {{}, p.version};
  return {epoch, rest};
}

// In alphabetical order: qualify(key, value, what follows the value behind an '@').
template <class Qualify>
void each_qualifier(const Package& p, std::string_view epoch, const Qualify& qualify) {
  if (p.type != "rpm" && p.type != "deb" && p.type != "apk" && p.type != "alpm" && p.type != "opkg") return;
  qualify("arch", p.arch, "");
  qualify("distro", p.property("distro"), "");
  qualify("epoch", epoch, "");
  qualify("rpmmod", p.property("modularity"), "");
  if (p.source_name != p.name || !p.source_version.empty()) qualify("upstream", p.source_name, p.source_version);
}

}  // namespace

Purl Package::purl() const {
  const auto [epoch, plain] = epoch_and_version(*this);
  Purl out{.type = type, .ns = ns, .name = name, .version = std::string(plain)};
  each_qualifier(*this, epoch, [&](std::string_view key, std::string_view value, std::string_view behind) {
    if (!value.empty()) out.qualifiers[std::string(key)] = cat(value, behind.empty() ? "" : "@", behind);
  });
  return out;
}

std::string Package::purl_text() const {
  const auto [epoch, plain] = epoch_and_version(*this);
  PurlText out(type, ns, name, plain);
  each_qualifier(*this, epoch, [&](std::string_view key, std::string_view value, std::string_view behind) { out.qualify(key, value, behind); });
  return std::move(out).take();
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
