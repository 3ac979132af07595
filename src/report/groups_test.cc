#include "report/groups.h"

#include "report/test_report.h"

namespace plimsoll::report {
namespace {

// Findings of one npm package "a" 1.0.0, and what they are grouped into: "change: ids" a line.
struct Fact {
  std::string id, fixed, fix;
  FixState state = FixState::Fixed;
  double risk = 10;
  std::string reason, channel;
};
Report report_of(const std::vector<Fact>& facts) {
  Report report;
  report.packages = {{.id = "p", .type = "npm", .name = "a", .version = "1.0.0"}};
  for (const Fact& fact : facts) {
    Finding finding{.id = fact.id, .key = fact.id, .state = fact.state, .package = "p", .installed_version = "1.0.0", .fixed_version = fact.fixed, .fix = fact.fix, .risk_0_100 = fact.risk};
    if (!fact.reason.empty()) finding.evidence.emplace_back("stateReason", fact.reason);
    if (!fact.channel.empty()) finding.evidence.emplace_back("channel", fact.channel);
    report.findings.push_back(std::move(finding));
  }
  return report;
}
std::string grouped(const std::vector<Fact>& facts) {
  const Report report = report_of(facts);
  std::string out;
  for (const FixGroup& group : overview(report).now) {
    out += cat(group.change, ":");
    for (const Finding* finding : group.findings) out += cat(" ", finding->id);
    out += "\n";
  }
  return out;
}

TEST(groups, one_raise_to_the_highest_version_needed) {
  EXPECT_EQ(grouped({{"A", "1.9.0"}, {"B", "1.10.0", "", FixState::Fixed, 20}, {"C", "1.2.0"}}), "raise a 1.0.0 to 1.10.0: B A C\n");  // 1.10 > 1.9 for npm
}

TEST(groups, above_the_last_affected_version) {
  EXPECT_EQ(grouped({{"A", "", "raise a above 1.4.0", FixState::NotFixed}}), "raise a 1.0.0 above 1.4.0: A\n");
  EXPECT_EQ(grouped({{"A", "", "raise a above 1.4.0", FixState::NotFixed}, {"B", "1.5.0"}}), "raise a 1.0.0 to 1.5.0: A B\n");
  EXPECT_EQ(grouped({{"A", "", "raise a above 1.5.0", FixState::NotFixed}, {"B", "1.5.0"}}), "raise a 1.0.0 above 1.5.0: A B\n");
}

TEST(groups, what_subscribers_get_is_a_change_of_its_own) {
  EXPECT_EQ(grouped({{"A", "1.1.0"}, {"B", "1.2.0", "", FixState::Fixed, 5, "", "esm"}}), "raise a 1.0.0 to 1.1.0: A\nattach Ubuntu Pro and raise a 1.0.0 to 1.2.0: B\n");
}

TEST(groups, what_does_not_affect_is_no_finding) {
  const Report report = report_of({{"A", "1.1.0"}, {"B", "", "", FixState::NotAffected, 0, "header-only: the package holds the kernel's headers"}, {"C", "", "", FixState::NotAffected}, {"D", "", "", FixState::Postponed}});
  const Overview all = overview(report);
  EXPECT_EQ(all.affecting, 2u);
  EXPECT_EQ(all.findings_now, 1u);
  EXPECT_EQ(all.later_by_state, (std::map<std::string, std::size_t>{{"fix postponed", 1}, {"not affected", 1}, {"not affected (header-only)", 1}}));
}

TEST(groups, binaries_of_one_source_are_one_change) {
  Report report = load_report("shop");
  for (const FixGroup& group : overview(report).now)
    if (group.subject == "openssl") {
      EXPECT_EQ(group.packages.size(), 2u);
      EXPECT_EQ(group.findings.size(), 6u);
      EXPECT_EQ(group.distinct().size(), 3u);
      return;
    }
  FAIL() << "no change for openssl";
}

}  // namespace
}  // namespace plimsoll::report
