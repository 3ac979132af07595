// containerd's and podman's stores, real ones (tests/data/oci/SOURCE), and what happens when they are damaged.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/text.h"
#include "oci/open.h"
#include "oci/tar_split.h"
#include "oci/test_image.h"

namespace plimsoll::oci {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kManifest = "sha256:78a826b76ae3f453d40edcbba81ab0aed838871744002474d379797ba54102db";
const std::string kData = std::string(PLIMSOLL_TEST_DATA) + "/oci/";

// A copy of a real store, to be damaged.
class Stores : public ::testing::Test {
 protected:
  std::string copy(const std::string& name) {
    const std::string to = folder_.path() + "/" + std::to_string(++copies_);
    fs::copy(kData + name, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    return to;
  }
  static Result<std::unique_ptr<ImageSource>> containerd(const std::string& root, const std::string& name,
                                                         const std::string& space = "") {
    ImageRequest request{.target = "containerd:" + name};
    request.containerd_root = root;
    request.containerd_namespace = space;
    return open_image(request);
  }
  static Result<std::unique_ptr<ImageSource>> podman(const std::string& root, const std::string& name) {
    ImageRequest request{.target = "podman:" + name};
    request.podman_root = root;
    return open_image(request);
  }
  static std::string layer(ImageSource& image, std::size_t index) {
    auto source = image.open_layer(index);
    if (!source) return "error: " + source.error().message();
    auto bytes = read_all(**source, 1 << 20);
    return bytes ? *bytes : "error: " + bytes.error().message();
  }
  TestFolder folder_;
  int copies_ = 0;
};

std::string message(const Result<std::unique_ptr<ImageSource>>& opened) {
  return opened ? "" : opened.error().message();
}

TEST_F(Stores, containerd_by_any_spelling_and_namespace) {
  const std::string root = kData + "containerd";
  for (const std::string name : {"tiny:1", "docker.io/library/tiny:1", "docker.io/tiny:1"}) {
    for (const std::string space : {"", "default", "k8s.io"}) {
      auto image = containerd(root, name, space);
      ASSERT_TRUE(image.has_value()) << message(image);
      EXPECT_EQ((*image)->config().manifest_digest.text(), kManifest);
      for (const LayerDescriptor& each : (*image)->config().layers) {
        const std::size_t index = static_cast<std::size_t>(&each - (*image)->config().layers.data());
        EXPECT_EQ(Digest::of(as_bytes(layer(**image, index))), each.digest);
        EXPECT_EQ((*image)->layer_directory(index), "");
      }
    }
  }
  EXPECT_NE(message(containerd(root, "none")).find("there is docker.io/library/tiny:1"), std::string::npos);
  EXPECT_EQ(containerd(root, "tiny:1", "moby").error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(containerd("/none/such", "tiny:1").error().kind(), ErrorKind::NotFound);
}

TEST_F(Stores, containerd_layers_that_are_only_unpacked) {
  const std::string root = copy("containerd");
  const ImageConfig config = (*containerd(root, "tiny:1"))->config();
  const auto blob = [&](const Digest& digest) {
    return cat(root, "/io.containerd.content.v1.content/blobs/sha256/", digest.hex());
  };
  fs::remove(blob(config.layers[1].digest));
  auto image = containerd(root, "tiny:1", "default");
  ASSERT_TRUE(image.has_value()) << message(image);
  EXPECT_EQ((*image)->layer_directory(0), "");
  EXPECT_EQ(read_file((*image)->layer_directory(1) + "/srv/app").value(), "app\n");
  EXPECT_TRUE(layer(**image, 1).starts_with("error: "));
  // Neither packed nor unpacked: half an image is no image.
  fs::remove_all(root + "/io.containerd.snapshotter.v1.overlayfs/snapshots/2");
  EXPECT_NE(message(containerd(root, "tiny:1", "default")).find("neither in containerd's content store nor unpacked"),
            std::string::npos);
}

TEST_F(Stores, containerd_blobs_that_were_altered) {
  const std::string root = copy("containerd");
  const ImageConfig config = (*containerd(root, "tiny:1"))->config();
  const std::string file = cat(root, "/io.containerd.content.v1.content/blobs/sha256/", config.config_digest.hex());
  std::string bytes = read_file(file).value();
  bytes.back() = ' ';
  ASSERT_TRUE(replace_file(file, as_bytes(bytes)).has_value());
  EXPECT_NE(message(containerd(root, "tiny:1")).find("does not have its digest"), std::string::npos);
}

TEST_F(Stores, podman_gives_the_very_stream_that_was_loaded) {
  for (const std::string driver : {"podman/overlay", "podman/vfs"}) {
    for (const std::string name : {"tiny:1", "docker.io/library/tiny:1", "4a5b59c68acef7d1", "tiny:1"}) {
      auto image = podman(kData + driver, name);
      ASSERT_TRUE(image.has_value()) << driver << ": " << message(image);
      EXPECT_EQ((*image)->config().manifest_digest.text(), kManifest);
      EXPECT_EQ((*image)->config().layers[0].digest, Digest());
      for (std::size_t i = 0; i < 2; ++i) {
        const std::string bytes = layer(**image, i);
        EXPECT_EQ(Digest::of(as_bytes(bytes)), (*image)->config().layers[i].diff_id)
            << driver << " layer " << i << ": " << bytes.substr(0, 200);
        EXPECT_EQ(bytes.size(), (*image)->config().layers[i].size_bytes);
      }
    }
    EXPECT_NE(message(podman(kData + driver, "none")).find("there is docker.io/library/tiny:1"), std::string::npos);
  }
  EXPECT_EQ(podman("/none/such", "x").error().kind(), ErrorKind::NotFound);
}

TEST_F(Stores, podman_layers_that_were_altered) {
  const std::string root = copy("podman/overlay");
  const auto id = [&](std::size_t index) {
    const auto document = JsonDocument::parse(read_file(root + "/overlay-layers/layers.json").value()).value();
    return std::string(document.root().at(index)["id"].text());
  };
  const std::string file = cat(root, "/overlay/", id(0), "/diff/bin/tool");
  const Digest expected = (*podman(root, "tiny:1"))->config().layers[0].diff_id;
  ASSERT_TRUE(replace_file(file, as_bytes(std::string_view("evil\n"))).has_value());
  auto image = podman(root, "tiny:1");
  EXPECT_NE(Digest::of(as_bytes(layer(**image, 0))), expected) << "whoever verifies the diff_id sees it";
  ASSERT_TRUE(replace_file(file, as_bytes(std::string_view("longer than before"))).has_value());
  EXPECT_NE(layer(**podman(root, "tiny:1"), 0).find("has 18 bytes, the layer had 5"), std::string::npos);
  fs::remove(file);
  fs::create_symlink("/etc/passwd", file);
  EXPECT_TRUE(layer(**podman(root, "tiny:1"), 0).starts_with("error: cannot open bin/tool"));
  fs::remove(cat(root, "/overlay-layers/", id(1), ".tar-split.gz"));
  EXPECT_EQ((*podman(root, "tiny:1"))->layer_directory(1), cat(root, "/overlay/", id(1), "/diff"));
}

TEST_F(Stores, podman_store_documents_that_are_wrong) {
  const auto with = [&](const std::string& file, std::string_view text) {
    const std::string root = copy("podman/overlay");
    PLIM_ASSERT(replace_file(root + "/" + file, as_bytes(text)).has_value());
    return message(podman(root, "tiny:1"));
  };
  EXPECT_NE(with("overlay-images/images.json", "[{"), "");
  EXPECT_NE(with("overlay-images/images.json", R"([{"id":"../../../etc","names":["docker.io/library/tiny:1"]}])")
                .find("without a valid id"),
            std::string::npos);
  EXPECT_NE(with("overlay-layers/layers.json", "[]").find("has no layer"), std::string::npos);
  const std::string id(64, 'a');
  std::string images = read_file(kData + "podman/overlay/overlay-images/images.json").value();
  const std::string root = copy("podman/overlay");
  const std::size_t top = images.find("\"layer\":\"") + 9;
  images.replace(top, 64, id);
  PLIM_ASSERT(replace_file(root + "/overlay-images/images.json", as_bytes(images)).has_value());
  PLIM_ASSERT(replace_file(root + "/overlay-layers/layers.json",
                           as_bytes(cat(R"([{"id":")", id, R"(","parent":")", id, R"("}])")))
                  .has_value());
  EXPECT_NE(message(podman(root, "tiny:1")).find("without end"), std::string::npos);
}

std::string assembled(const std::string& directory, const std::string& record) {
  auto source = assemble_tar(memory_source(record), directory, {});
  if (!source) return "error: " + source.error().message();
  auto bytes = read_all(**source, 1 << 20);
  return bytes ? *bytes : "error: " + bytes.error().message();
}

TEST(tar_split, segments_and_files_in_order) {
  const TestFolder folder;
  folder.write("in/a", "content");
  folder.write("secret", "secret!");
  const std::string directory = folder.path() + "/in";
  EXPECT_EQ(assembled(directory,
                      "{\"type\":2,\"payload\":\"PDw=\"}\n{\"type\":1,\"name\":\"./"
                      "a\",\"size\":7}\n{\"type\":2,\"payload\":\"Pj4=\"}"),
            "<<content>>");
  EXPECT_EQ(assembled(directory, "{\"type\":1,\"name_raw\":\"YQ==\",\"size\":7}\n"), "content");
  EXPECT_EQ(assembled(directory, ""), "");
  for (const std::string bad :
       {"{\"type\":1,\"name\":\"../secret\",\"size\":7}", "{\"type\":1,\"name\":\"b\",\"size\":7}", "{\"type\":3}",
        "nonsense", "{\"type\":2,\"payload\":\"!\"}", "{\"type\":1,\"name\":\"a\",\"size\":-7}",
        "{\"type\":1,\"name\":\"a\",\"size\":8}"})
    EXPECT_TRUE(assembled(directory, bad).starts_with("error: ")) << bad;
  EXPECT_TRUE(assembled(folder.path() + "/none", "").starts_with("error: "));
}

}  // namespace
}  // namespace plimsoll::oci
