#include "model/ecosystem.h"

#include <algorithm>

#include "base/text.h"
#include "model/purl.h"

namespace plimsoll {
namespace {

struct Family {
  std::string_view osv;   // OSV's name before the first ':'
  std::string_view id;    // os-release ID, or purl type for languages
  std::string_view scheme;
  enum Release { None, Major, MajorMinor, Whole } release;  // which part of VERSION_ID advisories speak of
};
// Distributions.
constexpr Family kDistributions[] = {
    {"Debian", "debian", "deb", Family::Major},
    {"Ubuntu", "ubuntu", "deb", Family::MajorMinor},
    {"Alpine", "alpine", "apk", Family::MajorMinor},
    {"Wolfi", "wolfi", "apk", Family::None},
    {"Chainguard", "chainguard", "apk", Family::None},
    {"MinimOS", "minimos", "apk", Family::None},
    {"Alpaquita", "alpaquita", "apk", Family::Whole},
    {"BellSoft Hardened Containers", "bellsoft-hardened-containers", "apk", Family::Whole},
    {"Red Hat", "rhel", "rpm", Family::Major},
    {"AlmaLinux", "almalinux", "rpm", Family::Major},
    {"Rocky Linux", "rocky", "rpm", Family::Major},
    {"Oracle Linux", "ol", "rpm", Family::Major},
    {"Amazon Linux", "amzn", "rpm", Family::Whole},
    {"Fedora", "fedora", "rpm", Family::Major},
    {"SUSE", "sles", "rpm", Family::MajorMinor},
    {"openSUSE", "opensuse-leap", "rpm", Family::MajorMinor},
    {"openSUSE Tumbleweed", "opensuse-tumbleweed", "rpm", Family::None},
    {"openEuler", "openeuler", "rpm", Family::Whole},
    {"Mageia", "mageia", "rpm", Family::Major},
    {"Photon OS", "photon", "rpm", Family::MajorMinor},
    {"Azure Linux", "azurelinux", "rpm", Family::Major},
    {"Mariner", "mariner", "rpm", Family::Major},
    {"Echo", "echo", "deb", Family::None},
    {"Arch Linux", "arch", "alpm", Family::None},
};
// Languages and the like, by purl type.
constexpr Family kLanguages[] = {
    {"npm", "npm", "npm", Family::None},
    {"PyPI", "pypi", "pep440", Family::None},
    {"Maven", "maven", "maven", Family::None},
    {"Go", "golang", "go", Family::None},
    {"crates.io", "cargo", "cargo", Family::None},
    {"RubyGems", "gem", "rubygems", Family::None},
    {"Packagist", "composer", "packagist", Family::None},
    {"NuGet", "nuget", "nuget", Family::None},
    {"Hex", "hex", "hex", Family::None},
    {"Pub", "pub", "pub", Family::None},
    {"SwiftURL", "swift", "semver", Family::None},
    {"GitHub Actions", "githubactions", "semver", Family::None},
    {"CRAN", "cran", "cran", Family::None},
    {"Bioconductor", "bioconductor", "cran", Family::None},
    {"Hackage", "hackage", "generic", Family::None},
    {"GHC", "ghc", "generic", Family::None},
    {"ConanCenter", "conan", "conan", Family::None},
    {"Bitnami", "bitnami", "semver", Family::None},
    {"Julia", "julia", "semver", Family::None},
    {"opam", "opam", "generic", Family::None},
    {"VSCode", "vscode", "semver", Family::None},
    {"Kubernetes", "kubernetes", "semver", Family::None},
};

// os-release IDs that share another's advisories, and names people write in purls.
constexpr std::pair<std::string_view, std::string_view> kSameAs[] = {
    {"centos", "rhel"},        {"redhat", "rhel"},      {"red-hat", "rhel"},         {"rocky-linux", "rocky"},   {"rockylinux", "rocky"},
    {"alma", "almalinux"},     {"oracle", "ol"},        {"oraclelinux", "ol"},       {"amazon", "amzn"},         {"amazonlinux", "amzn"},
    {"sles_sap", "sles"},      {"suse", "sles"},        {"opensuse", "opensuse-leap"}, {"archlinux", "arch"},    {"photon-os", "photon"},
    {"sled", "sles"},          {"sle_hpc", "sles"},     {"leap", "opensuse-leap"},   {"tumbleweed", "opensuse-tumbleweed"},
    {"bellsoft hardened containers", "bellsoft-hardened-containers"}};

constexpr std::pair<std::string_view, std::string_view> kDebianNames[] = {
    {"buzz", "1.1"}, {"rex", "1.2"}, {"bo", "1.3"}, {"hamm", "2.0"}, {"slink", "2.1"}, {"potato", "2.2"}, {"woody", "3.0"}, {"sarge", "3.1"},
    {"etch", "4"}, {"lenny", "5"}, {"squeeze", "6"}, {"wheezy", "7"}, {"jessie", "8"}, {"stretch", "9"}, {"buster", "10"}, {"bullseye", "11"},
    {"bookworm", "12"}, {"trixie", "13"}, {"forky", "14"}, {"duke", "15"}, {"sid", "sid"}, {"unstable", "sid"}};
constexpr std::pair<std::string_view, std::string_view> kUbuntuNames[] = {
    {"trusty", "14.04"}, {"xenial", "16.04"}, {"bionic", "18.04"}, {"focal", "20.04"}, {"jammy", "22.04"}, {"kinetic", "22.10"}, {"lunar", "23.04"},
    {"mantic", "23.10"}, {"noble", "24.04"}, {"oracular", "24.10"}, {"plucky", "25.04"}, {"questing", "25.10"}, {"precise", "12.04"}};

std::string_view canonical_id(std::string_view id) {
  for (const auto& [other, same] : kSameAs)
    if (other == id) return same;
  return id;
}

const Family* distribution_family(std::string_view id) {
  for (const Family& family : kDistributions)
    if (family.id == id) return &family;
  return nullptr;
}

const Family* language_family(std::string_view id) {
  for (const Family& family : kLanguages)
    if (family.id == id) return &family;
  return nullptr;
}

template <class Table>
std::string_view look_up(const Table& table, std::string_view key) {
  for (const auto& [name, value] : table)
    if (name == key) return value;
  return {};
}

std::string_view cut_release(Family::Release part, std::string_view version) {
  if (part == Family::Whole) return version;
  if (part == Family::None) return {};
  std::size_t dots = part == Family::Major ? 1 : 2;
  for (std::size_t i = 0; i < version.size(); ++i)
    if (version[i] == '.' && --dots == 0) return version.substr(0, i);
  return version;
}

// "SUSE:Linux Enterprise Server 15 SP5" and "Linux Enterprise Module for Basesystem 15 SP5" -> "15.5".
std::string suse_release(std::string_view rest) {
  const std::vector<std::string_view> words = split(rest, ' ');
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view major = cut(cut(words[i], '-').first, '.').first;
    if (!parse_u64(major) || major.size() > 2) continue;
    const std::string_view minor = cut(cut(words[i], '-').first, '.').second;
    if (!minor.empty()) return cat(major, ".", minor);
    std::string_view pack = i + 1 < words.size() ? words[i + 1] : std::string_view{};
    if (const auto [head, tail] = cut(words[i], '-'); tail.starts_with("SP")) pack = tail;
    pack = cut(pack, '-').first;
    return pack.starts_with("SP") ? cat(major, ".", pack.substr(2)) : std::string(major);
  }
  return {};
}

// "enterprise_linux:9::appstream", "rhel_eus:9.2::baseos", "rhel_aus:8.4::appstream".
EcosystemRef red_hat(std::string_view rest) {
  const auto [product, tail] = cut(rest, ':');
  const std::string_view version = cut(tail, ':').first;
  if (product == "enterprise_linux" || product == "rhel") return {distribution_key("rhel", version), ""};
  if (product == "enterprise_linux_eus") return {distribution_key("rhel", version), cat("eus:", version)};  // since RHEL 10
  static constexpr std::string_view kStreams[] = {"rhel_eus", "rhel_aus", "rhel_tus", "rhel_e4s", "rhel_eus_long_life", "rhel_els", "rhel_extras"};
  for (const std::string_view stream : kStreams)
    if (product == stream) return {distribution_key("rhel", version), stream == "rhel_extras" ? "" : cat(product.substr(5), ":", version)};
  // "openshift:4.12::el9": built for RHEL 9, whose packages another edition's fixes say nothing of.
  std::string key = cat("rhel-product:", product);
  if (!version.empty()) key += cat(":", version);
  for (const std::string_view part : split(cut(tail, ':').second, ':'))
    if (part.starts_with("el") && parse_u64(part.substr(2))) key += cat(":", part);
  return {std::move(key), ""};
}

// Packages of operating systems that no feed we read speaks of: unjudged, which must not look like a language without feed.
bool is_unknown_system(std::string_view type) { return type == "portage" || type == "nix" || type == "opkg" || type == "bottlerocket"; }

// openEuler's VERSION_ID is "22.03" for all its long-term releases; the rest stands in "openEuler 22.03 (LTS-SP1)".
std::string openeuler_release(const std::string& version, std::string_view pretty) {
  const std::size_t open = pretty.find('('), close = pretty.find(')');
  if (version.find('-') != std::string::npos || open == std::string_view::npos || close == std::string_view::npos || close < open) return version;
  return cat(version, "-", pretty.substr(open + 1, close - open - 1));
}

}  // namespace

std::string distribution_key(std::string_view raw_id, std::string_view version_id) {
  const std::string lowered = lower(raw_id);
  const std::string_view id = canonical_id(lowered);
  const Family* family = distribution_family(id);
  std::string version = lower(version_id);
  if (version.starts_with('v')) version.erase(0, 1);
  if (!family) return version.empty() ? std::string(id) : cat(id, ":", version);
  if (id == "debian")
    if (const std::string_view number = look_up(kDebianNames, cut(version, '/').second.empty() ? std::string_view(version) : cut(version, '/').first); !number.empty())
      version = number;
  if (id == "ubuntu")
    if (const std::string_view number = look_up(kUbuntuNames, version); !number.empty()) version = number;
  if (id == "sles") {
    if (const std::size_t pack = version.find("sp"); pack != std::string::npos) {
      std::string minor = version.substr(pack + 2);
      version = cat(trim(std::string_view(version).substr(0, pack)), ".", minor);
      version.erase(std::remove(version.begin(), version.end(), '-'), version.end());
    }
    if (version.ends_with(".0")) version.resize(version.size() - 2);
  }
  if (id == "amzn") {  // "2", "2023.4.20240611"; Amazon Linux 1 calls itself 2018.03
    version = std::string(cut(version, '.').first);
    if (version == "2018" || version == "2017" || version == "2016") version = "1";
  }
  if (id == "debian" && version.starts_with("3.")) return cat(id, ":", version);
  if (id == "alpine" && (version == "edge" || version.find('_') != std::string::npos || version.ends_with("alpha"))) return "alpine:edge";
  const std::string_view release = cut_release(family->release, version);
  return release.empty() ? std::string(id) : cat(id, ":", release);
}

std::pair<std::string_view, std::string_view> split_ecosystem(std::string_view key) { return cut(key, ':'); }

bool is_distribution_key(std::string_view key) {
  const auto [id, release] = cut(key, ':');
  return !release.empty() || distribution_family(id) != nullptr || is_unknown_system(id);
}

EcosystemRef ecosystem_of_osv(std::string_view osv) {
  const auto [head, rest] = cut(osv, ':');
  for (const Family& family : kLanguages)
    if (family.osv == head) return {std::string(family.id), ""};
  if (head == "Red Hat") return red_hat(rest);
  if (head == "Ubuntu") {  // "Ubuntu:22.04:LTS", "Ubuntu:Pro:18.04:LTS", "Ubuntu:Pro:FIPS-updates:20.04:LTS"
    std::string channel, version;
    for (const std::string_view part : split(rest, ':')) {
      if (part == "Pro" && channel.empty()) channel = "esm";
      if (lower(part).starts_with("fips")) channel = "fips";
      if (lower(part).starts_with("realtime")) channel = "realtime";
      if (!part.empty() && part[0] >= '0' && part[0] <= '9') version = part;
    }
    return {distribution_key("ubuntu", version), channel};
  }
  if (head == "SUSE" || head == "openSUSE") {
    if (rest.find("Tumbleweed") != std::string_view::npos) return {"opensuse-tumbleweed", ""};
    if (rest.find("Micro") != std::string_view::npos && head == "SUSE") return {cat("sle-micro:", suse_release(rest)), ""};
    const std::string release = suse_release(rest);
    const bool leap = head == "openSUSE" || rest.find("Leap") != std::string_view::npos;
    return {distribution_key(leap ? "opensuse-leap" : "sles", release), ""};
  }
  for (const Family& family : kDistributions)
    if (family.osv == head || equals_ignore_case(family.osv, head)) return {distribution_key(family.id, rest), ""};
  for (const Family& family : kLanguages)
    if (equals_ignore_case(family.osv, head)) return {std::string(family.id), ""};
  return {lower(osv), ""};
}

EcosystemRef ecosystem_of_cpe(std::string_view cpe) {
  if (cpe.starts_with("cpe:2.3:")) cpe.remove_prefix(8);
  else if (cpe.starts_with("cpe:/")) cpe.remove_prefix(5);
  const std::vector<std::string_view> parts = split(cpe, ':');
  if (parts.size() < 3) return {};
  const std::string_view version = parts.size() > 3 ? parts[3] : std::string_view{};
  if (parts[1] == "redhat") return ecosystem_of_osv(cat("Red Hat:", cpe.substr(parts[0].size() + parts[1].size() + 2)));
  if (version.empty()) return {};
  if (parts[1] == "suse" && (parts[2].starts_with("sle") || parts[2] == "suse_sles"))
    return {distribution_key("sles", parts.size() > 4 && parts[4].starts_with("sp") ? cat(version, ".", parts[4].substr(2)) : std::string(version)), ""};
  if (parts[1] == "opensuse" && parts[2] == "leap") return {distribution_key("opensuse-leap", version), ""};
  if (parts[1] == "oracle" && parts[2] == "linux") return {distribution_key("ol", version), ""};
  if (parts[1] == "almalinux" || parts[1] == "rocky") return {distribution_key(parts[1], version), ""};
  return {};
}

std::vector<std::string> product_keys(std::string_view key) {
  std::vector<std::string> out = {std::string(key)};
  if (!key.starts_with("rhel-product:")) return out;
  const std::vector<std::string_view> parts = split(key, ':');
  if (parts.size() < 3) return out;
  const std::string product = cat(parts[0], ":", parts[1]), edition = parts.size() > 3 ? cat(":", parts[3]) : std::string{};
  for (std::string_view version = parts[2]; !version.empty(); version = version.substr(0, version.rfind('.') == std::string_view::npos ? 0 : version.rfind('.'))) {
    if (!edition.empty()) out.push_back(cat(product, ":", version, edition));
    out.push_back(cat(product, ":", version));
  }
  out.push_back(product);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string ecosystem_name(std::string_view key, std::string_view name) {
  const std::string_view id = cut(key, ':').first;
  if (id == "pypi") return normalise_pypi_name(name);
  static constexpr std::string_view kIgnoreCase[] = {"nuget", "composer", "hex", "githubactions", "swift", "pub", "bitnami", "vscode"};
  for (const std::string_view type : kIgnoreCase)
    if (id == type) {
      std::string out = lower(name);
      if (id == "swift") {
        for (const std::string_view prefix : {"https://", "http://"})
          if (out.starts_with(prefix)) out.erase(0, prefix.size());
        if (out.ends_with(".git")) out.resize(out.size() - 4);
      }
      return out;
    }
  return std::string(name);
}

std::string ecosystem_name(const Package& package) {
  const std::string& type = package.type;
  if (type == "maven") return package.ns.empty() ? package.name : cat(package.ns, ":", package.name);
  if (type == "github") return ecosystem_name("githubactions", package.ns.empty() ? package.name : cat(package.ns, "/", package.name));
  const bool system = type == "deb" || type == "apk" || type == "rpm" || type == "alpm";
  if (system || type == "pypi" || package.ns.empty()) return ecosystem_name(type, package.name);
  return ecosystem_name(type, cat(package.ns, "/", package.name));
}

std::string ecosystem_of(const Package& package, const Distribution& distribution) {
  const std::string& type = package.type;
  if (type == "deb" || type == "apk" || type == "rpm" || type == "alpm") {
    // A package that says itself where it is from is believed before the image's os-release.
    if (const std::string_view distro = package.property("distro"); !distro.empty()) {
      // "opensuse-leap-15.5", "openEuler-22.03-LTS": the release begins at the first dash that a digit follows.
      std::size_t dash = distro.rfind('-');
      for (std::size_t i = distro.find('-'); i != std::string_view::npos; i = distro.find('-', i + 1))
        if (i + 1 < distro.size() && distro[i + 1] >= '0' && distro[i + 1] <= '9') {
          dash = i;
          break;
        }
      const bool numbered = dash != std::string_view::npos && dash + 1 < distro.size() &&
                            ((distro[dash + 1] >= '0' && distro[dash + 1] <= '9') || distro.substr(dash + 1) == "edge" || distro.substr(dash + 1) == "sid");
      if (numbered) {
        const std::string id = lower(distro.substr(0, dash));
        const std::string_view release = distro.substr(dash + 1);
        const bool this_one = id == "openeuler" && canonical_id(lower(distribution.id)) == "openeuler" && release == distribution.version_id;
        return distribution_key(id, this_one ? openeuler_release(distribution.version_id, distribution.name) : std::string(release));
      }
      for (const auto& [names, id] : {std::pair{std::string_view("debian"), 0}, std::pair{std::string_view("ubuntu"), 1}}) {
        const std::string_view number = id == 0 ? look_up(kDebianNames, distro) : look_up(kUbuntuNames, distro);
        if (!number.empty()) return distribution_key(names, number);
      }
      const std::string lowered = lower(distro);
      const Family* family = distribution_family(canonical_id(lowered));
      if (family && family->release == Family::None) return std::string(family->id);
      if (dash != std::string_view::npos && distribution_family(canonical_id(lowered.substr(0, dash))))
        return distribution_key(distro.substr(0, dash), distro.substr(dash + 1));
      if (distribution.id.empty() || canonical_id(lowered) != canonical_id(distribution.id)) return {};
    }
    // One that never releases is told by the namespace alone.
    if (const Family* rolling = distribution_family(canonical_id(package.ns)); rolling && rolling->release == Family::None) return std::string(rolling->id);
    if (distribution.id.empty()) return {};
    std::string version = distribution.version_id;
    if (version.empty() && distribution.id == "debian") version = distribution.codename;  // testing and sid have no VERSION_ID
    if (canonical_id(lower(distribution.id)) == "openeuler") version = openeuler_release(version, distribution.name);
    return distribution_key(distribution.id, version);
  }
  if (type == "github") return "githubactions";
  return type;
}

std::vector<std::string> ecosystems_of_name(std::string_view file_name) {
  std::vector<std::string> out;
  const auto add = [&](std::string key) {
    if (std::find(out.begin(), out.end(), key) == out.end()) out.push_back(std::move(key));
  };
  const std::string name = lower(file_name);
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = std::min(name.find_first_of("-_./ %", at), name.size());
    if (end > at) words.push_back(std::string_view(name).substr(at, end - at));
    at = end + 1;
  }
  for (const std::string_view word : words) {
    if (const std::string_view number = look_up(kDebianNames, word); !number.empty()) add(distribution_key("debian", number));
    else if (const std::string_view ubuntu = look_up(kUbuntuNames, word); !ubuntu.empty()) add(distribution_key("ubuntu", ubuntu));
  }
  if (!out.empty()) return out;
  for (const std::string_view word : words) {
    const std::string_view id = canonical_id(word);
    if (const Family* family = distribution_family(id)) add(family->release == Family::None ? std::string(family->id) : cat(family->id, ":"));
    for (const Family& family : kLanguages)
      if (word == family.id || word == lower(family.osv)) add(std::string(family.id));
    static constexpr std::pair<std::string_view, std::string_view> kWords[] = {{"ruby", "gem"}, {"php", "composer"}, {"nodejs", "npm"}, {"python", "pypi"}, {"rust", "cargo"}, {"java", "maven"}};
    if (const std::string_view language = look_up(kWords, word); !language.empty()) add(std::string(language));
  }
  return out;
}

std::string_view scheme_of_ecosystem(std::string_view key) {
  const std::string_view id = cut(key, ':').first;
  if (const Family* family = distribution_family(id)) return family->scheme;
  if (const Family* family = language_family(id)) return family->scheme;
  if (id == "rhel-product" || id == "sle-micro") return "rpm";
  return scheme_of_type(id);
}

std::string ecosystem_title(std::string_view key) {
  const auto [id, release] = cut(key, ':');
  std::string_view name = id;
  if (const Family* family = distribution_family(id)) name = family->osv;
  else if (const Family* language = language_family(id)) name = language->osv;
  return release.empty() ? std::string(name) : cat(name, " ", release);
}

}  // namespace plimsoll
