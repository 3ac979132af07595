#include "scan/remembered.h"

#include <gtest/gtest.h>

namespace plimsoll::scan {
namespace {

// Every member that a record keeps, each with a value of its own.
Subject full_subject() {
  Subject s;
  s.image = {.reference = "app:1", .kind = "image", .digest = "sha256:d", .image_id = "sha256:i", .platform = "linux/amd64", .created = "2026-01-01", .base_name = "debian", .base_digest = "sha256:b", .base_layers = 1, .config_json = "{}"};
  s.image.os = {.id = "debian", .version_id = "12", .codename = "bookworm", .name = "Debian 12", .id_like = {"a", "b"}, .variant = "v", .cpe = "cpe:2.3:o:x", .end_of_life = "2028-06-30", .location = {.path = "etc/os-release", .layer = "sha256:1", .line = 2}};
  s.image.layers = {{.diff_id = "sha256:1", .digest = "sha256:2", .size_bytes = 3, .origin = Origin::Base, .created_by = "RUN x"}, {.diff_id = "sha256:4", .origin = Origin::Own}};
  s.inventory.distribution = s.image.os;
  Package p{.id = "pkg:deb/debian/a@1", .type = "deb", .ns = "debian", .name = "a", .version = "1", .arch = "amd64", .source_name = "s", .source_version = "2", .licenses = {"MIT"}, .depends = {"libc6"}, .locations = {{.path = "x", .layer = "sha256:1"}}, .found_by = {"dpkg"}, .owned_by = "o", .origin = Origin::Own, .properties = {{"k", "v"}}};
  s.inventory.packages = {p, p};
  s.inventory.gaps = {{"part", "where", "why"}};
  Finding f{.id = "r", .key = "k", .klass = FindingClass::Secret, .severity = Severity::High, .severity_source = "rule", .package = "p", .title = "t", .rule_id = "r", .evidence = {{"e", "v"}, {"e", "w"}}, .locations = {{.path = "y", .line = 7}}, .origin = Origin::Base, .fix = "fix", .risk_0_100 = 12.625, .references = {"https://example.org"}};
  s.findings = {f};
  s.suppressed = {{.key = "k", .id = "i", .package = "p", .by = "b", .reason = "r"}};
  s.profile = ProfileInfo{.digest = "sha256:p", .executables = 5, .reference = "file"};
  s.rules = RulesInfo{.digest = "sha256:r", .count = 9};
  s.notices = {{.about = "a", .where = "w", .what = "x"}};
  return s;
}

TEST(remembered, a_record_keeps_everything_and_a_cut_one_nothing) {
  const std::string bytes = pack_subject(full_subject());
  const auto again = unpack_subject(as_bytes(bytes));
  ASSERT_TRUE(again);
  EXPECT_EQ(pack_subject(*again), bytes);
  EXPECT_EQ(again->image.os.end_of_life, "2028-06-30");
  EXPECT_EQ(again->image.layers[1].origin, Origin::Own);
  EXPECT_EQ(again->inventory.packages[1].properties.front().second, "v");
  EXPECT_EQ(again->findings.front().risk_0_100, 12.625);
  EXPECT_EQ(again->findings.front().package, "p");
  EXPECT_EQ(again->profile->executables, 5u);
  EXPECT_EQ(again->notices.front().what, "x");
  for (std::size_t length = 0; length < bytes.size(); ++length) EXPECT_FALSE(unpack_subject(as_bytes(bytes).first(length))) << length;
}

TEST(remembered, absent_parts_stay_absent) {
  const auto again = unpack_subject(as_bytes(pack_subject({})));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->profile || again->rules || again->image.os.end_of_life);
}

}  // namespace
}  // namespace plimsoll::scan
