#include "base/json.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace plimsoll {
namespace {

TEST(json, absence_is_told_from_null) {
  const auto doc = JsonDocument::parse(R"({"a":null,"b":{"c":"x"}})");
  ASSERT_TRUE(doc);
  EXPECT_EQ(doc->root()["a"].kind(), JsonValue::Kind::Null);
  EXPECT_EQ(doc->root()["z"]["y"].kind(), JsonValue::Kind::Missing);
  EXPECT_EQ(doc->root()["b"]["c"].text(), "x");
}

TEST(json, refuses_what_is_cut_or_too_deep) {
  EXPECT_EQ(JsonDocument::parse("{\"a\":").error().kind(), ErrorKind::Malformed);
  EXPECT_EQ(JsonDocument::parse("").error().kind(), ErrorKind::Malformed);
  EXPECT_EQ(JsonDocument::parse(std::string(100'000, '[') + std::string(100'000, ']')).error().kind(), ErrorKind::Limit);
}

TEST(json, writer_escapes_and_repairs) {
  std::string out;
  JsonWriter(out).begin_object().member("k\n", "\"\x01\xFF").member("n", -3).member("d", 0.1).key("l").begin_array().value(true).null().end_array().end_object();
  EXPECT_EQ(out, "{\"k\\n\":\"\\\"\\u0001\xEF\xBF\xBD\",\"n\":-3,\"d\":0.1,\"l\":[true,null]}");
  EXPECT_TRUE(JsonDocument::parse(out));
}

TEST(json, writer_indents) {
  std::string out;
  JsonWriter(out, true).begin_object().member("a", 1).key("b").begin_array().end_array().end_object();
  EXPECT_EQ(out, "{\n  \"a\": 1,\n  \"b\": []\n}");
}

TEST(yaml, keeps_versions_as_text) {
  const auto doc = JsonDocument::parse_yaml("a: 1.10\nb: 7\nc: '7'\nd: [x, {y: ~}]\n");
  ASSERT_TRUE(doc);
  EXPECT_EQ(doc->root().dump(), R"({"a":"1.10","b":7,"c":"7","d":["x",{"y":null}]})");
}

TEST(yaml, an_alias_bomb_ends) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string p = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + p + "," + p + "," + p + "," + p + "," + p + "," + p + "," + p + "," + p + "," + p + "]\n";
  }
  EXPECT_EQ(JsonDocument::parse_yaml(bomb).error().kind(), ErrorKind::Limit);
  EXPECT_EQ(JsonDocument::parse_yaml(std::string(100'000, '[')).error().kind(), ErrorKind::Limit);
}

TEST(toml, tables_and_errors_with_place) {
  const auto doc = JsonDocument::parse_toml("[[package]]\nname = \"a\"\nversion = \"1.0\"\nwhen = 2020-01-02\n");
  ASSERT_TRUE(doc);
  EXPECT_EQ(doc->root()["package"].at(0)["name"].text(), "a");
  EXPECT_EQ(doc->root()["package"].at(0)["when"].text(), "2020-01-02");
  EXPECT_NE(JsonDocument::parse_toml("a = ").error().message().find("line 1"), std::string::npos);
}

TEST(yaml, documents_know_their_lines) {
  const auto all = JsonDocument::parse_yaml_documents("a: 1\nb:\n  - c: x\n    d: y\n---\n# nothing\n---\ne: {f: 2}\n");
  ASSERT_TRUE(all) << all.error().message();
  ASSERT_EQ(all->size(), 3u);
  const JsonValue first = (*all)[0].root();
  EXPECT_EQ(first["\x01" "a"].integer(), 1);
  EXPECT_EQ(first["b"].at(0)["\x01" "d"].integer(), 4);
  EXPECT_FALSE((*all)[1].root().is_object());
  EXPECT_EQ((*all)[2].root()["e"]["\x01" "f"].integer(), 8);
  EXPECT_FALSE(JsonDocument::parse_yaml_documents("a: [1\n---\n"));
}

TEST(json, what_needs_escaping_is_found_at_every_place_of_a_word) {
  const auto written = [](std::string_view text) {
    std::string out;
    JsonWriter(out).value(text);
    return out;
  };
  for (std::size_t length = 0; length < 20; ++length)
    for (std::size_t at = 0; at < length; ++at)
      for (int c = 0; c < 256; ++c) {
        std::string text(length, 'x');
        text[at] = static_cast<char>(c);
        const std::string json = written(text);
        const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
        EXPECT_EQ(json == cat("\"", text, "\""), plain) << length << " " << at << " " << c;
        const auto back = JsonDocument::parse(json);
        ASSERT_TRUE(back) << json;
        EXPECT_EQ(back->root().text(), c < 0x80 ? text : to_utf8(text));
      }
}

TEST(json, a_record_on_one_line_among_pretty_ones) {
  std::string out;
  JsonWriter json(out, true);
  json.begin_array();
  for (const int i : {1, 2}) json.on_one_line([&](JsonWriter& line) { line.begin_object().member("a", i).key("b").begin_array().value(i).end_array().end_object(); });
  json.begin_object().member("c", 3).end_object().end_array();
  EXPECT_EQ(out, "[\n  {\"a\":1,\"b\":[1]},\n  {\"a\":2,\"b\":[2]},\n  {\n    \"c\": 3\n  }\n]");
}

}  // namespace
}  // namespace plimsoll
