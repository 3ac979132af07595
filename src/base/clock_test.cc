#include "base/clock.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(clock, round_trip) {
  for (const std::string_view text : {"2026-11-24T03:21:46Z", "1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z"}) EXPECT_EQ(format_time(*parse_time(text)), text);
}
TEST(clock, forms) {
  EXPECT_EQ(format_time(*parse_time("2026-11-24T03:21:46.123+02:00")), "2026-11-24T01:21:46Z");
  EXPECT_EQ(format_time(*parse_time("2026-11-24")), "2026-11-24T00:00:00Z");
  EXPECT_EQ(format_time(*parse_time("@0")), "1970-01-01T00:00:00Z");
}
TEST(clock, refuses) {
  for (const std::string_view text : {"", "2026", "2026-13-01", "2026-02-30", "2026-11-24T", "2026-11-24T25:00:00Z", "2026-11-24Tab:00:00Z", "yesterday"}) EXPECT_FALSE(parse_time(text)) << text;
}

}  // namespace
}  // namespace plimsoll
