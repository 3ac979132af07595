#include "match/applies.h"

#include <algorithm>

#include "base/text.h"

namespace plimsoll::match {
namespace {

std::string_view without_epoch(std::string_view version) {
  const auto [epoch, rest] = cut(version, ':');
  return rest.empty() ? version : rest;
}

// "18.12.1-2.module+el8..." -> "18".
std::string_view first_number(std::string_view version) {
  version = without_epoch(version);
  return version.substr(0, std::min(version.find_first_not_of("0123456789"), version.size()));
}

bool is_modular(std::string_view version) { return version.find(".module+el") != std::string_view::npos || version.find(".module_el") != std::string_view::npos; }

bool begins_as(std::string_view version, std::string_view stream) {
  version = without_epoch(version);
  return version.starts_with(stream) && (version.size() == stream.size() || version[stream.size()] < '0' || version[stream.size()] > '9');
}

// The minor release a rpm is built for: "1.2-3.el9_2.1" -> "2"; empty for the main stream ("el9").
std::string_view minor_of_release(std::string_view version) {
  const std::size_t at = version.rfind(".el");
  if (at == std::string_view::npos) return {};
  const std::string_view tail = version.substr(at + 3);
  const std::size_t digits = std::min(tail.find_first_not_of("0123456789"), tail.size());
  if (digits == 0 || digits == tail.size() || tail[digits] != '_') return {};
  const std::string_view minor = tail.substr(digits + 1);
  return minor.substr(0, std::min(minor.find_first_not_of("0123456789"), minor.size()));
}

}  // namespace

bool module_applies(const Candidate& candidate, const Package& package, const CandidateList& list, std::string_view version) {
  const std::string_view mine = package.property("modularity");
  if (mine.empty() && candidate.module.empty()) return !is_modular(version);
  if (candidate.module.empty()) return false;
  if (mine.empty() && !is_modular(version)) return false;
  const auto [name, stream] = cut(candidate.module, ':');
  if (!mine.empty() && candidate.module != "?") return cut(mine, ':').first == name && cut(cut(mine, ':').second, ':').first == stream;
  // One of the two is silent: judge by the versions.
  const std::string_view known = candidate.module == "?" ? cut(cut(mine, ':').second, ':').first : stream;
  const bool numeric = !known.empty() && known[0] >= '0' && known[0] <= '9';
  std::string_view fix = version;
  if (candidate.intervals > 0) fix = list.intervals[candidate.first_interval + candidate.intervals - 1].end;
  // Versions of the main package begin as their stream; those of its companions (ruby:3.1's irb 1.4) have numbers of their own.
  const std::string_view sure = candidate.module == "?" ? version : fix, other = candidate.module == "?" ? fix : version;
  if (numeric && begins_as(sure, known)) return begins_as(other, known);
  return first_number(version) == first_number(fix);
}

bool channel_applies(const Candidate& candidate, const Distribution& distribution, std::string_view ecosystem, std::string_view version) {
  if (candidate.channel.empty()) return true;
  const auto [kind, minor] = cut(candidate.channel, ':');
  if (kind == "esm") return true;
  if (kind == "fips") return lower(version).find("fips") != std::string::npos;
  if (minor.empty()) return version.find(kind) != std::string_view::npos;
  const std::string_view wanted = cut(minor, '.').second;
  if (!ecosystem.starts_with("rhel")) return false;
  if (const std::string_view built = minor_of_release(version); !built.empty()) return built == wanted;
  return distribution.version_id == minor;
}

std::string_view language_version(const Package& package) {
  std::string_view version = package.version;
  if (package.type == "golang" && (package.name == "stdlib" || package.name == "toolchain")) {
    version = cut(version, ' ').first;
    if (version.starts_with("go")) version.remove_prefix(2);
  }
  return version;
}

std::string cpe_name(std::string_view cpe) {
  if (cpe.starts_with("cpe:2.3:")) cpe.remove_prefix(8);
  else if (cpe.starts_with("cpe:/")) cpe.remove_prefix(5);
  else return {};
  const std::vector<std::string_view> parts = split(cpe, ':');
  if (parts.size() < 3 || parts[1].empty() || parts[2].empty()) return {};
  return lower(cat(parts[1], ":", parts[2]));
}

bool foreign_vendor(const Package& package, std::string_view id) {
  const std::string vendor = lower(package.property("vendor"));
  if (vendor.empty()) return false;
  static constexpr std::pair<std::string_view, std::string_view> kOwn[] = {{"rhel", "red hat"}, {"rhel", "centos"}, {"almalinux", "alma"}, {"rocky", "rocky"}, {"ol", "oracle"}, {"amzn", "amazon"},
                                                                           {"sles", "suse"}, {"opensuse-leap", "suse"}, {"opensuse-tumbleweed", "suse"}, {"fedora", "fedora"}, {"photon", "vmware"},
                                                                           {"azurelinux", "microsoft"}, {"mariner", "microsoft"}, {"openeuler", "openeuler"}, {"mageia", "mageia"}};
  bool known = false;
  for (const auto& [distribution, name] : kOwn) {
    if (distribution != id) continue;
    known = true;
    if (vendor.find(name) != std::string::npos) return false;
  }
  return known;
}

}  // namespace plimsoll::match
