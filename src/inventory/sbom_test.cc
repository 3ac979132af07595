#include "inventory/sbom.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"

namespace plimsoll::inventory {
namespace {

SbomContent read(std::string_view text) {
  auto sbom = read_sbom(as_bytes(text), Limits{}, "bom");
  EXPECT_TRUE(sbom) << (sbom ? "" : sbom.error().message());
  return sbom ? std::move(sbom).value() : SbomContent{};
}
SbomContent file(const std::string& name) {
  const auto text = read_file(cat(PLIMSOLL_TEST_DATA, "/inventory/sbom_documents/", name));
  EXPECT_TRUE(text) << name;
  return read(*text);
}
// One line a package: purl | source | first place | layer | licences | depends | finders.
std::string lines(const SbomContent& sbom) {
  std::vector<std::string> rows;
  for (const Package& p : sbom.packages) {
    std::string licences, depends;
    for (const std::string& l : p.licenses) licences += cat(licences.empty() ? "" : ",", l);
    for (const std::string& d : p.depends) depends += cat(depends.empty() ? "" : ",", d);
    rows.push_back(cat(p.purl_text(), " | ", p.locations.front().path, " | ", licences, " | ", depends, "\n"));
  }
  std::sort(rows.begin(), rows.end());
  std::string out;
  for (const std::string& row : rows) out += row;
  return out;
}
std::string gaps(const SbomContent& sbom) {
  std::string out;
  for (const Gap& gap : sbom.gaps) out += cat(gap.part, " | ", gap.where, " | ", gap.why, "\n");
  return out;
}

constexpr std::string_view kDeb =
    "pkg:deb/debian/bsdutils@1:2.38.1-5+deb12u1?arch=amd64&distro=debian-12.15&upstream=util-linux%402.38.1-5%2Bdeb12u1 | var/lib/dpkg/status |  | \n"
    "pkg:deb/debian/libc6@2.36-9+deb12u4?arch=amd64&distro=debian-12.15&upstream=glibc | var/lib/dpkg/status |  | \n"
    "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?arch=amd64&distro=debian-12.15&upstream=zlib | var/lib/dpkg/status |  | libc6\n";

TEST(sbom, reads_what_syft_writes) {
  for (const auto& [name, kind] : {std::pair("syft.cdx.json", "CycloneDX 1.6 JSON"), {"syft.cdx.xml", "CycloneDX 1.6 XML"}, {"syft.spdx.json", "SPDX 2.3 JSON"}, {"syft.spdx.txt", "SPDX 2.3 tag-value"}}) {
    const SbomContent sbom = file(name);
    const bool spdx = sbom.kind.starts_with("SPDX");
    const std::string jar = spdx ? "app/lib/shop.war" : "app/lib/shop.war!/WEB-INF/lib/log4j-core-2.14.1.jar";
    EXPECT_EQ(sbom.kind, kind);
    EXPECT_TRUE(sbom.created_by.starts_with("syft")) << sbom.created_by;
    EXPECT_EQ(sbom.subject, "shop") << name;
    EXPECT_EQ(lines(sbom), cat(kDeb, "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1 | ", jar, " |  | \n",
                               "pkg:maven/shop/shop@1.0 | app/lib/shop.war |  | org.apache.logging.log4j:log4j-core\n",
                               "pkg:pypi/requests@2.28.1 | usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA | Apache-2.0 | \n")) << name;
    EXPECT_EQ(sbom.distribution.id, "debian") << name;
    EXPECT_EQ(sbom.distribution.version_id, "12") << name;
    EXPECT_EQ(gaps(sbom), "") << name;
  }
  EXPECT_EQ(file("syft.cdx.json").distribution.codename, "bookworm");
  EXPECT_EQ(file("syft.cdx.json").distribution.name, "Debian GNU/Linux 12 (bookworm)");
}

TEST(sbom, reads_what_trivy_writes) {
  for (const std::string name : {"trivy.cdx.json", "trivy.spdx.json", "trivy.spdx.txt"}) {
    const SbomContent sbom = file(name);
    const bool spdx = sbom.kind.starts_with("SPDX");  // has no place for paths there
    std::string deb(kDeb);
    for (std::size_t at; (at = deb.find("var/lib/dpkg/status")) != std::string::npos;) deb.replace(at, 19, "bom");
    EXPECT_EQ(lines(sbom), cat(deb, "pkg:npm/%40babel/core@7.20.0 | ", spdx ? "bom" : "app/node_modules/@babel/core/package.json", " | MIT | \n",
                               "pkg:npm/lodash@4.17.15 | ", spdx ? "bom" : "app/node_modules/lodash/package.json", " | MIT | \n",
                               "pkg:pypi/requests@2.28.1 | ", spdx ? "bom" : "usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA", " | Apache-2.0 | \n")) << name;
    EXPECT_EQ(sbom.distribution.id, "debian") << name;
    EXPECT_EQ(sbom.distribution.version_id, "12") << name;
    EXPECT_EQ(gaps(sbom), "") << name;
  }
}

// A CycloneDX document around some components.
SbomContent components(std::string_view list) { return read(cat(R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[)", list, "]}")); }
SbomContent purl(std::string_view text) { return components(cat(R"({"type":"library","name":"x","version":"1","purl":")", text, "\"}")); }

void reads(std::string_view text, std::string_view version, std::string_view source, std::string_view source_version) {
  const SbomContent sbom = purl(text);
  ASSERT_EQ(sbom.packages.size(), 1u) << text;
  const Package& p = sbom.packages[0];
  EXPECT_EQ(p.version, version) << text;
  EXPECT_EQ(p.source_name, source) << text;
  EXPECT_EQ(p.source_version, source_version) << text;
}

TEST(sbom, qualifiers_of_package_urls) {
  reads("pkg:rpm/rhel/bash@5.1.8-6.el9?arch=x86_64&distro=rhel-9.2&epoch=1&upstream=bash-5.1.8-6.el9.src.rpm", "1:5.1.8-6.el9", "bash", "");
  reads("pkg:rpm/almalinux/bind-libs@9.11-1?epoch=32&distro=almalinux-8&upstream=bind-9.11-1.nosrc.rpm", "32:9.11-1", "bind", "");
  reads("pkg:rpm/rhel/openssl-libs@1.1.1k-12.el8?epoch=1&distro=rhel-8&upstream=openssl-1.1.1k-9.el8.src.rpm", "1:1.1.1k-12.el8", "openssl", "1:1.1.1k-9.el8");
  reads("pkg:rpm/rhel/bash@5.1.8-6.el9?epoch=0&distro=rhel-9.2", "5.1.8-6.el9", "", "");
  reads("pkg:deb/debian/a@1.0?epoch=2&distro=debian-12&upstream=b%401.0%2Bx", "2:1.0", "b", "1.0+x");
  reads("pkg:deb/debian/a@2%3A1.0?epoch=2&distro=debian-12&upstream=b", "2:1.0", "b", "");
  reads("pkg:apk/alpine/libssl3@3.1.4-r5?arch=x86_64&upstream=openssl&distro=alpine-3.19.1", "3.1.4-r5", "openssl", "");
  const SbomContent module = purl("pkg:rpm/rhel/nodejs@18.1-1.el8?distro=rhel-8.6&rpmmod=nodejs%3A18&arch=x86_64&vcs_url=x");
  EXPECT_EQ(module.packages[0].property("modularity"), "nodejs:18");
  EXPECT_EQ(module.packages[0].property("purl:vcs_url"), "x");
  EXPECT_EQ(module.packages[0].arch, "x86_64");
}

void system(std::string_view text, std::string_view id, std::string_view version) {
  const SbomContent sbom = purl(text);
  EXPECT_EQ(sbom.distribution.id, id) << text;
  EXPECT_EQ(sbom.distribution.version_id, version) << text;
  EXPECT_EQ(gaps(sbom), "") << text;
}

TEST(sbom, distribution_from_the_packages_own_qualifier) {
  system("pkg:deb/debian/a@1?distro=debian-12.5", "debian", "12");
  system("pkg:deb/debian/a@1?distro=bookworm", "debian", "12");
  system("pkg:deb/debian/a@1?distro=debian-sid", "debian", "sid");
  system("pkg:deb/ubuntu/a@1?distro=ubuntu-22.04", "ubuntu", "22.04");
  system("pkg:deb/ubuntu/a@1?distro=jammy", "ubuntu", "22.04");
  system("pkg:apk/alpine/a@1?distro=3.19.1", "alpine", "3.19.1");
  system("pkg:rpm/redhat/a@1?distro=redhat-9.2", "rhel", "9.2");
  system("pkg:rpm/opensuse/a@1?distro=opensuse-leap-15.5", "opensuse-leap", "15.5");
  system("pkg:apk/wolfi/a@1?distro=wolfi-20230201", "wolfi", "20230201");
}

TEST(sbom, what_cannot_be_matched_is_a_gap) {
  const SbomContent sbom = components(R"({"type":"library","name":"bad","version":"1","purl":"nonsense"},{"type":"library","name":"plain","version":"2"},
    {"type":"library","name":"open","purl":"pkg:npm/open"},{"type":"library","name":"a","version":"1","purl":"pkg:deb/debian/a@1"},7,{"type":"library","version":"1"})");
  EXPECT_EQ(lines(sbom), "pkg:deb/debian/a@1 | bom |  | \npkg:generic/bad@1 | bom |  | \npkg:generic/plain@2 | bom |  | \npkg:npm/open | bom |  | \n");
  EXPECT_EQ(gaps(sbom),
            "sbom |  | a component without a name and without a package URL\n"
            "sbom | bad | package URL: does not begin with pkg:: \"nonsense\"\n"
            "sbom | components | an element is not an object\n"
            "sbom | distribution | the list names no distribution for its 1 operating system packages: only language packages are matched\n"
            "sbom | open | no version: not matched with any advisory\n"
            "sbom | plain | no package URL: not matched with any advisory\n");
}

TEST(sbom, a_list_of_two_distributions_says_so) {
  const SbomContent sbom = components(R"({"type":"operating-system","name":"debian","version":"12"},{"type":"operating-system","name":"alpine","version":"3.19.1"},
    {"type":"library","name":"a","version":"1","purl":"pkg:deb/debian/a@1?distro=debian-11"})");
  EXPECT_EQ(sbom.distribution.id, "debian");
  EXPECT_EQ(gaps(sbom),
            "sbom | alpine 3.19.1 | a second operating system; packages are matched as those of debian 12\n"
            "sbom | debian 11 | 1 packages name this distribution, the list is of debian 12\n");
}

TEST(sbom, nested_components_places_and_dependencies) {
  const SbomContent sbom = components(R"({"type":"application","bom-ref":"r1","name":"a","version":"1","purl":"pkg:npm/a@1","components":[
    {"type":"library","bom-ref":"r2","name":"b","version":"2","purl":"pkg:npm/b@2","evidence":{"occurrences":[{"location":"/srv/b","line":4},{"location":"srv/b","line":4}]},
     "licenses":[{"expression":"MIT OR Apache-2.0"}]}]}],"dependencies":[{"ref":"r1","dependsOn":["r2","nowhere"]},{"ref":"r2","dependsOn":["r1","r2"]})");
  EXPECT_EQ(lines(sbom), "pkg:npm/a@1 | bom |  | b\npkg:npm/b@2 | srv/b | MIT OR Apache-2.0 | a\n");
  EXPECT_EQ(sbom.packages[1].locations.size(), 1u);
  EXPECT_EQ(sbom.packages[1].locations[0].line, 4u);
}

TEST(sbom, inside_an_attestation) {
  const SbomContent sbom = read(R"({"_type":"https://in-toto.io/Statement/v1","predicateType":"https://cyclonedx.org/bom","predicate":{"bomFormat":"CycloneDX","specVersion":"1.4",
    "components":[{"type":"library","name":"b","version":"2","purl":"pkg:npm/b@2"}]}})");
  EXPECT_EQ(sbom.packages.size(), 1u);
}

void refuses(std::string_view text, ErrorKind kind, std::string_view why) {
  const auto sbom = read_sbom(as_bytes(text), Limits{});
  ASSERT_FALSE(sbom) << text;
  EXPECT_EQ(sbom.error().kind(), kind) << sbom.error().message();
  EXPECT_NE(sbom.error().message().find(why), std::string::npos) << sbom.error().message();
}

TEST(sbom, refuses_what_it_does_not_read) {
  refuses("", ErrorKind::Malformed, "not an SBOM");
  refuses("hello", ErrorKind::Malformed, "not an SBOM");
  refuses("{}", ErrorKind::Malformed, "neither bomFormat");
  refuses("{\"bomFormat\":\"CycloneDX\",", ErrorKind::Malformed, "cut short");
  refuses(R"({"bomFormat":"CycloneDX","specVersion":"2.0"})", ErrorKind::Unsupported, "\"2.0\"");
  refuses(R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":{}})", ErrorKind::Malformed, "components is not an array");
  refuses(R"({"spdxVersion":"SPDX-2.0"})", ErrorKind::Unsupported, "SPDX-2.0");
  refuses(R"({"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"})", ErrorKind::Unsupported, "SPDX 3");
  refuses("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><components>", ErrorKind::Malformed, "cut short");
  refuses("<html></html>", ErrorKind::Malformed, "XML of <html>");
  refuses("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.1\"/>", ErrorKind::Unsupported, "1.1");
  refuses("SPDXVersion: SPDX-2.3\nPackageName: a\nPackageComment: <text>never ends\n", ErrorKind::Malformed, "cut short");
  Limits small;
  small.records = 1;
  EXPECT_EQ(read_sbom(as_bytes(R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"name":"a"},{"name":"b"}]})"), small).error().kind(), ErrorKind::Limit);
  small.metadata_bytes = 10;
  EXPECT_EQ(read_sbom(as_bytes("SPDXVersion: SPDX-2.3\n"), small).error().kind(), ErrorKind::Limit);
}

TEST(sbom, deep_nesting_ends) {
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += R"({"name":"a","purl":"pkg:npm/a@1","components":[)";
  for (int i = 0; i < 2000; ++i) deep += "]}";
  EXPECT_EQ(read_sbom(as_bytes(cat(R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[)", deep, "]}")), Limits{}).error().kind(), ErrorKind::Limit);
}

TEST(sbom, tag_value_texts_may_span_lines) {
  const SbomContent sbom = read(
      "# a comment\nSPDXVersion: SPDX-2.2\nCreator: Tool: x-1\n\nPackageName: a\nSPDXID: SPDXRef-a\nPackageVersion: 1\nPackageComment: <text>line\nPackageName: not a package\n</text>\n"
      "ExternalRef: PACKAGE_MANAGER purl pkg:npm/a@1\nPackageLicenseDeclared: LicenseRef-1\nPackageName: b\nSPDXID: SPDXRef-b\nPackageVersion: 2\nExternalRef: PACKAGE-MANAGER purl pkg:npm/b@2\n"
      "Relationship: SPDXRef-a DEPENDS_ON SPDXRef-b\nLicenseID: LicenseRef-1\nExtractedText: <text>Be kind</text>\nLicenseName: Kind\n");
  EXPECT_EQ(lines(sbom), "pkg:npm/a@1 | bom | Kind | b\npkg:npm/b@2 | bom |  | \n");
  EXPECT_EQ(sbom.created_by, "x-1");
}

TEST(sbom, looks_like_one) {
  EXPECT_TRUE(looks_like_sbom(as_bytes("\xEF\xBB\xBF { \"bomFormat\": \"CycloneDX\"")));
  EXPECT_TRUE(looks_like_sbom(as_bytes("##\nSPDXVersion: SPDX-2.3\n")));
  EXPECT_FALSE(looks_like_sbom(as_bytes("{\"schemaVersion\":\"1\"}")));
  EXPECT_FALSE(looks_like_sbom({}));
}

}  // namespace
}  // namespace plimsoll::inventory
