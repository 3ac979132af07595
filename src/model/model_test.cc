#include <gtest/gtest.h>

#include "base/text.h"
#include "model/ecosystem.h"
#include "model/life_table.h"
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
  EXPECT_EQ(p.purl_text(), "pkg:rpm/redhat/bind-libs@9.16.23-1.el9?arch=x86_64&epoch=32&upstream=bind");
}

TEST(package, its_purl_written_straight_is_the_same) {
  for (const std::string_view type : {"rpm", "deb", "apk", "alpm", "npm", "pypi", "golang", "maven", "composer", "generic"})
    for (const std::string_view ns : {"", "Debian", "@Angular", "github.com/A/b", "org.x"})
      for (const std::string_view version : {"", "1", "32:9.1-1+b 2", "x:1", "1:"})
        for (const std::string_view source : {"", "Some_Name", "src"}) {
          Package p{.type = std::string(type), .ns = std::string(ns), .name = "Some_Name", .version = std::string(version), .arch = "x86_64", .source_name = std::string(source), .source_version = source == "src" ? "2:1" : ""};
          p.set_property("distro", "debian-12");
          EXPECT_EQ(p.purl_text(), p.purl().text());
        }
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

TEST(life_table, one_table_for_the_inventory_and_the_database) {
  const auto of = [](const char* id, const char* version, const char* name = "") {
    const EndOfLife* const end = shipped_end_of_life({.id = id, .version_id = version, .codename = {}, .name = name});
    return end ? cat(end->date, " ", end->long_term, " ", end->paid) : std::string("-");
  };
  EXPECT_EQ(of("debian", "12"), "2026-06-10 2028-06-30 ");
  EXPECT_EQ(of("ubuntu", "22.04"), "2027-06-01  2032-04-30");
  EXPECT_EQ(of("alpine", "3.19.1"), "2025-11-01  ");
  EXPECT_EQ(of("rhel", "9.4"), "2032-05-31  2035-05-31");
  EXPECT_EQ(of("centos", "8", "CentOS Linux 8"), "2021-12-31  ");
  EXPECT_EQ(of("centos", "9", "CentOS Stream 9"), "2027-05-31  ");
  EXPECT_EQ(of("amzn", "2018.03"), "2020-12-31 2023-12-31 ");
  EXPECT_EQ(of("plan9", "4"), "-");
  const EndOfLife debian{.distribution = {}, .release = {}, .date = "2026-06-10", .long_term = "2028-06-30", .paid = "2033-01-01"};
  EXPECT_EQ(debian.free_until(), "2028-06-30");
}

TEST(life_table, rows) {
  const auto table = parse_life_table("# words\n\nubuntu\t24.04\t2029-05-31\t\t2034-04-30\thttps://example.com\ncentos\t7\t2024-06-30\nfedora\t40\t2025-05-13\t\thttps://example.com\n");
  ASSERT_TRUE(table.has_value());
  ASSERT_EQ(table->size(), 3u);
  EXPECT_EQ((*table)[0].paid, "2034-04-30");
  EXPECT_EQ((*table)[1].distribution, "centos");
  EXPECT_EQ((*table)[2].paid, "");
  for (const char* bad : {"debian\t12", "debian\t12\tsoon", "\t12\t2026-01-01", "debian\t12\t2026-01-01\tlater"}) EXPECT_FALSE(parse_life_table(bad).has_value()) << bad;
}

}  // namespace
}  // namespace plimsoll
