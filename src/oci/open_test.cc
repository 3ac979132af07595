#include "oci/open.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "format/inflate.h"
#include "oci/test_image.h"

namespace plimsoll::oci {
namespace {

std::string layer_text(ImageSource& image, std::size_t index) {
  auto source = image.open_layer(index);
  if (!source) return cat("error: ", source.error().message());
  auto bytes = read_all(**source, 1 << 20);
  return bytes ? *bytes : cat("error: ", bytes.error().message());
}

TEST(layout, an_image_by_tag_by_digest_and_alone) {
  const TestFolder folder;
  const TestImage image = TestImage::of({"first", "second"});
  folder.write_layout(image, image.index("app:1"));
  for (const std::string& suffix : {std::string(), std::string(":app:1"), cat("@", image.digest().text())}) {
    auto opened = open_image({.target = cat("oci:", folder.path(), suffix)});
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    const ImageConfig& config = (*opened)->config();
    EXPECT_EQ(config.manifest_digest, image.digest());
    EXPECT_EQ(config.config_digest, Digest::of(as_bytes(image.config)));
    EXPECT_EQ(config.reference, cat("oci:", folder.path(), suffix));
    EXPECT_EQ(layer_text(**opened, 0), "first");
    EXPECT_EQ(layer_text(**opened, 1), "second");
  }
  EXPECT_TRUE(open_image({.target = folder.path()}).has_value());
  const auto missing = open_image({.target = cat("oci:", folder.path(), ":none")});
  EXPECT_EQ(missing.error().kind(), ErrorKind::NotFound);
  EXPECT_NE(missing.error().message().find("app:1"), std::string::npos);
}

TEST(layout, a_wrong_digest_is_an_error_whichever_blob_it_is) {
  const TestImage image = TestImage::of({"first"});
  for (const auto& [digest, bytes] : image.blobs) {
    if (bytes == "first") continue;
    TestImage bad = image;
    bad.blobs[digest].back() = ' ';
    const TestFolder folder;
    folder.write_layout(bad, image.index("1"));
    const auto opened = open_image({.target = cat("oci:", folder.path())});
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().kind(), ErrorKind::Malformed);
    EXPECT_NE(opened.error().message().find(digest), std::string::npos) << opened.error().message();
  }
}

TEST(layout, a_layer_of_another_size_or_none_is_an_error) {
  TestImage image = TestImage::of({"first", "second", "third"});
  image.blobs[Digest::of(as_bytes(image.layers[0])).text()] = "fir";
  image.blobs[Digest::of(as_bytes(image.layers[1])).text()] = "second and more";
  image.blobs.erase(Digest::of(as_bytes(image.layers[2])).text());
  const TestFolder folder;
  folder.write_layout(image, image.index("1"));
  auto opened = open_image({.target = folder.path()});
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(layer_text(**opened, 0), "error: ends after 3 of 5 bytes");
  EXPECT_EQ(layer_text(**opened, 1), "error: longer than the 6 bytes it should have");
  EXPECT_NE(layer_text(**opened, 2).find("No such file"), std::string::npos);
}

TEST(layout, an_index_inside_an_index_leads_to_the_platform) {
  const TestImage amd = TestImage::of({"amd"}), arm = TestImage::of({"arm"}, "arm64");
  TestImage both = amd;
  both.blobs.insert(arm.blobs.begin(), arm.blobs.end());
  const std::string inner = cat(
      R"({"schemaVersion":2,"manifests":[)",
      TestImage::descriptor(kOciManifest, amd.manifest, R"(,"platform":{"os":"linux","architecture":"amd64"})"), ",",
      TestImage::descriptor(kOciManifest, arm.manifest, R"(,"platform":{"os":"linux","architecture":"arm64"})"), "]}");
  both.blobs[Digest::of(as_bytes(inner)).text()] = inner;
  const TestFolder folder;
  folder.write_layout(both, cat(R"({"schemaVersion":2,"manifests":[)", TestImage::descriptor(kOciIndex, inner), "]}"));
  for (const TestImage* image : {&amd, &arm}) {
    const std::string platform = image == &amd ? "linux/amd64" : "linux/arm64";
    auto opened = open_image({.target = folder.path(), .platform = platform});
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    EXPECT_EQ((*opened)->config().manifest_digest, image->digest());
  }
  EXPECT_EQ(open_image({.target = folder.path(), .platform = "linux/s390x"}).error().kind(), ErrorKind::NotFound);
}

TEST(layout, indexes_without_end_are_cut) {
  // Each index names the next; the chain is longer than any that is honest.
  TestImage image = TestImage::of({"x"});
  std::string inner = image.manifest;
  for (int i = 0; i < 12; ++i) {
    const std::string_view type = i == 0 ? kOciManifest : kOciIndex;
    inner = cat(R"({"schemaVersion":2,"manifests":[)", TestImage::descriptor(type, inner), "]}");
    image.blobs[Digest::of(as_bytes(inner)).text()] = inner;
  }
  const TestFolder folder;
  folder.write_layout(image, inner);
  EXPECT_EQ(open_image({.target = folder.path()}).error().kind(), ErrorKind::Limit);
}

TEST(layout, a_foreign_layer_is_named_as_such) {
  TestImage image = TestImage::of({"windows"});
  const std::string layer = image.layers[0];
  const std::string plain = TestImage::descriptor("application/vnd.oci.image.layer.v1.tar", layer);
  std::string manifest = image.manifest;
  manifest.replace(manifest.find(plain), plain.size(),
                   TestImage::descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", layer,
                                         R"(,"urls":["http://169.254.169.254/latest"])"));
  image.manifest = manifest;
  image.blobs = {{Digest::of(as_bytes(manifest)).text(), manifest},
                 {Digest::of(as_bytes(image.config)).text(), image.config}};
  const TestFolder folder;
  folder.write_layout(image, image.index("1"));
  auto opened = open_image({.target = folder.path()});
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  const auto source = (*opened)->open_layer(0);
  ASSERT_FALSE(source.has_value());
  EXPECT_EQ(source.error().kind(), ErrorKind::Unsupported);
}

TEST(layout, a_real_estargz_layer_inflates_to_its_diff_id) {
  auto opened = open_image({.target = cat("oci:", PLIMSOLL_TEST_DATA, "/oci/estargz:estargz")});
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  auto source = format::decompress((*opened)->open_layer(0).value(), {});
  ASSERT_TRUE(source.has_value());
  const std::string tar = read_all(**source, 1 << 20).value();
  EXPECT_EQ(Digest::of(as_bytes(tar)), (*opened)->config().layers[0].diff_id);
}

TEST(target, prefixes_and_paths) {
  const auto kind = [](std::string_view text) { return parse_target(text).value().kind; };
  EXPECT_EQ(kind("oci:x:1"), TargetKind::OciLayout);
  EXPECT_EQ(kind("oci-archive:x.tar"), TargetKind::OciArchive);
  EXPECT_EQ(kind("docker-archive:x.tar"), TargetKind::DockerArchive);
  EXPECT_EQ(kind("containerd:debian:12"), TargetKind::Containerd);
  EXPECT_EQ(kind("podman:debian"), TargetKind::Podman);
  EXPECT_EQ(kind("docker:debian"), TargetKind::Docker);
  EXPECT_EQ(kind("docker://debian"), TargetKind::Registry);
  EXPECT_EQ(kind("rootfs:/"), TargetKind::RootFs);
  EXPECT_EQ(kind("dir:."), TargetKind::SourceDirectory);
  EXPECT_EQ(kind("sbom:x.json"), TargetKind::Sbom);
  EXPECT_EQ(kind("debian:12"), TargetKind::Registry);
  EXPECT_EQ(parse_target("oci:x:1")->rest, "x:1");
  EXPECT_EQ(parse_target("oci:").error().kind(), ErrorKind::Malformed);
  EXPECT_EQ(parse_target("").error().kind(), ErrorKind::Malformed);
  EXPECT_EQ(parse_target("./none/here").error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(parse_target("Not A Name").error().kind(), ErrorKind::Malformed);

  const TestFolder folder;
  const std::string sbom = folder.write("bom.json", R"({"bomFormat": "CycloneDX"})");
  folder.write("root/etc/os-release", "ID=debian\n");
  folder.write("root/usr/bin/x", "");
  folder.write("source/main.go", "");
  EXPECT_EQ(kind(sbom), TargetKind::Sbom);
  EXPECT_EQ(kind(folder.path() + "/root"), TargetKind::RootFs);
  EXPECT_EQ(kind(folder.path() + "/source"), TargetKind::SourceDirectory);
  EXPECT_EQ(parse_target(folder.write("text", "hello")).error().kind(), ErrorKind::Unsupported);
}

}  // namespace
}  // namespace plimsoll::oci
