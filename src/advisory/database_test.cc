#include "advisory/database.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "advisory/builder.h"
#include "advisory/import.h"
#include "advisory/intervals.h"
#include "advisory/layout.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

AdvisoryRecord sample(std::string id, std::string ecosystem, std::string name, Interval interval) {
  AdvisoryRecord record;
  record.id = std::move(id);
  Affected& affected = record.affected.emplace_back();
  affected.ecosystem = std::move(ecosystem);
  affected.name = std::move(name);
  affected.intervals.push_back(std::move(interval));
  return record;
}

std::string small_database() {
  Builder builder;
  AdvisoryRecord one = sample("GHSA-aaaa-bbbb-cccc", "npm", "lodash", fixed_below("4.17.21"));
  one.aliases = {"CVE-2021-23337"};
  one.severity = Severity::High;
  one.cvss.push_back({.version = "3.1", .vector = "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H", .score_0_10 = 7.2, .source = "nvd"});
  builder.add("osv", std::move(one), Merge::Newest);
  for (int i = 0; i < 500; ++i) builder.add("osv", sample(cat("X-", i), "debian:12", cat("package", i), fixed_below(cat("1.", i))), Merge::Newest);
  CveFacts facts;
  facts.cve = "CVE-2021-23337";
  facts.epss = Epss{.score = 0.0123, .percentile = 0.5, .date = {}};
  facts.kev = Kev{.date_added = "2022-01-01", .due_date = "2022-02-01", .ransomware = true};
  builder.add("kev", std::move(facts));
  builder.date("osv", "2026-08-21");
  auto built = builder.build(1'700'000'000);
  EXPECT_TRUE(built.has_value());
  return std::move(built->bytes);
}

TEST(database, gives_back_what_was_built) {
  const std::string bytes = small_database();
  auto database = Database::over(as_bytes(bytes));
  ASSERT_TRUE(database.has_value()) << database.error().message();
  CandidateList list;
  ASSERT_TRUE(database->candidates("npm", "lodash", list));
  ASSERT_EQ(list.candidates.size(), 1u);
  ASSERT_EQ(list.intervals.size(), 1u);
  EXPECT_EQ(list.intervals[0].end, "4.17.21");
  EXPECT_EQ(list.intervals[0].end_kind, IntervalEnd::Fixed);
  const auto record = database->record(list.candidates[0]);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->id, "GHSA-aaaa-bbbb-cccc");
  EXPECT_EQ(record->aliases, std::vector<std::string>{"CVE-2021-23337"});
  EXPECT_EQ(record->feed, "osv");
  ASSERT_EQ(record->cvss.size(), 1u);
  EXPECT_DOUBLE_EQ(record->cvss[0].score_0_10, 7.2);
  const auto cve = database->cve("CVE-2021-23337");
  ASSERT_TRUE(cve.has_value() && cve->has_value());
  EXPECT_DOUBLE_EQ((*cve)->epss->score, 0.0123);
  EXPECT_TRUE((*cve)->kev->ransomware);
  EXPECT_EQ(database->find("cve-2021-23337")->size(), 1u);
  for (int i = 0; i < 500; ++i) {
    list.clear();
    ASSERT_TRUE(database->candidates("debian:12", cat("package", i), list));
    ASSERT_EQ(list.candidates.size(), 1u) << i;
    EXPECT_EQ(list.intervals[0].end, cat("1.", i));
  }
  list.clear();
  ASSERT_TRUE(database->candidates("debian:12", "absent", list));
  EXPECT_TRUE(list.candidates.empty());
  EXPECT_EQ(database->info().built_at, "2023-11-14T22:13:20Z");
}

TEST(database, is_the_same_whatever_the_order) {
  Builder one, other;
  one.add("osv", sample("A", "npm", "a", fixed_below("1")), Merge::Newest);
  one.add("osv", sample("B", "npm", "b", fixed_below("1")), Merge::Newest);
  other.add("osv", sample("B", "npm", "b", fixed_below("1")), Merge::Newest);
  other.add("osv", sample("A", "npm", "a", fixed_below("1")), Merge::Newest);
  EXPECT_EQ(one.build(7)->bytes, other.build(7)->bytes);
}

TEST(database, torn_at_any_place_is_refused) {
  const std::string bytes = small_database();
  for (std::size_t size = 0; size < bytes.size(); size += size < 2048 ? 97 : 4001)
    EXPECT_FALSE(Database::over(as_bytes(std::string_view(bytes).substr(0, size))).has_value()) << size;
}

// Any changed byte of data is found by verify, and by the question that touches it; never read as an empty answer.
TEST(database, altered_anywhere_is_refused) {
  const std::string good = small_database();
  const auto answers = [](const Database& database) {
    CandidateList list;
    bool found = true;
    for (int i = 0; i < 500; ++i) {
      list.clear();
      const Status status = database.candidates("debian:12", cat("package", i), list);
      found = found && status.has_value() && list.candidates.size() == 1;
    }
    return found;
  };
  const Header header = *read_header(as_bytes(good));
  for (std::size_t at = 0; at < good.size(); at += 211) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x20);
    auto database = Database::over(as_bytes(bad));
    if (!database.has_value()) continue;
    // What no checksum covers: padding between the tables, and the place of a signature that is not there.
    const bool covered = at >= header.data.offset || at < kDigestOffset || (at >= header.groups.offset && at < header.leaves.offset + header.leaves.bytes);
    if (covered) EXPECT_FALSE(database->verify().has_value()) << at;
    else EXPECT_TRUE(answers(*database)) << at;
  }
}

TEST(database, older_format_is_refused_by_name) {
  std::string bytes = small_database();
  bytes[8] = 0;
  const auto database = Database::over(as_bytes(bytes));
  ASSERT_FALSE(database.has_value());
  EXPECT_EQ(database.error().kind(), ErrorKind::Unsupported);
  EXPECT_NE(database.error().message().find("older"), std::string::npos);
}

TEST(database, cve_ids_pack_and_unpack) {
  for (const char* id : {"CVE-1999-0001", "CVE-2021-44228", "CVE-2026-1234567", "CVE-2024-10000"}) EXPECT_EQ(unpack_cve(pack_cve(id)), id);
  for (const char* id : {"", "CVE-", "CVE-2021-", "GHSA-2021-1234", "CVE-20x1-1234", "CVE-2021-12a4"}) EXPECT_EQ(pack_cve(id), 0u) << id;
}

TEST(intervals, follow_the_osv_events) {
  using Kind = RangeEvent::Kind;
  const auto text = [](const std::vector<RangeEvent>& events) {
    std::string out;
    for (const Interval& i : intervals_of("npm", events)) out += cat("[", i.introduced, ",", i.end, i.end_kind == IntervalEnd::LastAffected ? "]" : ")");
    return out;
  };
  EXPECT_EQ(text({{Kind::Introduced, "0"}, {Kind::Fixed, "1.0.0"}}), "[,1.0.0)");
  EXPECT_EQ(text({{Kind::Fixed, "1.0.0"}, {Kind::Introduced, "0"}}), "[,1.0.0)");
  EXPECT_EQ(text({{Kind::Introduced, "1.0.0"}, {Kind::Fixed, "1.2.0"}, {Kind::Introduced, "2.0.0"}, {Kind::Fixed, "2.1.0"}}), "[1.0.0,1.2.0)[2.0.0,2.1.0)");
  EXPECT_EQ(text({{Kind::Introduced, "1.0.0"}}), "[1.0.0,)");
  EXPECT_EQ(text({{Kind::Introduced, "1.0.0"}, {Kind::LastAffected, "1.0.0"}}), "[1.0.0,1.0.0]");
  EXPECT_EQ(text({{Kind::Fixed, "1.0.0"}}), "");
  EXPECT_EQ(text({{Kind::Introduced, "1.2.0"}, {Kind::Fixed, "1.2.0"}}), "");
  EXPECT_EQ(text({{Kind::Introduced, "1.0.0"}, {Kind::Fixed, "1.2.0"}, {Kind::Introduced, "1.2.0"}}), "[1.0.0,1.2.0)[1.2.0,)");
  EXPECT_EQ(text({{Kind::Introduced, "0"}, {Kind::Limit, "2.0.0"}}), "[,2.0.0)");
  EXPECT_EQ(text({{Kind::Introduced, "0"}, {Kind::Fixed, "1.0.0"}, {Kind::Fixed, "1.1.0"}}), "[,1.0.0)");
}

}  // namespace
}  // namespace plimsoll::advisory
