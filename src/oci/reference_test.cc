#include "oci/reference.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace plimsoll::oci {
namespace {

constexpr std::string_view kSha = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

void reads(std::string_view text, std::string_view canonical) {
  const auto reference = Reference::parse(text);
  ASSERT_TRUE(reference.has_value()) << text << ": " << reference.error().message();
  EXPECT_EQ(reference->text(), canonical) << text;
  EXPECT_EQ(Reference::parse(reference->text()).value(), *reference) << "round trip of " << text;
}
void refuses(std::string_view text) { EXPECT_FALSE(Reference::parse(text).has_value()) << text; }

TEST(reference, defaults_are_those_of_docker) {
  reads("debian", "docker.io/library/debian:latest");
  reads("debian:12", "docker.io/library/debian:12");
  reads("grafana/grafana", "docker.io/grafana/grafana:latest");
  reads("docker.io/debian", "docker.io/library/debian:latest");
  reads("index.docker.io/debian", "docker.io/library/debian:latest");
}

TEST(reference, a_host_has_a_dot_a_port_or_is_localhost) {
  reads("ghcr.io/a/b:1", "ghcr.io/a/b:1");
  reads("localhost/app", "localhost/app:latest");
  reads("LOCALHOST/app", "localhost/app:latest");
  reads("127.0.0.1:5000/app:1", "127.0.0.1:5000/app:1");
  reads("[::1]:5000/app", "[::1]:5000/app:latest");
  reads("GHCR.IO/a/b", "ghcr.io/a/b:latest");
  reads("registry:5000/x__y/z--z:A_1.2-3", "registry:5000/x__y/z--z:A_1.2-3");
}

TEST(reference, a_digest_may_stand_with_or_without_a_tag) {
  reads(cat("debian", kSha), cat("docker.io/library/debian", kSha));
  reads(cat("debian:12", kSha), cat("docker.io/library/debian:12", kSha));
  EXPECT_EQ(Reference::parse(cat("debian:12", kSha))->manifest_name(), kSha.substr(1));
}

TEST(reference, refuses_what_the_specification_does_not_allow) {
  for (const std::string_view text : {"",
                                      ":",
                                      "@",
                                      "a:",
                                      "a@",
                                      "a@sha256:12",
                                      "Debian",
                                      "a/B",
                                      "a//b",
                                      "/a",
                                      "a/",
                                      "-a",
                                      "a-",
                                      "a..b",
                                      "a___b",
                                      "a:b:c",
                                      "a:-x",
                                      "a:.x",
                                      "host.io/",
                                      "host.io:/a",
                                      "host.io:123456/a",
                                      "host.io:x/a",
                                      "[::1/a",
                                      "[]:1/a",
                                      "a b",
                                      "a\nb",
                                      "ex..ample.io/a",
                                      "-x.io/a",
                                      "Host/a",
                                      "a@md5:00",
                                      "ghcr.io/a?b=c",
                                      "ghcr.io/../../etc"})
    refuses(text);
  refuses(std::string(300, 'a'));
  refuses(cat("a:", std::string(129, 'x')));
  refuses(std::string(5000, 'a'));
}

}  // namespace
}  // namespace plimsoll::oci
