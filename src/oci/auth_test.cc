#include "oci/auth.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "oci/test_image.h"

namespace plimsoll::oci {
namespace {

std::string shown(std::string_view header) {
  std::string out;
  for (const Challenge& challenge : parse_challenges(header)) {
    out += cat(out.empty() ? "" : "; ", challenge.scheme);
    for (const auto& [name, value] : challenge.parameters) out += cat(" ", name, "=", value);
  }
  return out;
}

TEST(challenge, forms) {
  EXPECT_EQ(shown(R"(Bearer realm="https://a.example/token",service="r",scope="repository:a/b:pull,push")"),
            "bearer realm=https://a.example/token service=r scope=repository:a/b:pull,push");
  EXPECT_EQ(shown(R"(Basic realm="a \"b\"", Bearer realm=x , service = "y")"),
            R"(basic realm=a "b"; bearer realm=x service=y)");
  EXPECT_EQ(shown("Negotiate, NTLM"), "negotiate; ntlm");
  EXPECT_EQ(shown(""), "");
  EXPECT_EQ(shown(",,, = \"x\" Basic"), "x; basic");
  EXPECT_EQ(shown("Bearer realm=\"never ends"), "bearer realm=never ends");
}

std::string user(const CredentialFiles& files, std::string_view registry, std::string_view repository = "a/b") {
  const auto out = find_credential(files, registry, repository);
  if (!out) return "error: " + out.error().message();
  if (!out->identity_token.empty()) return "token " + out->identity_token;
  return out->empty() ? "" : out->username + "/" + out->password;
}

TEST(credentials, by_host_and_by_the_longest_path) {
  const TestFolder folder;
  const CredentialFiles files{{folder.path() + "/none.json", folder.write("config.json", R"({"auths": {
    "ghcr.io": {"auth": "dTE6cDE="},
    "ghcr.io/a/b": {"username": "u2", "password": "p2"},
    "https://old.example/v2/": {"auth": "dTM6cDM="},
    "https://index.docker.io/v1/": {"auth": "dTQ6cDQ="},
    "token.example": {"identitytoken": "refresh"},
    "bad.example": {"auth": "no colon"},
    "127.0.0.1:5000": {"auth": "dTU6cDpi"}}})")}};
  EXPECT_EQ(user(files, "ghcr.io"), "u2/p2");
  EXPECT_EQ(user(files, "ghcr.io", "a/bc"), "u1/p1");
  EXPECT_EQ(user(files, "old.example"), "u3/p3");
  EXPECT_EQ(user(files, "docker.io"), "u4/p4");
  EXPECT_EQ(user(files, "token.example"), "token refresh");
  EXPECT_EQ(user(files, "127.0.0.1:5000"), "u5/p:b");
  EXPECT_EQ(user(files, "127.0.0.1:5001"), "");
  EXPECT_EQ(user(files, "hcr.io"), "");
  EXPECT_TRUE(user(files, "bad.example").starts_with("error: "));
}

TEST(credentials, an_unreadable_file_is_an_error_that_shows_none_of_it) {
  const TestFolder folder;
  const std::string out = user({{folder.write("config.json", R"({"auths": {"x": {"password": "s3cret")")}}, "ghcr.io");
  EXPECT_TRUE(out.starts_with("error: not JSON")) << out;
  EXPECT_EQ(out.find("s3cret"), std::string::npos);
}

class Helper : public ::testing::Test {
 protected:
  Helper() : old_path_(::getenv("PATH")) { ::setenv("PATH", (folder_.path() + ":" + old_path_).c_str(), 1); }
  ~Helper() override { ::setenv("PATH", old_path_.c_str(), 1); }
  void helper(const std::string& name, const std::string& script) {
    ::chmod(folder_.write("docker-credential-" + name, "#!/bin/sh\n" + script).c_str(), 0755);
  }
  CredentialFiles config(const std::string& json) {
    return {{folder_.write("config.json", json)}, std::chrono::milliseconds(2000)};
  }
  TestFolder folder_;
  std::string old_path_;
};

TEST_F(Helper, is_asked_for_its_registry_and_the_store_for_all_others) {
  helper("one", R"(read server; echo "{\"Username\":\"u\",\"Secret\":\"$server\"}")");
  helper(
      "all",
      R"(read server; [ "$server" = https://index.docker.io/v1/ ] && { echo '{"Username":"<token>","Secret":"t"}'; exit; }
echo 'credentials not found in native keychain'; exit 1)");
  const auto files =
      config(R"({"credHelpers": {"ghcr.io": "one"}, "credsStore": "all", "auths": {"x.io": {"auth": "dTpw"}}})");
  EXPECT_EQ(user(files, "ghcr.io"), "u/ghcr.io");
  EXPECT_EQ(user(files, "docker.io"), "token t");
  EXPECT_EQ(user(files, "x.io"), "u/p");
}

TEST_F(Helper, that_is_missing_fails_or_hangs_is_an_error) {
  helper("fails", "echo broken s3cret; exit 3");
  helper("hangs", "sleep 60");
  helper("garbage", "echo s3cret");
  EXPECT_NE(user(config(R"({"credsStore": "none-such"})"), "a.io").find("no program docker-credential-none-such"),
            std::string::npos);
  EXPECT_NE(user(config(R"({"credsStore": "fails"})"), "a.io").find("exit code 3"), std::string::npos);
  EXPECT_NE(user(config(R"({"credsStore": "garbage"})"), "a.io").find("did not answer with JSON"), std::string::npos);
  auto slow = config(R"({"credsStore": "hangs"})");
  slow.helper_time = std::chrono::milliseconds(100);
  EXPECT_NE(user(slow, "a.io").find("did not end within 100 ms"), std::string::npos);
  for (const std::string_view name : {"../../bin/sh", "a;b", "a b", "$(x)"})
    EXPECT_NE(user(config(cat(R"({"credsStore": ")", name, "\"}")), "a.io").find("helper's name"), std::string::npos)
        << name;
  for (const std::string_view kind : {"fails", "garbage"})
    EXPECT_EQ(user(config(cat(R"({"credsStore": ")", kind, "\"}")), "a.io").find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::oci
