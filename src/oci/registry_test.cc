#include "oci/registry.h"

#include <gtest/gtest.h>

#include "base/test_server.h"
#include "oci/open.h"
#include "oci/test_image.h"

namespace plimsoll::oci {
namespace {

using std::chrono::milliseconds;

RegistryOptions quick() {
  RegistryOptions out;
  out.http = {.connect_timeout = milliseconds(2000),
              .stall_timeout = milliseconds(700),
              .least_rate = 1000,
              .retries = 2,
              .first_backoff = milliseconds(2)};
  return out;
}

// Answers as a registry that holds one image under app:1; no authentication.
TestReply serve(const TestImage& image, const TestRequest& r) {
  const auto tail = r.target.substr(r.target.rfind('/') + 1);
  const std::string name = tail == "1" ? image.digest().text() : tail;
  if (r.target == "/v2/") return reply(200, "{}");
  const auto blob = image.blobs.find(name);
  if (blob == image.blobs.end())
    return reply(404, R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest\u0007 unknown"}]})");
  if (r.target.find("/manifests/") != std::string::npos)
    return reply(200, blob->second, {{"Docker-Content-Digest", name}, {"Content-Type", std::string(kOciManifest)}});
  return reply(200, blob->second);
}

std::string pull(const std::string& target, const RegistryOptions& options) {
  auto image = open_image({.target = target, .registry = options});
  if (!image) return "error: " + image.error().message();
  std::string out;
  for (std::size_t i = 0; i < (*image)->config().layers.size(); ++i) {
    auto source = (*image)->open_layer(i);
    auto bytes = source ? read_all(**source, 10 << 20) : Result<std::string>(source.error());
    out += bytes ? *bytes + "|" : "error: " + bytes.error().message();
  }
  return out;
}
bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST(registry, pulls_by_tag_and_by_digest) {
  const TestImage image = TestImage::of({"lower", "upper"});
  TestServer server([&](const TestRequest& r) { return serve(image, r); });
  EXPECT_EQ(pull(server.host() + "/app:1", quick()), "lower|upper|");
  EXPECT_EQ(pull(cat(server.host(), "/httpd/app@", image.digest().text()), quick()), "lower|upper|")
      << "a name that begins like an address";
  const std::string missing = pull(server.host() + "/app:2", quick());
  EXPECT_TRUE(has(missing, "status 404 (MANIFEST_UNKNOWN: manifest  unknown)")) << missing;
  EXPECT_EQ(open_image({.target = server.host() + "/app:2", .registry = quick()}).error().kind(), ErrorKind::NotFound);
}

TEST(registry, one_that_lies_is_found_out) {
  const TestImage image = TestImage::of({"lower"});
  const std::string layer = Digest::of(as_bytes(image.layers[0])).text();
  std::string lie;
  TestServer server([&](const TestRequest& r) {
    if (lie == "manifest" && has(r.target, "/manifests/"))
      return reply(200, image.manifest + " ", {{"Docker-Content-Digest", image.digest().text()}});
    if (lie == "config" && has(r.target, Digest::of(as_bytes(image.config)).hex()))
      return reply(200, "{" + std::string(image.config.size() - 2, ' ') + "}");
    if (lie == "short" && has(r.target, layer)) return reply(200, "low");
    if (lie == "garbage" && has(r.target, "/manifests/")) return reply(200, "<html>");
    if (lie == "cut" && has(r.target, layer))
      return TestReply{.bytes = "HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\nlo", .close = true};
    if (lie == "endless" && has(r.target, layer))
      return TestReply{.bytes = "HTTP/1.1 200 X\r\n\r\n" + std::string(100'000, 'x'), .close = true};
    if (lie == "stall" && has(r.target, layer))
      return TestReply{.bytes = "HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\nlo", .stall_ms = 10000};
    if (lie == "huge" && has(r.target, "/manifests/")) return reply(200, std::string(9 << 20, ' '));
    return serve(image, r);
  });
  const auto with = [&](std::string_view kind) {
    lie = kind;
    return pull(server.host() + "/app:1", quick());
  };
  EXPECT_EQ(with("no"), "lower|");
  EXPECT_TRUE(has(with("manifest"), "does not have its digest")) << with("manifest");
  EXPECT_TRUE(has(with("config"), "does not have its digest")) << with("config");
  EXPECT_TRUE(has(with("short"), "gives 3 bytes")) << with("short");
  EXPECT_TRUE(has(with("garbage"), "manifest")) << with("garbage");
  EXPECT_TRUE(has(with("cut"), "closed 3 bytes early")) << with("cut");
  EXPECT_TRUE(has(with("endless"), "longer than the 5 bytes")) << with("endless");
  EXPECT_TRUE(has(with("stall"), "stalled")) << with("stall");
  EXPECT_TRUE(has(with("huge"), "longer than")) << with("huge").substr(0, 200);
}

// A registry that wants a bearer token of its token server for the right scope.
struct TokenRegistry {
  TestImage image = TestImage::of({"lower", "upper"});
  int tokens = 0;
  std::string realm;
  TestServer token_server{[this](const TestRequest& r) {
    ++tokens;
    if (r.method == "POST")
      return has(r.body, "refresh_token=r%2ft") ? reply(200, R"({"access_token":"good"})") : reply(401);
    if (has(r.target, "account="))
      return r.header("Authorization") == "Basic dTpzM2NyZXQ=" ? reply(200, R"({"token":"good"})") : reply(401);
    return reply(200, R"({"token":"anonymous"})");
  }};
  TestServer registry{[this](const TestRequest& r) {
    if (r.header("Authorization") == "Bearer good") return serve(image, r);
    return reply(401, "",
                 {{"WWW-Authenticate", cat("Bearer realm=\"", realm.empty() ? token_server.url("/token") : realm,
                                           "\",service=\"reg\",scope=\"x\"")}});
  }};
};

TEST(registry, bearer_tokens_are_fetched_once_for_a_repository) {
  TokenRegistry test;
  RegistryOptions options = quick();
  options.credential = {"u", "s3cret", ""};
  EXPECT_EQ(pull(test.registry.host() + "/app:1", options), "lower|upper|");
  EXPECT_EQ(test.tokens, 1);
  EXPECT_TRUE(has(test.token_server.requests()[0].target, "service=reg&scope=repository%3aapp%3apull"))
      << test.token_server.requests()[0].target;
  options.credential = {"", "", "r/t"};
  EXPECT_EQ(pull(test.registry.host() + "/app:1", options), "lower|upper|");
}

TEST(registry, a_wrong_password_or_none_is_denied_without_showing_it) {
  TokenRegistry test;
  RegistryOptions options = quick();
  EXPECT_EQ(open_image({.target = test.registry.host() + "/app:1", .registry = options}).error().kind(),
            ErrorKind::Denied);
  options.credential = {"u", "wr0ng", ""};
  const std::string out = pull(test.registry.host() + "/app:1", options);
  EXPECT_TRUE(has(out, "the token server refused user or password")) << out;
  EXPECT_FALSE(has(out, "wr0ng"));
  EXPECT_FALSE(has(out, to_base64(as_bytes(std::string_view("u:wr0ng")))));
}

TEST(registry, a_missing_helper_is_named_only_where_a_user_is_wanted) {
  TokenRegistry test;
  const TestFolder folder;
  RegistryOptions options = quick();
  options.credentials.files = {folder.write("config.json", R"({"credsStore": "no-such-helper"})")};
  EXPECT_TRUE(has(pull(test.registry.host() + "/app:1", options), "no program docker-credential-no-such-helper"));
  TestServer tokens([](const TestRequest&) { return reply(200, R"({"token":"anyone"})"); });
  TestServer open([&](const TestRequest& r) {
    if (r.header("Authorization") == "Bearer anyone") return serve(test.image, r);
    return reply(401, "", {{"WWW-Authenticate", cat("Bearer realm=\"", tokens.url("/"), "\"")}});
  });
  EXPECT_EQ(pull(open.host() + "/app:1", options), "lower|upper|");
}

TEST(registry, a_token_server_without_tls_far_away_gets_nothing) {
  TokenRegistry test;
  test.realm = "http://tokens.invalid/token";
  RegistryOptions options = quick();
  options.credential = {"u", "s3cret", ""};
  EXPECT_TRUE(has(pull(test.registry.host() + "/app:1", options), "plain HTTP to tokens.invalid is not allowed"));
}

TEST(registry, basic_authentication_from_a_config_file) {
  const TestImage image = TestImage::of({"lower"});
  TestServer server([&](const TestRequest& r) {
    return r.header("Authorization") == "Basic dTpzM2NyZXQ="
               ? serve(image, r)
               : reply(401, "", {{"WWW-Authenticate", "Basic realm=\"x\""}});
  });
  const TestFolder folder;
  RegistryOptions options = quick();
  EXPECT_TRUE(has(pull(server.host() + "/app:1", options), "wants a user and password"));
  options.credentials.files = {
      folder.write("config.json", cat(R"({"auths":{")", server.host(), R"(":{"auth":"dTpzM2NyZXQ="}}})"))};
  EXPECT_EQ(pull(server.host() + "/app:1", options), "lower|");
}

TEST(registry, blobs_may_lie_elsewhere_and_the_password_stays_home) {
  const TestImage image = TestImage::of({"lower"});
  TestServer store([&](const TestRequest& r) {
    return r.header("Authorization").empty() ? serve(image, r) : reply(400, "credentials leaked");
  });
  TestServer server([&](const TestRequest& r) {
    if (r.header("Authorization").empty()) return reply(401, "", {{"WWW-Authenticate", "Basic realm=\"x\""}});
    if (has(r.target, "/blobs/")) return reply(307, "", {{"Location", store.url(r.target)}});
    return serve(image, r);
  });
  RegistryOptions options = quick();
  options.credential = {"u", "s3cret", ""};
  EXPECT_EQ(pull(server.host() + "/app:1", options), "lower|");
  EXPECT_GE(store.requests().size(), 2u);
}

TEST(registry, mirrors_come_first_without_our_password_and_failing_ones_are_passed_by) {
  const TestImage image = TestImage::of({"lower", "upper"});
  TestServer server([&](const TestRequest& r) { return serve(image, r); });
  TestServer mirror([&](const TestRequest& r) {
    if (!r.header("Authorization").empty()) return reply(400, "credentials leaked");
    return r.target.starts_with("/cache/v2/") ? serve(image, r) : reply(404);
  });
  TestServer broken([](const TestRequest&) { return reply(500); });
  RegistryOptions options = quick();
  options.credential = {"u", "s3cret", ""};
  auto& mirrors = options.registries[server.host()].mirrors;
  mirrors = {broken.url(""), mirror.url("/cache/")};
  EXPECT_EQ(pull(server.host() + "/app:1", options), "lower|upper|");
  for (const std::string& line : server.log()) EXPECT_EQ(line, "GET /v2/") << "the registry itself was needed";
  EXPECT_EQ(broken.requests().size(), 3u) << "three tries of one request, then it counts as down";
  mirrors = {"http://127.0.0.1:1"};
  EXPECT_EQ(pull(server.host() + "/app:1", options), "lower|upper|");
}

TEST(registry, a_blob_that_breaks_off_goes_on_with_a_new_token) {
  const TestImage image = TestImage::of({std::string(100'000, 'x')});
  int round = 0;
  TestServer tokens([&](const TestRequest&) { return reply(200, cat(R"({"token":"t)", ++round, "\"}")); });
  TestServer server([&](const TestRequest& r) -> TestReply {
    const bool first = r.header("Authorization") == "Bearer t1", second = r.header("Authorization") == "Bearer t2";
    const bool layer = has(r.target, Digest::of(as_bytes(image.layers[0])).hex());
    // The first token dies with the first download.
    if ((!first && !second) || (first && layer && !r.header("Range").empty()))
      return reply(401, "", {{"WWW-Authenticate", cat("Bearer realm=\"", tokens.url("/"), "\"")}});
    if (!layer) return serve(image, r);
    if (first)
      return {.bytes = "HTTP/1.1 200 X\r\nContent-Length: 100000\r\n\r\n" + std::string(40'000, 'x'), .close = true};
    EXPECT_EQ(r.header("Range"), "bytes=40000-");
    return reply(206, std::string(60'000, 'x'), {{"Content-Range", "bytes 40000-99999/100000"}});
  });
  EXPECT_EQ(pull(server.host() + "/app:1", quick()), image.layers[0] + "|");
  EXPECT_EQ(round, 2);
}

TEST(registry, referrers_by_the_api_and_by_the_fallback_tag) {
  const TestImage image = TestImage::of({"lower"});
  const std::string index = cat(R"({"schemaVersion":2,"manifests":[)",
                                TestImage::descriptor(kOciManifest, "sbom", R"(,"artifactType":"a/sbom")"), ",",
                                TestImage::descriptor(kOciManifest, "sig", R"(,"artifactType":"a/sig")"), "]}");
  bool api = true;
  TestServer server([&](const TestRequest& r) {
    if (has(r.target, "/referrers/")) return api ? reply(200, index) : reply(404);
    if (has(r.target, cat("/manifests/sha256-", image.digest().hex()))) return reply(200, index);
    return reply(404);
  });
  Registry registry(quick());
  const Reference reference = Reference::parse(server.host() + "/app:1").value();
  for (const bool with_api : {true, false}) {
    api = with_api;
    EXPECT_EQ(registry.referrers(reference, image.digest(), "").value().size(), 2u);
    EXPECT_EQ(registry.referrers(reference, image.digest(), "a/sig").value().size(), 1u);
  }
  EXPECT_TRUE(registry.referrers(reference, Digest::of(as_bytes(std::string_view("other"))), "").value().empty());
}

TEST(registry, tags_over_several_pages) {
  TestServer server([](const TestRequest& r) {
    if (has(r.target, "last=b")) return reply(200, R"({"tags":["c"]})");
    return reply(200, R"({"tags":["a","b","not a tag"]})", {{"Link", "</v2/app/tags/list?last=b&n=2>; rel=\"next\""}});
  });
  EXPECT_EQ(Registry(quick()).tags(Reference::parse(server.host() + "/app").value()).value(),
            (std::vector<std::string>{"a", "b", "c"}));
}

TEST(registry, pushes_what_is_missing) {
  std::map<std::string, std::string> stored;
  TestServer server([&](const TestRequest& r) {
    if (r.method == "HEAD") return reply(stored.contains(r.target.substr(r.target.rfind('/') + 1)) ? 200 : 404);
    if (r.method == "POST") return reply(202, "", {{"Location", "/v2/app/blobs/uploads/7?state=x"}});
    const std::string digest = Digest::of(as_bytes(r.body)).text();
    if (has(r.target, "/uploads/7?state=x&digest=")) stored[digest] = r.body;
    if (has(r.target, "/manifests/")) stored[r.target] = r.body;
    return reply(201, "", {{"Docker-Content-Digest", digest}});
  });
  Registry registry(quick());
  const Reference reference = Reference::parse(server.host() + "/app:db").value();
  const std::string blob = "database";
  const Digest digest = Digest::of(as_bytes(blob));
  EXPECT_TRUE(registry.push_blob(reference, digest, blob).has_value());
  EXPECT_TRUE(registry.push_blob(reference, digest, blob).has_value());
  EXPECT_EQ(stored[digest.text()], blob);
  EXPECT_EQ(registry.push_manifest(reference, "{}", kOciManifest).value(),
            Digest::of(as_bytes(std::string_view("{}"))));
  EXPECT_EQ(stored["/v2/app/manifests/db"], "{}");
}

TEST(registry_settings, a_config_file_is_read_strictly) {
  const auto read = [](std::string_view yaml) {
    RegistryOptions options;
    const auto document = JsonDocument::parse_yaml(yaml).value();
    const auto status = read_registry_settings(document.root(), options);
    return status ? cat(options.registries["docker.io"].mirrors.size(),
                        options.registries["docker.io"].plain_http ? " plain" : "")
                  : status.error().message();
  };
  EXPECT_EQ(read("docker.io: {mirrors: ['https://m.example/hub', 'http://127.0.0.1:5000']}"), "2");
  EXPECT_EQ(read("docker.io: {plainHttp: true}"), "0 plain");
  EXPECT_TRUE(has(read("docker.io: {mirror: x}"), "not known here"));
  EXPECT_TRUE(has(read("docker.io: {mirrors: ['m.example']}"), "no address"));
  EXPECT_TRUE(has(read("docker.io: {plainHttp: 'yes please'}"), "true or false"));
}

}  // namespace
}  // namespace plimsoll::oci
