#include "detect/image_text.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

namespace plimsoll::detect {
namespace {

const Secrets& secrets() {
  static const Secrets all = [] {
    auto loaded = Secrets::load({.rules = {}, .fingerprint_key = "k"});
    EXPECT_TRUE(loaded.has_value());
    return std::move(*loaded);
  }();
  return all;
}

TEST(image_text, redacts_what_it_finds_and_nothing_else) {
  EXPECT_EQ(redact("/bin/sh -c #(nop)  ENV DB_PASSWORD=Vb9kdLq77 PATH=/usr/bin", secrets()), "/bin/sh -c #(nop)  ENV DB_PASSWORD=[redacted] PATH=/usr/bin");
  EXPECT_EQ(redact("RUN |1 TOKEN=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 /bin/sh -c make", secrets()), "RUN |1 TOKEN=[redacted] /bin/sh -c make");
  EXPECT_EQ(redact("RUN git clone https://bot:9fQ2mZ7xK4pL@git.acme.io/x", secrets()).find("9fQ2mZ7xK4pL"), std::string::npos);
  EXPECT_EQ(redact("RUN apt-get install -y libsecret-1-0 passwd", secrets()), "RUN apt-get install -y libsecret-1-0 passwd");
  EXPECT_EQ(redact("", secrets()), "");
}

TEST(image_text, configuration_and_history) {
  const std::string config = R"({"architecture":"amd64","created":"2024-01-01T00:00:00Z","config":{"Env":["PATH=/usr/bin","DB_PASSWORD=Vb9 kdLq77x","GH=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"],"Labels":{"org.acme.registry.password":"s3cr3t-Lab3l","maintainer":"a@b"},"Cmd":["run","--port","80"]},
"rootfs":{"type":"layers","diff_ids":["sha256:aa","sha256:bb"]},
"history":[{"created_by":"ADD rootfs"},{"created_by":"ARG TOKEN=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","empty_layer":true},{"created_by":"RUN curl -H 'x' && PGPASSWORD=hunter22 psql"}],"nothing":null,"n":1.5,"t":true})";
  const auto text = scan_image_config(config, secrets());
  ASSERT_TRUE(text.has_value()) << text.error().message();
  const auto at = [&](std::string_view place) {
    for (const Finding& f : text->findings)
      for (const Location& l : f.locations)
        if (l.path == place) return &f;
    return static_cast<const Finding*>(nullptr);
  };
  ASSERT_NE(at("config/Env/DB_PASSWORD"), nullptr);
  ASSERT_NE(at("config/Env/GH"), nullptr);
  ASSERT_NE(at("config/Labels/org.acme.registry.password"), nullptr);
  ASSERT_NE(at("history/2"), nullptr);
  EXPECT_EQ(at("config/Env/GH"), at("history/1")) << "one secret, two places";
  EXPECT_EQ(at("history/2")->locations.back().layer, "sha256:bb");
  EXPECT_EQ(text->findings.size(), 4u);
  for (const std::string_view secret : {"kdLq77x", "zQWBuTSOoRi4A9sp", "s3cr3t-Lab3l", "hunter22"}) EXPECT_EQ(text->redacted_json.find(secret), std::string::npos) << secret << " in " << text->redacted_json;
  const auto copy = JsonDocument::parse(text->redacted_json);
  ASSERT_TRUE(copy.has_value());
  EXPECT_EQ(copy->root()["architecture"].text(), "amd64");
  EXPECT_EQ(copy->root()["config"]["Env"].at(0).text(), "PATH=/usr/bin");
  EXPECT_EQ(copy->root()["rootfs"]["diff_ids"].at(1).text(), "sha256:bb");
  EXPECT_EQ(copy->root()["n"].number(), 1.5);
  EXPECT_FALSE(scan_image_config("{", secrets()).has_value());
  EXPECT_FALSE(scan_image_config("[]", secrets()).has_value());
}

}  // namespace
}  // namespace plimsoll::detect
