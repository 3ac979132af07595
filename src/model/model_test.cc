#include <gtest/gtest.h>

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

}  // namespace
}  // namespace plimsoll
