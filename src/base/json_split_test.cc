#include "base/json_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Split {
  bool plain = false;
  std::string rest;
  std::vector<std::string_view> a, b;
};
Split split(std::string_view text) {
  JsonSplitter splitter;
  JsonPart parts[] = {{.name = "a"}, {.name = "bb"}};
  Split out;
  out.plain = splitter.split(text, parts, out.rest);
  out.a = parts[0].elements, out.b = parts[1].elements;
  return out;
}

TEST(json_split, takes_the_elements_as_they_are_written) {
  constexpr std::string_view text = R"( {"x": [{"a": 1}], "a" : [ {"n": "]}"} , {"m":[{"a":[]}]}], "bb":[] , "y": "a" } )";
  const Split out = split(text);
  ASSERT_TRUE(out.plain);
  EXPECT_THAT(out.a, ElementsAre(R"({"n": "]}"})", R"({"m":[{"a":[]}]})"));
  EXPECT_THAT(out.b, IsEmpty());
  EXPECT_EQ(out.rest, R"( {"x": [{"a": 1}], "a" : [], "bb":[] , "y": "a" } )");
  const Split without = split(R"({"x":1})");
  ASSERT_TRUE(without.plain);
  EXPECT_EQ(without.rest, R"({"x":1})");
}

TEST(json_split, leaves_what_is_not_plain_to_the_parser) {
  for (const std::string_view text :
       {"", "[]", "1", R"({"a":1})", R"({"a":[1]})", R"({"a":[{}{}]})", R"({"a":[{},]})", R"({"a":[{} x]})", R"({"a":[{}]} {})", R"({"a":[{}],"a":[{}]})", R"({"a":[{})", R"({"a":[{}])", R"({"\u0061":[{}],"x":1})", R"({"a":[{"x":"})", R"({"a" [{}]})",
        "{\"a\":[{\"x\":\"\xFF\"}]}", "{\"a\":[{\"x\":\"\n\"}]}"})
    EXPECT_FALSE(split(text).plain) << text;
}

// What is said of the whole holds of the parts together: cut anywhere, the two never disagree.
TEST(json_split, rest_and_elements_parse_exactly_when_the_whole_does) {
  constexpr std::string_view text = R"({"a":[{"k":"v\"]","l":[1,2.5e3,{"z":null}]},{"t":true}],"m":{"bb":[{}]},"bb":[{"u":"é"}],"z":-1})";
  const auto parses = [](std::string_view json, std::uint32_t nesting) { return JsonDocument::parse(json, Limits{.nesting = nesting}).has_value(); };
  for (std::size_t at = 0; at < text.size(); ++at)
    for (const char with : {'\0', '{', '}', '[', ']', ',', '"', ':', '1', '\\', ' ', 'x'}) {
      std::string changed(text);
      changed[at] = with;
      for (const std::string& each : {changed, changed.substr(0, at)}) {
        const Split out = split(each);
        if (!out.plain) continue;
        bool all = parses(out.rest, 100);
        for (const auto* elements : {&out.a, &out.b})
          for (const std::string_view element : *elements) all = all && parses(element, 98);
        EXPECT_EQ(all, parses(each, 100)) << each;
      }
    }
}

}  // namespace
}  // namespace plimsoll
