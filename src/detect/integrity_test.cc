#include "detect/integrity.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"

namespace plimsoll::detect {
namespace {

class NoTree : public Tree {
 public:
  bool contains(std::string_view) const override { return false; }
};

// The paths that are found to be altered, given database files and files of the image.
std::vector<std::string> altered(const std::vector<std::pair<std::string, std::string>>& databases, const std::vector<std::pair<std::string, std::string>>& contents) {
  std::vector<Facts> kept(databases.size());
  std::vector<FileFacts> files;
  for (std::size_t i = 0; i < databases.size(); ++i) {
    auto facts = package_checksums().extract({.path = databases[i].first, .content = as_bytes(databases[i].second)}, {});
    EXPECT_TRUE(facts);
    kept[i] = *facts;
    files.push_back({.path = databases[i].first, .facts = &kept[i]});
  }
  std::vector<std::array<std::string, 3>> digests;
  for (const auto& [path, content] : contents)
    digests.push_back({hash(HashKind::Md5, as_bytes(content)), hash(HashKind::Sha1, as_bytes(content)), hash(HashKind::Sha256, as_bytes(content))});
  std::vector<HashedFile> hashed;
  for (std::size_t i = 0; i < contents.size(); ++i) hashed.push_back({.path = contents[i].first, .md5 = digests[i][0], .sha1 = digests[i][1], .sha256 = digests[i][2]});
  const IntegrityResult result = check_integrity({.files = files, .tree = NoTree(), .layers = {}}, hashed);
  std::vector<std::string> out;
  for (const Finding& f : result.findings) out.push_back(cat(f.locations[0].path, " of ", f.id == "package-file-altered" ? f.evidence[3].second : f.id));
  return out;
}

std::string md5(std::string_view text) { return hash_hex(HashKind::Md5, as_bytes(text)); }
using Texts = std::vector<std::string>;

TEST(integrity, dpkg) {
  const std::vector<std::pair<std::string, std::string>> database = {{"var/lib/dpkg/info/x:amd64.md5sums", cat(md5("one"), "  bin/a\n", md5("two"), "  usr/lib/b.so\n", md5("three"), "  etc/c\n")}};
  EXPECT_EQ(altered(database, {{"usr/bin/a", "one"}, {"usr/lib/b.so", "two"}, {"etc/c", "changed"}, {"usr/bin/other", "x"}}), Texts());
  EXPECT_EQ(altered(database, {{"bin/a", "other"}, {"usr/lib/b.so", "two"}}), Texts({"bin/a of x"}));
}

TEST(integrity, a_diverted_file_lies_elsewhere) {
  std::vector<std::pair<std::string, std::string>> database = {{"var/lib/dpkg/diversions", "/usr/bin/a\n/usr/bin/a.real\nwrap\n"},
                                                              {"var/lib/dpkg/info/x.md5sums", cat(md5("one"), "  usr/bin/a\n")},
                                                              {"var/lib/dpkg/info/wrap.md5sums", cat(md5("wrapper"), "  usr/bin/a\n")}};
  EXPECT_EQ(altered(database, {{"usr/bin/a", "wrapper"}, {"usr/bin/a.real", "one"}}), Texts());
  EXPECT_EQ(altered(database, {{"usr/bin/a", "wrapper"}, {"usr/bin/a.real", "evil"}}), Texts({"usr/bin/a.real of x"}));
}

TEST(integrity, npm_that_upgraded_itself) {
  const std::vector<std::pair<std::string, std::string>> database = {{"var/lib/dpkg/info/nodejs.md5sums", cat(md5("1"), "  usr/lib/node_modules/npm/package.json\n", md5("a"), "  usr/lib/node_modules/npm/node_modules/x/bin/x.js\n")}};
  EXPECT_EQ(altered(database, {{"usr/lib/node_modules/npm/node_modules/x/bin/x.js", "b"}, {"usr/lib/node_modules/npm/package.json", "2"}}),
            Texts({"usr/lib/node_modules/npm/node_modules/x/bin/x.js of package-replaced-by-npm"}));
  EXPECT_EQ(altered(database, {{"usr/lib/node_modules/npm/node_modules/x/bin/x.js", "b"}, {"usr/lib/node_modules/npm/package.json", "1"}}),
            Texts({"usr/lib/node_modules/npm/node_modules/x/bin/x.js of nodejs"}));
}

TEST(integrity, one_of_two_claims_is_enough) {
  EXPECT_EQ(altered({{"var/lib/dpkg/info/x.md5sums", cat(md5("one"), "  usr/bin/a\n")}, {"var/lib/dpkg/info/y.md5sums", cat(md5("two"), "  usr/bin/a\n")}}, {{"usr/bin/a", "two"}}), Texts());
}

TEST(integrity, apk) {
  const std::string sha1 = hash(HashKind::Sha1, as_bytes("one"));
  const std::vector<std::pair<std::string, std::string>> database = {{"lib/apk/db/installed", cat("P:busybox\nV:1\nF:bin\nR:busybox\na:0:0:755\nZ:Q1", to_base64(as_bytes(sha1)), "\nR:nosum\n\n")}};
  EXPECT_EQ(altered(database, {{"bin/busybox", "one"}, {"bin/nosum", "x"}}), Texts());
  EXPECT_EQ(altered(database, {{"bin/busybox", "two"}}), Texts({"bin/busybox of busybox"}));
}

// A database that rpm itself wrote, of packages built for the fixture.
TEST(integrity, rpm) {
  const auto bytes = read_file(PLIMSOLL_TEST_DATA "/inventory/rpm/sqlite/input/var/lib/rpm/rpmdb.sqlite");
  ASSERT_TRUE(bytes);
  const std::vector<std::pair<std::string, std::string>> database = {{"var/lib/rpm/rpmdb.sqlite", *bytes}};
  const std::string path = "usr/lib/plim/a-file-with-a-rather-long-name-number-1.txt";
  EXPECT_EQ(altered(database, {{path, "1\n"}}), Texts());
  EXPECT_EQ(altered(database, {{path, "2\n"}}), Texts({cat(path, " of plim-libs")}));
}

TEST(integrity, owners_of_unaltered_files_settings_too) {
  const std::string status = cat("Package: x\nStatus: install ok installed\nConffiles:\n /etc/x.conf ", md5("set"), "\nDescription: y\n /etc/not ", md5("set"), "\n\nPackage: y\n");
  std::vector<Facts> kept;
  for (const auto& [path, text] : {std::pair<std::string, std::string>{"var/lib/dpkg/info/x.md5sums", cat(md5("one"), "  usr/lib/a\n")}, {"var/lib/dpkg/status", status}})
    kept.push_back(*package_checksums().extract({.path = path, .content = as_bytes(text)}, {}));
  const std::vector<FileFacts> files = {{.path = "var/lib/dpkg/info/x.md5sums", .facts = &kept[0]}, {.path = "var/lib/dpkg/status", .facts = &kept[1]}};
  const std::string one = hash(HashKind::Md5, as_bytes("one")), set = hash(HashKind::Md5, as_bytes("set"));
  const std::vector<HashedFile> hashed = {{.path = "usr/lib/a", .md5 = one}, {.path = "lib/a", .md5 = set}, {.path = "etc/x.conf", .md5 = set}, {.path = "etc/x.conf", .md5 = one}, {.path = "etc/not", .md5 = set}};
  const SquashedFacts facts{.files = files, .tree = NoTree(), .layers = {}};
  EXPECT_EQ(unaltered_owners(facts, hashed), Texts({"x", "", "x", "", ""}));
  EXPECT_TRUE(check_integrity(facts, std::span(hashed).subspan(3)).findings.empty());
}

TEST(integrity, bad_lines_are_a_gap) {
  const auto facts = package_checksums().extract({.path = "var/lib/dpkg/info/x.md5sums", .content = as_bytes("nonsense\n\n")}, {});
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->gaps.size(), 1u);
}

}  // namespace
}  // namespace plimsoll::detect
