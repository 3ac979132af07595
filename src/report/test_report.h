// The report that tests work on: tests/data/report/shop.json.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "base/text.h"
#include "report/stored.h"

namespace plimsoll::report {

inline Report load_report(const std::string& name) {
  const auto text = read_file(cat(PLIMSOLL_TEST_DATA, "/report/", name, ".json"));
  EXPECT_TRUE(text) << name;
  auto report = read_report(as_bytes(*text));
  EXPECT_TRUE(report) << (report ? "" : report.error().message());
  return std::move(report).value();
}

// "ID in PACKAGE by BY: REASON" a line, for what `after` left out and `before` had not.
inline std::string left_out(const Report& after) {
  std::string out;
  for (std::size_t i = 1; i < after.suppressed.size(); ++i) {  // [0] stands in shop.json already
    const Suppressed& s = after.suppressed[i];
    out += cat(s.id, " in ", s.package, " by ", s.by, ": ", s.reason, "\n");
  }
  return out;
}
inline std::string notices(const Report& after) {
  std::string out;
  for (std::size_t i = 1; i < after.notices.size(); ++i) out += cat(after.notices[i].about, " | ", after.notices[i].where, " | ", after.notices[i].what, "\n");
  return out;
}

}  // namespace plimsoll::report
