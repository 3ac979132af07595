#include "image/base_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/test_walk.h"
#include "oci/test_image.h"

namespace plimsoll::image {
namespace {

using format::TestTar;
using oci::TestFolder;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<Analyser> kNone;

FakeSource image_of(std::vector<std::string> layers, std::string reference = "app") {
  FakeSource source;
  for (const std::string& layer : layers) source.add_tar(TestTar().file(layer, layer));
  source.config().reference = reference;
  source.config().manifest_digest = Digest::of(as_bytes(reference));
  return source;
}

std::string base_of(FakeSource source, const std::string& cache, std::vector<std::string> lists = {}) {
  Result<WalkedImage> image = walk_image(source, {.analysers = kNone, .cache_directory = cache, .known_bases = lists});
  if (!image) return image.error().message();
  std::string origins;
  for (const LayerInfo& layer : image->layers()) origins += to_string(layer.origin).substr(0, 1);
  return cat(image->base().name, " ", image->base().layers, " ", origins);
}

TEST(base_image, learned_from_images_walked_before) {
  TestFolder folder;
  EXPECT_EQ(base_of(image_of({"os"}, "debian:12"), folder.path()), " 0 " + std::string(to_string(Origin::Unknown).substr(0, 1)));
  EXPECT_EQ(base_of(image_of({"os", "node"}, "node:20"), folder.path()), "debian:12 1 bo");
  EXPECT_EQ(base_of(image_of({"os", "node", "app"}), folder.path()), "node:20 2 bbo");  // the longest
  EXPECT_EQ(base_of(image_of({"os", "python", "app"}), folder.path()), "debian:12 1 boo");
  EXPECT_EQ(base_of(image_of({"node", "os"}), folder.path()).substr(0, 3), " 0 ");
  EXPECT_EQ(base_of(image_of({"os", "node"}, "node:20"), folder.path()), "debian:12 1 bo");  // never its own base
}

TEST(base_image, listed) {
  TestFolder folder;
  const FakeSource app = image_of({"os", "node", "app"});
  const auto& layers = app.config().layers;
  const std::string list = folder.write("bases.txt", cat("# ours\ncorp/os:1 - ", layers[0].diff_id.text(), "\n",
                                                         "corp/node:1 ", layers[0].digest.text(), " ", layers[0].diff_id.text(), "  ",
                                                         layers[1].diff_id.text(), " # both\nbroken line here\n"));
  EXPECT_EQ(base_of(app, "", {list}), "corp/node:1 2 bbo");
  EXPECT_THAT(base_of(app, "", {folder.path() + "/absent"}), HasSubstr("absent"));
  std::vector<std::string> log;
  ASSERT_TRUE(read_base_lists({list}, [&](std::string_view text) { log.emplace_back(text); }));
  EXPECT_THAT(log, ElementsAre(list + ":4: not a base image: broken line here"));
}

TEST(base_image, annotations_and_history) {
  TestFolder folder;
  FakeSource app = image_of({"os", "own"});
  app.config().annotations = {{"org.opencontainers.image.base.name", "docker.io/library/debian:12"}};
  EXPECT_EQ(base_of(app, "").substr(0, 29), "docker.io/library/debian:12 0");
  app.config().config_json = R"({"history":[{"created_by":"/bin/sh -c #(nop) ADD file:1 in / "},
    {"created_by":"/bin/sh -c #(nop)  CMD [\"bash\"]","empty_layer":true},{"created_by":"RUN make"},
    {"created_by":"CMD [\"app\"]","empty_layer":true}]})";
  EXPECT_EQ(base_of(app, ""), "docker.io/library/debian:12 1 bo");
}

TEST(base_image, what_history_tells) {
  const auto border = [](std::string_view marks) {  // L a layer, C a CMD, E an ENTRYPOINT, e ENV
    std::string history;
    std::size_t layers = 0;
    for (const char mark : marks) {
      if (mark == 'L') ++layers;
      history += cat(history.empty() ? "" : ",", mark == 'L'   ? R"({"created_by":"RUN x"})"
                                                 : mark == 'C' ? R"({"created_by":"CMD [\"x\"]","empty_layer":true})"
                                                 : mark == 'E' ? R"({"created_by":"/bin/sh -c #(nop)  ENTRYPOINT [\"x\"]","empty_layer":true})"
                                                               : R"({"created_by":"ENV CMD x","empty_layer":true})");
    }
    return base_layers_by_history(cat(R"({"history":[)", history, "]}"), layers);
  };
  EXPECT_EQ(border("LC"), 0u);        // nothing behind: the image is its own
  EXPECT_EQ(border("LCL"), 1u);
  EXPECT_EQ(border("LCLLCLC"), 3u);   // debian, then node, then the app
  EXPECT_EQ(border("LLECL"), 2u);
  EXPECT_EQ(border("LeL"), 0u);
  EXPECT_EQ(border("LCeLLEC"), 1u);
  EXPECT_EQ(base_layers_by_history(R"({"history":[{},{"empty_layer":true,"created_by":"CMD x"},{}]})", 1), 0u);
  for (const char* odd : {"", "[]", "{", R"({"history":7})", R"({"history":[1,"x",null]})"}) EXPECT_EQ(base_layers_by_history(odd, 2), 0u) << odd;
}

}  // namespace
}  // namespace plimsoll::image
