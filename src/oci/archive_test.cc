#include "oci/archive.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/text.h"
#include "oci/open.h"
#include "oci/test_image.h"

namespace plimsoll::oci {
namespace {

std::string all(Result<std::unique_ptr<ByteSource>> source) {
  if (!source) return "error: " + source.error().message();
  auto bytes = read_all(**source, 1 << 20);
  return bytes ? *bytes : "error: " + bytes.error().message();
}

Result<std::unique_ptr<ImageSource>> open_parts(const std::vector<Part>& parts, ArchiveForm form = ArchiveForm::Docker,
                                                std::string_view name = "") {
  const TestFolder folder;
  const std::string file = folder.write("a.tar", tar_of(parts));
  auto members = index_archive_file(file, {});
  if (!members) return std::move(members).error();
  return open_archive(std::move(*members), form, name, {}, "test", {});
}

TEST(docker_archive, members_are_read_in_place) {
  const TestImage image = TestImage::of({"lower", "upper"});
  auto opened = open_parts(saved(image));
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  EXPECT_EQ((*opened)->config().config_digest, Digest::of(as_bytes(image.config)));
  EXPECT_EQ((*opened)->config().layers[1].size_bytes, 5u);
  EXPECT_EQ(all((*opened)->open_layer(1)), "upper");
  EXPECT_EQ(all((*opened)->open_layer(0)), "lower");
}

TEST(docker_archive, one_of_several_by_any_spelling_of_its_name) {
  const TestImage one = TestImage::of({"one"}), two = TestImage::of({"two"});
  std::vector<Part> parts = saved(one, "docker.io/library/one:latest"), more = saved(two, "two:1");
  const std::string first = parts.back().content, second = more.back().content;
  parts.pop_back();
  parts.insert(parts.end(), more.begin(), more.end());
  parts.back().content = cat(first.substr(0, first.size() - 1), ",", second.substr(1));
  parts[1].name = "first/layer.tar";
  parts.back().content.replace(parts.back().content.find("old1/"), 5, "first/");
  EXPECT_EQ(all((*open_parts(parts, ArchiveForm::Docker, "one"))->open_layer(0)), "one");
  EXPECT_EQ(all((*open_parts(parts, ArchiveForm::Docker, "two:1"))->open_layer(0)), "two");
  EXPECT_NE(open_parts(parts).error().message().find("several images"), std::string::npos);
  EXPECT_EQ(open_parts(parts, ArchiveForm::Docker, "three").error().kind(), ErrorKind::NotFound);
}

TEST(docker_archive, what_is_wrong_is_said) {
  const TestImage image = TestImage::of({"lower"});
  const auto refusal = [&](auto change) {
    std::vector<Part> parts = saved(image);
    change(parts);
    auto opened = open_parts(parts);
    if (!opened) return opened.error().message();
    return all((*opened)->open_layer(0));
  };
  EXPECT_NE(refusal([](auto& p) { p[2].content.back() = ' '; }).find("does not have its digest"), std::string::npos);
  EXPECT_NE(refusal([](auto& p) { p.erase(p.begin()); }).find("lacks layer"), std::string::npos);
  EXPECT_NE(refusal([](auto& p) { p[1].content = "../old1/layer.tar"; }).find("lacks layer"), std::string::npos)
      << "a link to itself";
  EXPECT_NE(refusal([](auto& p) { p.back().content = "[]"; }).find("no image"), std::string::npos);
  EXPECT_NE(refusal([](auto& p) { p.back().content = "{}"; }).find("not a list"), std::string::npos);
  EXPECT_NE(refusal([](auto& p) { p.pop_back(); }).find("not an image archive"), std::string::npos);
  EXPECT_NE(refusal([](auto& p) { p.back().name = "repositories"; }).find("before 1.10"), std::string::npos);
}

TEST(oci_archive, a_layout_in_a_tar_file) {
  const TestImage image = TestImage::of({"lower", "upper"});
  std::vector<Part> parts{{"oci-layout", "{}"}, {"./index.json", image.index("app")}};
  for (const auto& [digest, bytes] : image.blobs) parts.push_back({"blobs/sha256/" + digest.substr(7), bytes});
  auto opened = open_parts(parts, ArchiveForm::Oci, "app");
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  EXPECT_EQ((*opened)->config().manifest_digest, image.digest());
  EXPECT_EQ(all((*opened)->open_layer(0)), "lower");
  EXPECT_TRUE(open_parts(parts, ArchiveForm::Docker).has_value()) << "the only form there is";
  // The last member of a name counts, as for tar itself.
  parts.push_back({"index.json", "{}"});
  EXPECT_FALSE(open_parts(parts, ArchiveForm::Oci).has_value());
}

TEST(archive, a_truncated_file_is_an_error) {
  const TestImage image = TestImage::of({std::string(5000, 'x')});
  const std::string bytes = tar_of(saved(image));
  const TestFolder folder;
  for (const std::size_t size : {0u, 100u, 511u, 512u, 700u, 4000u, 7000u}) {
    const std::string file = folder.write("cut.tar", bytes.substr(0, size));
    auto members = index_archive_file(file, {});
    EXPECT_FALSE(members && (*members)->has("manifest.json")) << size;
    EXPECT_FALSE(open_image({.target = "docker-archive:" + file}).has_value()) << size;
  }
}

TEST(archive, a_plain_path_tells_its_form) {
  const TestFolder folder;
  const TestImage image = TestImage::of({"lower"});
  EXPECT_EQ(parse_target(folder.write("d.tar", tar_of(saved(image))))->kind, TargetKind::DockerArchive);
  EXPECT_EQ(parse_target(folder.write("o.tar", tar_of({{"index.json", "{}"}})))->kind, TargetKind::OciArchive);
  EXPECT_FALSE(parse_target(folder.write("x.tar", tar_of({{"etc/passwd", "root"}}))).has_value());
}

TEST(archive_stream, members_in_order_share_one_pass) {
  std::vector<Part> parts;
  for (int i = 0; i < 20; ++i) parts.push_back({cat("layer", i), std::string(100'000, static_cast<char>('a' + i))});
  parts.push_back({"manifest.json", "[1]"});
  const std::string bytes = tar_of(parts);
  std::atomic<int> passes{0};
  const auto members = index_archive_stream(
      [&]() -> Result<std::unique_ptr<ByteSource>> {
        ++passes;
        return memory_source(bytes);
      },
      {});
  ASSERT_TRUE(members.has_value());
  EXPECT_EQ((*members)->read("manifest.json", 100).value(), "[1]");
  EXPECT_EQ(passes, 1) << "small documents are kept from the first pass";
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(all((*members)->open(cat("layer", i))), parts[static_cast<std::size_t>(i)].content);
  EXPECT_EQ(passes, 2);
  EXPECT_EQ(all((*members)->open("layer3")), parts[3].content);
  EXPECT_EQ(passes, 3);
  { auto dropped = (*members)->open("layer7"); }
  EXPECT_EQ(all((*members)->open("layer9")), parts[9].content);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = t; i < 20; i += 4)
        wrong += all((*members)->open(cat("layer", i))) != parts[static_cast<std::size_t>(i)].content;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(archive_stream, one_that_changes_between_passes_is_an_error) {
  int pass = 0;
  const auto members = index_archive_stream(
      [&]() -> Result<std::unique_ptr<ByteSource>> {
        return memory_source(tar_of({{pass++ == 0 ? "layer" : "other", "xxxxx"}}));
      },
      {});
  EXPECT_NE(all((*members)->open("layer")).find("changed while it was read"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::oci
