// Score and verdict in every form that carries them.
#include <gmock/gmock.h>

#include "base/json.h"
#include "report/annotations.h"
#include "report/format.h"
#include "report/judgement_text.h"
#include "report/test_report.h"

namespace plimsoll::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Report judged() {
  Report report = load_report("shop");
  report.score = Score{.total = 42.5, .by_class = {{FindingClass::Vulnerability, 42.5}, {FindingClass::Secret, 90}}, .deductions = {{FindingClass::Vulnerability, {"k1", "k2"}, 57.5, "openssl 3: 2 findings"}}};
  Verdict verdict{.standard = "mine", .digest = "sha256:" + std::string(64, 'a'), .stage = "build", .result = "block", .at = "2026-11-27T00:00:00Z"};
  VerdictReason findings{.rule = "no-critical", .title = "Nothing critical", .effect = "block", .what = "1 finding", .why = "w", .fix = "Raise it.", .evidence = {"CVE-1 critical"}, .finding_keys = {report.findings.front().key}, .count = 1, .in_grace = 2, .grace_ends = "2026-12-01", .exception_by = "security, for at most 30 days", .from = "baseline"};
  VerdictReason image{.rule = "not-root", .effect = "warn", .what = "config.root is true, 100% ::sure\nreally", .count = 1};
  verdict.reasons = {findings, image};
  verdict.shortest_fix = {{.kind = "raise", .target = "openssl", .change = "raise openssl 3 to 4", .rules = {"no-critical"}, .findings = 1}};
  report.verdict = std::move(verdict);
  return report;
}
std::string written(const Report& report, std::string_view format, WriteOptions options = {}) {
  const auto text = find_format(format)->write(report, options);
  EXPECT_TRUE(text);
  return text ? *text : std::string();
}

TEST(judgement, survives_being_stored) {
  const Report report = judged();
  const std::string text = written(report, "json");
  const auto back = read_report(as_bytes(text));
  ASSERT_TRUE(back) << (back ? "" : back.error().message());
  EXPECT_EQ(written(*back, "json"), text);
  EXPECT_EQ(back->verdict->reasons[0].in_grace, 2u);
  EXPECT_EQ(back->score->by_class[1].second, 90);
}

TEST(judgement, one_that_is_not_whole_is_refused) {
  const std::string text = written(judged(), "json");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return read_report(as_bytes(changed));
  };
  EXPECT_FALSE(with("\"result\": \"block\"", "\"result\": \"fine\""));
  EXPECT_FALSE(with("\"total\": 42.5", "\"total\": 420"));
  EXPECT_FALSE(with("\"effect\": \"block\"", "\"effect\": \"stop\""));
}

TEST(judgement, a_developer_reads_what_blocks_what_fixes_it_and_who_can_except_it) {
  const std::string text = written(judged(), "verdict");
  EXPECT_THAT(text, HasSubstr("BLOCK  standard mine at stage build"));
  EXPECT_THAT(text, HasSubstr("no-critical: Nothing critical (1)"));
  EXPECT_THAT(text, HasSubstr("security, for at most 30 days"));
  EXPECT_THAT(text, HasSubstr("2 in grace until 2026-12-01"));
  EXPECT_THAT(text, HasSubstr("1. raise openssl 3 to 4"));
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 20);
  EXPECT_THAT(written(judged(), "table"), HasSubstr("BLOCK  standard mine"));
  EXPECT_THAT(written(judged(), "table", {.explain_score = true}), HasSubstr("-57.5  vulnerability: openssl 3"));
}

TEST(judgement, incomplete_does_not_read_like_a_pass) {
  Report report = judged();
  report.verdict->result = "pass";
  report.verdict->reasons.clear();
  report.verdict->incomplete = true;
  EXPECT_THAT(written(report, "verdict"), HasSubstr("INCOMPLETE"));
  EXPECT_THAT(written(report, "verdict"), Not(HasSubstr("PASS")));
  EXPECT_THAT(written(report, "github"), HasSubstr("::error title=plimsoll incomplete"));
}

TEST(judgement, annotations_of_pipelines) {
  const Report report = judged();
  const std::string github = written(report, "github");
  EXPECT_THAT(github, HasSubstr("::error title=plimsoll no-critical%3A Nothing critical::"));
  EXPECT_THAT(github, HasSubstr("::warning title=plimsoll not-root%3A not-root::config.root is true, 100%25 ::sure"));
  EXPECT_EQ(std::count(github.begin(), github.end(), '\n'), 3);
  const auto quality = JsonDocument::parse(written(report, "gitlab-quality"));
  ASSERT_TRUE(quality);
  EXPECT_EQ(quality->root().size(), 2u);
  EXPECT_EQ(quality->root().at(0)["check_name"].text(), "no-critical");
  EXPECT_GE(quality->root().at(1)["location"]["lines"]["begin"].integer().value_or(0), 1);
  const auto jenkins = JsonDocument::parse(written(report, "jenkins"));
  ASSERT_TRUE(jenkins);
  EXPECT_EQ(jenkins->root()["size"].integer(), 2);
  EXPECT_EQ(jenkins->root()["issues"].at(1)["severity"].text(), "NORMAL");
}

TEST(judgement, no_verdict_is_not_silence) {
  EXPECT_EQ(annotations(load_report("shop")).size(), 1u);
  EXPECT_THAT(written(load_report("shop"), "verdict"), HasSubstr("no standard was applied"));
}

TEST(judgement, points) {
  EXPECT_EQ(points_text(100), "100");
  EXPECT_EQ(points_text(83.27), "83.27");
  EXPECT_EQ(points_text(83.5), "83.5");
  EXPECT_EQ(points_text(83.05), "83.05");
}

}  // namespace
}  // namespace plimsoll::report
