// Feeds that lie, contradict themselves or make no sense: what is good is kept, what is not is named, and no answer depends on
// which file came first.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include "advisory/builder.h"
#include "advisory/import.h"
#include "advisory/plausible.h"
#include "base/file.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

constexpr std::int64_t kNow = 1'764'288'000;  // 2025-11-28

// A folder of feed files, made into a database.
class Import {
 public:
  Import() {
    folder_ = testing::TempDir() + "plimsoll-bad-records";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/feeds");
  }
  ~Import() { std::filesystem::remove_all(folder_); }
  Import& file(const std::string& name, std::string_view text) {
    EXPECT_TRUE(replace_file(folder_ + "/feeds/" + name, as_bytes(text)).has_value());
    return *this;
  }
  Database build() {
    auto summary = import_feeds(folder_ + "/feeds", folder_ + "/a.db", {.threads = 1, .built_at = kNow});
    EXPECT_TRUE(summary.has_value()) << summary.error().message();
    auto database = Database::open(folder_ + "/a.db");
    EXPECT_TRUE(database.has_value());
    return std::move(*database);
  }
  std::string bytes() { return *read_file(folder_ + "/a.db", 1 << 30); }

 private:
  std::string folder_;
};

std::string osv(std::string_view id, std::string_view rest) { return cat(R"({"id":")", id, R"(",)", rest, "}\n"); }
std::string npm(std::string_view name, std::string_view events) {
  return cat(R"("affected":[{"package":{"ecosystem":"npm","name":")", name, R"("},"ranges":[{"type":"SEMVER","events":)", events, "}]}]");
}
std::string below(std::string_view id, std::string_view name, std::string_view fix, std::string_view modified, std::string_view more = {}) {
  return osv(id, cat(R"("modified":")", modified, R"(",)", more, npm(name, cat(R"([{"introduced":"0"},{"fixed":")", fix, "\"}]"))));
}
std::string fixes(const Database& database, std::string_view name) {
  CandidateList list;
  EXPECT_TRUE(database.candidates("npm", name, list).has_value());
  std::string out;
  for (const IntervalView& interval : list.intervals) out += cat(out.empty() ? "" : " ", interval.introduced, interval.end_kind == IntervalEnd::Fixed ? "<" : interval.end_kind == IntervalEnd::Open ? "..." : "=", interval.end);
  return out;
}
std::string notes(const Database& database) {
  std::string out;
  for (const std::string& note : database.notes()) out += cat(note, "\n");
  return out;
}

TEST(bad_records, cycles_of_aliases) {
  Import import;
  import.file("a.jsonl", cat(below("GHSA-a", "x", "1.0.0", "2024-01-01", R"("aliases":["GHSA-b","GHSA-a"],)"), below("GHSA-b", "x", "1.0.0", "2024-01-01", R"("aliases":["GHSA-c"],)"),
                             below("GHSA-c", "x", "1.0.0", "2024-01-01", R"("aliases":["GHSA-a","CVE-2024-0001"],)")));
  const Database database = import.build();
  for (const char* id : {"GHSA-a", "GHSA-b", "GHSA-c", "CVE-2024-0001"}) EXPECT_EQ(database.find(id)->size(), 3u) << id;
  const AdvisoryRecord record = *database.record_at(database.find("GHSA-a")->front());
  EXPECT_EQ(std::count(record.aliases.begin(), record.aliases.end(), record.id), 0);
  EXPECT_EQ(record.aliases.size(), 3u);
}

// A chain that would fuse vulnerabilities: names of two CVEs are not taken for one, nor is a heap of names.
TEST(bad_records, aliases_that_would_fuse_vulnerabilities) {
  std::string heap;
  for (int i = 0; i < 3000; ++i) heap += below(cat("GHSA-", i), "x", "1.0.0", "2024-01-01", cat(R"("aliases":["GHSA-)", i + 1, "\"],"));
  Import import;
  import.file("a.jsonl", cat(heap, below("PYSEC-1", "y", "1.0.0", "2024-01-01", R"("aliases":["CVE-2024-0001"],)"), below("PYSEC-2", "y", "2.0.0", "2024-01-01", R"("aliases":["CVE-2024-0002","PYSEC-1"],)")));
  const Database database = import.build();
  EXPECT_EQ(database.find("GHSA-1500")->size(), 2u);  // itself, and the one that says so
  EXPECT_EQ(database.record_at(database.find("CVE-2024-0001")->front())->aliases, std::vector<std::string>{"CVE-2024-0001"});
}

TEST(bad_records, duplicate_ids_that_disagree) {
  const std::string one = below("GHSA-a", "x", "1.0.0", "2024-01-01"), other = below("GHSA-a", "x", "2.0.0", "2024-01-01"), newer = below("GHSA-a", "x", "3.0.0", "2024-05-05");
  Import first, second, third;
  const Database a = first.file("1.jsonl", one).file("2.jsonl", other).build();
  const std::string bytes = first.bytes();
  EXPECT_EQ(fixes(a, "x"), "<1.0.0 <2.0.0");
  EXPECT_NE(notes(a).find("GHSA-a: two records of this id and time disagree"), std::string::npos);
  const Database b = second.file("1.jsonl", other).file("2.jsonl", one).file("3.jsonl", other).build();
  EXPECT_EQ(fixes(b, "x"), "<1.0.0 <2.0.0");
  // The newest has the word, wherever it stands; and the same twice is no disagreement.
  const Database c = third.file("1.jsonl", newer).file("2.jsonl", cat(one, other)).file("3.jsonl", newer).build();
  EXPECT_EQ(fixes(c, "x"), "<3.0.0");
  Import same;
  EXPECT_EQ(notes(same.file("1.jsonl", one).file("2.jsonl", one).build()), "");
}

TEST(bad_records, duplicate_ids_give_the_same_file_in_any_order) {
  const auto build = [](std::vector<int> order) {
    Builder builder;
    for (const int i : order) {
      AdvisoryRecord record;
      record.id = "GHSA-a", record.modified = "2024-01-01", record.withdrawn = i == 1, record.severity = i == 2 ? Severity::High : Severity::Low, record.title = cat("title ", i);
      record.aliases = {cat("CVE-2024-000", i)};
      Affected& affected = record.affected.emplace_back();
      affected.ecosystem = "npm", affected.name = "x";
      affected.intervals.push_back({.introduced = {}, .end = cat(i, ".0.0"), .end_kind = IntervalEnd::Fixed});
      builder.add("osv", std::move(record), Merge::Newest);
    }
    return builder.build(1)->bytes;
  };
  const std::string bytes = build({1, 2, 3});
  for (const std::vector<int>& order : {std::vector<int>{3, 2, 1}, {2, 1, 3, 2}, {3, 1, 2}}) EXPECT_EQ(build(order), bytes);
}

TEST(bad_records, dates_that_are_yet_to_come) {
  Import import;
  // The record from the future neither wins over the true one, nor makes the feed look fresh for years.
  const Database database = import.file("1.jsonl", below("GHSA-a", "x", "9.9.9", "2999-01-01T00:00:00Z")).file("2.jsonl", below("GHSA-a", "x", "1.0.0", "2025-06-01T00:00:00Z")).build();
  EXPECT_EQ(fixes(database, "x"), "<1.0.0");
  ASSERT_EQ(database.feeds().size(), 1u);
  EXPECT_EQ(database.feeds()[0].date, "2025-06-01");
  EXPECT_NE(notes(database).find("it is dated 2999-01-01, which is yet to come"), std::string::npos);
  EXPECT_FALSE(is_to_come("2025-11-29", "2025-11-28"));  // today, where the sun rises first
  EXPECT_TRUE(is_to_come("2025-11-30", "2025-11-28"));
  EXPECT_FALSE(is_to_come("2025-12-01", "2025-11-30"));
  EXPECT_FALSE(is_to_come("2999-01-01", ""));
  EXPECT_FALSE(is_to_come("", "2025-11-28"));
}

TEST(bad_records, ranges_that_never_end) {
  std::string many = R"([{"introduced":"0"})";
  for (int i = 1; i < 20'000; ++i) many += cat(R"(,{"introduced":")", i, R"(.0.0"})");
  many += "]";
  Import import;
  const Database database = import.file("a.jsonl", cat(osv("GHSA-open", npm("open", R"([{"introduced":"0"}])")), osv("GHSA-back", npm("back", R"([{"introduced":"5.0.0"},{"fixed":"2.0.0"}])")),
                                                       osv("GHSA-many", npm("many", many)), osv("GHSA-nothing", npm("nothing", R"([{"fixed":"1.0.0"}])")), osv("GHSA-empty", npm("empty", "[]"))))
                                .build();
  EXPECT_EQ(fixes(database, "open"), "...");
  EXPECT_EQ(fixes(database, "back"), "5.0.0...");  // fixed before it began: no fix of what came later
  EXPECT_EQ(fixes(database, "many"), "...");       // 20,000 beginnings are one
  EXPECT_EQ(fixes(database, "nothing"), "");
  EXPECT_EQ(fixes(database, "empty"), "");
}

TEST(bad_records, wrong_types_are_named_and_the_others_kept) {
  const char* bad[] = {R"("affected":7)", R"("affected":"all")", R"("affected":[7])", R"("affected":[{"package":"x"}])", R"("affected":[{"package":{"ecosystem":"npm","name":7}}])",
                       R"("affected":[{"package":{"ecosystem":"npm","name":"bad"},"ranges":"all"}])", R"("affected":[{"package":{"ecosystem":"npm","name":"bad"},"ranges":[{"type":"SEMVER","events":7}]}])",
                       R"("affected":[{"package":{"ecosystem":"npm","name":"bad"},"ranges":[{"type":"SEMVER","events":[{"introduced":0}]}]}])",
                       R"("affected":[{"package":{"ecosystem":"npm","name":"bad"},"versions":"1.0.0"}])", R"("affected":[{"package":{"ecosystem":"npm","name":"bad"},"versions":[1.0]}])"};
  for (const char* each : bad) {
    Import import;
    const Database database = import.file("a.jsonl", cat(below("GHSA-1", "good", "1.0.0", "2024-01-01"), osv("GHSA-bad", each), below("GHSA-2", "good", "2.0.0", "2024-01-01"))).build();
    EXPECT_EQ(fixes(database, "good"), "<1.0.0 <2.0.0") << each;
    EXPECT_NE(notes(database).find("GHSA-bad"), std::string::npos) << each;
  }
}

TEST(bad_records, absurd_sizes) {
  const std::string huge(2 << 20, '9');
  std::string names = R"("aliases":["CVE-2024-0001")";
  for (int i = 0; i < 30'000; ++i) names += cat(R"(,"X-)", i, "\"");
  names += "],";
  Import import;
  const Database database = import.file("a.jsonl", cat(osv(std::string(5000, 'A'), npm("id", R"([{"introduced":"0"}])")), osv("GHSA-name", npm(huge, R"([{"introduced":"0"}])")),
                                                       below("GHSA-version", "version", huge, "2024-01-01"), below("GHSA-names", "names", "1.0.0", "2024-01-01", names), below("GHSA-good", "good", "1.0.0", "2024-01-01")))
                                .build();
  EXPECT_EQ(fixes(database, "good"), "<1.0.0");
  EXPECT_EQ(fixes(database, "names"), "<1.0.0");
  EXPECT_EQ(fixes(database, "version"), "");
  for (const char* id : {"without an id", "GHSA-name: 1 statements of absurd size", "GHSA-version: 1 statements of absurd size", "GHSA-names: names of absurd number"}) EXPECT_NE(notes(database).find(id), std::string::npos) << id;
  EXPECT_LT(import.bytes().size(), 2u << 20);
}

// A document that a publisher put out again, kept beside its older version in an archive and a folder.
TEST(duplicates, the_newest_version_of_a_document_counts) {
  const auto vex = [](std::string_view time, std::string_view status) {
    return cat(R"({"document":{"csaf_version":"2.0","publisher":{"name":"Red Hat"},"tracking":{"id":"CVE-2024-0001","current_release_date":")", time,
               R"("}},"product_tree":{"branches":[{"product":{"product_id":"P","product_identification_helper":{"cpe":"cpe:/o:redhat:enterprise_linux:9"}}},{"product":{"product_id":"sudo","name":"sudo"}},)"
               R"({"product":{"product_id":"sudo-2","product_identification_helper":{"purl":"pkg:rpm/redhat/sudo@2-1.el9?arch=x86_64"}}}],"relationships":[)"
               R"({"product_reference":"sudo","relates_to_product_reference":"P","full_product_name":{"product_id":"P:sudo"}},{"product_reference":"sudo-2","relates_to_product_reference":"P","full_product_name":{"product_id":"P:sudo-2"}}]},)"
               R"("vulnerabilities":[{"cve":"CVE-2024-0001","product_status":{)", status, "}}]}");
  };
  const std::string open = vex("2024-01-01T00:00:00Z", R"("known_affected":["P:sudo"])"), fixed = vex("2024-02-01T00:00:00Z", R"("fixed":["P:sudo-2"])"), gone = vex("2024-03-01T00:00:00Z", "");
  const auto said = [](const Database& database) {
    CandidateList list;
    EXPECT_TRUE(database.candidates("rhel:9", "sudo", list).has_value());
    std::string out;
    for (const IntervalView& interval : list.intervals) out += cat(out.empty() ? "" : " ", interval.end_kind == IntervalEnd::Fixed ? cat("<", interval.end) : "...");
    return out;
  };
  Import first, second, third, alone;
  EXPECT_EQ(said(alone.file("1.json", open).build()), "...");
  EXPECT_EQ(said(first.file("1.json", open).file("2.json", fixed).build()), "<2-1.el9");
  EXPECT_EQ(said(second.file("1.json", fixed).file("2.json", open).build()), "<2-1.el9");
  EXPECT_EQ(said(third.file("1.json", gone).file("2.json", fixed).file("3.json", open).build()), "");
}

TEST(duplicates, a_record_without_cve_is_told_by_the_report_both_name) {
  const char* wg = R"({"path":"vuln/npm/516.json","advisory":{"id":516,"module_name":"lodash","vulnerable_versions":">=4.17.15 <4.17.19","patched_versions":">=4.17.19","cves":[],"references":["https://hackerone.com/reports/712065","https://github.com/lodash/lodash/pull/4759"]}})";
  const std::string ghsa = below("GHSA-p6mc-m468-83gw", "lodash", "4.17.20", "2024-01-01", R"("aliases":["CVE-2020-8203"],"references":[{"type":"WEB","url":"https://www.hackerone.com/reports/712065/"}],)");
  Import import;
  const Database database = import.file("wg.jsonl", cat(wg, "\n")).file("ghsa.jsonl", ghsa).build();
  EXPECT_EQ(database.find("CVE-2020-8203")->size(), 2u);
  const AdvisoryRecord record = *database.record_at(database.find("NSWG-ECO-516")->front());
  EXPECT_NE(std::find(record.aliases.begin(), record.aliases.end(), record.id == "NSWG-ECO-516" ? "CVE-2020-8203" : "NSWG-ECO-516"), record.aliases.end());
  // A report that records of two CVEs name tells nothing; nor does one of another package.
  Import several;
  const std::string other = below("GHSA-other", "lodash", "4.17.21", "2024-01-01", R"("aliases":["CVE-2021-0001"],"references":[{"url":"https://hackerone.com/reports/712065"}],)");
  EXPECT_EQ(several.file("wg.jsonl", cat(wg, "\n")).file("ghsa.jsonl", cat(ghsa, other)).build().find("CVE-2020-8203")->size(), 1u);
  Import elsewhere;
  const std::string moved = below("GHSA-x", "underscore", "4.17.20", "2024-01-01", R"("aliases":["CVE-2020-8203"],"references":[{"url":"https://hackerone.com/reports/712065"}],)");
  EXPECT_EQ(elsewhere.file("wg.jsonl", cat(wg, "\n")).file("ghsa.jsonl", moved).build().find("CVE-2020-8203")->size(), 1u);
}

}  // namespace
}  // namespace plimsoll::advisory
