#include "inventory/classifiers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "base/text.h"

namespace plimsoll::inventory {
namespace {

namespace fs = std::filesystem;

std::string found(std::string_view pattern, std::string_view bytes, std::string_view name = "x") {
  const auto parsed = BytePattern::parse(pattern);
  EXPECT_TRUE(parsed.has_value()) << pattern;
  return parsed ? parsed->find(as_bytes(bytes), name).value_or("none") : "bad";
}

TEST(byte_pattern, versions_and_their_suffixes) {
  EXPECT_EQ(found("OpenSSL {version}", "OpenSSL 1.1.1w  11 Sep 2023"), "1.1.1w");
  EXPECT_EQ(found("OpenSSL {version}", "OpenSSL 1.0.2k-fips"), "1.0.2k");
  EXPECT_EQ(found("OpenSSH_{version}", "OpenSSH_9.2p1 Debian"), "9.2p1");
  EXPECT_EQ(found("app/{version}", "app/2.0-rc1;"), "2.0-rc1");
  EXPECT_EQ(found("app/{version}", "app/2.0.0-beta.2+x"), "2.0.0-beta.2");
  EXPECT_EQ(found("app/{version}", "app/10.11.6-MariaDB"), "10.11.6");
  EXPECT_EQ(found("app/{version}", "app/12"), "none");
  EXPECT_EQ(found("app/{version}", "app/1.2.x app/3.4"), "1.2");
  EXPECT_EQ(found("less {number}", "less 590"), "590");
  EXPECT_EQ(found("VM ({java}", "VM (1.8.0_392-b08)"), "1.8.0_392");
}

TEST(byte_pattern, parts_before_the_anchor) {
  EXPECT_EQ(found("{version}-MariaDB", std::string_view("\0" "10.3.39-MariaDB", 16)), "10.3.39") << "a number is not cut in two";
  EXPECT_EQ(found(R"(\0{pathversion}\0)", std::string_view("\0" "3.10.1\0" "3.11.2\0", 15), "python3.11"), "3.11.2");
  EXPECT_EQ(found(R"(\0{pathversion}\0)", std::string_view("\0" "3.11.2\0", 8), "python"), "none");
  EXPECT_EQ(found("(GNU Binutils{any}) {version}", "(GNU Binutils for Debian) 2.40"), "2.40");
}

TEST(byte_pattern, bad_patterns_are_refused) {
  for (const std::string_view bad : {"", "nothing", "{version}", "a{version}", "x{oops}{version}", "abc{version", R"(abc\q{version})", "abc{version}{number}"})
    EXPECT_FALSE(BytePattern::parse(bad).has_value()) << bad;
}

// The smallest Go program: an ELF file whose one segment is the build information, in the form since Go 1.18.
std::string go_program(std::string_view module, std::string_view version) {
  const auto number = [](std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
    return out;
  };
  const auto counted = [](const std::string& text) {  // LEB128, bytes
    std::string out;
    std::size_t rest = text.size();
    for (; rest > 0x7f; rest >>= 7) out.push_back(static_cast<char>((rest & 0x7f) | 0x80));
    out.push_back(static_cast<char>(rest));
    out += text;
    return out;
  };
  const std::string mark(16, '#');  // the linker's own, around the text
  const std::string text = cat(mark, "path\t", module, "\nmod\t", module, "\t", version, "\t\n", mark);
  const std::string blob = cat("\xff Go buildinf:\x08\x02", std::string(16, '\0'), counted("go1.20.7"), counted(text));
  constexpr std::uint64_t kData = 0x80, kAddress = 0x400000;
  std::string out = cat("\x7f" "ELF\x02\x01\x01", std::string(9, '\0'));
  out += cat(number(2, 2), number(62, 2), number(1, 4), number(kAddress, 8), number(64, 8), number(0, 8), number(0, 4));
  out += cat(number(64, 2), number(56, 2), number(1, 2), number(64, 2), number(0, 2), number(0, 2));
  out += cat(number(1, 4), number(6, 4), number(kData, 8), number(kAddress, 8), number(kAddress, 8), number(blob.size(), 8), number(blob.size(), 8), number(16, 8));
  out.resize(kData, '\0');
  return out + blob;
}

// What an example's bytes stand for: of a rule for Go programs they are "MODULE VERSION".
std::string bytes_of(const Classifier& rule, const ClassifierExample& example) {
  if (rule.go_modules.empty() || !rule.versions.empty()) return example.bytes;
  const auto [module, version] = cut(example.bytes, ' ');
  return go_program(module, version);
}

// Each rule's own examples, through the cataloguer as a scan runs it: so a rule that takes another's file fails too.
TEST(classifiers, examples_of_shipped_rules) {
  std::set<std::string> products;
  const Cataloguer all = classifier_of(shipped_classifiers());
  for (const Classifier& rule : shipped_classifiers()) {
    EXPECT_TRUE(products.insert(rule.product).second) << rule.product << " stands twice";
    EXPECT_FALSE(rule.match.empty()) << rule.product << " has no example";
    EXPECT_FALSE(rule.no_match.empty()) << rule.product << " has no example that must not match";
    for (const std::string& module : rule.go_modules)
      EXPECT_TRUE(std::any_of(rule.match.begin(), rule.match.end(), [&](const auto& example) { return cut(example.bytes, ' ').first == module; })) << rule.product << " has no example of " << module;
    const Cataloguer alone = classifier_of({rule});
    const auto versions = [&rule](const Cataloguer& cataloguer, const ClassifierExample& example) {
      const std::string bytes = bytes_of(rule, example);
      const auto facts = cataloguer.extract({.path = example.file, .content = as_bytes(bytes), .mode = 0755}, {});
      EXPECT_TRUE(facts.has_value());
      return facts && !facts->packages.empty() ? facts->packages[0].version : std::string();
    };
    for (const ClassifierExample& example : rule.match) {
      EXPECT_TRUE(std::any_of(rule.files.begin(), rule.files.end(), [&](const auto& glob) { return glob_match(glob, example.file); })) << rule.product << ": " << example.file;
      EXPECT_EQ(versions(alone, example), example.version) << rule.product << ": " << example.bytes;
      EXPECT_EQ(versions(all, example), example.version) << rule.product << " beside the others: " << example.bytes;
    }
    for (const ClassifierExample& example : rule.no_match) EXPECT_EQ(versions(alone, example), "") << rule.product << ": " << example.bytes;
  }
  EXPECT_GE(products.size(), 90u);
}

TEST(classifiers, rules_that_are_wrong_are_refused_with_their_name) {
  const auto refused = [](std::string_view yaml, std::string_view why) {
    const auto rules = read_classifiers("own.yaml", yaml);
    ASSERT_FALSE(rules.has_value()) << yaml;
    EXPECT_NE(rules.error().message().find(why), std::string::npos) << rules.error().message();
    EXPECT_NE(rules.error().message().find("own.yaml"), std::string::npos);
  };
  refused("product: x", "not a list");
  refused("- files: [x]", "no product");
  refused("- {product: x, files: [a/b], versions: ['x/{version}'], purl: 'pkg:generic/x'}", "base names");
  refused("- {product: x, files: [b], versions: ['{version}'], purl: 'pkg:generic/x'}", "three bytes");
  refused("- {product: x, files: [b], versions: ['abc{version}'], purl: 'x'}", "package URL");
  refused("- {product: x, files: [b], versions: ['abc{version}'], purl: 'pkg:generic/x'}", "example");
  refused("- {product: x, file: [b]}", "no key is called file");
}

// On programs as Debian builds them: tests/inventory/classifiers_debian fetches and unpacks them and sets the variable.
TEST(classifiers, programs_of_debian_packages) {
  const auto folder = environment("PLIMSOLL_UNPACKED_PACKAGES");
  if (!folder) GTEST_SKIP() << "PLIMSOLL_UNPACKED_PACKAGES is not set: run tests/inventory/classifiers_debian";
  const auto table = read_file(PLIMSOLL_TEST_DATA "/classifiers_debian.tsv");
  ASSERT_TRUE(table.has_value());
  const Cataloguer cataloguer = classifier_of(shipped_classifiers());
  std::string_view rest = *table, line;
  int checked = 0;
  while (next_line(rest, line)) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::vector<std::string_view> row = split(line, '\t');  // package, base name (a glob), purl name
    ASSERT_EQ(row.size(), 3u) << line;
    const fs::path root = fs::path(*folder) / row[0];
    if (!fs::is_directory(root)) {
      ADD_FAILURE() << row[0] << " was not unpacked";
      continue;
    }
    const auto debian = read_file((root / "VERSION").string());
    ASSERT_TRUE(debian.has_value()) << row[0];
    std::string seen = "no such file";
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.is_symlink() || !entry.is_regular_file() || !glob_match(row[1], entry.path().filename().string())) continue;
      const auto bytes = read_file(entry.path().string(), 1u << 30);
      ASSERT_TRUE(bytes.has_value());
      const auto facts = cataloguer.extract({.path = entry.path().lexically_relative(root).string(), .content = as_bytes(*bytes), .mode = 0755}, {});
      if (facts && !facts->packages.empty()) seen = cat(facts->packages[0].name, " ", facts->packages[0].version);
      else if (seen == "no such file") seen = "nothing";
    }
    // "1:9.2p1-2+deb12u10" -> "9.2p1-2+deb12u10", which must begin with the version found, at a border.
    std::string_view upstream = trim(*debian);
    if (const std::size_t colon = upstream.find(':'); colon != std::string_view::npos) upstream.remove_prefix(colon + 1);
    // "3.1.7+really3.1.2-0": an upload that went back.
    if (const std::size_t really = upstream.find("+really"); really != std::string_view::npos) upstream.remove_prefix(really + 7);
    const auto [name, stated] = cut(seen, ' ');
    std::string version(stated.starts_with('v') ? stated.substr(1) : stated);
    const bool agrees = name == row[2] && !version.empty() && upstream.starts_with(version) && (upstream.size() == version.size() || !std::isdigit(static_cast<unsigned char>(upstream[version.size()])));
    EXPECT_TRUE(agrees) << row[0] << " " << upstream << ", " << row[1] << ": " << seen;
    ++checked;
  }
  std::printf("%d programs of Debian checked\n", checked);
  EXPECT_GE(checked, 60);
}

}  // namespace
}  // namespace plimsoll::inventory
