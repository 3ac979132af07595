#include "inventory/merge.h"

#include <gtest/gtest.h>

namespace plimsoll::inventory {
namespace {

Package package(std::string type, std::string name, std::string version, std::vector<std::string> paths, std::string layer = {}) {
  Package p{.type = std::move(type), .name = std::move(name), .version = std::move(version)};
  for (std::string& path : paths) p.locations.push_back({.path = std::move(path), .layer = layer});
  return p;
}

Found found(std::string cataloguer, std::vector<Package> packages) {
  Found out{.cataloguer = std::move(cataloguer)};
  out.catalogue.packages = std::move(packages);
  return out;
}

std::vector<std::string> ids(const Inventory& inventory) {
  std::vector<std::string> out;
  for (const Package& p : inventory.packages) out.push_back(p.id);
  return out;
}

using Texts = std::vector<std::string>;

TEST(merge, same_package_in_several_places_is_one) {
  Package again = package("npm", "lodash", "4.17.21", {"b/package.json", "a/package.json"});
  again.licenses = {"MIT"};
  const Inventory all = merge({found("node", {package("npm", "lodash", "4.17.21", {"a/package.json"}), again}),
                               found("npm_lock", {package("npm", "lodash", "4.17.21", {"package-lock.json"}), package("npm", "lodash", "3.0.0", {"c"})})},
                              {});
  ASSERT_EQ(ids(all), (Texts{"pkg:npm/lodash@3.0.0", "pkg:npm/lodash@4.17.21"}));
  const Package& p = all.packages[1];
  EXPECT_EQ(p.found_by, (Texts{"node", "npm_lock"}));
  ASSERT_EQ(p.locations.size(), 3u);
  EXPECT_EQ(p.locations[0].path, "a/package.json");
  EXPECT_EQ(p.locations[2].path, "package-lock.json");
  EXPECT_EQ(p.licenses, Texts{"MIT"});
  EXPECT_EQ(p.origin, Origin::Unknown);
}

TEST(merge, architectures_of_an_os_package_stay_apart) {
  Package amd = package("deb", "zlib1g", "1", {"var/lib/dpkg/status"}), i386 = amd;
  amd.arch = "amd64";
  i386.arch = "i386";
  EXPECT_EQ(merge({found("dpkg", {amd, i386})}, {}).packages.size(), 2u);
}

TEST(merge, a_development_package_needed_in_production_is_none) {
  Package dev = package("npm", "x", "1", {"a"}), production = package("npm", "x", "1", {"b"});
  dev.set_property("dev", "true");
  EXPECT_EQ(merge({found("n", {dev, production})}, {}).packages[0].property("dev"), "");
  EXPECT_EQ(merge({found("n", {dev, dev})}, {}).packages[0].property("dev"), "true");
}

// ANCHORS trap: an embedded SBOM against the package database.
TEST(merge, trap_17_package_database_wins_over_embedded_sbom) {
  Package installed = package("apk", "openssl", "3.1.4-r5", {"lib/apk/db/installed"});
  installed.arch = "x86_64";
  const Inventory all = merge({found("sbom", {package("apk", "openssl", "3.0.0-r0", {"sbom.json"}), package("apk", "openssl", "3.1.4-r5", {"sbom.json"}),
                                              package("apk", "elsewhere", "1", {"sbom.json"}), package("pypi", "x", "1", {"sbom.json"})}),
                               found("apk", {installed})},
                              {});
  EXPECT_EQ(ids(all), (Texts{"pkg:apk/elsewhere@1", "pkg:apk/openssl@3.1.4-r5?arch=x86_64", "pkg:pypi/x@1"}));
  EXPECT_EQ(all.packages[1].found_by, (Texts{"apk", "sbom"}));
  EXPECT_EQ(all.packages[1].locations.size(), 2u);
}

// ANCHORS trap: language packages owned by the OS.
TEST(merge, trap_7_packages_in_files_of_an_os_package_are_owned) {
  const std::vector<std::uint64_t> owned{owned_path_hash("/usr/lib/python3/dist-packages/six.egg-info"), owned_path_hash("/lib/x.jar"), owned_path_hash("/usr/bin/tool")};
  Found dpkg = found("dpkg", {package("deb", "other", "1", {"status"}), package("deb", "python3-six", "1.16-4", {"status"})});
  dpkg.catalogue.owned.push_back({.package = 1, .paths = owned});
  const Inventory all = merge({std::move(dpkg), found("python", {package("pypi", "six", "1.16.0", {"usr/lib/python3/dist-packages/six.egg-info"}),
                                                                 package("pypi", "own", "1", {"opt/own.dist-info/METADATA"})}),
                               found("java", {package("maven", "y", "1", {"usr/lib/x.jar!/META-INF/lib/y.jar"})}),
                               found("go_binary", {package("golang", "stdlib", "1.19", {"usr/bin/tool", "opt/mine"})})},
                              {});
  ASSERT_EQ(ids(all), (Texts{"pkg:deb/other@1", "pkg:deb/python3-six@1.16-4", "pkg:golang/stdlib@1.19", "pkg:maven/y@1", "pkg:pypi/own@1", "pkg:pypi/six@1.16.0"}));
  EXPECT_EQ(all.packages[0].owned_by, "");
  EXPECT_EQ(all.packages[2].owned_by, "") << "one of its places is nobody's";
  EXPECT_EQ(all.packages[3].owned_by, "pkg:deb/python3-six@1.16-4");
  EXPECT_EQ(all.packages[4].owned_by, "");
  EXPECT_EQ(all.packages[5].owned_by, "pkg:deb/python3-six@1.16-4");
}

TEST(merge, a_classified_program_of_an_os_package_is_a_place_of_it) {
  const std::vector<std::uint64_t> owned{owned_path_hash("/usr/bin/node")};
  Found dpkg = found("dpkg", {package("deb", "nodejs", "18.19.0+dfsg-6", {"var/lib/dpkg/status"})});
  dpkg.catalogue.owned.push_back({.package = 0, .paths = owned});
  const Inventory all = merge({found("classifier", {package("generic", "node", "18.19.0", {"usr/bin/node"}), package("generic", "node", "20.10.0", {"opt/node/bin/node"})}), std::move(dpkg)}, {});
  ASSERT_EQ(ids(all), (Texts{"pkg:deb/nodejs@18.19.0+dfsg-6", "pkg:generic/node@20.10.0"}));
  EXPECT_EQ(all.packages[0].found_by, (Texts{"classifier", "dpkg"}));
  ASSERT_EQ(all.packages[0].locations.size(), 2u);
  EXPECT_EQ(all.packages[0].locations[0].path, "usr/bin/node");
}

// The package note in libsystemd.so names the source package: no package of that name need be installed.
TEST(merge, an_os_package_only_heard_of_is_a_place_of_the_owners_of_its_files) {
  const std::vector<std::uint64_t> library{owned_path_hash("/usr/lib/libsystemd.so.0")}, tool{owned_path_hash("/usr/bin/udevadm")};
  Found dpkg = found("dpkg", {package("deb", "libsystemd0", "252.39-1", {"var/lib/dpkg/status"}), package("deb", "udev", "252.39-1", {"var/lib/dpkg/status"})});
  dpkg.catalogue.owned.push_back({.package = 0, .paths = library});
  dpkg.catalogue.owned.push_back({.package = 1, .paths = tool});
  const Inventory all = merge({found("elf_notes", {package("deb", "systemd", "252.39-1", {"usr/bin/udevadm", "usr/lib/libsystemd.so.0"}),
                                                   package("deb", "mine", "1", {"opt/mine", "usr/bin/udevadm"})}),
                               std::move(dpkg)},
                              {});
  ASSERT_EQ(ids(all), (Texts{"pkg:deb/libsystemd0@252.39-1", "pkg:deb/mine@1", "pkg:deb/udev@252.39-1"}));
  EXPECT_EQ(all.packages[0].found_by, (Texts{"dpkg", "elf_notes"}));
  ASSERT_EQ(all.packages[0].locations.size(), 2u);
  EXPECT_EQ(all.packages[0].locations[0].path, "usr/lib/libsystemd.so.0");
  EXPECT_EQ(all.packages[1].owned_by, "") << "one of its places is nobody's";
  ASSERT_EQ(all.packages[2].locations.size(), 2u);
  EXPECT_EQ(all.packages[2].locations[0].path, "usr/bin/udevadm");
}

TEST(merge, origin_is_the_lowest_layer_that_brought_it) {
  Package both = package("deb", "libc6", "2.36", {"var/lib/dpkg/status"}, "sha256:own");
  both.locations.push_back({.path = "var/lib/dpkg/info/libc6.list", .layer = "sha256:base"});
  const std::vector<LayerOrigin> layers{{"sha256:base", Origin::Base}, {"sha256:own", Origin::Own}};
  const Inventory all = merge({found("dpkg", {both, package("deb", "nginx", "1", {"status"}, "sha256:own"), package("deb", "x", "1", {"status"}, "sha256:who")})}, layers);
  EXPECT_EQ(all.packages[0].origin, Origin::Base);
  EXPECT_EQ(all.packages[1].origin, Origin::Own);
  EXPECT_EQ(all.packages[2].origin, Origin::Unknown);
}

TEST(merge, ids_are_unique_and_gaps_sorted_once) {
  Package upper = package("npm", "JSONStream", "1", {"a"}), lower_case = package("npm", "jsonstream", "1", {"b"});
  Found one = found("node", {upper, lower_case});
  one.catalogue.gaps = {{"b", "", ""}, {"a", "", ""}, {"b", "", ""}};
  const Inventory all = merge({std::move(one)}, {});
  ASSERT_EQ(all.packages.size(), 2u);
  EXPECT_NE(all.packages[0].id, all.packages[1].id);
  EXPECT_EQ(all.gaps.size(), 2u);
  EXPECT_EQ(all.gaps[0].part, "a");
}

}  // namespace
}  // namespace plimsoll::inventory
