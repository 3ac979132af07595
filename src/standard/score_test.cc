#include "standard/score.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "model/report.h"

namespace plimsoll::standard {
namespace {

Finding finding(double risk, std::string id = "CVE-2024-1", FindingClass klass = FindingClass::Vulnerability) {
  Finding out;
  out.id = id, out.key = "key-" + id, out.klass = klass, out.risk_0_100 = risk, out.severity = Severity::High, out.package = klass == FindingClass::Vulnerability ? "deb:x@1" : "";
  return out;
}
double of_class(const Score& score, FindingClass klass) {
  for (const auto& [each, value] : score.by_class)
    if (each == klass) return value;
  return -1;
}
double total(std::initializer_list<double> risks) {
  Report report;
  int n = 0;
  for (const double risk : risks) report.findings.push_back(finding(risk, "CVE-2024-" + std::to_string(n++)));
  return score(report).total;
}

TEST(score, known_figures) {
  EXPECT_EQ(total({}), 100);
  EXPECT_EQ(total({0, 0, 0}), 100);
  EXPECT_NEAR(total({95}), 75.3, 0.001);
  EXPECT_NEAR(total({47}), 87.78, 0.001);
  EXPECT_NEAR(total({100, 100}), 100 - 26 - 13.48, 0.001);
}

TEST(score, figures_of_the_header) {
  Report report;
  for (int i = 0; i < 10; ++i) report.findings.push_back(finding(47, std::to_string(i)));
  EXPECT_NEAR(score(report).total, 72.2, 0.05);
  report.findings.clear();
  for (int i = 0; i < 300; ++i) report.findings.push_back(finding(15, std::to_string(i)));
  EXPECT_NEAR(score(report).total, 85.0, 0.05);
}

TEST(score, never_leaves_the_scale) {
  Report report;
  for (int i = 0; i < 5000; ++i) report.findings.push_back(finding(i % 2 == 0 ? 1e300 : NAN, std::to_string(i)));
  const double all = score(report).total;
  EXPECT_GE(all, 0);
  EXPECT_LT(all, 0.01);
  report.findings = {finding(-5)};
  EXPECT_EQ(score(report).total, 100);
}

TEST(score, a_class_that_was_looked_for_and_not_found_is_100) {
  const FindingClass looked[] = {FindingClass::Vulnerability, FindingClass::Secret};
  Report report;
  report.findings = {finding(50, "aws-key", FindingClass::Secret), finding(10, "x", FindingClass::Malware)};
  const Score got = score(report, looked);
  EXPECT_EQ(of_class(got, FindingClass::Vulnerability), 100);
  EXPECT_LT(of_class(got, FindingClass::Secret), 100);
  EXPECT_LT(of_class(got, FindingClass::Malware), 100);
  EXPECT_EQ(of_class(got, FindingClass::Webshell), -1);
}

// Random reports; each law is checked by adding and removing findings one at a time.
TEST(score, laws) {
  std::mt19937 random(20261127);
  for (int round = 0; round < 300; ++round) {
    Report report;
    const std::size_t size = random() % 60;
    for (std::size_t i = 0; i < size; ++i)
      report.findings.push_back(finding(static_cast<double>(random() % 1001) / 10, std::to_string(i), static_cast<FindingClass>(random() % 4)));
    const Score before = score(report);
    double sum = 0;
    for (const Deduction& deduction : before.deductions) {
      sum += std::round(deduction.points * 100);
      EXPECT_GE(deduction.points, 0);
    }
    EXPECT_EQ(sum, std::round((100 - before.total) * 100));
    for (const auto& [klass, value] : before.by_class) EXPECT_GE(value, before.total) << to_string(klass);

    Report more = report;
    more.findings.insert(more.findings.begin() + static_cast<std::ptrdiff_t>(random() % (size + 1)), finding(static_cast<double>(random() % 1001) / 10, "new", static_cast<FindingClass>(random() % 4)));
    const Score after = score(more);
    EXPECT_LE(after.total, before.total);
    for (const auto& [klass, value] : before.by_class) EXPECT_LE(of_class(after, klass), value);

    if (report.findings.empty()) continue;
    Report worse = report;
    Finding& raised = worse.findings[random() % size];
    raised.risk_0_100 = std::min(100.0, raised.risk_0_100 + static_cast<double>(random() % 300) / 10);
    EXPECT_LE(score(worse).total, before.total);
    Report fixed = report;
    fixed.findings.erase(fixed.findings.begin() + static_cast<std::ptrdiff_t>(random() % size));
    EXPECT_GE(score(fixed).total, before.total);
  }
}

TEST(score, does_not_depend_on_the_order_of_findings) {
  Report report;
  for (int i = 0; i < 50; ++i) report.findings.push_back(finding((i * 37) % 100, std::to_string(i)));
  const Score a = score(report);
  std::reverse(report.findings.begin(), report.findings.end());
  const Score b = score(report);
  EXPECT_EQ(a.total, b.total);
  ASSERT_EQ(a.deductions.size(), b.deductions.size());
  EXPECT_EQ(a.deductions[0].finding_keys, b.deductions[0].finding_keys);
}

TEST(score, a_deduction_names_the_package_and_its_worst_finding) {
  Report report;
  Package package;
  package.id = "deb:libssl3@3.0", package.name = "libssl3", package.source_name = "openssl";
  report.packages = {package};
  Finding one = finding(70, "CVE-1"), two = finding(20, "CVE-2");
  one.package = two.package = package.id;
  one.installed_version = two.installed_version = "3.0";
  report.findings = {two, one};
  const Score got = score(report);
  ASSERT_EQ(got.deductions.size(), 1u);
  EXPECT_EQ(got.deductions[0].why, "openssl 3.0: 2 findings, the worst high (CVE-1, risk 70.0)");
  EXPECT_EQ(got.deductions[0].finding_keys, (std::vector<std::string>{"key-CVE-1", "key-CVE-2"}));
}

}  // namespace
}  // namespace plimsoll::standard
