#include "oci/docker_engine.h"

#include <gtest/gtest.h>

#include "base/test_server.h"
#include "oci/test_image.h"

namespace plimsoll::oci {
namespace {

// An engine that keeps one image: what it answers is what Docker 20.10 does (see the e2e test of a real one).
struct FakeEngine {
  TestFolder folder;
  TestImage image = TestImage::of({std::string(50'000, 'a'), std::string(60'000, 'b'), std::string(70'000, 'c')});
  std::string id = Digest::of(as_bytes(image.config)).text();
  std::string tar = tar_of(saved(image));
  std::size_t cut = 0;
  TestServer server{[this](const TestRequest& r) {
                      if (r.target == "/images/app%3a1/json") return reply(200, cat(R"({"Id":")", id, R"("})"));
                      if (r.target != cat("/images/", percent_encode(id), "/get"))
                        return reply(404, R"({"message":"No such image: x"})");
                      // Docker streams with chunked framing and does not know the length beforehand.
                      std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                      for (std::size_t at = 0; at < tar.size() - cut; at += 30'000) {
                        const std::string piece = tar.substr(at, std::min<std::size_t>(30'000, tar.size() - cut - at));
                        char size[16];
                        std::snprintf(size, sizeof size, "%zx", piece.size());
                        out += cat(std::string_view(size), "\r\n", piece, "\r\n");
                      }
                      return TestReply{.bytes = cut > 0 ? out : out + "0\r\n\r\n", .close = cut > 0};
                    },
                    nullptr, folder.path() + "/docker.sock"};
  Result<std::unique_ptr<ImageSource>> open(const std::string& name) {
    const HttpOptions quick{.retries = 0};
    return open_docker_engine({.host = cat("unix://", folder.path(), "/docker.sock")}, quick, name, {},
                              "docker:" + name, {});
  }
};

std::string all(Result<std::unique_ptr<ByteSource>> source) {
  if (!source) return "error: " + source.error().message();
  auto bytes = read_all(**source, 1 << 20);
  return bytes ? *bytes : "error: " + bytes.error().message();
}

TEST(docker_engine, two_exports_for_an_image_read_in_order) {
  FakeEngine engine;
  auto image = engine.open("app:1");
  ASSERT_TRUE(image.has_value()) << image.error().message();
  EXPECT_EQ((*image)->config().config_digest.text(), engine.id);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(all((*image)->open_layer(i)), engine.image.layers[i]);
  EXPECT_EQ(engine.server.requests().size(), 3u) << "inspect, index, layers";
  EXPECT_EQ(all((*image)->open_layer(0)), engine.image.layers[0]);
}

TEST(docker_engine, an_export_that_breaks_off_is_an_error) {
  FakeEngine engine;
  auto image = engine.open("app:1");
  engine.cut = 30'000;  // within the last layer
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(all((*image)->open_layer(0)), engine.image.layers[0]);
  EXPECT_TRUE(all((*image)->open_layer(2)).starts_with("error: "));
  EXPECT_FALSE(engine.open("app:1").has_value());
}

TEST(docker_engine, what_is_not_there) {
  FakeEngine engine;
  const auto missing = engine.open("none");
  EXPECT_EQ(missing.error().kind(), ErrorKind::NotFound);
  EXPECT_NE(missing.error().message().find("No such image"), std::string::npos);
  const auto nowhere = open_docker_engine({.host = "unix:///none/docker.sock"}, {}, "app:1", {}, "", {});
  EXPECT_EQ(nowhere.error().kind(), ErrorKind::NotFound);
  EXPECT_FALSE(open_docker_engine({.host = "ssh://x"}, {}, "app:1", {}, "", {}).has_value());
}

}  // namespace
}  // namespace plimsoll::oci
