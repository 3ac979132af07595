#include "detect/secrets/scanner.h"

#include <gtest/gtest.h>

#include <set>

#include "base/hash.h"
#include "base/text.h"
#include "detect/secrets/checks.h"
#include "detect/secrets/decode.h"
#include "detect/secrets/dummy.h"
#include "detect/secrets/secrets.h"

namespace plimsoll::detect {
namespace {

SecretScanner toml(std::string_view text, SecretScanner::Options options = {}) {
  RuleSet set = read_secret_rules("own.toml", text);
  for (const RuleError& e : set.errors) ADD_FAILURE() << to_string(e);
  std::vector<RuleSet> sets;
  sets.push_back(std::move(set));
  auto scanner = SecretScanner::build(std::move(sets), std::move(options));
  EXPECT_TRUE(scanner.has_value());
  return std::move(*scanner);
}

std::set<std::string> ids(const SecretScanner& scanner, std::string_view text, std::string_view path = "app/settings.txt") {
  std::set<std::string> out;
  for (const SecretMatch& m : scanner.scan({.path = path, .text = text, .commit = {}}).matches) out.insert(m.rule->id);
  return out;
}
using Ids = std::set<std::string>;

constexpr std::string_view kAcme = R"x(
title = "t"
[allowlist]
paths = ['''vendor/''', '''\.lock$''']
regexes = ['''^acme_0{8}''']
[[rules]]
id = "acme"
description = "Acme token"
regex = '''\b(acme_[a-z0-9]{16})\b'''
keywords = ["acme_"]
entropy = 2.5
[[rules.allowlists]]
condition = "AND"
regexTarget = "line"
regexes = ['''fixture''']
stopwords = ["aaaa"]
)x";

TEST(gitleaks_rules, entropy_allow_lists_and_their_conditions) {
  const SecretScanner s = toml(kAcme);
  EXPECT_EQ(ids(s, "t = acme_k3j9d0s8f7g6h5q2"), Ids{"acme"});
  EXPECT_TRUE(ids(s, "t = acme_aaaaaaaaaaaaaaab").empty()) << "entropy";
  EXPECT_TRUE(ids(s, "t = acme_00000000k3j9d0s8").empty()) << "file-wide expression";
  EXPECT_TRUE(ids(s, "t = acme_k3j9d0s8f7g6h5q2", "x/vendor/y").empty()) << "file-wide path";
  EXPECT_FALSE(ids(s, "fixture acme_k3j9d0s8f7g6h5q2").empty()) << "AND needs both";
  EXPECT_TRUE(ids(s, "fixture acme_k3j9d0aaaag6h5q2").empty());
  EXPECT_TRUE(ids(s, "t = acme_k3j9d0s8f7g6h5q2 # gitleaks:allow").empty());
}

TEST(gitleaks_rules, secrets_decoded_three_deep) {
  const SecretScanner s = toml(kAcme);
  std::string text = "token: acme_k3j9d0s8f7g6h5q2";
  for (const std::string_view how : {"base64", "hex", "base64"}) {
    text = how == "hex" ? to_hex(text) : to_base64(as_bytes(text));
    EXPECT_EQ(ids(s, cat("x\nv = \"", text, "\"\n")), Ids{"acme"}) << text;
  }
  EXPECT_EQ(ids(s, "u=%61%63%6d%65_k3j9d0s8f7g6h5q2"), Ids{"acme"}) << "percent";
  EXPECT_EQ(ids(s, "u=\\u0061\\u0063\\u006d\\u0065_k3j9d0s8f7g6h5q2"), Ids{"acme"});
  const std::string hidden = cat("a\nb\nv = ", to_base64(as_bytes("acme_k3j9d0s8f7g6h5q2!!")), "\n");
  const auto found = s.scan({.path = "p", .text = hidden, .commit = {}}).matches;
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].line, 3u);
  EXPECT_EQ(found[0].decoded, "base64");
  EXPECT_EQ(found[0].secret, "acme_k3j9d0s8f7g6h5q2");
}

TEST(gitleaks_rules, groups_paths_composites_and_silence) {
  const SecretScanner s = toml(R"x(
[[rules]]
id = "pair"
regex = '''user=(\w+) pass=(\w+)'''
secretGroup = 2
keywords = ["pass="]
[[rules]]
id = "kdbx"
path = '''\.kdbx$'''
[[rules]]
id = "in-yaml"
regex = '''tok-(\d{6})'''
path = '''\.yaml$'''
keywords = ["tok-"]
[[rules]]
id = "whole"
regex = '''id-[a-z]{6}'''
keywords = ["id-"]
[[rules.required]]
id = "part"
withinLines = 2
[[rules]]
id = "part"
regex = '''key-[a-z]{6}'''
keywords = ["key-"]
skipReport = true
)x");
  const auto pair = s.scan({.path = "a", .text = "user=bob pass=hunter22", .commit = {}}).matches;
  ASSERT_EQ(pair.size(), 1u);
  EXPECT_EQ(pair[0].secret, "hunter22");
  EXPECT_EQ(ids(s, "any", "home/x.kdbx"), Ids{"kdbx"});
  EXPECT_EQ(ids(s, "tok-123456", "a.yaml"), Ids{"in-yaml"});
  EXPECT_TRUE(ids(s, "tok-123456", "a.txt").empty());
  EXPECT_TRUE(ids(s, "id-abcdef").empty());
  EXPECT_TRUE(ids(s, "key-abcdef").empty());
  EXPECT_EQ(ids(s, "id-abcdef\n\nkey-abcdef"), Ids{"whole"});
  EXPECT_TRUE(ids(s, "id-abcdef\n\n\nkey-abcdef").empty()) << "three lines apart";
}

TEST(gitleaks_rules, look_around_is_pcre_and_cannot_hang) {
  const SecretScanner s = toml("[[rules]]\nid = \"look\"\nregex = '''tok(?=en)en-(\\w{8})'''\nkeywords = [\"token-\"]\n[[rules]]\nid = \"bad\"\nregex = '''(?=x)(x+x+)+[yz]'''\nkeywords = [\"xxxx\"]\n");
  EXPECT_EQ(ids(s, "a token-abcdefgh b"), Ids{"look"});
  const ScanOutcome outcome = s.scan({.path = "p", .text = std::string(5000, 'x'), .commit = {}});
  ASSERT_FALSE(outcome.gaps.empty()) << "giving up is said";
  EXPECT_NE(outcome.gaps[0].find("too many steps"), std::string::npos);
}

TEST(gitleaks_rules, what_is_wrong_is_refused_with_file_line_and_reason) {
  const auto refused = [](std::string_view text, std::string_view why, std::string_view name = "own.toml") {
    const RulesCheck check = check_secret_rules({std::string(name), std::string(text)});
    ASSERT_FALSE(check.refused.empty()) << text;
    EXPECT_NE(to_string(check.refused[0]).find(why), std::string::npos) << to_string(check.refused[0]);
  };
  refused("[[rules]]\nid='a'\nregex='x'\n\n[[rules]]\nid='b'\nregex='(x'\n", "own.toml:5: rule b: regular expression: missing )");
  refused("[[rules]]\nregex='x'\n", "no id");
  refused("[[rules]]\nid='a'\n", "neither regex nor path");
  refused("[[rules]]\nid='a'\nregex='x'\nsecretGroup=1\n", "no group 1");
  refused("[[rules]]\nid='a'\nregex='x'\n[[rules.required]]\nid='zz'\n", "requires rule zz");
  refused("[extend]\nuseDefault=true\nurl='https://x.example/y.toml'\n", "nothing is fetched");
  refused("[extend]\npath='other.toml'\n[[rules]]\nid='a'\n", "own.toml");
  refused("[[rules]]\nid='a'\nregex='x'\n[[rules.allowlists]]\ncondition='XOR'\npaths=['a']\n", "xor");
  refused("rules = [", "own.toml");
  refused("rules:\n- id: a\n  title: t\n  why: w\n  fix: f\n  keywords: [ab]\n  pattern: '('\n", "own.yaml:2: rule a", "own.yaml");
  refused("rules:\n- {id: a, title: t, why: w, fix: f, keywords: [ab], pattern: x, check: nothing}\n", "no check is called nothing", "own.yaml");
  refused("rules:\n- {id: a, title: t, why: w, fix: f, keywords: [ab], pattern: x, colour: red}\n", "no key is called colour", "own.yaml");
  refused("rules: 3\n", "no list", "own.yaml");
  const RulesCheck check = check_secret_rules({"own.toml", "[[rules]]\nid='a'\nregex='x'\n[[rules]]\nid='b'\nregex='('\n"});
  EXPECT_EQ(check.loaded, std::vector<std::string>{"a"}) << "the good ones load";
}

TEST(secret_checks, check_digits_and_structure) {
  const auto passes = [](std::string_view check, std::string_view text) { return find_check(check)->passes(text); };
  // A token that public articles on GitHub's format explain its check digits with; it was never valid.
  EXPECT_TRUE(passes("github-crc32", "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"));
  EXPECT_FALSE(passes("github-crc32", "ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"));
  EXPECT_TRUE(passes("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"));
  EXPECT_FALSE(passes("jwt", "eyJhbGciOiJIUzI1NiJ9.notjson.c2ln"));
  EXPECT_TRUE(passes("luhn", "4111111111111111"));
  EXPECT_FALSE(passes("luhn", "4111111111111112"));
  EXPECT_FALSE(passes("uuid", "00000000-0000-0000-0000-000000000000"));
  EXPECT_FALSE(passes("pem-private-key", "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA...\n-----END RSA PRIVATE KEY-----"));
  std::set<std::string_view> names;
  for (const Check& c : checks()) EXPECT_TRUE(names.insert(c.name).second) << c.name;
}

TEST(secret_dummies, are_told_from_what_looks_live) {
  for (const std::string_view dummy : {"xxxxxxxxxxxxxxxxxxxx", "AKIAIOSFODNN7EXAMPLE", "ghp_1234567890abcdefghijklmnopqrstuvwxyz", "<your-token>", "${TOKEN}", "abcabcabcabcabc", "your_token_here_1234"}) EXPECT_TRUE(is_dummy_token(dummy)) << dummy;
  EXPECT_TRUE(is_published_example("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")) << "AWS documentation";
  EXPECT_FALSE(is_published_example("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEZ"));
  for (const std::string_view live : {"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", "AKIAVZ3VPW63Y22FBMDM", "9f86d081884c7d659a2feaa0c55ad015"}) EXPECT_FALSE(is_dummy_token(live)) << live;
}

TEST(secret_decode, runs_at_every_alignment) {
  const std::string run = to_base64(as_bytes("printable, 12 > 3 ~ here"));
  for (std::size_t before = 0; before < 140; ++before) {
    for (const std::size_t after : {0u, 1u, 15u, 16u, 17u, 40u}) {
      const std::string text = cat(std::string(before, ' '), run, std::string(after, ' '));
      const auto pieces = encoded_pieces(text, 10);
      ASSERT_EQ(pieces.size(), 1u) << before << " " << after;
      EXPECT_EQ(pieces[0].begin, before);
      EXPECT_EQ(pieces[0].decoded, "printable, 12 > 3 ~ here");
    }
  }
  // Every byte that is no letter of either alphabet parts two runs.
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    const bool inside = c < 128 && (std::isalnum(c) || std::string_view("+-/_").find(byte) != std::string_view::npos);
    const std::string text = cat(std::string(40, ' '), run, std::string(1, byte), run, std::string(40, ' '));
    EXPECT_EQ(encoded_pieces(text, 10).size() == 2, !inside) << c;
  }
}

TEST(secret_shape, starts_and_leads) {
  const auto shape = shape_of(R"x((?i)[\w.-]{0,50}?(?:acme)(?:[ \t\w.-]{0,20})=([a-z0-9]{8}))x");
  ASSERT_TRUE(shape.has_value());
  EXPECT_EQ(shape->lead_most, 50u);
  EXPECT_EQ(shape->without_lead, R"x((?i)(?:acme)(?:[ \t\w.-]{0,20})=([a-z0-9]{8}))x");
  ASSERT_EQ(shape->starts.size(), 1u);
  EXPECT_EQ(shape->starts[0].bytes.size(), 4u);
  EXPECT_EQ(shape->most_bytes, 4 + 20 + 1 + 8u);
  const auto aws = shape_of(R"x(\b((?:A3T[A-Z0-9]|AKIA|ASIA)[A-Z2-7]{16})\b)x");
  ASSERT_TRUE(aws.has_value());
  EXPECT_EQ(aws->starts.size(), 3u);
  EXPECT_FALSE(shape_of("(?=x)y").has_value());
  EXPECT_FALSE(shape_of("(a").has_value());
  EXPECT_FALSE(shape_of("[z-a]").has_value());
}

}  // namespace
}  // namespace plimsoll::detect
