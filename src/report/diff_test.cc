#include "report/diff.h"

#include <algorithm>

#include "report/test_report.h"

namespace plimsoll::report {
namespace {

TEST(diff, equal_reports_do_not_differ) {
  const Report report = load_report("shop");
  const ReportDiff same = diff(report, report);
  EXPECT_TRUE(same.appeared.empty() && same.gone.empty() && same.changed.empty() && same.added.empty() && same.removed.empty() && same.altered.empty());
  EXPECT_EQ(same.same, 21u);
  EXPECT_NE(write_diff(same, "table", {})->find("Nothing changed."), std::string::npos);
}

// shop 1.3: lodash 3.10.1 is raised, log4j is removed, perl's CVE got a fix, a secret came.
Report next_report() {
  Report report = load_report("shop");
  report.image.reference = "registry.example/shop:1.3";
  std::erase_if(report.packages, [](const Package& package) { return package.name == "log4j-core"; });
  std::erase_if(report.findings, [](const Finding& finding) { return finding.package == "maven:log4j-core@2.14.1"; });
  for (Package& package : report.packages)
    if (package.version == "3.10.1") package.version = "4.17.20", package.id = "npm:lodash@4.17.20";
  for (Finding& finding : report.findings) {
    if (finding.package == "npm:lodash@3.10.1") finding.package = "npm:lodash@4.17.20", finding.installed_version = "4.17.20";
    if (finding.id == "CVE-2023-31484") finding.state = FixState::Fixed, finding.fixed_version = "5.36.0-7+deb12u2";
  }
  report.findings.push_back({.id = "private-key", .key = "11", .klass = FindingClass::Secret, .severity = Severity::High, .locations = {{.path = "app/key.pem"}}, .risk_0_100 = 70});
  report.gaps.clear();
  report.packages.push_back({.id = "npm:left-pad@1.3.0", .type = "npm", .name = "left-pad", .version = "1.3.0"});
  return report;
}

TEST(diff, names_new_gone_and_changed) {
  const Report before = load_report("shop"), after = next_report();
  const ReportDiff result = diff(before, after);
  ASSERT_EQ(result.appeared.size(), 1u);
  EXPECT_EQ(result.appeared[0]->id, "private-key");
  EXPECT_EQ(result.gone.size(), 3u);
  ASSERT_EQ(result.changed.size(), 2u);
  EXPECT_EQ(result.changed[0].what, std::vector<std::string>{"installed 3.10.1, 4.17.15, now 4.17.15, 4.17.20"});
  EXPECT_EQ(result.changed[1].what, (std::vector<std::string>{"state not-fixed, now fixed", "fixed in none, now 5.36.0-7+deb12u2"}));
  EXPECT_EQ(result.same, 15u);
  ASSERT_EQ(result.added.size(), 1u);
  EXPECT_EQ(result.added[0].name, "left-pad");
  ASSERT_EQ(result.removed.size(), 1u);
  EXPECT_EQ(result.removed[0].name, "log4j-core");
  ASSERT_EQ(result.altered.size(), 1u);
  EXPECT_EQ(result.altered[0].after, (std::vector<std::string>{"4.17.15", "4.17.20"}));
  EXPECT_EQ(result.gaps_gone.size(), 1u);
  // Turned round, new is gone.
  EXPECT_EQ(diff(after, before).appeared.size(), 3u);
  EXPECT_EQ(diff(after, before).gone.size(), 1u);
}

TEST(diff, matches_its_golden_files) {
  const Report before = load_report("shop"), after = next_report();
  const ReportDiff result = diff(before, after);
  for (const auto& [format, extension] : {std::pair("table", "txt"), {"json", "json"}, {"markdown", "md"}}) {
    const std::string path = cat(PLIMSOLL_TEST_DATA, "/report/diff/shop.", extension);
    const auto text = write_diff(result, format, {});
    ASSERT_TRUE(text);
    if (environment("PLIMSOLL_UPDATE_GOLDEN")) {
      ASSERT_TRUE(make_directories(cat(PLIMSOLL_TEST_DATA, "/report/diff")));
      ASSERT_TRUE(replace_file(path, as_bytes(*text)));
    }
    const auto expected = read_file(path);
    ASSERT_TRUE(expected) << path;
    EXPECT_EQ(*text, *expected) << path;
  }
  EXPECT_EQ(write_diff(result, "sarif", {}).error().kind(), ErrorKind::Unsupported);
}

}  // namespace
}  // namespace plimsoll::report
