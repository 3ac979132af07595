#include "plan/without_layers.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace plimsoll::plan {
namespace {

const std::string kDigest = cat("sha256:", std::string(64, 'a')), kOther = cat("sha256:", std::string(63, '0'), "f");

std::string left(std::string_view element) {
  std::string arena = "before";
  arena.reserve(10000);
  const std::string out(without_layers(element, arena));
  EXPECT_TRUE(arena.starts_with("before"));
  return out;
}

TEST(without_layers, leaves_out_the_digests_of_locations_alone) {
  const auto record = [](std::string_view layer, std::string_view other) {
    return cat(R"({"id":"CVE-1","evidence":{"layer":")", layer, R"("},"locations":[{"path":"a]b","layer":")", layer, R"(","line":3},{"path":"c","layer":")", other, R"("}],"risk":1})");
  };
  EXPECT_EQ(left(record(kDigest, kOther)), cat(R"({"id":"CVE-1","evidence":{"layer":")", kDigest, R"("},"locations":[{"path":"a]b","layer":"","line":3},{"path":"c","layer":""}],"risk":1})"));
  EXPECT_EQ(left(R"({"locations": [{"path": "a", "layer": ")" + kDigest + R"("}]})"), R"({"locations": [{"path": "a", "layer": ""}]})");
}

TEST(without_layers, leaves_alone_what_is_written_otherwise) {
  for (const std::string& element : {
           std::string(R"({"id":"CVE-1"})"), std::string(R"({"locations":[]})"), std::string(R"({"locations":[{"path":"a"}],"x":1})"),
           cat(R"({"title":"\"locations\":[{\"layer\":\")", kDigest, R"(\"}]"})"),                     // in a text
           cat(R"({"locations":[{"path":"a\"b","layer":")", kDigest, R"("}]})"),                        // an escape
           cat(R"({"locations":[{"path":"a","layer":")", kDigest, R"("},)"),                            // cut short
           cat(R"({"locations":[{"path":"a","layer":")", kDigest, R"("}])").substr(0, 60),
           cat(R"({"locations":[{"path":{"layer":")", kDigest, R"("}}]})"),                             // deeper
           cat(R"({"locations":[{"path":"a","line":-1,"layer":")", kDigest, R"("}]})"),
           cat(R"({"locations":[{"path":"a","layer":"SHA256:)", std::string(64, 'a'), R"("}]})"),
           cat(R"({"locations":[{"path":"a","layer":"sha256:)", std::string(63, 'a'), R"("}]})"),
           cat(R"({"places":[{"path":"a","layer":")", kDigest, R"("}]})")})
    EXPECT_EQ(left(element), element);
}

TEST(without_layers, finds_the_locations_wherever_they_stand) {
  for (std::size_t length = 0; length < 70; ++length) {
    const std::string front = cat(R"({"lic":")", std::string(length, 'x'), R"(",)"), back = std::string(length % 7, ' ');
    EXPECT_EQ(left(cat(front, R"("locations":[{"layer":")", kOther, R"("}]})", back)), cat(front, R"("locations":[{"layer":""}]})", back)) << length;
  }
}

}  // namespace
}  // namespace plimsoll::plan
