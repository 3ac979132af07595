#include "inventory/content_sets.h"

#include <gtest/gtest.h>

#include <map>

#include "base/text.h"

namespace plimsoll::inventory {
namespace {

class NoTree : public Tree {
 public:
  bool contains(std::string_view) const override { return false; }
};

Facts read(std::string_view text) { return read_content_manifest({.path = "root/buildinfo/content_manifests/a.json", .content = as_bytes(text)}, Limits{}); }

std::string names(const Facts& facts) {
  std::string out;
  for (const auto& [key, value] : facts.notes) out += cat(out.empty() ? "" : " ", value);
  return out;
}

TEST(content_sets, manifests_of_both_kinds) {
  EXPECT_TRUE(is_content_manifest("root/buildinfo/content_manifests/ubi9-9.2-1.json"));
  EXPECT_TRUE(is_content_manifest("usr/share/buildinfo/content-sets.json"));
  EXPECT_TRUE(is_content_manifest("usr/share/buildinfo/content_manifests/rhcos.json"));
  EXPECT_FALSE(is_content_manifest("root/buildinfo/Dockerfile-ubi9"));
  EXPECT_FALSE(is_content_manifest("app/root/buildinfo/x.json"));
  EXPECT_EQ(names(read(R"({"metadata": {"image_layer_index": 0}, "content_sets": ["b-rpms", "a-rpms", "a-source-rpms", "a-debug-rpms__8_DOT_1", "b-rpms"]})")), "a-rpms b-rpms");
  EXPECT_TRUE(read(R"({"name": "labels.json of the same folder"})").empty());
}

TEST(content_sets, what_cannot_be_read_is_a_gap) {
  for (const char* bad : {"", "{", R"({"content_sets": "x"})", R"({"content_sets": {"a": 1}})", R"({"content_sets": [1, null, "a b", ""]})"}) {
    const Facts facts = read(bad);
    EXPECT_EQ(facts.gaps.size(), 1u) << bad;
    EXPECT_TRUE(facts.notes.empty()) << bad;
  }
}

TEST(content_sets, trap_8_layers_without_a_manifest_take_the_nearest) {
  const NoTree tree;
  const std::string path = "root/buildinfo/content_manifests/a.json", other = "usr/share/buildinfo/content-sets.json";
  const Facts base = read(R"({"content_sets": ["base-rpms"]})"), own = read(R"({"content_sets": ["own-rpms", "more-rpms"]})");
  // Layers: 0 nothing, 1 base, 2 nothing, 3 own (deleted later, its packages stay), 4 nothing.
  const std::vector<FileFacts> files = {{.path = path, .layer = 1, .facts = &base}}, deleted = {{.path = other, .layer = 3, .facts = &own}};
  const ContentSets sets({.files = files, .tree = tree, .layers = {}, .replaced = {}, .deleted = deleted});
  EXPECT_EQ(sets.of(0), "base-rpms");
  EXPECT_EQ(sets.of(1), "base-rpms");
  EXPECT_EQ(sets.of(2), "base-rpms");
  EXPECT_EQ(sets.of(3), "more-rpms own-rpms");
  EXPECT_EQ(sets.of(4), "more-rpms own-rpms");
  EXPECT_EQ(ContentSets({.files = {}, .tree = tree, .layers = {}, .replaced = {}}).of(7), "");
}

}  // namespace
}  // namespace plimsoll::inventory
