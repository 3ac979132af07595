// Texts made to be slow: each must be answered within seconds, fully or with a gap that says what was left out.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "detect/secrets/secrets.h"

namespace plimsoll::detect {
namespace {

namespace fs = std::filesystem;

const Secrets& secrets() {
  static const Secrets all = [] {
    auto loaded = Secrets::load({.rules = {}, .fingerprint_key = "k"});
    EXPECT_TRUE(loaded.has_value());
    return std::move(*loaded);
  }();
  return all;
}

std::string repeated(std::string_view text, std::size_t bytes) {
  std::string out;
  out.reserve(bytes + text.size());
  while (out.size() < bytes) out += text;
  return out;
}

Facts within(std::string_view what, std::string_view path, const std::string& text, double seconds) {
  const auto start = std::chrono::steady_clock::now();
  Facts facts = secrets().examine({.path = path, .text = text, .commit = {}});
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_LT(took, seconds) << what;
  return facts;
}

constexpr std::size_t kMega = 1 << 20;
constexpr double kPatience = 20;  // on a loaded machine, without optimisation

TEST(secrets_hostile, one_line_of_many_megabytes) {
  const std::string token = "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";
  std::string line = repeated("function(a,b){return a+b*0x1f};var x=\"some text\";", 50 * kMega);
  line.insert(31 * kMega, cat(" ", token, " "));
  line += token;
  const Facts facts = within("long line", "app/bundle.min.js", line, kPatience);
  ASSERT_EQ(facts.findings.size(), 1u);
  EXPECT_EQ(facts.findings[0].locations.size(), 1u);
}

TEST(secrets_hostile, a_secret_across_two_pieces_is_found_once) {
  for (const std::size_t before : {(4u << 20) - 50, (4u << 20) - 34, (4u << 20) - 33, (4u << 20) - 32, (4u << 20) - 31, (4u << 20) - 4, (4u << 20) - 1, 4u << 20}) {
    const std::string text = cat(std::string(before, '\n'), "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\n");
    const auto found = secrets().matches({.path = "a.txt", .text = text, .commit = {}}).matches;
    ASSERT_EQ(found.size(), 1u) << before;
    EXPECT_EQ(found[0].line, before + 1);
  }
}

TEST(secrets_hostile, starts_without_ends) {
  within("begin of keys", "a.txt", repeated("-----BEGIN RSA PRIVATE KEY-----", kMega), kPatience);
  within("tokens", "a.txt", repeated("eyJhbGciOi.eyJ", kMega), kPatience);
  within("keys", "a.properties", repeated("password=", kMega), kPatience);
  within("keys of a bundle", "a.js", repeated("{password:\"a1b2c3d4\",token:'x'},", kMega), kPatience);
  within("open elements", "a.xml", repeated("<password><!--", kMega), kPatience);
  within("open quotes", "a.json", repeated("\"password\":\"", kMega), kPatience);
  within("addresses", "a.yaml", repeated("https://a:b", kMega), kPatience);
}

TEST(secrets_hostile, much_that_looks_encoded) {
  within("base64", "a.txt", repeated("QUFBQUFBQUFBQUFBQUFBQQ== ", 4 * kMega), kPatience);
  within("percent", "a.txt", repeated("%41%42 ", 4 * kMega), kPatience);
  within("unicode", "a.txt", repeated("\\u0041\\u0042 U+0041 \\", 4 * kMega), kPatience);
  // Base64 of base64 of base64...
  std::string text = "password=Vb9kdLq77 and more";
  for (int i = 0; i < 12; ++i) text = to_base64(as_bytes(text));
  within("nested", "a.txt", text, kPatience);
}

TEST(secrets_hostile, fixtures) {
  for (const auto& entry : fs::directory_iterator(fs::path(PLIMSOLL_TEST_DATA) / "detect" / "secrets" / "hostile")) {
    const auto text = read_file(entry.path().string());
    ASSERT_TRUE(text.has_value());
    for (const char* path : {"a.py", "a.yaml", "a.json", "a.xml", "a.conf", "Dockerfile"}) within(entry.path().string(), path, *text, kPatience);
  }
}

}  // namespace
}  // namespace plimsoll::detect
