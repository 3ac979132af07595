#include <gtest/gtest.h>

#include "base/text.h"
#include "model/ecosystem.h"
#include "model/digest.h"
#include "model/facts.h"
#include "model/purl.h"

namespace plimsoll {
namespace {

void canonical(std::string_view given, std::string_view expected) {
  const auto purl = Purl::parse(given);
  ASSERT_TRUE(purl) << given;
  EXPECT_EQ(purl->text(), expected);
}

// Rows follow the examples of package-url/purl-spec.
TEST(purl, canonical_forms) {
  canonical("pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie");
  canonical("pkg:npm/%40angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1");
  canonical("pkg:npm/@angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1");
  canonical("pkg:PyPI/Django_Foo@1.11.1.dev1", "pkg:pypi/django-foo@1.11.1.dev1");
  canonical("pkg:golang/google.golang.org/genproto#googleapis/api/annotations", "pkg:golang/google.golang.org/genproto#googleapis/api/annotations");
  canonical("pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?type=pom", "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1?type=pom");
  canonical("pkg:deb/debian/libc6@1:2.3+b1", "pkg:deb/debian/libc6@1:2.3+b1");
}
TEST(purl, refuses_what_is_none) {
  for (const std::string_view text : {"", "npm/x@1", "pkg:npm", "pkg:npm/", "pkg:/x"}) EXPECT_FALSE(Purl::parse(text)) << text;
}

TEST(package, rpm_epoch_is_a_qualifier) {
  Package p{.type = "rpm", .ns = "redhat", .name = "bind-libs", .version = "32:9.16.23-1.el9", .arch = "x86_64", .source_name = "bind"};
  EXPECT_EQ(p.purl().text(), "pkg:rpm/redhat/bind-libs@9.16.23-1.el9?arch=x86_64&epoch=32&upstream=bind");
}

TEST(facts, round_trip_and_damage) {
  Facts facts;
  facts.packages.push_back({.type = "deb", .name = "a", .version = "1", .licenses = {"MIT"}, .properties = {{"k", "v"}}});
  facts.findings.push_back({.id = "r", .klass = FindingClass::Secret, .severity = Severity::High, .locations = {{.path = "p", .line = 3}}});
  facts.notes = {{"n", std::string("\0x", 2)}};
  facts.owned_paths = {1, 2, 0xffffffffffffffff};
  facts.gaps = {{"dpkg", "line 3", "cut"}};
  std::string bytes;
  write_facts(bytes, facts);
  const auto again = read_facts(as_bytes(bytes));
  ASSERT_TRUE(again);
  std::string twice;
  write_facts(twice, *again);
  EXPECT_EQ(bytes, twice);
  for (std::size_t length = 0; length < bytes.size(); ++length) EXPECT_FALSE(read_facts(as_bytes(bytes).first(length))) << length;
}

TEST(facts, owned_paths_meet_on_merged_usr) {
  EXPECT_EQ(owned_path_hash("/bin/ls"), owned_path_hash("usr/bin/ls"));
  EXPECT_NE(owned_path_hash("bin"), owned_path_hash("usr/bin"));
}

TEST(digest, only_whole_ones) {
  EXPECT_TRUE(Digest::parse(Digest::of(as_bytes("x")).text()));
  for (const std::string_view text : {"", "sha256:", "sha256:ABC", "md5:d41d8cd98f00b204e9800998ecf8427e"}) EXPECT_FALSE(Digest::parse(text)) << text;
}

TEST(finding, words_of_others) {
  EXPECT_EQ(severity_from("Important"), Severity::High);
  EXPECT_EQ(severity_from("moderate"), Severity::Medium);
  EXPECT_FALSE(severity_from("very bad"));
}

TEST(ecosystem, products_of_cpes) {
  const auto of = [](std::string_view cpe) {
    const EcosystemRef ref = ecosystem_of_cpe(cpe);
    return cat(ref.key, ref.channel.empty() ? "" : " ", ref.channel);
  };
  EXPECT_EQ(of("cpe:/o:redhat:enterprise_linux:9::baseos"), "rhel:9");
  EXPECT_EQ(of("cpe:/o:redhat:enterprise_linux:9"), "rhel:9");
  EXPECT_EQ(of("cpe:/o:redhat:rhel:8.3::baseos"), "rhel:8");
  EXPECT_EQ(of("cpe:/a:redhat:rhel_eus:9.2::appstream"), "rhel:9 eus:9.2");
  EXPECT_EQ(of("cpe:/a:redhat:openshift:4.12::el9"), "rhel-product:openshift:4.12:el9");
  EXPECT_EQ(of("cpe:/a:redhat:openshift:4"), "rhel-product:openshift:4");
  EXPECT_EQ(of("cpe:/a:redhat:jboss_core_services"), "rhel-product:jboss_core_services");
  EXPECT_EQ(of("cpe:/o:suse:sles:15:sp5"), "sles:15.5");
  EXPECT_EQ(of("cpe:2.3:o:oracle:linux:9"), "ol:9");
  for (const char* none : {"", "cpe:/", "cpe:/o:redhat", "cpe:/a:nginx:nginx:1.2"}) EXPECT_EQ(of(none), "") << none;
}

TEST(ecosystem, what_names_of_files_speak_of) {
  const auto of = [](std::string_view name) {
    std::string out;
    for (const std::string& key : ecosystems_of_name(name)) out += cat(out.empty() ? "" : " ", key);
    return out;
  };
  EXPECT_EQ(of("debian/oval-definitions-bookworm.xml.gz"), "debian:12");
  EXPECT_EQ(of("com.ubuntu.jammy.usn.oval.xml"), "ubuntu:22.04");
  EXPECT_EQ(of("debian-tracker.json"), "debian:");
  EXPECT_EQ(of("osv-npm.zip"), "npm");
  EXPECT_EQ(of("osv/cargo.jsonl.zst"), "cargo");
  EXPECT_EQ(of("feeds/Go/all.zip"), "golang");
  EXPECT_EQ(of("wolfi.json"), "wolfi");
  EXPECT_EQ(of("all.zip"), "");
}

TEST(ecosystem, wide_statements_hold_for_exact_products) {
  EXPECT_EQ(product_keys("rhel-product:openshift:4.12:el9"),
            (std::vector<std::string>{"rhel-product:openshift:4.12:el9", "rhel-product:openshift:4.12", "rhel-product:openshift:4:el9", "rhel-product:openshift:4", "rhel-product:openshift"}));
  EXPECT_EQ(product_keys("rhel:9"), std::vector<std::string>{"rhel:9"});
  EXPECT_EQ(product_keys("rhel-product:jboss_core_services"), std::vector<std::string>{"rhel-product:jboss_core_services"});
}

}  // namespace
}  // namespace plimsoll
