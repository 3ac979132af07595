// Ecosystems: the names under which advisories are filed and packages look for them.
//
// A key is a purl type for languages ("npm", "pypi", "golang", "cargo"...) or "distribution:release" for packages of an
// operating system ("debian:12", "alpine:3.18", "rhel:9"; rolling ones have no release: "wolfi"). Feeds file under the
// key that ecosystem_of_osv or distribution_key gives; a package asks under those of ecosystems_of.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/package.h"

namespace plimsoll {

struct EcosystemRef {
  std::string key;      // empty: an ecosystem we have no use for (Android, OSS-Fuzz builds...)
  std::string channel;  // update stream: "esm", "fips", "eus:9.2"; usually empty
};
// OSV's `affected.package.ecosystem`: "Debian:12", "Ubuntu:Pro:16.04:LTS", "Red Hat:rhel_eus:9.2::baseos", "npm".
// An ecosystem we do not know gives its name in lower case, so that a purl type of that name still finds it.
EcosystemRef ecosystem_of_osv(std::string_view osv);

// The product of a CPE: "cpe:/o:redhat:enterprise_linux:9::baseos", "cpe:/a:redhat:rhel_eus:9.2::appstream",
// "cpe:/o:suse:sles:15:sp5". Red Hat's products beside RHEL are filed under "rhel-product:NAME:VERSION", with ":el9" where the
// CPE names the RHEL they are built for. Key empty: no product that we know advisories of.
EcosystemRef ecosystem_of_cpe(std::string_view cpe);
// The keys that statements on such a product may stand under, from the exact one to the wide ones, itself first:
// "rhel-product:openshift:4.12:el9" -> also "...:4.12", "...:4:el9", "...:4" and without a version.
std::vector<std::string> product_keys(std::string_view key);

// "debian" + "12.5" -> "debian:12"; the part of the release that advisories speak of. CentOS is filed under rhel.
std::string distribution_key(std::string_view id, std::string_view version_id);
// Parts of a distribution key as end-of-life tables name them: {"debian", "12"}; release empty for rolling ones.
std::pair<std::string_view, std::string_view> split_ecosystem(std::string_view key);
bool is_distribution_key(std::string_view key);

// The name a package goes by in its ecosystem: "group:artifact", "@scope/name", "vendor/name", normalised where the
// ecosystem does not tell case or separators apart (PyPI, NuGet, Composer, Hex, GitHub...).
std::string ecosystem_name(std::string_view key, std::string_view name);
std::string ecosystem_name(const Package& package);

// The key a package's advisories are filed under; empty when it has none (a deb package of no known distribution).
std::string ecosystem_of(const Package& package, const Distribution& distribution);

// The ecosystems that the words of a file's name speak of: "oval-definitions-bookworm.xml.gz" -> "debian:12",
// "osv-npm.zip" -> "npm", "alpine-v3.19-main.json" -> "alpine:". Empty when none does.
std::vector<std::string> ecosystems_of_name(std::string_view file_name);

// The version scheme of an ecosystem key: "deb", "pep440", ... "generic" for those without rules of their own.
std::string_view scheme_of_ecosystem(std::string_view key);
// "npm" for people: "npm", "PyPI", "Debian 12".
std::string ecosystem_title(std::string_view key);

}  // namespace plimsoll
