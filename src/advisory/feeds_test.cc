// Every feed on its fixture: tests/data/advisory/NAME/input/ -> a database -> the lines of expected.txt.
// PLIMSOLL_UPDATE_GOLDEN=1 writes them anew; read the difference before keeping it.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "advisory/database.h"
#include "advisory/feed.h"
#include "advisory/import.h"
#include "base/file.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

std::string interval_text(const IntervalView& i) {
  return cat(i.introduced_exclusive ? "(" : "[", i.introduced, ", ", i.end, i.end_kind == IntervalEnd::LastAffected ? "]" : i.end_kind == IntervalEnd::Fixed ? ")" : "...");
}

// A database in lines: what a feed said, in a form people can check.
std::string dump(const Database& database) {
  std::string out;
  for (const FeedSummary& feed : database.feeds()) out += cat("feed ", feed.name, " date ", feed.date.empty() ? "-" : feed.date, "\n");
  for (const std::string& key : database.ecosystems()) {
    const Status status = database.each_package(key, [&](std::string_view name, const CandidateList& list) -> Status {
      for (const Candidate& c : list.candidates) {
        PLIM_TRY(const AdvisoryRecord record, database.record(c));
        out += cat(key, " | ", name, " | ", record.id, " |");
        for (std::uint32_t i = 0; i < c.intervals; ++i) out += cat(" ", interval_text(list.intervals[c.first_interval + i]));
        if (!c.native.empty()) out += cat(" ", c.native, " except ", c.except);
        static constexpr std::string_view kKinds[] = {"source", "binary", "either"};
        out += cat(" | ", kKinds[static_cast<std::size_t>(c.name_kind)], " ", to_string(c.state));
        if (c.severity != Severity::Unknown) out += cat(" severity=", to_string(c.severity));
        if (record.severity != Severity::Unknown) out += cat(" rated=", to_string(record.severity));
        for (const auto& [label, text] : {std::pair<std::string_view, std::string_view>{"word", c.word}, {"module", c.module}, {"channel", c.channel}, {"notices", c.aliases}})
          if (!text.empty()) out += cat(" ", label, "=", text);
        for (const std::string& alias : record.aliases) out += cat(" alias=", alias);
        for (const std::string& fix : record.fixes) out += cat(" fixes=", fix);
        if (c.withdrawn) out += " withdrawn";
        out += "\n";
      }
      return Ok{};
    });
    if (!status.has_value()) out += cat("error ", status.error().message(), "\n");
  }
  const Status status = database.each_cve([&](const CveFacts& f) {
    out += cat("cve ", f.cve);
    for (const Cvss& cvss : f.cvss) out += cat(" ", cvss.version, "=", static_cast<int>(cvss.score_0_10 * 10 + 0.5), "/", cvss.source);
    if (f.epss) out += cat(" epss=", static_cast<int>(f.epss->score * 1e5 + 0.5));
    if (f.kev) out += cat(" kev=", f.kev->date_added, f.kev->ransomware ? " ransomware" : "");
    if (!f.ssvc.exploitation.empty()) out += cat(" ssvc=", f.ssvc.exploitation, "/", f.ssvc.automatable, "/", f.ssvc.technical_impact);
    for (const std::string& cwe : f.cwes) out += cat(" ", cwe);
    out += f.rejected ? " rejected\n" : "\n";
    return Status();
  });
  if (!status.has_value()) out += cat("error ", status.error().message(), "\n");
  (void)database.each_repository([&](std::string_view name, const std::vector<std::string>& cpes) {
    out += cat("repository ", name);
    for (const std::string& cpe : cpes) out += cat(" ", cpe);
    out += "\n";
    return Status();
  });
  for (const Shortfall& each : database.shortfalls()) out += cat("shortfall ", each.ecosystem, " ", each.where, " ", each.why, "\n");
  for (const std::string& note : database.notes()) out += cat("note ", note, "\n");
  return out;
}

TEST(feeds, each_says_what_its_fixture_says) {
  const std::string out = testing::TempDir() + "plimsoll-feed-test.db";
  for (const Feed& feed : feeds()) {
    SCOPED_TRACE(feed.name);
    const std::string folder = cat(PLIMSOLL_TEST_DATA, "/advisory/", feed.name);
    ASSERT_TRUE(is_directory(folder + "/input")) << "a feed needs a fixture";
    EXPECT_TRUE(exists(cat(PLIMSOLL_TEST_DATA, "/../../docs/feeds/", feed.name, ".md"))) << "a feed needs a page";
    const auto summary = import_feeds(folder + "/input", out, {.built_at = 1});
    if (feed.name == "end_of_life") {  // a table of dates alone is no database of advisories
      EXPECT_FALSE(summary.has_value());
      continue;
    }
    ASSERT_TRUE(summary.has_value()) << summary.error().message();
    EXPECT_TRUE(summary->unknown.empty()) << summary->unknown.front();
    const auto database = Database::open(out);
    ASSERT_TRUE(database.has_value());
    const std::string got = dump(*database), golden = folder + "/expected.txt";
    if (std::getenv("PLIMSOLL_UPDATE_GOLDEN")) {
      ASSERT_TRUE(replace_file(golden, as_bytes(got)));
    }
    const auto expected = read_file(golden);
    ASSERT_TRUE(expected.has_value()) << golden;
    EXPECT_EQ(got, *expected);
  }
  std::remove(out.c_str());
}

}  // namespace
}  // namespace plimsoll::advisory
