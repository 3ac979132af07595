// The ratchet on small fleets, written to a folder of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "plan/page.h"
#include "plan/propose.h"
#include "plan/trend.h"
#include "report/format.h"
#include "report/stored.h"
#include "standard/example.h"
#include "standard/judge.h"
#include "standard/score.h"

namespace plimsoll::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Time kNow = *parse_time("2026-11-01");

standard::Loader shipped() {
  return [](std::string_view name, std::string_view) -> Result<standard::Document> {
    const auto text = standard::shipped_standard(name);
    if (!text) return not_found("none");
    return standard::Document{std::string(*text), std::string(name)};
  };
}
standard::Resolved named(std::string_view name) {
  standard::Problems problems;
  auto out = standard::resolve({std::string(*standard::shipped_standard(name)), std::string(name)}, shipped(), problems);
  EXPECT_TRUE(out) << problems.text(name);
  return std::move(*out);
}

class Fleet : public testing::Test {
 protected:
  Fleet() : folder_(std::filesystem::temp_directory_path() / cat("plimsoll-plan-", ::getpid(), "-", testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "reports/a/b");
  }
  ~Fleet() override { std::filesystem::remove_all(folder_); }
  std::string reports() const { return (folder_ / "reports").string(); }
  std::string file() const { return (folder_ / "cache/x.idx").string(); }

  Report report(std::string_view name, std::string_view yaml, std::string_view at = "2026-10-01T00:00:00Z") {
    const auto node = read_yaml(yaml);
    EXPECT_TRUE(node) << (node ? "" : node.error().message());
    auto out = standard::report_in_short(*node);
    EXPECT_TRUE(out) << (out ? "" : out.error().message());
    out->image.reference = cat("registry.example/", name, ":1");
    out->tool = {.version = "test", .at = std::string(at), .database = DatabaseInfo{.digest = "sha256:0", .built_at = "2026-10-30T00:00:00Z"}};
    const FindingClass searched[] = {FindingClass::Vulnerability};
    out->score = standard::score(*out, searched);
    return std::move(*out);
  }
  void store(const std::string& name, std::string_view yaml, std::string_view at = "2026-10-01T00:00:00Z") {
    const auto text = report::find_format("json")->write(report(base_name(name), yaml, at), {});
    ASSERT_TRUE(text);
    ASSERT_TRUE(replace_file(cat(reports(), "/", name, ".json"), as_bytes(*text)));
  }
  static std::string_view base_name(std::string_view name) { return name.substr(name.rfind('/') + 1); }
  Index index() {
    auto out = update_index(reports(), file(), {.threads = 2});
    EXPECT_TRUE(out) << (out ? "" : out.error().message());
    return std::move(*out);
  }
  std::filesystem::path folder_;
};

constexpr std::string_view kExploited = "findings: [{id: CVE-2021-44228, severity: critical, state: fixed, fixedVersion: 2, installedVersion: 1, kev: {dateAdded: 2021-12-10}, risk: 95, published: 2021-12-10}]";
constexpr std::string_view kCritical = "findings: [{id: CVE-1, severity: critical, state: fixed, fixedVersion: 2, risk: 60, published: 2026-01-01, epss: 0.3}, {id: CVE-2, severity: low, state: not-fixed, risk: 10}]";
constexpr std::string_view kUnfixed = "findings: [{id: CVE-3, severity: critical, state: not-fixed, risk: 55}]";
constexpr std::string_view kRich =
    "image: {created: 2026-09-01, os: {id: debian, versionId: 12, endOfLife: 2028-06-30}, base: {name: \"debian:12\"}, config: {User: app, Labels: {team: shop}, Env: [PATH=/bin]}, layers: [{createdBy: ADD x /, sizeBytes: 10, origin: base}], provenance: [{predicateType: p, builder: b}, {from: annotations, source: s, revision: r}]}\n"
    "packages: [{type: deb, name: openssl, version: 3.0, source: openssl, licenses: [Apache-2.0], paths: [usr/lib/x], origin: base, properties: {distro: debian-12}}]\n"
    "findings: [{id: CVE-9, aliases: [GHSA-9], severity: high, state: fixed, fixedVersion: 3.1, installedVersion: 3.0, package: \"deb:openssl@3.0\", epss: 0.2, cvss: 8, risk: 44, origin: base, paths: [usr/lib/x], evidence: {feed: debian}, published: 2026-01-01}]\n"
    "gaps: [{part: dpkg, where: var/lib, why: cut short}]\n"
    "coverage: [{ecosystem: npm, packages: 3}]\n";

void expect_same(const standard::Facts& a, const standard::Facts& b) {
  for (std::size_t s = 0; s < standard::kSubjects; ++s) {
    const auto subject = static_cast<standard::Subject>(s);
    if (subject == standard::Subject::Workload) continue;
    ASSERT_EQ(standard::row_count(a, subject), standard::row_count(b, subject));
    for (std::size_t i = 0; i < standard::row_count(a, subject); ++i)
      for (const standard::Field& field : standard::fields()) {
        if (field.subject != subject) continue;
        const void *x = standard::row_at(a, subject, i), *y = standard::row_at(b, subject, i);
        if (field.number) {
          EXPECT_TRUE(field.number(a, x) == field.number(b, y) || (std::isnan(field.number(a, x)) && std::isnan(field.number(b, y)))) << field.name;
        }
        if (field.text) {
          EXPECT_EQ(field.text(a, x), field.text(b, y)) << field.name;
          EXPECT_EQ(field.text(a, x).data() == nullptr, field.text(b, y).data() == nullptr) << field.name;
        }
        if (field.texts) {
          const standard::Texts p = field.texts(a, x);
          const std::vector<std::string_view> left(p.begin(), p.end());
          const standard::Texts q = field.texts(b, y);
          EXPECT_EQ(left, std::vector<std::string_view>(q.begin(), q.end())) << field.name;
        }
        if (field.pairs) {
          EXPECT_TRUE(std::equal(field.pairs(a, x).begin(), field.pairs(a, x).end(), field.pairs(b, y).begin(), field.pairs(b, y).end())) << field.name;
        }
      }
  }
}

TEST_F(Fleet, facts_of_the_index_are_those_of_the_report) {
  store("rich", kRich);
  const Index index = this->index();
  ASSERT_EQ(index.size(), 1u);
  const Report original = report("rich", kRich);
  expect_same(standard::facts_of(original, kNow), index.facts(0, kNow));
}

// The index does not parse a finding whose bytes it has met. Each of these reports is compared with what reading it whole gives,
// whichever was met first, by one thread and by three.
TEST_F(Fleet, what_was_met_before_is_read_as_if_it_were_new) {
  const auto write = [&](const std::string& name, const std::string& text) { ASSERT_TRUE(replace_file(cat(reports(), "/", name, ".json"), as_bytes(text))); };
  const std::string finding = R"({"id":"CVE-1","key":"k1","class":"vulnerability","severity":"high","state":"fixed","package":"p","fixedVersion":"2","evidence":{"feed":["a","b"]},"risk":44.4})";
  const std::string low = R"({"id":"CVE-2","key":"k2","class":"vulnerability","severity":"low","state":"not-fixed","package":"gone","risk":-1})", secret = R"({"id":"r","key":"k3","class":"secret","severity":"high","locations":[{"path":"a"}],"risk":70})";
  const std::string p1 = R"({"id":"p","type":"deb","name":"openssl","version":"1","source":{"name":"src"}})", p2 = R"({"id":"p","type":"npm","name":"other","version":"1"})";
  const auto text = [](const std::string& packages, const std::string& findings, const std::string& more = "", const std::string& database = R"(,"database":{"digest":"sha256:0","builtAt":"2026-10-30T00:00:00Z","feeds":[]})") {
    return cat(R"({"schemaVersion":"1","tool":{"version":"t","at":"2026-10-01T00:00:00Z")", database, R"(},"complete":true,"image":{"reference":"x:1","layers":[]},"packages":[)", packages, R"(],"findings":[)", findings, R"(],"gaps":[],"coverage":[])", more, "}");
  };
  for (int i = 0; i < 6; ++i) {  // in an order of names in which each comes before and behind the others
    write(cat(i, "a"), text(p1, cat(finding, ",", low)));
    write(cat(i, "b"), text(p2, cat(finding, ", ", secret)));
    write(cat(i, "c"), text("", finding));
    write(cat(i, "d"), text(cat(p1, ",", p2), cat(finding, ",", finding), "", ""));
    write(cat(i, "e"), text(cat(p2, ",", p1), finding, R"(,"score":{"total":12,"byClass":{"vulnerability":34},"deductions":[]})"));
    write(cat(i, "f"), text(p1, cat(finding, " ", low)));                                      // a comma is missing
    write(cat(i, "g"), text(p1, finding) + "x");                                               // more behind it
    write(cat(i, "h"), text(p1, finding, cat(R"(,"findings":[)", low, "]")));                  // twice: the first counts
    write(cat(i, "i"), text(p1, finding).substr(0, 200));                                      // half written
    write(cat(i, "j"), text(p1, cat(finding, R"(,{"id":"CVE-3"})")));                          // one that lacks what it needs
    write(cat(i, "k"), text(p1, cat(finding, R"(,{"id":"CVE-3","key":"k","class":"new-class","severity":"low","risk":1})")));
    write(cat(i, "l"), cat(R"({"find\u0069ngs":[)", low, "],", text(p1, finding).substr(1)));  // the first of two of one name
    write(cat(i, "m"), cat("\n", text(p1, finding)));
    // Of two layers, and one more whose location is not sound.
    const auto placed = [&](std::string_view digit, const std::string& line) {
      const std::string layer(64, digit[0]);
      return cat(R"({"id":"CVE-4","key":"k4","class":"vulnerability","severity":"high","state":"fixed","package":"p","evidence":{"layer":"sha256:)", layer, R"("},"locations":[{"path":"a","layer":"sha256:)", layer, R"(")", line, R"(}],"risk":50})");
    };
    write(cat(i, "n"), text(p1, placed("1", "")));
    write(cat(i, "o"), text(p1, placed("2", "")));
    write(cat(i, "p"), text(p1, placed("3", R"(,"line":"x")")));
  }
  for (const unsigned threads : {1u, 3u}) {
    const auto index = update_index(reports(), "", {.threads = threads});
    ASSERT_TRUE(index);
    EXPECT_EQ(index->size(), 6u * 10);
    for (std::size_t i = 0; i < index->size(); ++i) {
      const auto bytes = read_file(cat(reports(), "/", index->path(i)));
      ASSERT_TRUE(bytes);
      auto whole = report::read_report(as_bytes(*bytes));
      ASSERT_TRUE(whole) << index->path(i);
      const FindingClass searched[] = {FindingClass::Vulnerability};
      if (!whole->score && whole->tool.database) whole->score = standard::score(*whole, searched);
      SCOPED_TRACE(index->path(i));
      expect_same(standard::facts_of(*whole, kNow), index->facts(i, kNow));
    }
    ASSERT_EQ(index->unreadable().size(), 6u * 6);
    for (const Unreadable& unreadable : index->unreadable()) {
      const auto bytes = read_file(cat(reports(), "/", unreadable.path));
      ASSERT_TRUE(bytes);
      const auto whole = report::read_report(as_bytes(*bytes));
      ASSERT_FALSE(whole) << unreadable.path;
      EXPECT_EQ(unreadable.why, whole.error().message());
    }
  }
}

TEST_F(Fleet, a_simulation_says_what_the_gate_says) {
  const std::pair<std::string, std::string_view> fleet[] = {{"one", kExploited}, {"a/two", kCritical}, {"a/b/three", kUnfixed}, {"rich", kRich}, {"clean", "{}"}};
  for (const auto& [name, yaml] : fleet) store(name, yaml);
  const Index index = this->index();
  ASSERT_EQ(index.size(), 5u);
  for (const auto* standard : {"starter", "baseline"})
    for (const standard::Stage stage : {standard::Stage::Build, standard::Stage::Push}) {
      const standard::Resolved resolved = named(standard);
      const Simulation simulation = simulate(index, resolved, {.stage = stage, .at = kNow, .threads = 2});
      std::uint64_t blocked = 0;
      for (const auto& [name, yaml] : fleet) {
        const auto judged = standard::judge(report(base_name(name), yaml), resolved, {.stage = stage, .at = kNow});
        ASSERT_TRUE(judged);
        blocked += judged->verdict->result == "block" ? 1 : 0;
      }
      EXPECT_EQ(simulation.block, blocked) << standard;
      EXPECT_EQ(simulation.images, 5u);
      EXPECT_EQ(simulation.pass + simulation.warn + simulation.block + simulation.incomplete, 5u);
      EXPECT_EQ(simulation.incomplete, 1u);  // rich has a gap
    }
  const Simulation baseline = simulate(index, named("baseline"), {.at = kNow});
  EXPECT_EQ(baseline.block, 2u);
  EXPECT_EQ(baseline.fixable, 2u);
  const auto json = JsonDocument::parse(simulation_json(index, named("baseline"), {.at = kNow}, baseline, true));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->root()["images"].integer(), 5);
  EXPECT_EQ(json->root()["rules"].size(), named("baseline").rules.size());
  EXPECT_EQ(json->root()["blocked"].size(), 2u);
  EXPECT_TRUE(json->root()["unreadable"].is_array());
}

TEST_F(Fleet, a_standards_own_exceptions_hold_in_a_simulation) {
  store("one", kExploited);
  store("two", kCritical);
  store("rich", kRich);
  const Index index = this->index();
  for (const std::string_view entry : {"{id: CVE-2021-44228, reason: r, expires: 2026-11-20}", "{id: CVE-2021-44228, reason: r, expires: 2026-10-20}", "{id: GHSA-9, package: \"pkg:deb/openssl\", reason: r, expires: 2026-11-02}",
                                       "{class: vulnerability, image: \"registry.example/two:*\", reason: r, expires: 2026-11-05}", "{path: \"usr/**\", reason: r}"}) {
    standard::Problems problems;
    const auto resolved = standard::resolve({cat("apiVersion: plimsoll.dev/v1alpha1\nkind: SecurityStandard\nmetadata: {name: m}\nspec:\n  inherits: [strict]\n  exceptions: {maximumDays: 30, entries: [", entry, "]}\n"), "m"}, shipped(), problems);
    ASSERT_TRUE(resolved) << problems.text("m");
    const Simulation simulation = simulate(index, *resolved, {.at = kNow});
    for (std::size_t i = 0; i < index.size(); ++i) {
      const std::string name(base_name(index.path(i).substr(0, index.path(i).size() - 5)));
      const auto judged = standard::judge(report(name, name == "one" ? kExploited : name == "two" ? kCritical : kRich), *resolved, {.at = kNow});
      ASSERT_TRUE(judged);
      EXPECT_EQ(judged->verdict->result == "block", simulation.results[i].worst == standard::Effect::Block) << name << " with " << entry;
    }
  }
}

TEST_F(Fleet, what_cannot_be_read_is_named_and_passes_nothing) {
  store("good", "{}");
  ASSERT_TRUE(replace_file(reports() + "/half.json", as_bytes("{\"schemaVersion\": \"1\", \"tool\":")));
  ASSERT_TRUE(replace_file(reports() + "/new.json", as_bytes("{\"schemaVersion\": \"7\"}")));
  for (int round = 0; round < 2; ++round) {  // also when they come from the index
    const Index index = this->index();
    EXPECT_EQ(index.size(), 1u);
    ASSERT_EQ(index.unreadable().size(), 2u);
    EXPECT_EQ(index.unreadable()[0].path, "half.json");
    EXPECT_THAT(index.unreadable()[1].why, HasSubstr("schemaVersion \"7\""));
  }
  EXPECT_FALSE(update_index(reports() + "/nowhere", "", {}));
}

TEST_F(Fleet, only_what_changed_is_read_again) {
  store("one", kCritical);
  store("two", "{}");
  EXPECT_EQ(index().reports_read(), 2u);
  EXPECT_EQ(index().reports_read(), 0u);
  store("two", kExploited);
  store("three", "{}");
  {
    const Index after = index();
    EXPECT_EQ(after.reports_read(), 2u);
    EXPECT_EQ(after.size(), 3u);
    EXPECT_EQ(simulate(after, named("baseline"), {.at = kNow}).block, 2u);
  }
  std::filesystem::remove(reports() + "/one.json");
  EXPECT_EQ(index().size(), 2u);
}

TEST_F(Fleet, a_damaged_index_is_made_anew) {
  store("one", kCritical);
  (void)index();
  const auto whole = read_file(file());
  ASSERT_TRUE(whole);
  for (std::size_t at = 0; at < whole->size(); at += 37) {
    std::string damaged = *whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    ASSERT_TRUE(replace_file(file(), as_bytes(damaged)));
    const Index after = index();
    ASSERT_EQ(after.size(), 1u);
    EXPECT_EQ(simulate(after, named("baseline"), {.at = kNow}).block, 1u);
  }
  ASSERT_TRUE(replace_file(file(), as_bytes(std::string_view(*whole).substr(0, whole->size() / 2))));
  EXPECT_EQ(index().reports_read(), 1u);
}

TEST_F(Fleet, a_proposal_is_arithmetic) {
  store("one", kExploited);
  store("two", kCritical);
  store("three", kUnfixed);
  store("clean", "{}");
  const Index index = this->index();
  const auto one = propose(index, nullptr, shipped(), {.budget = 1, .at = kNow});
  ASSERT_TRUE(one) << one.error().message();
  // The exploited one removes most for one image: risk 95.
  ASSERT_FALSE(one->curve.empty());
  EXPECT_EQ(one->curve[0].images, 1u);
  EXPECT_EQ(one->curve[0].findings, 1u);
  EXPECT_EQ(one->curve[0].risk, 95);
  ASSERT_EQ(one->to_rebuild.size(), 1u);
  EXPECT_EQ(index.reference(one->to_rebuild[0]), "registry.example/one:1");
  EXPECT_EQ(one->blocks_today, (std::array<std::uint64_t, 4>{0, 0, 1, 1}));
  EXPECT_EQ(one->enforced_from, "2026-12-01");
  EXPECT_EQ(one->risk, 95 + 60 + 10 + 55);
  EXPECT_THAT(one->standard, HasSubstr("kind: SecurityStandard"));
  const auto two = propose(index, nullptr, shipped(), {.budget = 2, .at = kNow});
  ASSERT_TRUE(two);
  EXPECT_EQ(two->to_rebuild.size(), 2u);
  EXPECT_EQ(two->blocks_today[2], 2u);  // never the one without a fix
  EXPECT_EQ(two->risk_with_fix, 95 + 60);
  const auto none = propose(index, nullptr, shipped(), {.budget = 0, .at = kNow});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->standard.empty());
}

TEST_F(Fleet, a_proposal_counts_what_the_standard_in_force_does_not) {
  store("one", kExploited);
  store("two", kCritical);
  const Index index = this->index();
  const standard::Resolved starter = named("starter");  // blocks the exploited one already
  const auto next = propose(index, &starter, shipped(), {.budget = 1, .at = kNow, .inherits = "starter"});
  ASSERT_TRUE(next) << next.error().message();
  ASSERT_EQ(next->to_rebuild.size(), 1u);
  EXPECT_EQ(index.reference(next->to_rebuild[0]), "registry.example/two:1");
  EXPECT_THAT(next->standard, HasSubstr("inherits: [starter]"));
  EXPECT_EQ(next->blocks_today[2], 1u);  // the exploited one is blocked already
}

// Random fleets: what is promised is what the simulation finds, and never more than was asked for.
TEST_F(Fleet, a_proposal_never_blocks_more_than_asked_for) {
  std::uint32_t seed = 11;
  const auto random = [&](std::uint32_t n) { return ((seed = seed * 1664525 + 1013904223) >> 16) % n; };
  for (int i = 0; i < 40; ++i) {
    std::string yaml = "findings:\n  - {severity: low, risk: 3}\n";
    for (std::uint32_t k = random(6); k-- > 0;)
      yaml += cat("  - {id: CVE-", random(50), ", severity: ", random(3) == 0 ? "critical" : "high", ", state: fixed, ", random(2) == 0 ? "fixedVersion: 2, " : "", "risk: ", random(100), ", epss: 0.", random(10), random(10) == 0 ? ", kev: {dateAdded: 2026-01-01}" : "", "}\n");
    store(cat("app", i), yaml);
  }
  const Index index = this->index();
  std::uint64_t last = 0;
  for (const std::uint64_t budget : {1, 3, 7, 15, 30, 40}) {
    const auto proposal = propose(index, nullptr, shipped(), {.budget = budget, .stage = standard::Stage::Build, .at = kNow, .threads = 2});
    ASSERT_TRUE(proposal) << proposal.error().message();
    EXPECT_LE(proposal->to_rebuild.size(), budget);
    if (!proposal->standard.empty()) {
      EXPECT_EQ(proposal->blocks_today[0], proposal->to_rebuild.size());
    }
    std::uint64_t findings = 0;
    for (const Step& step : proposal->curve) findings += step.chosen ? step.findings : 0;
    EXPECT_GE(findings, last);
    last = findings;
  }
}

TEST_F(Fleet, the_answer_to_one_advisory) {
  store("one", kExploited);
  store("two", kCritical);
  const Index index = this->index();
  const auto answer = propose_for_advisory(index, "cve-2021-44228", {.at = kNow});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->affected.size(), 1u);
  EXPECT_EQ(answer->with_fix, 1u);
  EXPECT_FALSE(propose_for_advisory(index, "x\"]}", {.at = kNow}));
  const auto none = propose_for_advisory(index, "CVE-1999-1", {.at = kNow});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->affected.empty());
}

TEST_F(Fleet, trend_takes_the_last_report_of_each_image_and_period) {
  store("shop", kExploited, "2026-09-03T00:00:00Z");
  store("a/shop", kCritical, "2026-10-03T00:00:00Z");
  store("a/b/shop", "{}", "2026-10-20T00:00:00Z");
  store("other", kExploited, "2026-10-20T00:00:00Z");
  const Trend months = trend(index(), named("baseline"), {.at = kNow}, Period::Month);
  ASSERT_EQ(months.points.size(), 2u);
  EXPECT_EQ(months.points[0].period, "2026-09");
  EXPECT_EQ(months.points[0].block, 1u);
  EXPECT_EQ(months.points[1].images, 2u);
  EXPECT_EQ(months.points[1].block, 1u);
  const Trend weeks = trend(index(), named("baseline"), {.at = kNow}, Period::Week);
  EXPECT_EQ(weeks.points.front().period, "2026-08-31");  // a Monday
}

TEST_F(Fleet, the_page_escapes_what_images_say) {
  store("one", kExploited);
  store("two", kCritical);
  const Index index = this->index();
  standard::Resolved standard = named("baseline");
  standard.name = "<script>";
  const auto proposal = propose(index, nullptr, shipped(), {.budget = 2, .at = kNow});
  ASSERT_TRUE(proposal);
  const std::string page = ratchet_page(index, standard, {.at = kNow}, {{"<b>", simulate(index, standard, {.at = kNow})}}, *proposal);
  EXPECT_THAT(page, testing::Not(HasSubstr("<script>")));
  EXPECT_THAT(page, testing::Not(HasSubstr("<b>")));
  EXPECT_THAT(page, HasSubstr("<svg"));
}

}  // namespace
}  // namespace plimsoll::plan
