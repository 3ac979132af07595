// What we write as an SBOM we read back whole: CycloneDX, SPDX JSON, SPDX tag-value. Also what Syft and Trivy wrote, read,
// written by us and read again. And a VEX document of ours, given back, leaves out what it says.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "inventory/sbom.h"
#include "report/format.h"
#include "report/stored.h"
#include "report/vex.h"

namespace plimsoll {
namespace {

std::string data(const std::string& path) {
  const auto text = read_file(cat(PLIMSOLL_TEST_DATA, "/", path));
  EXPECT_TRUE(text) << path;
  return text ? *text : std::string();
}

Report shop() {
  auto report = report::read_report(as_bytes(data("report/shop.json")));
  EXPECT_TRUE(report);
  return std::move(report).value();
}

// Everything of a package but its id, which each document names in its own way.
std::string told(const Package& p) {
  std::string out = cat(p.type, "|", p.ns, "|", p.name, "|", p.version, "|", p.arch, "|", p.source_name, "|", p.source_version, "|", to_string(p.origin), "|", p.owned_by, "|");
  for (const std::string& each : p.licenses) out += cat(each, ",");
  out += '|';
  std::vector<std::string> depends = p.depends;
  std::sort(depends.begin(), depends.end());
  for (const std::string& each : depends) out += cat(each, ",");
  out += '|';
  for (const Location& each : p.locations) out += cat(each.path, "@", each.layer, ":", each.line, ",");
  out += '|';
  for (const std::string& each : p.found_by) out += cat(each, ",");
  out += '|';
  for (const auto& [key, value] : p.properties) out += cat(key, "=", value, ",");
  return out;
}

std::vector<std::string> told(const std::vector<Package>& packages) {
  std::vector<std::string> out;
  for (const Package& package : packages) out.push_back(told(package));
  std::sort(out.begin(), out.end());
  return out;
}

void same_after_a_round(const Report& report, const std::string& name) {
  for (const std::string format : {"cyclonedx", "spdx", "spdx-tv"}) {
    const auto written = report::find_format(format)->write(report, {});
    ASSERT_TRUE(written);
    const auto read = inventory::read_sbom(as_bytes(*written), Limits{});
    ASSERT_TRUE(read) << name << " " << format << ": " << read.error().message();
    ASSERT_FALSE(report.packages.empty());
    EXPECT_EQ(told(read->packages), told(report.packages)) << name << " " << format;
    EXPECT_EQ(read->gaps.size(), 0u) << name << " " << format << ": " << (read->gaps.empty() ? "" : read->gaps.front().why);
    const Distribution &a = read->distribution, &b = report.image.os;
    EXPECT_EQ(std::tie(a.id, a.version_id, a.codename, a.name, a.id_like, a.variant, a.cpe, a.end_of_life), std::tie(b.id, b.version_id, b.codename, b.name, b.id_like, b.variant, b.cpe, b.end_of_life))
        << name << " " << format;
  }
}

TEST(sbom_roundtrip, ours) {
  Report report = shop();
  same_after_a_round(report, "shop");
  // What tends to be lost: case, epochs, sources, odd licences, lines, every kind of property, two copies of one package.
  report.image.os.id_like = {"rhel", "fedora"};
  report.image.os.cpe = "cpe:2.3:o:debian:debian_linux:12";
  report.image.os.variant = "container";
  report.packages = {
      {.id = "a", .type = "golang", .ns = "github.com/BurntSushi", .name = "toml", .version = "v1.2.3", .locations = {{.path = "usr/bin/x"}}},
      {.id = "b", .type = "rpm", .ns = "rhel", .name = "bash", .version = "1:5.1.8-6.el9", .arch = "x86_64", .source_name = "bash", .source_version = "1:5.1.7-6.el9",
       .locations = {{.path = "var/lib/rpm/rpmdb.sqlite", .layer = "sha256:aa"}}, .properties = {{"distro", "rhel-9.2"}, {"modularity", "nodejs:18"}, {"vendor", "Red Hat"}}},
      {.id = "c", .type = "pypi", .name = "Flask_Login", .version = "1.0", .licenses = {"Kind of MIT, <text>see</text> file", "MIT OR Apache-2.0", "BSD-3-Clause"},
       .depends = {"flask", "not-there"}, .locations = {{.path = "a", .line = 3}, {.path = "b", .layer = "sha256:bb"}}, .found_by = {"python", "sbom"}, .owned_by = "b", .origin = Origin::Base},
      {.id = "d", .type = "pypi", .name = "flask", .version = "2.0", .licenses = {"(MIT AND Zlib) OR GPL-2.0-only WITH Classpath-exception-2.0"}, .locations = {{.path = "c"}}},
      {.id = "e", .type = "maven", .ns = "org.x", .name = "y", .version = "1", .locations = {{.path = "l/y.jar"}, {.path = "w.war!/WEB-INF/lib/y.jar"}}, .origin = Origin::Own,
       .properties = {{"cpe", "cpe:2.3:a:x:y:1:*:*:*:*:*:*:*"}, {"sha1", "9141212b8507ab50a45525b545b39d224614528b"}}},
      {.id = "e#2", .type = "maven", .ns = "org.x", .name = "y", .version = "1", .locations = {{.path = "other/y.jar"}}, .properties = {{"sha1", "not a digest"}}},
      {.id = "f", .type = "apk", .ns = "alpine", .name = "libssl3", .version = "3.1.4-r5", .arch = "x86_64", .source_name = "openssl", .locations = {{.path = "lib/apk/db/installed"}}},
      {.id = "g", .type = "generic", .name = "nginx", .version = "1.25.3", .locations = {{.path = "usr/sbin/nginx"}}, .properties = {{"cpe", "odd cpe"}, {"dev", "true"}, {"purl:vcs_url", "git+https://x"}}}};
  for (Package& package : report.packages)
    if (package.type == "rpm" || package.type == "apk") package.set_property("distro", "debian-12");  // one list, one system
  report::sort_report(report);
  same_after_a_round(report, "odd");
}

TEST(sbom_roundtrip, syft_and_trivy) {
  for (const std::string name : {"syft.cdx.json", "syft.cdx.xml", "syft.spdx.json", "syft.spdx.txt", "trivy.cdx.json", "trivy.spdx.json", "trivy.spdx.txt"}) {
    auto sbom = inventory::read_sbom(as_bytes(data("inventory/sbom_documents/" + name)), Limits{}, name);
    ASSERT_TRUE(sbom) << name;
    Report report;
    report.image.os = sbom->distribution;
    report.packages = std::move(sbom->packages);
    same_after_a_round(report, name);
  }
}

TEST(vex_roundtrip, what_we_say_can_be_given_back) {
  Report report = shop();
  for (Finding& finding : report.findings)
    if (finding.id == "CVE-2024-2961") finding.state = FixState::NotAffected, finding.fixed_version.clear();
  for (const std::string format : {"openvex", "cyclonedx"}) {
    const auto written = report::find_format(format)->write(report, {});
    ASSERT_TRUE(written);
    const auto vex = report::read_vex(as_bytes(*written), "own", {});
    ASSERT_TRUE(vex) << format << ": " << vex.error().message();
    const Report after = report::with_vex(report, *vex);
    EXPECT_EQ(after.findings.size() + 1, report.findings.size()) << format;
    ASSERT_EQ(after.suppressed.size(), report.suppressed.size() + 1) << format;
    EXPECT_EQ(after.suppressed.back().id, "CVE-2024-2961") << format;
    // Every statement found its finding again.
    for (const Notice& notice : after.notices) EXPECT_FALSE(notice.about.starts_with("VEX")) << format << ": " << notice.where << " " << notice.what;
    // And what VEX left out is said again by the next document.
    const auto again = report::read_vex(as_bytes(*report::find_format(format)->write(after, {})), "again", {});
    ASSERT_TRUE(again);
    EXPECT_EQ(report::with_vex(report, *again).findings.size(), after.findings.size()) << format;
  }
}

}  // namespace
}  // namespace plimsoll
