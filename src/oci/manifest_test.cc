#include "oci/manifest.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "oci/test_image.h"

namespace plimsoll::oci {
namespace {

Descriptor entry(std::string_view platform, std::string_view content) {
  Descriptor out;
  out.digest = Digest::of(as_bytes(content));
  if (!platform.empty()) {
    const auto parts = split(platform, '/');
    out.platform =
        Platform{std::string(parts[0]), std::string(parts[1]), parts.size() > 2 ? std::string(parts[2]) : ""};
  }
  return out;
}

// The platform chosen out of a list; "" when none fits.
std::string chosen(std::string_view wanted, std::vector<std::string_view> have, bool by_default = false) {
  std::vector<Descriptor> list;
  for (const std::string_view platform : have) list.push_back(entry(platform, cat(platform, list.size())));
  const auto out = choose_platform(list, Platform::parse(wanted).value(), by_default);
  return out ? out->platform ? out->platform->text() : "unnamed" : "";
}

TEST(platform, the_nearest_variant_at_or_below) {
  EXPECT_EQ(chosen("linux/amd64", {"linux/arm64", "linux/amd64"}), "linux/amd64");
  EXPECT_EQ(chosen("linux/arm/v7", {"linux/arm/v5", "linux/arm/v6", "linux/arm64/v8"}), "linux/arm/v6");
  EXPECT_EQ(chosen("linux/arm/v6", {"linux/arm/v7"}), "");
  EXPECT_EQ(chosen("linux/arm64", {"linux/arm64/v8"}), "linux/arm64/v8");
  EXPECT_EQ(chosen("linux/arm64/v8", {"linux/arm64"}), "linux/arm64");
  EXPECT_EQ(chosen("linux/arm", {"linux/arm/v6", "linux/arm/v7"}), "linux/arm/v7");
  EXPECT_EQ(chosen("linux/amd64", {"linux/amd64/v3", "linux/amd64"}), "linux/amd64");
  EXPECT_EQ(chosen("arm64", {"linux/arm64"}), "linux/arm64");
}

TEST(platform, attestations_are_never_chosen) {
  EXPECT_EQ(chosen("linux/amd64", {"unknown/unknown", "linux/amd64", "unknown/unknown"}), "linux/amd64");
  EXPECT_EQ(chosen("linux/amd64", {"unknown/unknown"}, true), "");
}

TEST(platform, an_image_that_stands_alone_is_taken_unless_another_was_asked_for) {
  EXPECT_EQ(chosen("linux/amd64", {"linux/arm64"}, true), "linux/arm64");
  EXPECT_EQ(chosen("linux/amd64", {"linux/arm64"}), "");
  EXPECT_EQ(chosen("linux/amd64", {""}), "unnamed");
  EXPECT_EQ(chosen("linux/amd64", {"linux/arm64", "linux/s390x"}, true), "");
}

TEST(platform, the_error_names_what_there_is) {
  const auto out =
      choose_platform({entry("linux/arm64", "a"), entry("linux/s390x", "b")}, {"linux", "amd64", ""}, false);
  EXPECT_EQ(out.error().message(), "no image for linux/amd64; there is linux/arm64, linux/s390x");
}

TEST(platform, text) {
  for (const std::string_view bad : {"", "/", "linux/", "linux/amd64/v1/x", "Linux/amd64", "a b"})
    EXPECT_FALSE(Platform::parse(bad).has_value()) << bad;
  EXPECT_EQ(Platform::parse("x86_64")->text(), "linux/amd64");
}

std::string refusal(std::string_view json) {
  const auto out = parse_manifest(json, {});
  return out ? "" : out.error().message();
}

TEST(manifest, what_is_no_manifest_is_refused) {
  EXPECT_NE(refusal(""), "");
  EXPECT_NE(refusal("[]"), "");
  EXPECT_NE(refusal("{}"), "");
  EXPECT_NE(refusal(R"({"schemaVersion":1,"fsLayers":[]})").find("schema 1"), std::string::npos);
  EXPECT_NE(refusal(R"({"schemaVersion":3,"layers":[]})").find("version 3"), std::string::npos);
  EXPECT_NE(refusal(R"({"manifests":[],"layers":[],"config":{}})").find("ambiguous"), std::string::npos);
  EXPECT_NE(refusal(cat(R"({"mediaType":")", kOciManifest, R"(","manifests":[]})")).find("does not fit"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"layers":[],"config":{"digest":"sha256:zz","size":1}})").find("not a digest"),
            std::string::npos);
  const std::string digest = Digest::of({}).text();
  for (const std::string_view size : {"-1", "1.5", "\"1\"", "null", "99999999999999999999999"})
    EXPECT_NE(refusal(cat(R"({"layers":[],"config":{"digest":")", digest, R"(","size":)", size, "}}")), "") << size;
}

TEST(manifest, layers_and_diff_ids_must_pair_up) {
  const TestImage image = TestImage::of({"one", "two"});
  const Manifest manifest = parse_manifest(image.manifest, {}).value();
  const ImageConfig config = make_image_config(manifest, image.config, {}).value();
  ASSERT_EQ(config.layers.size(), 2u);
  EXPECT_EQ(config.layers[1].created_by, "COPY two");
  EXPECT_EQ(config.layers[1].diff_id, Digest::of(as_bytes(std::string_view("two"))));
  EXPECT_EQ(config.annotations.size(), 2u);
  EXPECT_FALSE(make_image_config(manifest, TestImage::of({"one"}).config, {}).has_value());
  EXPECT_FALSE(make_image_config(manifest, R"({"os":"linux"})", {}).has_value());
}

TEST(manifest, an_artefact_is_no_image) {
  const TestImage image = TestImage::of({"one"});
  Manifest manifest = parse_manifest(image.manifest, {}).value();
  manifest.config.media_type = "application/vnd.cncf.helm.config.v1+json";
  const auto out = make_image_config(manifest, image.config, {});
  EXPECT_EQ(out.error().kind(), ErrorKind::Unsupported);
}

TEST(manifest, a_config_has_a_size) {
  const std::string fits = R"({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": []}})";
  EXPECT_TRUE(parse_config(fits, {}).has_value());
  const auto big = parse_config(fits + std::string(kConfigBytes, ' '), {});
  ASSERT_FALSE(big.has_value());
  EXPECT_EQ(big.error().kind(), ErrorKind::Limit);
}

}  // namespace
}  // namespace plimsoll::oci
