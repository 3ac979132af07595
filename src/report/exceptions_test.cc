#include "model/exceptions.h"

#include "report/test_report.h"

namespace plimsoll::report {
namespace {

constexpr std::string_view kHead = "apiVersion: plimsoll.dev/v1alpha1\nkind: Exception\nmetadata: {name: shop}\nspec:\n  entries:\n";

Report applied(std::string_view entries, std::string_view at = "2026-11-24T10:00:00Z") {
  const auto exceptions = read_exceptions(cat(kHead, entries), "x.yaml");
  EXPECT_TRUE(exceptions) << (exceptions ? "" : exceptions.error().message());
  return without_excepted(load_report("shop"), *exceptions, at);
}

TEST(exceptions, leave_out_what_they_name_with_reason_owner_and_day) {
  const Report after = applied("    - {id: CVE-2021-23337, path: 'app/node_modules/b/**', reason: not reached, owner: web, expires: 2027-01-31}\n");
  EXPECT_EQ(left_out(after), "CVE-2021-23337 in npm:lodash@3.10.1 by x.yaml entry 1: not reached (web), until 2027-01-31\n");
  EXPECT_EQ(notices(after), "");
  EXPECT_EQ(after.findings.size(), 20u);
}

TEST(exceptions, every_way_to_name_a_finding) {
  const auto count = [](std::string_view entry) { return 21 - applied(cat("    - {", entry, ", reason: r}\n")).findings.size(); };
  EXPECT_EQ(count("id: GHSA-jfh8-c2jp-5v3q"), 1u);
  EXPECT_EQ(count("ids: [CVE-2021-44228, CVE-2021-45046]"), 2u);
  EXPECT_EQ(count("package: 'pkg:deb/debian/openssl'"), 8u);  // the source package: libssl3 too
  EXPECT_EQ(count("package: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2'"), 4u);
  EXPECT_EQ(count("package: 'pkg:deb/debian/libssl3@3.0.11-2'"), 0u);
  EXPECT_EQ(count("package: 'pkg:npm/@babel/*'"), 1u);
  EXPECT_EQ(count("package: 'pkg:npm/@babel/traverse'"), 1u);
  EXPECT_EQ(count("package: 'pkg:npm/lodash@3.*'"), 1u);
  EXPECT_EQ(count("package: 'pkg:deb/debian/libc6?arch=amd64'"), 2u);
  EXPECT_EQ(count("package: 'pkg:deb/debian/libc6?arch=arm64'"), 0u);
  EXPECT_EQ(count("class: secret"), 1u);
  EXPECT_EQ(count("id: aws-access-token, path: app/.env"), 1u);
  EXPECT_EQ(count("id: CVE-2021-44228, image: 'registry.example/shop:*'"), 1u);
  EXPECT_EQ(count("id: CVE-2021-44228, image: 'registry.example/other:*'"), 0u);
}

TEST(exceptions, an_expired_one_counts_again_and_is_named) {
  const std::string entry = "    - {id: CVE-2021-44228, reason: soon, owner: web, expires: 2026-11-23}\n";
  EXPECT_EQ(applied(entry).findings.size(), 21u);
  EXPECT_EQ(notices(applied(entry)), "exception expired | x.yaml entry 1 | CVE-2021-44228 counts again since 2026-11-23 (web)\n");
  EXPECT_EQ(applied(entry, "2026-11-23T23:59:59Z").findings.size(), 20u);
}

TEST(exceptions, an_unused_one_is_named) {
  EXPECT_EQ(notices(applied("    - {id: CVE-1999-0001, package: 'pkg:npm/x', reason: r}\n")), "exception unused | x.yaml entry 1 | CVE-1999-0001 pkg:npm/x matches nothing in this report\n");
  EXPECT_EQ(notices(applied("    - {id: CVE-1999-0001, image: other, reason: r}\n")), "");  // it speaks of another image
}

void refuses(std::string_view text, std::string_view why) {
  const auto exceptions = read_exceptions(text, "x.yaml");
  ASSERT_FALSE(exceptions) << text;
  EXPECT_NE(exceptions.error().message().find(why), std::string::npos) << exceptions.error().message();
}
void refuses_entry(std::string_view entry, std::string_view why) { refuses(cat(kHead, "    - {id: a, reason: r}\n    - ", entry, "\n"), cat("x.yaml: entry 2 ", why)); }

TEST(exceptions, refuses_what_would_be_misread) {
  refuses("kind: Standard\n", "kind is \"Standard\"");
  refuses("kind: Exception\napiVersion: v2\n", "apiVersion is \"v2\"");
  refuses("kind: Exception\napiVersion: plimsoll.dev/v1alpha1\n", "spec.entries is missing");
  refuses("a: [", "x.yaml");
  refuses_entry("{id: a}", "has no reason");
  refuses_entry("{reason: r}", "names nothing");
  refuses_entry("{id: a, reason: r, expire: 2027-01-01}", "has the unknown member \"expire\"");
  refuses_entry("{id: a, reason: r, expires: soon}", "expires \"soon\" is not a date");
  refuses_entry("{id: a, reason: r, expires: 2027-13-01}", "expires \"2027-13-01\" is not a date");
  refuses_entry("{package: lodash, reason: r}", "package is not a package URL");
  refuses_entry("{class: bug, reason: r}", "class \"bug\" is not known");
  refuses_entry("{ids: a, reason: r}", "ids is not a list");
  refuses_entry("7", "is not an object");
}

}  // namespace
}  // namespace plimsoll::report
