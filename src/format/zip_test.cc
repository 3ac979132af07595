#include "format/zip.h"

#include <gtest/gtest.h>

#include "format/test_archives.h"

namespace plimsoll::format {
namespace {

// "NAME=CONTENT" of every entry; errors in their place.
std::vector<std::string> list(const std::string& bytes, const Limits& limits = {}) {
  std::vector<std::string> out;
  Result<ZipReader> opened = ZipReader::open(as_bytes(bytes), limits);
  if (!opened) return {"error: " + opened.error().message()};
  ZipEntry entry;
  while (true) {
    const Result<bool> more = opened->next(entry);
    if (!more) out.push_back("error: " + more.error().message());
    if (!more || !*more) break;
    const Result<std::string> content = opened->read(entry);
    std::string streamed;
    const Status status = opened->stream(entry, [&](Bytes piece) -> Status {
      streamed += as_text(piece);
      return Ok{};
    });
    EXPECT_EQ(content.has_value(), status.has_value()) << entry.name;
    if (content) {
      EXPECT_EQ(*content, streamed);
      EXPECT_EQ(*opened->head(entry, 3), content->substr(0, 3));
    }
    out.push_back(cat(entry.name, "=", content ? *content : content.error().message()));
  }
  if (opened->overlapping()) out.push_back("overlapping");
  return out;
}
using Names = std::vector<std::string>;
using How = TestZip::How;

TEST(zip, methods_and_forms) {
  TestZip zip;
  zip.file("stored", "abc", How{.method = 0}).file("deflated", "hello hello", How{}).file("zstd", "hello", How{.method = 93});
  zip.file("streamed", "later", How{.descriptor = true}).file("long", "sixty-four", How{.zip64 = true}).file("d/", "", How{.method = 0});
  const Names expected = {"stored=abc", "deflated=hello hello", "zstd=hello", "streamed=later", "long=sixty-four", "d/="};
  EXPECT_EQ(list(zip.end()), expected);
  EXPECT_EQ(list(zip.end("a comment")), expected);
  EXPECT_EQ(list("#!/bin/sh\nexec java -jar $0\n" + zip.end()), expected);  // an executable jar
  EXPECT_EQ(list(zip.end() + "trailing"), expected);
  EXPECT_EQ(list(TestZip().end()), Names{});
}

TEST(zip, the_central_directory_decides) {
  EXPECT_EQ(list(TestZip().file("local", "x", How{.central_name = "listed"}).end()), Names{"listed=x"});
  EXPECT_EQ(list(TestZip().file("a", "1").file("a", "2").end()), (Names{"a=1", "a=2"}));
}

TEST(zip, damaged) {
  const std::string good = TestZip().file("a", "hello hello hello").file("b", "x").end();
  EXPECT_EQ(list(""), Names{"error: zip: no end record"});
  EXPECT_EQ(list(good.substr(0, good.size() - 1)), Names{"error: zip: no end record"});
  EXPECT_EQ(list(good.substr(20)), Names{"error: zip: the central directory is not where the end record says"});
  EXPECT_EQ(list(TestZip().file("a", "hello", How{.wrong_crc = true}).file("b", "x").end()), (Names{"a=zip: wrong CRC", "b=x"}));
  EXPECT_EQ(list(TestZip().file("a", "hello", How{.packed = "\xff\xff"}).end()), Names{"a=zip: corrupt entry"});
  EXPECT_EQ(list(TestZip().file("a", "hello", How{.claimed = 4}).end()), Names{"a=zip: corrupt entry"});
  EXPECT_EQ(list(TestZip().file("a", "hello", How{.claimed = 600}).end()), Names{"a=zip: corrupt entry"});
  EXPECT_EQ(list(TestZip().file("a", "hello", How{.method = 0, .claimed = 600}).end()), Names{"a=zip: stored entry with two sizes"});
  EXPECT_EQ(list(TestZip().file("a", "hello", How{.flags = 1}).end()), Names{"a=zip: encrypted entry"});
  EXPECT_EQ(list(TestZip().file("a", "hello", How{.method = 12, .packed = "BZh"}).end()), Names{"a=zip: compression method 12"});
  std::string bad = good;
  bad[good.size() - 22 - 47] = 0;  // in the second central header
  EXPECT_EQ(list(bad).back().substr(0, 6), "error:");
  bad = good;
  bad[good.size() - 12] = 3;  // a count of 3 for two entries
  EXPECT_EQ(list(bad).back(), "error: zip: 3 entries claimed, 2 found");
}

TEST(zip, trap_13_bombs) {
  EXPECT_EQ(list(TestZip().file("a", "hello hello").file("b", "hello hello", How{.at_first = true})
                     .file("c", "hello hello", How{.at_first = true}).file("d", std::string(200, 'x'), How{.packed = std::string(300, 'y'), .at_first = true}).end()).back(),
            "overlapping");
  EXPECT_EQ(list(TestZip().file("a", "x", How{.claimed = 1u << 30}).end()), Names{"a=zip: entry inflates more than 1100:1"});
  Limits limits;
  limits.archive_entries = 1;
  EXPECT_EQ(list(TestZip().file("a", "1").file("b", "2").end(), limits), Names{"error: zip: 2 entries"});
}

}  // namespace
}  // namespace plimsoll::format
