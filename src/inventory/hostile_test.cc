// What no language cataloguer may do with hostile files: crash, hang, or say less than there is without saying so.
#include <gtest/gtest.h>

#include <algorithm>

#include "format/test_archives.h"
#include "inventory/cataloguer.h"

namespace plimsoll::inventory {
namespace {

const Cataloguer& cataloguer(std::string_view name) {
  const auto& all = cataloguers();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& c) { return c.name == name; });
  PLIM_ASSERT(found != all.end());
  return *found;
}

Result<Facts> read(std::string_view name, std::string_view path, std::string_view bytes, const Limits& limits = {}) {
  return cataloguer(name).extract({.path = path, .content = as_bytes(bytes)}, limits);
}

// An error or a gap: either way the report names the file.
void is_told(std::string_view name, std::string_view path, std::string_view bytes, const Limits& limits = {}) {
  const auto facts = read(name, path, bytes, limits);
  EXPECT_TRUE(!facts || !facts->gaps.empty()) << name << " " << path;
}

TEST(hostile, a_hundred_megabytes_of_package_json) {
  std::string big = R"({"name": "big", "version": "1.0.0", "description": ")";
  big.append(100u << 20, 'x').append("\"}");
  const auto facts = read("node_installed", "app/node_modules/big/package.json", big);
  ASSERT_FALSE(facts.has_value());
  EXPECT_EQ(facts.error().kind(), ErrorKind::Limit);
}

TEST(hostile, nesting_has_an_end) {
  const std::string brackets(200'000, '['), braces = [] {
    std::string out;
    for (int i = 0; i < 100'000; ++i) out += "{\"dependencies\":";
    return out;
  }();
  is_told("node_installed", "node_modules/a/package.json", brackets);
  is_told("npm_lock", "package-lock.json", braces);
  is_told("pnpm_lock", "pnpm-lock.yaml", brackets);
  is_told("cargo_lock", "Cargo.lock", "a = " + brackets);
  is_told("composer_installed", "vendor/composer/installed.php", "<?php return " + std::string(200'000, '('));
  is_told("pear_installed", ".registry/a.reg", [] {
    std::string out;
    for (int i = 0; i < 100'000; ++i) out += "a:1:{i:0;";
    return out;
  }());
}

TEST(hostile, yaml_that_grows_by_its_aliases) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += cat("a", i, ": &a", i, " [");
    for (int j = 0; j < 10; ++j) bomb += cat(j ? ", " : "", "*a", i - 1);
    bomb += "]\n";
  }
  is_told("pub_lock", "pubspec.lock", bomb + "packages: *a11\n");
}

TEST(hostile, names_that_are_not_utf8_are_kept_or_told) {
  const auto facts =
      read("npm_lock", "package-lock.json",
           "{\"lockfileVersion\": 3, \"packages\": {\"node_modules/\xff\xfe\": {\"version\": \"1.0.0\"}}}");
  ASSERT_TRUE(facts.has_value());
  ASSERT_EQ(facts->packages.size(), 1u);
  EXPECT_TRUE(is_utf8(facts->packages[0].name));
}

TEST(hostile, a_version_of_a_megabyte) {
  const std::string version(1u << 20, '9');
  for (const auto& [name, path, bytes] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"npm_lock", "package-lock.json", cat(R"({"packages": {"node_modules/a": {"version": ")", version, "\"}}}")},
           {"python_installed", "a-1.dist-info/METADATA", cat("Name: a\nVersion: ", version, "\n")},
           {"gemfile_lock", "Gemfile.lock", cat("GEM\n  specs:\n    a (", version, ")\n")},
           {"go_mod", "go.mod", cat("require a/b v", version, "\n")},
           {"yarn_lock", "yarn.lock", cat("a@1:\n  version \"", version, "\"\n")},
           {"cargo_lock", "Cargo.lock", cat("[[package]]\nname = \"a\"\nversion = \"", version, "\"\n")},
           {"terraform_lock", ".terraform.lock.hcl",
            cat("provider \"a/b/c\" {\n  version = \"", version, "\"\n}\n")}}) {
    const auto facts = read(name, path, bytes);
    ASSERT_TRUE(facts.has_value()) << name;
    ASSERT_EQ(facts->packages.size(), 1u) << name;
    EXPECT_LE(facts->packages[0].version.size(), 1024u) << name;
    EXPECT_EQ(facts->gaps.size(), 1u) << name;
  }
}

TEST(hostile, records_beyond_the_limit) {
  Limits limits;
  limits.records = 10;
  std::string lock;
  for (int i = 0; i < 100; ++i) lock += cat("[[package]]\nname = \"p", i, "\"\nversion = \"1.0.0\"\n\n");
  const auto facts = read("cargo_lock", "Cargo.lock", lock, limits);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->packages.size(), 10u);
  EXPECT_EQ(facts->gaps.size(), 1u);
}

TEST(hostile, cyclic_dependencies_end) {
  const auto facts = read("pnpm_lock", "pnpm-lock.yaml",
                          "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a: {version: "
                          "1.0.0}\npackages:\n  a@1.0.0: {}\n  b@1.0.0: {}\n  c@1.0.0: {}\n"
                          "snapshots:\n  a@1.0.0:\n    dependencies: {b: 1.0.0}\n  b@1.0.0:\n    dependencies: {a: "
                          "1.0.0, b: 1.0.0}\n  c@1.0.0:\n    dependencies: {c: 1.0.0}\n");
  ASSERT_TRUE(facts.has_value());
  ASSERT_EQ(facts->packages.size(), 3u);
  EXPECT_EQ(facts->packages[1].property("dev"), "");
  EXPECT_EQ(facts->packages[2].property("dev"), "true");
}

std::string jar_with_folders(std::size_t folders, std::size_t name_bytes) {
  format::TestZip zip;
  const format::TestZip::How stored{.method = 0};
  for (const std::string_view artifact : {"one", "two"})
    zip.file(cat("META-INF/maven/org.example/", artifact, "/pom.properties"), "version=1\n", stored);
  for (std::size_t i = 0; i < folders; ++i)
    zip.file(cat("org/", i, std::string(name_bytes, 'a'), "/A.class"), "x", stored);
  return zip.end();
}

TEST(hostile, a_jar_of_more_folder_names_than_are_kept) {
  const auto big = read("java_archive", "big.jar", jar_with_folders(2'000, 2'000));
  ASSERT_TRUE(big.has_value());
  ASSERT_EQ(big->gaps.size(), 1u);
  EXPECT_TRUE(big->note("folders").empty()) << "half a list would make strays of real poms";
  const auto small = read("java_archive", "small.jar", jar_with_folders(200, 10));
  ASSERT_TRUE(small.has_value());
  EXPECT_TRUE(small->gaps.empty());
  EXPECT_LT(small->note("folders").size(), 200u * 40);
  EXPECT_NE(small->note("folders").find("\norg/0aaaaaaaaaa\n"), std::string_view::npos);
}

struct LockName {
  std::string_view cataloguer, path, empty;  // `empty`: a lock of that kind that locks nothing
};
constexpr LockName kLocks[] = {
    {"gemfile_lock", "Gemfile.lock", "GEM\n  specs:\n\nPLATFORMS\n  ruby\n"},
    {"gemfile_lock", "gems.locked", "DEPENDENCIES\n"},
    {"hex_lock", "mix.lock", "%{\n}\n"},
    {"hex_lock", "rebar.lock", "[].\n"},
    {"terraform_lock", ".terraform.lock.hcl", "# This file is maintained automatically\n"},
    {"go_mod", "go.mod", "module example.org/a\n\ngo 1.22\n"},
    {"go_mod", "go.sum", "example.org/b v1.0.0/go.mod h1:x=\n"},
    {"yarn_lock", "yarn.lock", "# THIS IS AN AUTOGENERATED FILE.\n# yarn lockfile v1\n\n\n"},
    {"gradle_lock", "gradle.lockfile", "# This is a Gradle generated file\nempty=annotationProcessor\n"},
    {"cocoapods_lock", "Podfile.lock", "PODFILE CHECKSUM: abc\n\nCOCOAPODS: 1.15.2\n"},
    {"npm_lock", "package-lock.json", R"({"name": "a", "lockfileVersion": 1})"},
    {"pnpm_lock", "pnpm-lock.yaml", "lockfileVersion: '9.0'\n"},
    {"pub_lock", "pubspec.lock", "packages: {}\n"},
    {"cargo_lock", "Cargo.lock", "version = 4\n"},
    {"composer_lock", "composer.lock", R"({"packages": [], "packages-dev": []})"},
    {"bun_lock", "bun.lock", R"({"lockfileVersion": 1, "workspaces": {}})"},
    {"swift_resolved", "Package.resolved", R"({"pins": [], "version": 2})"},
    {"conan_packages", "conan.lock", R"({"version": "0.5", "requires": []})"},
    {"nuget_project", "packages.lock.json", R"({"version": 1, "dependencies": {}})"},
    {"python_requirements", "requirements.txt", "# nothing yet\n--index-url https://pypi.example/simple\n"},
    {"python_requirements", "Pipfile.lock", R"({"_meta": {}, "default": {}, "develop": {}})"},
    {"python_lock", "uv.lock", "version = 1\n"},
    {"python_lock", "poetry.lock", "package = []\n"},
    {"r_packages", "renv.lock", R"({"Packages": {}})"},
    {"haskell_packages", "stack.yaml.lock", "packages: []\n"},
    {"haskell_packages", "cabal.project.freeze", "index-state: hackage.haskell.org 2024-01-01T00:00:00Z\n"},
};

TEST(hostile, a_lock_file_that_is_something_else_is_told) {
  constexpr std::string_view kPage = "<!DOCTYPE html>\n<html>\n<head><title>404</title></head>\n<body>Not Found</body>\n</html>\n";
  for (const LockName& lock : kLocks) {
    for (const std::string_view wrong : {kPage, std::string_view("404: Not Found"), std::string_view("[1, 2]"), std::string_view("{\"message\": \"Not Found\"}")})
      is_told(lock.cataloguer, lock.path, wrong);
    const auto nothing = read(lock.cataloguer, lock.path, lock.empty);
    ASSERT_TRUE(nothing.has_value()) << lock.path;
    EXPECT_TRUE(nothing->packages.empty() && nothing->gaps.empty()) << lock.path << ": a lock of nothing is no gap";
  }
}

}  // namespace
}  // namespace plimsoll::inventory
