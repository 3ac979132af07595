// The table of docs/inventory.md is made from the plugins themselves: their names, the files they ask for, and the
// kinds of packages that their fixtures show, and whether one of those is a real file. PLIMSOLL_UPDATE_GOLDEN=1 writes it anew.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "inventory/cataloguer.h"

namespace plimsoll::inventory {
namespace {

constexpr std::string_view kBegin = "<!-- table of cataloguers: written by inventory_test -->\n",
                           kEnd = "<!-- end of the table -->\n";

// Purl types in the expected results of a cataloguer's fixtures.
std::string kinds_of(const std::string& name) {
  std::set<std::string> kinds;
  const std::filesystem::path folder = std::filesystem::path(PLIMSOLL_TEST_DATA) / "inventory" / name;
  for (const auto& fixture : std::filesystem::directory_iterator(folder)) {
    const auto text = read_file((fixture.path() / "expected.json").string());
    if (!text) continue;
    const auto document = JsonDocument::parse(*text);
    if (!document) continue;
    for (const JsonValue package : document->root()["packages"].items()) kinds.emplace(package["type"].text());
    if (document->root()["distributions"].exists()) kinds.insert("(distribution)");
  }
  std::string out;
  for (const std::string& kind : kinds) out += (out.empty() ? "" : ", ") + kind;
  return out;
}

// "real files" where a fixture is one that the ecosystem's own tools wrote; "written" where each SOURCE begins with that
// word, so that the reader has seen nothing but files made by hand after the published form.
std::string_view tried_on(const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(PLIMSOLL_TEST_DATA) / "inventory" / name;
  bool real = false;
  const auto look = [&real](const std::filesystem::path& file) {
    const auto text = read_file(file.string());
    real = real || (text && !text->starts_with("Written"));
  };
  look(folder / "SOURCE");
  for (const auto& fixture : std::filesystem::directory_iterator(folder)) look(fixture.path() / "SOURCE");
  return real ? "real files" : "written";
}

std::string files_of(const Cataloguer& cataloguer) {
  constexpr std::size_t kMostShown = 24;  // beyond, the patterns come from rules
  std::string out;
  const auto add = [&](const std::string& item) { out += (out.empty() ? "" : " ") + item; };
  if (cataloguer.paths.size() > kMostShown)
    add(cat("files by the names in rules/", cataloguer.name, "s"));
  else
    for (const std::string& path : cataloguer.paths) add("`" + path + "`");
  if (!cataloguer.magics.empty()) add("files by their first bytes");
  if (cataloguer.executables) add("executable files");
  return out;
}

std::string table() {
  std::string out = "| cataloguer | finds | in | tried on | reads |\n|---|---|---|---|---|\n";
  for (const Cataloguer& c : cataloguers()) {
    const std::string_view scope = c.scope == Scope::Image       ? "images"
                                   : c.scope == Scope::Directory ? "source trees"
                                                                 : "both";
    out += cat("| ", c.name, " | ", kinds_of(c.name), " | ", scope, " | ", tried_on(c.name), " | ", files_of(c), " |\n");
  }
  return out;
}

TEST(docs, the_table_of_cataloguers_is_theirs) {
  const std::string path = std::string(PLIMSOLL_TEST_DATA) + "/../../docs/inventory.md";
  const auto page = read_file(path);
  ASSERT_TRUE(page.has_value()) << page.error().message();
  const std::size_t begin = page->find(kBegin), end = page->find(kEnd);
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos && begin < end);
  const std::size_t from = begin + kBegin.size();
  if (environment("PLIMSOLL_UPDATE_GOLDEN")) {
    std::string fresh = page->substr(0, from) + table() + page->substr(end);
    ASSERT_TRUE(replace_file(path, as_bytes(fresh)).has_value());
    return;
  }
  EXPECT_TRUE(page->substr(from, end - from) == table())
      << "docs/inventory.md is behind the plugins: PLIMSOLL_UPDATE_GOLDEN=1 writes it; read git diff";
}

}  // namespace
}  // namespace plimsoll::inventory
