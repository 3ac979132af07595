#include "report/filter.h"

#include "report/test_report.h"

namespace plimsoll::report {
namespace {

// How many findings of shop.json stay; the rest must be named.
void keeps(const Filter& filter, std::size_t count) {
  const Report before = load_report("shop");
  const Report after = filtered(before, filter);
  EXPECT_EQ(after.findings.size(), count);
  EXPECT_EQ(after.findings.size() + after.suppressed.size(), before.findings.size() + before.suppressed.size());
}

TEST(filter, keeps_what_is_asked_for) {
  keeps({}, 21);
  keeps({.at_least = Severity::Critical}, 8);
  keeps({.states = {FixState::Postponed, FixState::WillNotFix}}, 5);  // and the two that are no vulnerabilities
  keeps({.classes = {FindingClass::Secret}}, 1);
  keeps({.ids = {"ghsa-35jh-r3h4-6jhm"}}, 2);
  keeps({.ids = {"CVE-2021-*", "aws-*"}}, 7);
  keeps({.paths = {"app/node_modules/**"}}, 3);
  keeps({.not_paths = {"app/node_modules/b/**", "app/.env"}}, 19);
  keeps({.origin = Origin::Own}, 9);
  keeps({.at_least = Severity::High, .origin = Origin::Base}, 5);
}

TEST(filter, unknown_severity_and_origin_stay) {
  Report report;
  report.findings = {{.id = "a"}};
  EXPECT_EQ(filtered(report, {.at_least = Severity::Critical, .origin = Origin::Own}).findings.size(), 1u);
}

TEST(filter, layer_origin_concerns_the_inventory_too) {
  Report report;
  for (const auto& [id, origin] : {std::pair{"base", Origin::Base}, {"own", Origin::Own}, {"unknown", Origin::Unknown}, {"excused", Origin::Base}}) {
    Package package;
    package.id = id;
    package.origin = origin;
    report.packages.push_back(package);
  }
  report.suppressed = {{.key = "k", .id = "CVE-1", .package = "excused", .by = "exceptions.yaml"}};
  const auto kept = [&](const Filter& filter) {
    std::string out;
    for (const Package& package : filtered(report, filter).packages) out += cat(package.id, " ");
    return out;
  };
  EXPECT_EQ(kept({.origin = Origin::Own}), "own unknown excused ") << "what an exception speaks of stays";
  EXPECT_EQ(kept({.origin = Origin::Base}), "base unknown excused ");
  EXPECT_EQ(kept({.at_least = Severity::High}), "base own unknown excused ");
  const auto notices = filtered(report, {.origin = Origin::Own}).notices;
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].what, "1 packages of other layers are not listed: not asked for");
}

}  // namespace
}  // namespace plimsoll::report
