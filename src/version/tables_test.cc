// Every scheme's tables in tests/data/version: NAME.tsv (order) and NAME.ranges.tsv (ranges), each row with its source.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

std::string read_table(const std::string& name) {
  std::ifstream in(std::string(PLIMSOLL_TEST_DATA "/version/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Calls `row` with the four fields of each line that is no comment; the number of rows.
template <class Row>
int each_row(const std::string& table, Row row) {
  int rows = 0;
  std::string_view rest = table;
  std::string_view line;
  while (next_line(rest, line)) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string_view> fields = split(line, '\t');
    EXPECT_EQ(fields.size(), 4u) << line;
    if (fields.size() != 4) continue;
    EXPECT_FALSE(fields[3].empty()) << "no source: " << line;
    row(fields[0], fields[1], fields[2]);
    ++rows;
  }
  return rows;
}

class Tables : public testing::TestWithParam<std::string_view> {};

TEST_P(Tables, order_is_as_the_table_says) {
  const Scheme& scheme = *find_scheme(GetParam());
  const int rows = each_row(read_table(cat(scheme.name, ".tsv")), [&](auto a, auto relation, auto b) {
    const int expected = relation == "<" ? -1 : relation == ">" ? 1 : 0;
    EXPECT_TRUE(relation == "<" || relation == ">" || relation == "=") << relation;
    EXPECT_EQ(compare(scheme, a, b), expected) << scheme.name << ": " << a << ' ' << relation << ' ' << b;
    EXPECT_EQ(compare(scheme, b, a), -expected) << scheme.name << ": " << b << " against " << a;
  });
  EXPECT_GE(rows, 12) << scheme.name << " needs a table";
}

TEST_P(Tables, ranges_hold_what_the_table_says) {
  const Scheme& scheme = *find_scheme(GetParam());
  const int rows = each_row(read_table(cat(scheme.name, ".ranges.tsv")), [&](auto version, auto text, auto expected) {
    const auto range = parse_range(scheme, text);
    ASSERT_TRUE(range.has_value()) << text << ": " << range.error().message();
    EXPECT_EQ(contains(*range, parse(scheme, version)), expected == "true")
        << scheme.name << ": " << version << " in " << text;
  });
  EXPECT_GE(rows, 4) << scheme.name << " needs a table of ranges";
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> out;
  for (const Scheme& scheme : schemes()) out.push_back(scheme.name);
  return out;
}
INSTANTIATE_TEST_SUITE_P(version, Tables, testing::ValuesIn(names()),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace plimsoll::version
