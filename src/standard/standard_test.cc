// Standards from text to verdict.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "base/text.h"
#include "standard/example.h"
#include "standard/fix.h"
#include "standard/judge.h"
#include "standard/lint.h"
#include "standard/reference.h"
#include "standard/resolve.h"
#include "standard/score.h"

namespace plimsoll::standard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string document(std::string_view spec) { return cat("apiVersion: plimsoll.dev/v1alpha1\nkind: SecurityStandard\nmetadata: {name: mine}\nspec:\n", spec); }
// One rule with the given body, indented by six.
std::string with_rule(std::string_view body) { return document(cat("  rules:\n    - id: r\n      why: w\n      fix: f\n", body)); }

Loader shipped() {
  return [](std::string_view name, std::string_view) -> Result<Document> {
    const auto text = shipped_standard(name);
    if (!text) return not_found(cat("no standard ", name));
    return Document{std::string(*text), std::string(name)};
  };
}
std::string errors(const std::string& text) {
  Problems problems;
  if (const auto resolved = resolve({text, "s.yaml"}, shipped(), problems)) lint(*resolved, problems);
  return problems.text("s.yaml");
}
Resolved good(const std::string& text) {
  Problems problems;
  auto resolved = resolve({text, "s.yaml"}, shipped(), problems);
  EXPECT_TRUE(resolved) << problems.text("s.yaml");
  return resolved ? *resolved : Resolved{};
}
Report report(std::string_view yaml) {
  const auto node = read_yaml(yaml);
  EXPECT_TRUE(node) << (node ? "" : node.error().message());
  auto out = report_in_short(*node);
  EXPECT_TRUE(out) << (out ? "" : out.error().message());
  return std::move(*out);
}
Verdict verdict(const std::string& text, std::string_view of, Case the_case = {}) {
  if (the_case.at == Time{}) the_case.at = *parse_time("2026-11-01");
  const auto out = judge(report(of), good(text), the_case);
  EXPECT_TRUE(out) << (out ? "" : out.error().message());
  return out ? *out->verdict : Verdict{};
}

constexpr std::string_view kCritical = "      check: findings\n      forbid: {field: severity, operator: atLeast, value: critical}\n";

TEST(read, says_line_and_nearest_name) {
  EXPECT_THAT(errors(with_rule("      check: findings\n      forbid: {field: severty, operator: is, value: high}\n")), HasSubstr("s.yaml:10:23: error: \"severty\" is no field of findings; did you mean \"severity\"?"));
  EXPECT_THAT(errors(with_rule("      chek: findings\n")), HasSubstr("s.yaml:9: error: a rule has no member \"chek\"; did you mean \"check\"?"));
  EXPECT_THAT(errors(with_rule("      check: findings\n      forbid: {field: severity, operator: is, value: hgih}\n")), HasSubstr("did you mean \"high\"?"));
  EXPECT_THAT(errors(with_rule("      check: findings\n      forbid: {field: severity, operator: atleast, value: high}\n")), HasSubstr("did you mean \"atLeast\"?"));
  EXPECT_THAT(errors(with_rule("      check: finding\n      forbid: {field: severity, operator: is, value: high}\n")), HasSubstr("did you mean \"findings\"?"));
  EXPECT_THAT(errors(with_rule("      check: image\n      forbid: {field: severity, operator: is, value: high}\n")), HasSubstr("it is a field of findings"));
  EXPECT_THAT(errors(with_rule(cat(kCritical, "      effect: blok\n"))), HasSubstr("did you mean \"block\"?"));
  EXPECT_THAT(errors(with_rule(cat(kCritical, "      stages: [biuld]\n"))), HasSubstr("did you mean \"build\"?"));
  EXPECT_THAT(errors(with_rule(cat(kCritical, "      grace: {days: 7, since: publishd}\n"))), HasSubstr("published"));
}

TEST(read, refuses_what_would_let_things_through) {
  EXPECT_THAT(errors(document("  rules: []\n")), HasSubstr("passes everything"));
  EXPECT_THAT(errors(with_rule(cat(kCritical, kCritical))), HasSubstr("given twice"));
  EXPECT_THAT(errors(with_rule("      check: image\n      require: {field: score.total, operator: atLeast, value: ninety}\n")), HasSubstr("is not a number"));
  EXPECT_THAT(errors(with_rule("      check: image\n")), HasSubstr("needs either forbid or require"));
  EXPECT_THAT(errors(document("  rules:\n    - {id: r, check: findings, forbid: {field: id, operator: is, value: x}}\n")), HasSubstr("has no why"));
  EXPECT_THAT(errors(with_rule("      check: findings\n      forbid: {all: [{any: [{not: {all: [{field: id, operator: is, value: x}]}}]}]}\n")), HasSubstr("at most 3 deep"));
  EXPECT_THAT(errors(with_rule("      check: findings\n      forbid: {field: id, operator: in, value: []}\n")), HasSubstr("empty list"));
  EXPECT_THAT(errors("kind: SecurityStandard\n"), HasSubstr("apiVersion"));
  EXPECT_THAT(errors(""), HasSubstr("empty"));
  EXPECT_THAT(errors("[1, 2]"), HasSubstr("is a map"));
}

TEST(read, hostile_yaml) {
  EXPECT_THAT(errors("a: &x [1]\nb: *x\n"), HasSubstr("anchors"));
  EXPECT_THAT(errors("a: *x\n"), HasSubstr("error"));
  std::string bomb = "a: ";
  for (int i = 0; i < 10000; ++i) bomb += "[";
  EXPECT_THAT(errors(bomb), HasSubstr("deeper"));
  EXPECT_THAT(errors(std::string(2 << 20, 'a')), HasSubstr("longer"));
  EXPECT_THAT(errors("a: !!python/object x\n"), HasSubstr("tags"));
  EXPECT_THAT(errors("a: 1\n---\nb: 2\n"), HasSubstr("second document"));
  EXPECT_THAT(errors(std::string("a: \0x\n", 6)), HasSubstr("zero byte"));
}

TEST(inherit, overrides_are_seen) {
  const Resolved standard = good(document("  inherits: [starter]\n  overrides:\n    - {rule: critical-with-fix, effect: block, why: we can}\n"));
  const auto rule = std::find_if(standard.rules.begin(), standard.rules.end(), [](const Rule& r) { return r.id == "critical-with-fix"; });
  ASSERT_NE(rule, standard.rules.end());
  EXPECT_EQ(rule->effects[0], Effect::Block);
  EXPECT_EQ(rule->from, "starter");
  EXPECT_THAT(rule->changed, ElementsAre("effect: warn -> block, by mine: we can"));
  EXPECT_THAT(standard.json, HasSubstr("warn -> block"));
}

TEST(inherit, errors) {
  EXPECT_THAT(errors(document("  inherits: [starter]\n  overrides:\n    - {rule: critical-with-fx, effect: block, why: x}\n")), HasSubstr("did you mean \"critical-with-fix\"?"));
  EXPECT_THAT(errors(document("  inherits: [nowhere]\n")), HasSubstr("no standard nowhere"));
  EXPECT_THAT(errors(document(cat("  inherits: [starter]\n  rules:\n    - id: no-malware\n      why: w\n      fix: f\n", kCritical))), HasSubstr("change it under overrides"));
  const std::string mine = document("  inherits: [other]\n");
  std::string other = mine;
  other.replace(other.find("mine"), 4, "other");
  other.replace(other.find("[other]"), 7, "[mine]");
  Problems problems;
  const auto resolved = resolve({mine, "mine.yaml"}, [&](std::string_view name, std::string_view) -> Result<Document> { return Document{name == "mine" ? mine : other, std::string(name)}; }, problems);
  EXPECT_FALSE(resolved);
  EXPECT_THAT(problems.text(""), HasSubstr("mine -> other -> mine"));
}

TEST(inherit, the_digest_is_of_what_counts) {
  const std::string one = good(document("  inherits: [starter]\n")).digest;
  EXPECT_EQ(one, good(document("  # a comment\n  inherits: [starter]\n")).digest);
  EXPECT_NE(one, good(document("  inherits: [starter]\n  overrides:\n    - {rule: no-malware, effect: warn, why: x}\n")).digest);
}

TEST(lint, contradictions_and_rules_that_never_match) {
  EXPECT_THAT(errors(with_rule("      check: findings\n      forbid: {all: [{field: severity, operator: is, value: critical}, {field: severity, operator: is, value: low}]}\n")), HasSubstr("can never match"));
  EXPECT_THAT(errors(with_rule("      check: findings\n      forbid: {field: cvss, operator: moreThan, value: 10}\n")), HasSubstr("never above 10"));
  EXPECT_THAT(errors(with_rule("      check: image\n      require: {field: score.total, operator: atLeast, value: 101}\n")), HasSubstr("nothing can meet"));
  EXPECT_THAT(errors(with_rule("      check: findings\n      forbid: {all: [{field: risk, operator: atLeast, value: 50}, {field: risk, operator: lessThan, value: 50}]}\n")), HasSubstr("can never match"));
  const std::string both = document(
      "  rules:\n    - {id: a, why: w, fix: f, check: image, forbid: {field: config.root, operator: is, value: true}}\n"
      "    - {id: b, why: w, fix: f, check: image, require: {field: config.root, operator: is, value: true}}\n");
  EXPECT_THAT(errors(both), HasSubstr("contradict"));
  const std::string twice = document(
      "  rules:\n    - {id: a, why: w, fix: f, check: findings, forbid: {field: severity, operator: atLeast, value: high}}\n"
      "    - {id: b, why: w, fix: f, check: findings, forbid: {field: severity, operator: is, value: critical}}\n");
  EXPECT_THAT(errors(twice), HasSubstr("rule b never decides anything: whatever it stops, a stops as well"));
}

TEST(evaluate, counts_and_thresholds) {
  const std::string rule = with_rule(cat(kCritical, "      moreThan: 2\n"));
  constexpr std::string_view three = "findings: [{severity: critical}, {severity: critical}, {severity: critical}, {severity: high}]";
  EXPECT_EQ(verdict(rule, "findings: [{severity: critical}, {severity: critical}]").result, "pass");
  const Verdict said = verdict(rule, three);
  EXPECT_EQ(said.result, "block");
  ASSERT_EQ(said.reasons.size(), 1u);
  EXPECT_EQ(said.reasons[0].count, 3u);
  EXPECT_EQ(said.reasons[0].finding_keys.size(), 3u);
  EXPECT_THAT(said.reasons[0].what, HasSubstr("2 are tolerated"));
}

TEST(evaluate, require_over_lists) {
  const std::string each = with_rule("      check: packages\n      require: {field: licenses, operator: onlyIn, value: [MIT, \"Apache-*\"]}\n");
  EXPECT_EQ(verdict(each, "packages: [{name: a, licenses: [MIT]}, {name: b, licenses: [Apache-2.0]}]").result, "pass");
  EXPECT_EQ(verdict(each, "packages: [{name: a, licenses: [MIT, GPL-3.0-only]}]").result, "block");
  const std::string one = with_rule("      check: packages\n      require: {field: name, operator: is, value: agent}\n      atLeast: 1\n");
  EXPECT_EQ(verdict(one, "packages: [{name: agent}]").result, "pass");
  EXPECT_EQ(verdict(one, "packages: [{name: a}]").result, "block");
}

TEST(evaluate, what_is_not_known_counts_for_an_image) {
  const std::string forbid = with_rule("      check: image\n      forbid: {field: created, operator: olderThan, value: 90d}\n");
  EXPECT_EQ(verdict(forbid, "image: {created: 2026-10-01}").result, "pass");
  EXPECT_EQ(verdict(forbid, "image: {created: 2026-01-01}").result, "block");
  EXPECT_EQ(verdict(forbid, "{}").result, "block");
  EXPECT_EQ(verdict(forbid, "image: {created: 2036-01-01}").result, "block");  // a clock that jumped
  EXPECT_EQ(verdict(cat(forbid, "      unknown: ignored\n"), "{}").result, "pass");
  const std::string score = with_rule("      check: image\n      require: {field: score.vulnerability, operator: atLeast, value: 90}\n");
  EXPECT_EQ(verdict(score, "score: {total: 95, byClass: {vulnerability: 95}}").result, "pass");
  EXPECT_EQ(verdict(score, "{}").result, "block");
  // No finding has an EPSS: for lists, what is not known does not count unless the rule says so.
  const std::string epss = with_rule("      check: findings\n      forbid: {field: epss, operator: moreThan, value: 0.5}\n");
  EXPECT_EQ(verdict(epss, "findings: [{severity: high}]").result, "pass");
  EXPECT_EQ(verdict(cat(epss, "      unknown: counts\n"), "findings: [{severity: high}]").result, "block");
}

TEST(evaluate, grace) {
  const std::string rule = with_rule(cat(kCritical, "      grace: {days: 7, since: published}\n"));
  const Verdict young = verdict(rule, "findings: [{severity: critical, published: 2026-10-30}]");
  EXPECT_EQ(young.result, "warn");
  EXPECT_EQ(young.reasons.at(0).grace_ends, "2026-11-07");
  EXPECT_EQ(verdict(rule, "findings: [{severity: critical, published: 2026-10-30}]", {.at = *parse_time("2026-11-06")}).result, "warn");
  EXPECT_EQ(verdict(rule, "findings: [{severity: critical, published: 2026-10-30}]", {.at = *parse_time("2026-11-07")}).result, "block");
  EXPECT_EQ(verdict(rule, "findings: [{severity: critical}]").result, "block");                         // no date, no grace
  EXPECT_EQ(verdict(rule, "findings: [{severity: critical, published: 2036-01-01}]").result, "block");  // a clock that jumped
  const std::string until = with_rule(cat(kCritical, "      grace: {until: 2026-12-01}\n"));
  EXPECT_EQ(verdict(until, "findings: [{severity: critical}]").result, "warn");
  EXPECT_EQ(verdict(until, "findings: [{severity: critical}]", {.at = *parse_time("2026-12-01")}).result, "block");
}

TEST(evaluate, stages_and_selectors) {
  const std::string rule = with_rule(cat(kCritical, "      stages: [push]\n"));
  EXPECT_EQ(verdict(rule, "findings: [{severity: critical}]").rules, 0u);
  EXPECT_EQ(verdict(rule, "findings: [{severity: critical}]", {.stage = Stage::Push}).result, "block");
  const std::string prod = with_rule(cat(kCritical, "      selector: {namespaces: [\"prod-*\"]}\n"));
  EXPECT_EQ(verdict(prod, "findings: [{severity: critical}]").rules, 0u);
  EXPECT_EQ(verdict(prod, "findings: [{severity: critical}]", {.ns = "prod-eu"}).result, "block");
  const std::string repository = with_rule(cat(kCritical, "      selector: {repositories: [\"registry.example/**\"]}\n"));
  EXPECT_EQ(verdict(repository, "findings: [{severity: critical}]").result, "block");
  const auto refused = judge(report("{}"), good(cat(with_rule(kCritical), "  selector: {repositories: [other/*]}\n")), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::Denied);
}

TEST(evaluate, the_workload_at_deploy) {
  const std::string rule = with_rule("      check: workload\n      forbid: {any: [{field: root, operator: is, value: true}, {field: runtimeSocket, operator: is, value: true}, {field: capabilities, operator: contains, value: SYS_ADMIN}]}\n      stages: [deploy]\n");
  const auto said = [&](std::string_view manifest, std::string_view image) {
    const auto workload = read_workload(manifest, "w.yaml");
    EXPECT_TRUE(workload);
    return verdict(rule, image, {.stage = Stage::Deploy, .workload = &*workload}).result;
  };
  constexpr std::string_view plain = "{kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: a}]}}";
  EXPECT_EQ(said(plain, "image: {config: {User: app}}"), "pass");
  EXPECT_EQ(said(plain, "image: {config: {User: \"\"}}"), "block");
  EXPECT_EQ(said(plain, "image: {config: {User: \"0:0\"}}"), "block");
  EXPECT_EQ(said("{kind: Pod, metadata: {name: p}, spec: {securityContext: {runAsUser: 1000}, containers: [{name: c, image: a}]}}", "image: {config: {User: root}}"), "pass");
  EXPECT_EQ(said("{kind: Deployment, metadata: {name: p}, spec: {template: {spec: {containers: [{name: c, image: a, securityContext: {runAsUser: 0}}]}}}}", "image: {config: {User: app}}"), "block");
  EXPECT_EQ(said("{kind: Pod, spec: {volumes: [{name: v, hostPath: {path: /var/run}}], containers: [{name: c, image: a, volumeMounts: [{name: v, mountPath: /x}]}]}}", "image: {config: {User: app}}"), "block");
  EXPECT_EQ(said("{kind: Pod, spec: {containers: [{name: c, image: a, securityContext: {capabilities: {add: [CAP_SYS_ADMIN]}}}]}}", "image: {config: {User: app}}"), "block");
  const Verdict none = verdict(rule, "image: {config: {User: app}}", {.stage = Stage::Deploy});
  EXPECT_EQ(none.result, "block");
  EXPECT_THAT(none.reasons.at(0).what, HasSubstr("--workload"));
  EXPECT_FALSE(read_workload("{kind: Pod, spec: {containers: [{name: c, securityContext: {privileged: \"no\"}}]}}", "w"));
  EXPECT_FALSE(read_workload("{kind: Service, spec: {}}", "w"));
  EXPECT_FALSE(read_workload("{kind: Pod, spec: {containers: []}}", "w"));
}

TEST(evaluate, a_version_range_follows_the_ecosystem) {
  const std::string rule = with_rule("      check: packages\n      forbid: {all: [{field: name, operator: is, value: log4j-core}, {field: version, operator: inRange, value: \">=2.0,<2.17.1\"}]}\n");
  EXPECT_EQ(verdict(rule, "packages: [{type: maven, name: log4j-core, version: 2.14.1}]").result, "block");
  EXPECT_EQ(verdict(rule, "packages: [{type: maven, name: log4j-core, version: 2.17.1}]").result, "pass");
  EXPECT_EQ(verdict(rule, "packages: [{type: maven, name: log4j-core, version: 2.3.1}]").result, "block");
}

TEST(evaluate, a_baseline_lets_old_things_pass_and_counts_them) {
  const std::string rule = with_rule(kCritical);
  const Report before = report("findings: [{id: CVE-1, severity: critical}]");
  Case the_case{.baseline = &before};
  const Verdict old = verdict(rule, "findings: [{id: CVE-1, severity: critical}]", the_case);
  EXPECT_EQ(old.result, "pass");
  EXPECT_EQ(old.reasons.at(0).known, 1u);
  EXPECT_EQ(verdict(rule, "findings: [{id: CVE-1, severity: critical}, {id: CVE-2, severity: critical}]", the_case).result, "block");
  const std::string score = with_rule("      check: image\n      require: {field: score.total, operator: atLeast, value: 90}\n");
  const Report low = report("score: {total: 50}");
  EXPECT_EQ(verdict(score, "score: {total: 55}", {.baseline = &low}).result, "pass");
  EXPECT_EQ(verdict(score, "score: {total: 45}", {.baseline = &low}).result, "block");
}

TEST(evaluate, exceptions_last_no_longer_than_granted) {
  const std::string rule = cat(with_rule(kCritical), "  exceptions:\n    grantedBy: security\n    maximumDays: 30\n    entries:\n      - {id: CVE-1, reason: r, expires: ");
  EXPECT_EQ(verdict(cat(rule, "2026-11-20}\n"), "findings: [{id: CVE-1, severity: critical}]").result, "pass");
  EXPECT_EQ(verdict(cat(rule, "2027-11-20}\n"), "findings: [{id: CVE-1, severity: critical}]").result, "block");
  EXPECT_EQ(verdict(cat(rule, "2026-10-20}\n"), "findings: [{id: CVE-1, severity: critical}]").result, "block");
  EXPECT_THAT(verdict(cat(rule, "2026-10-20}\n"), "findings: [{id: CVE-1, severity: critical}]").reasons.at(0).exception_by, HasSubstr("security, for at most 30 days"));
}

TEST(evaluate, what_was_not_looked_for_is_told) {
  const std::string rule = with_rule("      check: findings\n      forbid: {field: class, operator: in, value: [secret, malware]}\n");
  const Verdict said = verdict(rule, "score: {total: 100, byClass: {vulnerability: 100}}");
  EXPECT_EQ(said.result, "pass");
  ASSERT_EQ(said.reasons.size(), 1u);
  EXPECT_EQ(said.reasons[0].effect, "audit");
  EXPECT_THAT(said.reasons[0].what, HasSubstr("not looked for in this report: secret, malware"));
  EXPECT_TRUE(verdict(rule, "score: {total: 100, byClass: {secret: 100}}").reasons.empty());
  EXPECT_EQ(verdict(cat(rule, "      unknown: counts\n"), "score: {total: 100, byClass: {vulnerability: 100}}").result, "block");
}

TEST(evaluate, a_report_with_gaps_is_no_pass_unless_allowed) {
  constexpr std::string_view gap = "gaps: [{part: dpkg, where: x, why: y}]";
  EXPECT_TRUE(verdict(with_rule(kCritical), gap).incomplete);
  EXPECT_FALSE(verdict(cat(with_rule(kCritical), "  incomplete: allow\n"), gap).incomplete);
}

std::vector<std::string> changes(const Verdict& verdict) {
  std::vector<std::string> out;
  for (const VerdictChange& change : verdict.shortest_fix) out.push_back(change.change);
  return out;
}

TEST(fix, the_shortest_list) {
  const std::string rule = with_rule("      check: findings\n      forbid: {field: severity, operator: atLeast, value: high}\n      moreThan: 1\n");
  // b closes two of the three: with it, one is left, which is tolerated.
  const Verdict said = verdict(rule,
                               "packages: [{name: a, version: 1}, {name: b, version: 1}]\n"
                               "findings:\n  - {id: CVE-1, severity: high, package: \"generic:a@1\", installedVersion: 1, fixedVersion: 2}\n"
                               "  - {id: CVE-2, severity: high, package: \"generic:b@1\", installedVersion: 1, fixedVersion: 3}\n"
                               "  - {id: CVE-3, severity: high, package: \"generic:b@1\", installedVersion: 1, fixedVersion: 4}\n");
  EXPECT_EQ(said.result, "block");
  EXPECT_TRUE(said.fixable);
  EXPECT_THAT(changes(said), ElementsAre("raise b 1 to 4"));
}

TEST(fix, what_has_no_fix_is_told) {
  const Verdict said = verdict(cat(with_rule(kCritical), "  exceptions: {grantedBy: the security team}\n"), "findings: [{id: CVE-9, severity: critical, state: will-not-fix}]");
  EXPECT_FALSE(said.fixable);
  ASSERT_EQ(said.shortest_fix.size(), 1u);
  EXPECT_EQ(said.shortest_fix[0].kind, "exception");
  EXPECT_THAT(said.shortest_fix[0].change, HasSubstr("CVE-9"));
  EXPECT_THAT(said.shortest_fix[0].change, HasSubstr("the security team"));
}

TEST(fix, one_rebuild_for_all_that_the_base_brought) {
  std::string of = "image: {base: {name: \"debian:12\"}}\npackages: [{type: deb, name: a, version: 1}, {type: deb, name: b, version: 1}]\nfindings:\n";
  for (const char name : {'a', 'b'}) of += cat("  - {id: CVE-", name, ", severity: critical, origin: base, package: \"deb:", name, "@1\", installedVersion: 1, fixedVersion: 2}\n");
  EXPECT_THAT(changes(verdict(with_rule(kCritical), of)), ElementsAre("rebuild on a current debian:12, or upgrade its packages in the build"));
}

// The promise: a report without what the list closes passes. Checked on random reports and standards with a score.
TEST(fix, the_list_makes_it_pass) {
  const std::string text = cat(with_rule(cat(kCritical, "      moreThan: 1\n")), "    - {id: s, why: w, fix: f, check: image, require: {field: score.vulnerability, operator: atLeast, value: 70}}\n");
  const Resolved standard = good(text);
  std::uint32_t seed = 7;
  const auto random = [&] { return (seed = seed * 1664525 + 1013904223) >> 16; };
  int blocked = 0;
  for (int round = 0; round < 60; ++round) {
    Report subject;
    const std::size_t packages = 1 + random() % 8;
    for (std::size_t i = 0; i < packages; ++i) {
      Package package{.id = cat("deb:p", i), .type = "deb", .name = cat("p", i), .version = "1"};
      subject.packages.push_back(std::move(package));
    }
    for (std::size_t i = random() % 25; i-- > 0;) {
      Finding finding;
      finding.id = cat("CVE-", i), finding.package = cat("deb:p", random() % packages), finding.installed_version = "1", finding.fixed_version = "2", finding.state = FixState::Fixed;
      finding.severity = random() % 3 == 0 ? Severity::Critical : Severity::Medium, finding.risk_0_100 = random() % 100, finding.key = cat("k", i);
      subject.findings.push_back(std::move(finding));
    }
    const FindingClass searched[] = {FindingClass::Vulnerability};
    subject.score = score(subject, searched);
    const auto before = judge(subject, standard, {});
    ASSERT_TRUE(before);
    if (before->verdict->result == "pass") continue;
    ++blocked;
    ASSERT_TRUE(before->verdict->fixable);
    std::erase_if(subject.findings, [&](const Finding& finding) {
      const std::string name = finding.package.substr(4);
      return std::any_of(before->verdict->shortest_fix.begin(), before->verdict->shortest_fix.end(), [&](const VerdictChange& c) { return c.target == name; });
    });
    subject.score = score(subject, searched);
    EXPECT_EQ(judge(subject, standard, {})->verdict->result, "pass") << "round " << round;
  }
  EXPECT_GT(blocked, 10);
}

TEST(shipped, every_standard_is_right_and_its_examples_hold) {
  ASSERT_FALSE(shipped_standards().empty());
  for (const auto& [name, text] : shipped_standards()) {
    Problems problems;
    const auto resolved = resolve({std::string(text), name}, shipped(), problems);
    ASSERT_TRUE(resolved) << problems.text(name);
    lint(*resolved, problems);
    EXPECT_TRUE(problems.list().empty()) << problems.text(name);
    EXPECT_EQ(resolved->name, name);
    bool passes = false, fails = false;
    for (const ExampleResult& result : run_examples(*resolved)) EXPECT_TRUE(result.passed) << name << ": " << result.name << ": " << result.why;
    for (const Example& example : resolved->examples) (example.expect == "pass" ? passes : fails) = true;
    EXPECT_TRUE(passes && fails) << name << " needs examples that pass and that do not";
    EXPECT_THAT(rules_without_example(*resolved), ElementsAre()) << name;
  }
}

// The schema and the reference are written by the program, and kept where people look for them.
TEST(reference, what_is_written_down_is_current) {
  const std::pair<std::string, std::string> files[] = {{"api/standard.schema.json", standard_schema()}, {"docs/standard-reference.md", standard_reference()}};
  for (const auto& [name, text] : files) {
    const std::string path = cat(PLIMSOLL_TEST_DATA, "/../../", name);
    if (std::getenv("PLIMSOLL_UPDATE_GOLDEN") != nullptr) {
      ASSERT_TRUE(replace_file(path, as_bytes(text)));
    }
    const auto there = read_file(path);
    ASSERT_TRUE(there) << name;
    EXPECT_TRUE(*there == text) << name << " is not what the program says: PLIMSOLL_UPDATE_GOLDEN=1 standard_test writes it";
  }
}

}  // namespace
}  // namespace plimsoll::standard
