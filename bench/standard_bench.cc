// The cost of a verdict: a standard of 50 rules on an image with 1,000 findings, the score, CEL, and reading a standard.
#include <benchmark/benchmark.h>

#include "base/text.h"
#include "standard/fix.h"
#include "standard/judge.h"
#include "standard/lint.h"
#include "standard/score.h"

namespace {

using namespace plimsoll;
using namespace plimsoll::standard;

Report image(std::size_t findings) {
  Report out;
  out.image.reference = "registry.example/shop:1";
  out.image.config_json = R"({"User":"app","Labels":{"team":"shop"}})";
  std::uint32_t seed = 5;
  const auto random = [&](std::uint32_t n) { return ((seed = seed * 1664525 + 1013904223) >> 16) % n; };
  for (std::size_t i = 0; i < 300; ++i) {
    Package package{.id = cat("deb:p", i, "@1"), .type = "deb", .name = cat("p", i), .version = "1.0", .licenses = {"MIT"}};
    package.locations.push_back({.path = cat("usr/lib/p", i)});
    out.packages.push_back(std::move(package));
  }
  for (std::size_t i = 0; i < findings; ++i) {
    Finding finding;
    finding.id = cat("CVE-2024-", i), finding.key = cat("key", i), finding.aliases = {cat("GHSA-", i)};
    finding.severity = static_cast<Severity>(random(6)), finding.state = static_cast<FixState>(random(3));
    if (random(2) == 0) finding.fixed_version = "2.0";
    finding.package = cat("deb:p", random(300), "@1"), finding.installed_version = "1.0", finding.risk_0_100 = random(100), finding.published = "2026-01-01";
    finding.epss = Epss{.score = random(1000) / 1000.0, .percentile = 0.5};
    if (random(50) == 0) finding.kev = Kev{.date_added = "2026-01-01"};
    finding.locations.push_back({.path = cat("usr/lib/p", i)});
    out.findings.push_back(std::move(finding));
  }
  const FindingClass searched[] = {FindingClass::Vulnerability};
  out.score = score(out, searched);
  return out;
}

// Fifty rules as people write them: mostly criteria over findings, some over packages and the image.
std::string document() {
  std::string out = "apiVersion: plimsoll.dev/v1alpha1\nkind: SecurityStandard\nmetadata: {name: bench}\nspec:\n  rules:\n";
  auto rule = [&, n = 0](std::string_view body) mutable { out += cat("    - {id: r", n++, ", why: w, fix: f, ", body, "}\n"); };
  for (int i = 0; i < 10; ++i) {
    rule(cat("check: findings, moreThan: ", i * 10, ", forbid: {all: [{field: class, operator: is, value: vulnerability}, {field: severity, operator: atLeast, value: high}, {field: fixAvailable, operator: is, value: true}]}"));
    rule(cat("check: findings, forbid: {all: [{field: risk, operator: atLeast, value: ", 90 + i, "}, {field: epss, operator: moreThan, value: 0.", i, "}]}, grace: {days: 7, since: published}"));
    rule(cat("check: findings, effect: warn, forbid: {any: [{field: exploited, operator: is, value: true}, {all: [{field: state, operator: in, value: [fixed, postponed]}, {field: risk, operator: atLeast, value: ", 50 + i, "}]}]}"));
    rule(cat("check: packages, forbid: {all: [{field: name, operator: is, value: p", i, "}, {field: version, operator: is, value: \"9\"}]}"));
    rule(cat("check: image, require: {field: score.vulnerability, operator: atLeast, value: ", i * 5, "}"));
  }
  return out;
}

Resolved standard_of(const std::string& text) {
  Problems problems;
  auto out = resolve({text, "bench"}, [](std::string_view, std::string_view) -> Result<Document> { return not_found("none"); }, problems);
  if (!out) std::fprintf(stderr, "%s", problems.text("bench").c_str()), std::abort();
  return std::move(*out);
}

void evaluate_50_rules(benchmark::State& state) {
  const Report report = image(static_cast<std::size_t>(state.range(0)));
  const Resolved standard = standard_of(document());
  const Facts facts = facts_of(report, *parse_time("2026-11-01"));
  for (auto _ : state) benchmark::DoNotOptimize(evaluate(standard, facts, {}).worst);
}
BENCHMARK(evaluate_50_rules)->Arg(1000)->Arg(10000)->Unit(benchmark::kMicrosecond);

void facts_and_evaluate(benchmark::State& state) {
  const Report report = image(1000);
  const Resolved standard = standard_of(document());
  for (auto _ : state) {
    const Facts facts = facts_of(report, *parse_time("2026-11-01"));
    benchmark::DoNotOptimize(evaluate(standard, facts, {}).worst);
  }
}
BENCHMARK(facts_and_evaluate)->Unit(benchmark::kMicrosecond);

void whole_verdict_with_fix(benchmark::State& state) {
  const Report report = image(1000);
  const Resolved standard = standard_of(document());
  for (auto _ : state) {
    Facts facts = facts_of(report, *parse_time("2026-11-01"));
    const Judgement judgement = evaluate(standard, facts, {});
    Verdict verdict = describe(judgement, standard, facts, {});
    find_shortest_fix(judgement, standard, facts, verdict);
    benchmark::DoNotOptimize(verdict.reasons.size());
  }
}
BENCHMARK(whole_verdict_with_fix)->Unit(benchmark::kMillisecond);

void score_of_1000(benchmark::State& state) {
  const Report report = image(1000);
  for (auto _ : state) benchmark::DoNotOptimize(score(report).total);
}
BENCHMARK(score_of_1000)->Unit(benchmark::kMicrosecond);

void cel_on_1000_findings(benchmark::State& state) {
  const Report report = image(1000);
  const Resolved standard = standard_of("apiVersion: plimsoll.dev/v1alpha1\nkind: SecurityStandard\nmetadata: {name: bench}\nspec:\n  rules:\n    - {id: r, why: w, fix: f, check: findings, forbid: {cel: \"finding.severity == 'critical' && finding.paths.exists(p, p.startsWith('app/'))\"}}\n");
  const Facts facts = facts_of(report, *parse_time("2026-11-01"));
  for (auto _ : state) benchmark::DoNotOptimize(evaluate(standard, facts, {}).worst);
}
BENCHMARK(cel_on_1000_findings)->Unit(benchmark::kMicrosecond);

void read_baseline(benchmark::State& state) {
  const Document baseline{std::string(*shipped_standard("baseline")), "baseline"};
  for (auto _ : state) {
    Problems problems;
    const auto out = resolve(baseline, [](std::string_view name, std::string_view) -> Result<Document> { return Document{std::string(*shipped_standard(name)), std::string(name)}; }, problems);
    benchmark::DoNotOptimize(out->rules.size());
  }
}
BENCHMARK(read_baseline)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
