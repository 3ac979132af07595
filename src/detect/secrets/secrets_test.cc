#include "detect/secrets/secrets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "detect/malware/malware.h"
#include "detect/secrets/checks.h"
#include "detect/secrets/decode.h"
#include "detect/secrets/dummy.h"
#include "detect/secrets/findings.h"
#include "detect/secrets/redact.h"

namespace plimsoll::detect {
namespace {

namespace fs = std::filesystem;

// The rule files as they lie in the tree, examples included (the program's own copy has none).
std::vector<RuleSet> tree_rules() {
  std::vector<RuleSet> out;
  const fs::path folder = fs::path(PLIMSOLL_TEST_DATA).parent_path().parent_path() / "rules" / "secrets";
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& path : files) {
    const auto text = read_file(path.string());
    EXPECT_TRUE(text.has_value()) << path;
    if (text) out.push_back(read_secret_rules(path.filename().string(), *text));
  }
  return out;
}

SecretScanner scanner_of(std::vector<RuleSet> sets, SecretScanner::Options options = {}) {
  auto scanner = SecretScanner::build(std::move(sets), std::move(options));
  EXPECT_TRUE(scanner.has_value());
  return std::move(*scanner);
}
std::set<std::string> ids(const SecretScanner& scanner, std::string_view text, std::string_view path = "app/settings.txt") {
  std::set<std::string> out;
  for (const SecretMatch& m : scanner.scan({.path = path, .text = text, .commit = {}}).matches) out.insert(m.rule->id);
  return out;
}

// Every rule's own examples, through all rules together as a scan runs them.
TEST(secret_rules, examples) {
  const std::vector<RuleSet> sets = tree_rules();
  std::set<std::string> seen;
  std::size_t rules = 0;
  for (const RuleSet& set : sets) {
    for (const RuleError& e : set.errors) ADD_FAILURE() << to_string(e);
    for (const SecretRule& rule : set.rules) {
      ++rules;
      EXPECT_TRUE(seen.insert(rule.id).second) << rule.id << " stands twice";
      EXPECT_FALSE(rule.match.empty()) << rule.id << " has no example that matches";
      EXPECT_FALSE(rule.no_match.empty()) << rule.id << " has no example that does not";
      EXPECT_FALSE(rule.source.empty()) << rule.id << " has no source";
    }
  }
  const SecretScanner all = scanner_of(tree_rules());
  EXPECT_EQ(all.rules(), rules);
  for (const RuleSet& set : sets) {
    for (const SecretRule& rule : set.rules) {
      std::string path = "app/settings.txt";
      if (!rule.paths.empty()) {
        // A path that the rule's first glob matches.
        path = rule.paths[0];
        while (path.starts_with("**/")) path.erase(0, 3);
        for (std::size_t star; (star = path.find('*')) != std::string::npos;) path.replace(star, 1, "x");
        if (const std::size_t open = path.find('{'); open != std::string::npos && path.find('}') != std::string::npos) path = cat(path.substr(0, open), cut(path.substr(open + 1, path.find('}') - open - 1), ',').first, path.substr(path.find('}') + 1));
      }
      for (const std::string& text : rule.match) EXPECT_TRUE(rule.general ? !ids(all, text, path).empty() : ids(all, text, path).contains(rule.id)) << rule.id << " must find: " << text;
      for (const std::string& text : rule.no_match) EXPECT_FALSE(ids(all, text, path).contains(rule.id)) << rule.id << " must not find: " << text;
    }
  }
}

TEST(secret_rules, shipped_are_those_of_the_tree) {
  std::set<std::string> tree, shipped;
  for (const RuleSet& set : tree_rules())
    for (const SecretRule& rule : set.rules) tree.insert(rule.id);
  for (const SecretRule& rule : shipped_secret_rules().rules) {
    shipped.insert(rule.id);
    EXPECT_TRUE(rule.match.empty()) << "examples take no room in the program";
  }
  EXPECT_EQ(tree, shipped);
}

TEST(secret_rules, the_portable_search_finds_the_same) {
  const SecretScanner fast = scanner_of(tree_rules()), portable = scanner_of(tree_rules(), {.cache_directory = {}, .method = LiteralSearch::Method::Portable});
  EXPECT_FALSE(portable.accelerated());
  std::size_t in_binaries = 0;
  for (const RuleSet& set : tree_rules())
    for (const SecretRule& rule : set.rules)
      for (const std::string& text : rule.match) {
        EXPECT_EQ(ids(fast, text), ids(portable, text)) << text;
        // Files that are no text are searched for fewer literals.
        const std::string binary = std::string(3, '\0') + text + std::string(1, '\0');
        const std::set<std::string> found = ids(fast, binary, "usr/bin/program");
        EXPECT_EQ(found, ids(portable, binary, "usr/bin/program")) << text;
        in_binaries += !found.empty();
      }
  EXPECT_GT(in_binaries, 100u);
}

TEST(secret_engine, one_finding_a_secret_with_all_lines_and_nothing_of_its_value) {
  const auto secrets = Secrets::load({.rules = {}, .fingerprint_key = "k"});
  ASSERT_TRUE(secrets.has_value());
  // A made-up token with right check digits.
  const std::string token = "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";
  const std::string text = cat("a\nT=", token, "\nb\n\nU=", token, "\n");
  const Facts facts = secrets->examine({.path = "app/.env", .text = text, .commit = {}});
  ASSERT_EQ(facts.findings.size(), 1u);
  const Finding& f = facts.findings[0];
  ASSERT_EQ(f.locations.size(), 2u);
  EXPECT_EQ(f.locations[0].line, 2u);
  EXPECT_EQ(f.locations[1].line, 5u);
  std::string all;
  write_facts(all, facts);
  EXPECT_EQ(all.find(token.substr(4, 8)), std::string::npos) << "the value must not leave the engine";
  EXPECT_NE(all.find(fingerprint(token, "k")), std::string::npos);
  const auto other = Secrets::load({.rules = {}, .fingerprint_key = "other"});
  EXPECT_NE(other->examine({.path = "app/.env", .text = text, .commit = {}}).findings.at(0).key, f.key);
}

// The commonest form of a user's file: gitleaks' default rules, some of them not, and a few of one's own.
TEST(secret_engine, gitleaks_defaults_are_the_shipped_rules) {
  const std::string token = "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";
  const std::string text = cat("T=", token, "\npassword = tr0ub4dor3x\nacme-83947263\n");
  const std::string extend = "title = 'ours'\n[extend]\nuseDefault = true\n";
  const std::string own = "[[rules]]\nid = 'acme'\nregex = '''acme-[0-9]{8}'''\nkeywords = ['acme']\n";
  const std::string github = "github-personal-access-token", password = "config-password";
  using Ids = std::set<std::string>;
  for (const bool alone : {false, true}) {
    const auto found = [&](std::string_view toml) {
      Ids out;
      const auto secrets = Secrets::load({.rules = {{"own.toml", std::string(toml)}}, .only_user_rules = alone, .fingerprint_key = "k"});
      EXPECT_TRUE(secrets.has_value()) << (secrets ? "" : secrets.error().message());
      if (secrets)
        for (const Finding& f : secrets->examine({.path = "app/a.ini", .text = text, .commit = {}}).findings) out.insert(f.rule_id);
      return out;
    };
    EXPECT_EQ(found(extend), (Ids{github, password})) << alone;
    EXPECT_EQ(found(extend + own), (Ids{"acme", github, password}));
    EXPECT_EQ(found(extend + "disabledRules = ['" + github + "']\n" + own), (Ids{"acme", password}));
    EXPECT_EQ(found(extend + "disabledRules = ['" + password + "']\n"), Ids{github});
    // Its allow-lists are for all of them.
    EXPECT_EQ(found(extend + "[[allowlists]]\npaths = ['''\\.ini$''']\n" + own), Ids());
    EXPECT_EQ(found(extend + "[[allowlists]]\ntargetRules = ['" + password + "']\nstopwords = ['tr0ub4dor']\n"), Ids{github});
    EXPECT_EQ(found(extend + "[[rules]]\nid = '" + github + "'\n[[rules.allowlists]]\nregexes = ['''zQWBuTSO''']\n"), Ids{password});
    // A rule of its own takes the place of the shipped one of the same id.
    EXPECT_EQ(found(extend + "[[rules]]\nid = '" + github + "'\nregex = '''acme-[0-9]{8}'''\nkeywords = ['acme']\n"), (Ids{github, password}));
    EXPECT_EQ(found(extend + "[[rules]]\nid = '" + github + "'\nregex = '''acme-[0-9]{9}'''\nkeywords = ['acme']\n"), Ids{password});
  }
  // What is otherwise than the file says is told, where it is checked and where it is used.
  const std::string odd = extend + "disabledRules = ['generic-api-key']\n[[rules]]\nid = 'aws-access-token'\nentropy = 3\n[[allowlists]]\ntargetRules = ['curl-auth-user']\npaths = ['x']\n";
  const RulesCheck check = check_secret_rules({"own.toml", odd});
  EXPECT_TRUE(check.refused.empty());
  ASSERT_EQ(check.notices.size(), 4u);
  EXPECT_NE(to_string(check.notices[0]).find("own.toml:3: [extend] useDefault: the "), std::string::npos) << to_string(check.notices[0]);
  EXPECT_NE(check.notices[1].why.find("no shipped rule has the id generic-api-key"), std::string::npos);
  EXPECT_EQ(check.notices[2].rule, "aws-access-token");
  EXPECT_NE(check.notices[3].why.find("curl-auth-user"), std::string::npos);
  const auto secrets = Secrets::load({.rules = {{"own.toml", odd}}, .fingerprint_key = "k"});
  ASSERT_TRUE(secrets.has_value());
  EXPECT_EQ(secrets->notices().size(), 4u);
  EXPECT_TRUE(check_secret_rules({"own.toml", own}).notices.empty());
}

TEST(secret_engine, utf16_is_read) {
  const auto secrets = Secrets::load({.rules = {}, .fingerprint_key = "k"});
  ASSERT_TRUE(secrets.has_value());
  const std::string text = "[x]\r\npassword = tr0ub4dor3\r\n";
  for (const bool little : {true, false}) {
    std::string wide = little ? "\xff\xfe" : "\xfe\xff";
    for (const char c : text) wide += little ? std::string{c, '\0'} : std::string{'\0', c};
    const Facts facts = secrets->examine({.path = "app/a.ini", .text = wide, .commit = {}});
    ASSERT_EQ(facts.findings.size(), 1u);
    EXPECT_EQ(facts.findings[0].locations.at(0).line, 2u);
  }
}

TEST(secret_search, a_damaged_cache_is_made_anew_and_both_methods_agree) {
  std::string folder = (fs::temp_directory_path() / "plimsoll-literals-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  std::vector<Literal> literals = {caseless("acme"), caseless("cmeac", true), caseless("ee.")};
  literals.push_back({.bytes = {caseless("s").bytes[0], caseless("k").bytes[0], ByteSet().set('0').set('1').set('2')}, .once = false});
  std::string text;
  for (int i = 0; i < 2000; ++i) text += cat("aCmeacmeee.sk", i % 5, "Sk0 ", i, "\n");
  const auto places = [&](const LiteralSearch& search) {
    std::vector<LiteralHit> hits;
    EXPECT_TRUE(search.search(text, hits, 1'000'000));
    std::set<std::pair<std::uint32_t, std::size_t>> out;
    for (const LiteralHit& hit : hits) out.emplace(hit.literal, hit.begin);
    return out;
  };
  const auto portable = LiteralSearch::build(literals, {}, LiteralSearch::Method::Portable);
  ASSERT_TRUE(portable.has_value());
  const auto expected = places(*portable);
  EXPECT_GT(expected.size(), 6000u);
  for (int round = 0; round < 3; ++round) {
    const auto search = LiteralSearch::build(literals, folder);
    ASSERT_TRUE(search.has_value());
    EXPECT_EQ(places(*search), expected);
    for (const auto& entry : fs::directory_iterator(folder)) {
      std::string bytes = read_file(entry.path().string()).value_or("");
      if (round == 1) bytes[bytes.size() / 2] ^= 0x55;
      else bytes.resize(bytes.size() / 3);
      ASSERT_TRUE(replace_file(entry.path().string(), as_bytes(bytes)).has_value());
    }
  }
  std::vector<LiteralHit> hits;
  EXPECT_FALSE(portable->search(text, hits, 10)) << "a bound reached is said";
  EXPECT_FALSE(LiteralSearch::build({Literal{.bytes = {ByteSet().set()}, .once = false}}).has_value());
  fs::remove_all(folder);
}

// The program carries the databases of the rules it ships, and they find what ones compiled now find.
TEST(secret_search, the_database_inside_the_program_is_of_the_shipped_rules) {
  KeyRules keys = shipped_key_rules();
  std::vector<RuleSet> sets;
  sets.push_back(shipped_secret_rules());
  const SecretScanner secrets = scanner_of(std::move(sets), {.key_rules = std::move(keys.rules)});
  if (!secrets.accelerated()) GTEST_SKIP() << "no libhs.so.5 here, or no SSSE3";
  EXPECT_EQ(secrets.literal_origin(), LiteralSearch::Origin::Program) << "another version of libhs than at build time?";
  const auto malware = shipped_malware_rules();
  ASSERT_TRUE(malware.has_value());
  std::string text;
  for (const char* const folder : {"secrets", "secret-keys", "malware"})
    for (const auto& entry : fs::directory_iterator(fs::path(PLIMSOLL_TEST_DATA).parent_path().parent_path() / "rules" / folder)) text += read_file(entry.path().string()).value_or("");
  ASSERT_GT(text.size(), 300'000u);
  for (const std::vector<Literal>& literals : {secrets.literals(), secrets.binary_literals(), malware->literals()}) {
    ASSERT_GT(literals.size(), 10u);
    const auto places = [&](LiteralSearch::Method method, LiteralSearch::Origin origin) {
      const auto search = LiteralSearch::build(literals, {}, method);
      EXPECT_TRUE(search.has_value());
      if (!search) return std::set<std::pair<std::uint32_t, std::size_t>>();
      EXPECT_EQ(search->origin(), origin);
      std::vector<LiteralHit> hits;
      EXPECT_TRUE(search->search(text, hits, 10'000'000));
      std::set<std::pair<std::uint32_t, std::size_t>> out;
      // Of one that is wanted once, which place is told is the library's choice.
      for (const LiteralHit& hit : hits) out.emplace(hit.literal, literals[hit.literal].once ? 0 : hit.begin);
      return out;
    };
    const auto carried = places(LiteralSearch::Method::Best, LiteralSearch::Origin::Program);
    EXPECT_GT(carried.size(), 10u);
    EXPECT_EQ(carried, places(LiteralSearch::Method::Ssse3, LiteralSearch::Origin::Compiled));
    EXPECT_EQ(carried, places(LiteralSearch::Method::Portable, LiteralSearch::Origin::Portable));
    // One literal more, and it is another set.
    std::vector<Literal> more = literals;
    more.push_back(caseless("one more"));
    const auto other = LiteralSearch::build(more);
    ASSERT_TRUE(other.has_value());
    EXPECT_EQ(other->origin(), LiteralSearch::Origin::Compiled);
  }
}

TEST(secret_redaction, fingerprint_is_hmac_sha256) {
  // RFC 4231 test case 2.
  EXPECT_EQ(fingerprint("what do ya want for nothing?", "Jefe"), "5bdcc146bf60754e6a042426089575c7");
  EXPECT_EQ(redacted("short"), "… (5 characters)");
  EXPECT_EQ(redacted("ghp_abcdefghijklmnop"), "ghp_… (20 characters)");
}

}  // namespace
}  // namespace plimsoll::detect
