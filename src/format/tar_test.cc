#include "format/tar.h"

#include <gtest/gtest.h>

#include "format/test_archives.h"

namespace plimsoll::format {
namespace {

// "NAME KIND SIZE CONTENT" of every entry, or the error.
std::vector<std::string> list(const std::string& tar, std::size_t piece = 1 << 20, const Limits& limits = {}) {
  std::vector<std::string> out;
  TestChunks chunks(tar, piece);
  TarReader reader(chunks, limits);
  TarEntry entry;
  while (true) {
    const Result<bool> more = reader.next(entry);
    if (!more) {
      out.push_back("error: " + more.error().message());
      return out;
    }
    if (!*more) break;
    std::string content;
    while (reader.content_left() > 0) {
      const Result<Bytes> part = reader.content();
      if (!part) {
        out.push_back("error: " + part.error().message());
        return out;
      }
      content += as_text(*part);
    }
    constexpr std::string_view kKinds = "fhlDcbpo";
    out.push_back(cat(entry.name, entry.link.empty() ? "" : ">", entry.link, " ", kKinds[static_cast<std::size_t>(entry.kind)],
                      " ", content));
  }
  const Result<bool> garbage = reader.after_end();
  if (!garbage) out.push_back("error: " + garbage.error().message());
  if (garbage && *garbage) out.push_back("garbage");
  return out;
}
using Names = std::vector<std::string>;

TEST(tar, kinds_and_contents_in_pieces_of_any_size) {
  TestTar tar;
  tar.directory("d/").file("d/a", "hello").symlink("d/l", "a").hard_link("d/h", "d/a").entry('6', "p").file("empty", "").entry('3', "c");
  const Names expected = {"d/ D ", "d/a f hello", "d/l>a l ", "d/h>d/a h ", "p p ", "empty f ", "c c "};
  for (const std::size_t piece : {1, 3, 511, 512, 513, 1024, 100'000}) EXPECT_EQ(list(tar.end(), piece), expected) << piece;
}

TEST(tar, ends) {
  const TestTar one = TestTar().file("a", "x");
  EXPECT_EQ(list(""), Names{});
  EXPECT_EQ(list(one.bytes), Names{"a f x"});                               // no end mark
  EXPECT_EQ(list(one.bytes + std::string(512, '\0')), Names{"a f x"});      // half of one
  EXPECT_EQ(list(one.end() + std::string(9000, '\0')), Names{"a f x"});     // blocking
  EXPECT_EQ(list(one.end() + one.bytes), (Names{"a f x", "garbage"}));      // a second archive behind
  EXPECT_EQ(list(one.bytes + std::string(512, '\0') + one.bytes), (Names{"a f x", "error: tar: lone zero block at byte 1024"}));
  EXPECT_EQ(list(one.bytes.substr(0, 513)), (Names{"a f x"}));              // only padding is missing
  EXPECT_EQ(list(one.bytes.substr(0, 512)), (Names{"error: tar: stream ends inside a file, at byte 512"}));
  EXPECT_EQ(list(one.bytes.substr(0, 100)), (Names{"error: tar: stream ends inside an entry, at byte 100"}));
}

TEST(tar, checksums_and_numbers) {
  std::string bad = TestTar().file("a", "x").end();
  bad[0] = 'b';
  EXPECT_EQ(list(bad), Names{"error: tar: header checksum at byte 0"});
  // A size of 3 in base-256, as GNU tar writes sizes beyond 8 GiB.
  std::string size(12, '\0');
  size[0] = '\x80';
  size[11] = 3;
  EXPECT_EQ(list(TestTar().raw(TestTar::header("a", {.size_field = size})).content("abc").end()), Names{"a f abc"});
  size[0] = '\xff';
  EXPECT_EQ(list(TestTar().raw(TestTar::header("a", {.size_field = size})).end()), Names{"error: tar: bad size at byte 0"});
  EXPECT_EQ(list(TestTar().raw(TestTar::header("a", {.size_field = "77777777777 "})).end()).at(0).substr(0, 10), "error: tar");
  EXPECT_EQ(list(TestTar().raw(TestTar::header("a", {.size_field = "00000000zz9 "})).end()), Names{"error: tar: bad size at byte 0"});
  std::uint64_t value = 0;
  EXPECT_TRUE(parse_tar_number(as_bytes("  12 "), value));
  EXPECT_EQ(value, 10u);
  EXPECT_FALSE(parse_tar_number(as_bytes("9"), value));
}

TEST(tar, long_names) {
  const std::string name(300, 'n'), link(200, 'l');
  EXPECT_EQ(list(TestTar().gnu_long('L', name).gnu_long('K', link).symlink("n", "l").file("b", "").end()), (Names{name + ">" + link + " l ", "b f "}));
  EXPECT_EQ(list(TestTar().pax(TestTar::pax_record("path", name) + TestTar::pax_record("linkpath", link)).symlink("n", "l").file("b", "").end()),
            (Names{name + ">" + link + " l ", "b f "}));
  std::string header = TestTar::header("name", {});
  header.replace(345, 10, "some/where");
  TestTar::seal(header);
  EXPECT_EQ(list(TestTar().raw(header).end()), Names{"some/where/name f "});
  Limits limits;
  limits.path_bytes = 100;
  EXPECT_EQ(list(TestTar().gnu_long('L', name).file("n", "x").file("b", "").end(), 1000, limits), (Names{name.substr(0, 100) + " f x", "b f "}));
  EXPECT_EQ(list(TestTar().pax(std::string(2 << 20, ' ')).end()).at(0).substr(0, 31), "error: tar: extended header of ");
  EXPECT_EQ(list(TestTar().pax(TestTar::pax_record("path", "p")).end()), Names{"error: tar: extended header without an entry at byte 1024"});
}

TEST(tar, pax_records) {
  const auto entry_with = [](std::string_view records) { return list(TestTar().pax(records).file("a", "xyz").end()).at(0); };
  EXPECT_EQ(entry_with(TestTar::pax_record("path", "caf\xc3\xa9") + TestTar::pax_record("mtime", "1.5")), "caf\xc3\xa9 f xyz");
  EXPECT_EQ(entry_with(TestTar::pax_record("hdrcharset", "BINARY") + TestTar::pax_record("path", "\xff\xfe")), "\xff\xfe f xyz");
  for (const char* bad : {"5 a=b", "99 a=b\n", "x a=b\n", "6 a-b\n", "0 \n", "4 \n\n"})
    EXPECT_EQ(entry_with(bad).substr(0, 26), "error: tar: bad pax record") << bad;
  EXPECT_EQ(entry_with(TestTar::pax_record("size", "x")).substr(0, 24), "error: tar: bad pax size");
  // The true size stands in the record, zero in the header.
  EXPECT_EQ(list(TestTar().pax(TestTar::pax_record("size", "3")).raw(TestTar::header("a", {})).content("abc").file("b", "").end()),
            (Names{"a f abc", "b f "}));
  EXPECT_EQ(list(TestTar().pax(TestTar::pax_record("path", "all"), 'g').file("a", "1").file("b", "2").end()), (Names{"all f 1", "all f 2"}));
}

TEST(tar, extended_attributes) {
  TestChunks chunks(TestTar().pax(TestTar::pax_record("SCHILY.xattr.security.capability", std::string("\1\0\2", 3))).file("a", "").end());
  TarReader reader(chunks, {});
  TarEntry entry;
  ASSERT_TRUE(*reader.next(entry));
  ASSERT_EQ(entry.xattrs.size(), 1u);
  EXPECT_EQ(entry.xattrs[0].first, "security.capability");
  EXPECT_EQ(entry.xattrs[0].second, std::string("\1\0\2", 3));
}

TEST(tar, sparse_files) {
  const auto extents = [](const std::string& tar) {
    TestChunks chunks(tar);
    TarReader reader(chunks, {});
    TarEntry entry;
    const Result<bool> more = reader.next(entry);
    if (!more) return more.error().message();
    std::string out = cat(entry.name, " ", entry.sparse ? "sparse " : "", entry.real_size, entry.extents_in_content ? " mapped" : "");
    for (const auto& [offset, length] : entry.extents) out += cat(" ", offset, "+", length);
    return out;
  };
  // Old GNU: the map in the header, more of it in blocks behind.
  std::string header = TestTar::header("old", {.type = 'S', .size = 4, .ustar = false});
  header.replace(257, 8, std::string("ustar  \0", 8));
  header.replace(386, 24, TestTar::octal(0, 12) + TestTar::octal(2, 12));
  header[482] = 1;
  header.replace(483, 12, TestTar::octal(1000, 12));
  TestTar::seal(header);
  std::string block(512, '\0');
  block.replace(0, 24, TestTar::octal(998, 12) + TestTar::octal(2, 12));
  EXPECT_EQ(extents(TestTar().raw(header).raw(block).content("abcd").end()), "old sparse 1000 0+2 998+2");
  EXPECT_EQ(extents(TestTar().raw(header).end().substr(0, 512)), "tar: stream ends inside an entry, at byte 512");
  // pax 0.0, 0.1 and 1.0 (GNU tar manual, "Storing Sparse Files").
  const auto r = TestTar::pax_record;
  EXPECT_EQ(extents(TestTar().pax(r("GNU.sparse.size", "9") + r("GNU.sparse.offset", "0") + r("GNU.sparse.numbytes", "1") +
                                  r("GNU.sparse.offset", "8") + r("GNU.sparse.numbytes", "1")).file("p00", "ab").end()), "p00 sparse 9 0+1 8+1");
  EXPECT_EQ(extents(TestTar().pax(r("GNU.sparse.name", "p01") + r("GNU.sparse.size", "9") + r("GNU.sparse.map", "0,1,8,1")).file("x", "ab").end()), "p01 sparse 9 0+1 8+1");
  EXPECT_EQ(extents(TestTar().pax(r("GNU.sparse.major", "1") + r("GNU.sparse.name", "p10") + r("GNU.sparse.realsize", "9")).file("x", "1\n0\n1\n").end()), "p10 sparse 9 mapped");
  EXPECT_EQ(extents(TestTar().pax(r("GNU.sparse.map", "0,1,8")).file("x", "ab").end()).substr(0, 15), "tar: bad sparse");

  std::size_t used = 0;
  const std::string map = std::string("2\n0\n1\n8\n1\n") + std::string(502, '\0') + "ab";
  const auto parsed = parse_sparse_map(as_bytes(map), used);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->size(), 2u);
  EXPECT_EQ(used, 512u);
  for (const char* bad : {"", "2\n0\n", "99999999\n", "x\n", "1\n0\n1\n"}) EXPECT_FALSE(parse_sparse_map(as_bytes(bad), used)) << bad;
}

TEST(tar, bounds) {
  Limits limits;
  limits.layer_entries = 2;
  EXPECT_EQ(list(TestTar().file("a", "").file("b", "").file("c", "").end(), 4096, limits).back(), "error: tar: more than 2 entries");
  limits.layer_bytes = 10;
  EXPECT_EQ(list(TestTar().raw(TestTar::header("a", {.size = 11})).end(), 4096, limits), Names{"error: tar: entry of 11 bytes at byte 0"});
  // Links and directories that claim a size carry no content.
  EXPECT_EQ(list(TestTar().raw(TestTar::header("l", {.type = '2', .link = "t", .size = 1000})).file("b", "").end()), (Names{"l>t l ", "b f "}));
}

}  // namespace
}  // namespace plimsoll::format
