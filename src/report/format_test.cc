// Every format against its golden files: tests/data/report/CASE.json -> tests/data/report/FORMAT/CASE.EXT.
// PLIMSOLL_UPDATE_GOLDEN=1 writes the expected files; read the difference before it is committed.
#include "report/format.h"

#include <algorithm>

#include "report/plain.h"
#include "report/test_report.h"

namespace plimsoll::report {
namespace {

const std::string kData = cat(PLIMSOLL_TEST_DATA, "/report/");

Report load(const std::string& name) { return load_report(name); }

std::string written(const Report& report, std::string_view format, const WriteOptions& options = {}) {
  auto text = find_format(format)->write(report, options);
  EXPECT_TRUE(text);
  return std::move(text).value();
}

TEST(formats, match_their_golden_files) {
  for (const std::string name : {"shop", "empty", "hostile"}) {
    const Report report = load(name);
    for (const Format& format : formats()) {
      const std::string path = cat(kData, format.name, "/", name, ".", format.extension);
      const std::string text = written(report, format.name);
      if (environment("PLIMSOLL_UPDATE_GOLDEN")) {
        ASSERT_TRUE(make_directories(cat(kData, format.name)));
        ASSERT_TRUE(replace_file(path, as_bytes(text)));
      }
      const auto expected = read_file(path);
      ASSERT_TRUE(expected) << path << " is missing";
      EXPECT_EQ(text, *expected) << path;
    }
  }
}

TEST(formats, do_not_depend_on_the_order_of_the_report) {
  const Report report = load("shop");
  Report turned = report;
  std::reverse(turned.packages.begin(), turned.packages.end());
  std::reverse(turned.findings.begin(), turned.findings.end());
  std::reverse(turned.coverage.begin(), turned.coverage.end());
  for (const Format& format : formats()) EXPECT_EQ(written(report, format.name), written(turned, format.name)) << format.name;
}

TEST(formats, give_valid_utf8_whatever_the_names_are) {
  Report report = load("shop");
  for (Package& package : report.packages) package.name += "\xff\xfe\x1b";
  for (Finding& finding : report.findings) finding.title = "\xc0\x80 \xed\xa0\x80";
  report.image.reference = "\xff";
  for (const Format& format : formats()) EXPECT_TRUE(is_utf8(written(report, format.name))) << format.name;
}

TEST(table, no_line_is_wider_than_asked) {
  for (const std::string name : {"shop", "empty", "hostile"}) {
    for (const unsigned width : {60u, 80u, 81u, 120u, 200u}) {
      const std::string text = written(load(name), "table", {.width = width, .all = true});
      std::string_view rest = text, line;
      while (next_line(rest, line)) EXPECT_LE(columns(line), width) << name << ": " << line;
    }
  }
}

TEST(table, colour_only_when_asked) {
  EXPECT_EQ(written(load("hostile"), "table", {.all = true}).find('\x1b'), std::string::npos);
  EXPECT_NE(written(load("shop"), "table", {.color = true}).find('\x1b'), std::string::npos);
}

TEST(formats, carry_no_control_characters_out_of_names) {
  for (const Format& format : formats())
    for (const char c : written(load("hostile"), format.name)) ASSERT_TRUE(c >= ' ' || c == '\n' || c < 0) << format.name;
}

TEST(json, reads_back_to_the_same_bytes) {
  for (const std::string name : {"shop", "empty", "hostile"}) {
    const std::string once = written(load(name), "json");
    const auto again = read_report(as_bytes(once));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(written(*again, "json"), once) << name;
  }
}

TEST(json, detect_writes_findings_and_gaps_alone) {
  const std::string text = written(load("shop"), "json", {.findings_only = true});
  EXPECT_EQ(text.find("\"packages\""), std::string::npos);
  EXPECT_EQ(text.find("\"image\""), std::string::npos);
  const auto again = read_report(as_bytes(text));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->findings.size(), load("shop").findings.size());
}

void refuses(std::string text, ErrorKind kind, std::string_view why) {
  const auto report = read_report(as_bytes(text));
  ASSERT_FALSE(report) << why;
  EXPECT_EQ(report.error().kind(), kind) << report.error().message();
  EXPECT_NE(report.error().message().find(why), std::string::npos) << report.error().message();
}

std::string changed(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(stored, refuses_what_is_no_whole_report) {
  const std::string good = written(load("shop"), "json");
  for (const std::size_t keep : {good.size() / 2, good.size() - 2, std::size_t{0}}) refuses(good.substr(0, keep), ErrorKind::Malformed, "cut short");
  refuses("[]", ErrorKind::Malformed, "not an object");
  refuses("{\"bomFormat\":\"CycloneDX\"}", ErrorKind::Malformed, "no schemaVersion");
  refuses(changed(good, "\"schemaVersion\": \"1\"", "\"schemaVersion\": \"2\""), ErrorKind::Unsupported, "\"2\"; this version reads \"1\"");
  refuses(changed(good, "\"complete\": false", "\"complete\": true"), ErrorKind::Malformed, "complete disagrees with gaps");
  refuses(changed(good, "\"class\":\"secret\"", "\"class\":\"secrt\""), ErrorKind::Malformed, "].class is \"secrt\"");
  refuses(changed(good, "\"gaps\"", "\"gops\""), ErrorKind::Malformed, "gaps is missing");
  refuses(changed(good, "\"packages\": [", "\"packages\": [3,"), ErrorKind::Malformed, "packages[0] is not an object");
  refuses(changed(good, "\"risk\":100", "\"risk\":\"100\""), ErrorKind::Malformed, "findings[0].risk is not a number");
  refuses(changed(good, "\"coverage\"", "\"cover\""), ErrorKind::Malformed, "coverage is missing");
}

}  // namespace
}  // namespace plimsoll::report
