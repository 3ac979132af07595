// The golden runner: every cataloguer on every tree in tests/data/inventory/NAME/CASE/input/, against expected.json.
//
// A file is chosen as the walk chooses it (model/analyser.h); facts pass through the cache's form, as in a scan; "os"
// resolves first, so the others see the distribution. A directory called "x.war!" stands for what the walk opens in an
// archive: "x.war!/WEB-INF/lib/y.jar". PLIMSOLL_UPDATE_GOLDEN=1 writes expected.json anew: read the diff.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "inventory/cataloguer.h"

namespace plimsoll::inventory {
namespace {

namespace fs = std::filesystem;

struct InputFile {
  std::string path, bytes;
  std::uint32_t mode = 0;
};

class InputTree : public Tree {
 public:
  explicit InputTree(const fs::path& root) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      const std::string path = entry.path().lexically_relative(root).string();
      paths_.insert(path);
      if (!entry.is_regular_file() || entry.is_symlink()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      files.push_back({.path = path,
                       .bytes = {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()},
                       .mode = static_cast<std::uint32_t>(fs::status(entry.path()).permissions())});
    }
    std::sort(files.begin(), files.end(), [](const InputFile& a, const InputFile& b) { return a.path < b.path; });
  }
  bool contains(std::string_view path) const override { return paths_.contains(std::string(path)); }
  std::vector<InputFile> files;

 private:
  std::set<std::string> paths_;
};

bool wants(const Cataloguer& cataloguer, const InputFile& file) {
  const std::size_t nested = file.path.rfind("!/");
  if (nested != std::string::npos && !cataloguer.nested) return false;
  const std::string_view inner = nested == std::string::npos ? std::string_view() : std::string_view(file.path).substr(nested + 2);
  const auto matches = [&](const std::string& pattern) { return glob_match(pattern, file.path) || (!inner.empty() && glob_match(pattern, inner)); };
  return std::any_of(cataloguer.paths.begin(), cataloguer.paths.end(), matches) ||
         std::any_of(cataloguer.magics.begin(), cataloguer.magics.end(), [&](const std::string& magic) { return file.bytes.starts_with(magic); }) ||
         (cataloguer.executables && (file.mode & 0111) != 0);
}

Catalogue run(const Cataloguer& cataloguer, const InputTree& tree, const Distribution* distribution) {
  std::vector<std::pair<std::string, Facts>> kept;
  Catalogue out;
  Gaps errors;
  for (const InputFile& file : tree.files) {
    if (!wants(cataloguer, file)) continue;
    auto facts = cataloguer.extract({.path = file.path, .content = as_bytes(file.bytes), .mode = file.mode}, Limits{});
    if (!facts) {
      errors.push_back({.part = cataloguer.name, .where = file.path, .why = cat("error ", to_string(facts.error().kind()), ": ", facts.error().message())});
      continue;
    }
    std::string stored;
    write_facts(stored, *facts);
    auto again = read_facts(as_bytes(stored));
    EXPECT_TRUE(again.has_value()) << file.path;
    if (again) kept.emplace_back(file.path, std::move(*again));
  }
  std::vector<FileFacts> views;
  for (const auto& [path, facts] : kept) views.push_back({.path = path, .facts = &facts});
  auto catalogue = cataloguer.resolve({.files = views, .tree = tree, .layers = {}, .distribution = distribution});
  if (catalogue) {
    // The spans of owned paths are borrowed from the facts: turned into text while those live.
    out = std::move(*catalogue);
    for (const OwnedPaths& owned : out.owned) {
      std::string text = cat(owned.paths.size());
      const std::set<std::uint64_t> hashes(owned.paths.begin(), owned.paths.end());
      for (const InputFile& file : tree.files)
        if (hashes.contains(owned_path_hash(file.path))) text += cat(" ", file.path);
      out.packages.at(owned.package).set_property("(owned paths)", text);
    }
    out.owned.clear();
  } else {
    errors.push_back({.part = cataloguer.name, .where = "resolve", .why = catalogue.error().message()});
  }
  for (const auto& [path, facts] : kept)
    for (const Gap& gap : facts.gaps) out.gaps.push_back(gap);
  out.gaps.insert(out.gaps.end(), errors.begin(), errors.end());
  return out;
}

void write_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) return;
  json.key(key).begin_array();
  for (const std::string& value : values) json.value(value);
  json.end_array();
}

void write_location(JsonWriter& json, const Location& location) {
  json.value(location.line == 0 ? location.path : cat(location.path, ":", location.line));
}

std::string written(Catalogue catalogue) {
  std::stable_sort(catalogue.packages.begin(), catalogue.packages.end(), [](const Package& a, const Package& b) {
    return std::tie(a.type, a.ns, a.name, a.version, a.arch, a.locations) < std::tie(b.type, b.ns, b.name, b.version, b.arch, b.locations);
  });
  std::sort(catalogue.gaps.begin(), catalogue.gaps.end());
  std::string out;
  JsonWriter json(out, true);
  json.begin_object();
  if (!catalogue.distributions.empty()) {
    json.key("distributions").begin_array();
    for (const Distribution& d : catalogue.distributions) {
      json.begin_object().text_member("id", d.id).text_member("versionId", d.version_id).text_member("codename", d.codename);
      json.text_member("name", d.name).text_member("variant", d.variant).text_member("cpe", d.cpe);
      write_list(json, "idLike", d.id_like);
      if (d.end_of_life) json.member("endOfLife", *d.end_of_life);
      json.key("location");
      write_location(json, d.location);
      json.end_object();
    }
    json.end_array();
  }
  json.key("packages").begin_array();
  for (const Package& p : catalogue.packages) {
    json.begin_object().member("purl", p.purl_text());
    json.text_member("type", p.type).text_member("ns", p.ns).text_member("name", p.name).text_member("version", p.version).text_member("arch", p.arch);
    json.text_member("sourceName", p.source_name).text_member("sourceVersion", p.source_version);
    write_list(json, "licenses", p.licenses);
    write_list(json, "depends", p.depends);
    if (!p.properties.empty()) {
      json.key("properties").begin_object();
      for (const auto& [key, value] : p.properties) json.member(key, value);
      json.end_object();
    }
    json.key("locations").begin_array();
    for (const Location& location : p.locations) write_location(json, location);
    json.end_array().end_object();
  }
  json.end_array().key("gaps").begin_array();
  for (const Gap& gap : catalogue.gaps) json.begin_object().member("part", gap.part).member("where", gap.where).member("why", gap.why).end_object();
  json.end_array().end_object();
  return out + "\n";
}

const fs::path& data_folder() {
  static const fs::path folder = fs::path(PLIMSOLL_TEST_DATA) / "inventory";
  return folder;
}

const Cataloguer* find(std::string_view name) {
  for (const Cataloguer& cataloguer : cataloguers())
    if (cataloguer.name == name) return &cataloguer;
  return nullptr;
}

std::vector<std::string> cases() {
  std::vector<std::string> out;
  if (fs::is_directory(data_folder()))
    for (const auto& plugin : fs::directory_iterator(data_folder()))
      for (const auto& folder : fs::directory_iterator(plugin.path()))
        if (fs::is_directory(folder.path() / "input")) out.push_back(folder.path().lexically_relative(data_folder()).string());
  std::sort(out.begin(), out.end());
  return out;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, catalogue_is_as_expected) {
  const fs::path folder = data_folder() / GetParam();
  const Cataloguer* cataloguer = find(folder.parent_path().filename().string());
  ASSERT_NE(cataloguer, nullptr) << "no cataloguer is called " << folder.parent_path().filename();
  const InputTree tree(folder / "input");
  const Catalogue os = run(*find("os"), tree, nullptr);
  const Distribution none;
  const Distribution* distribution = os.distributions.empty() ? &none : &os.distributions.front();
  const std::string found = written(cataloguer->name == "os" ? os : run(*cataloguer, tree, distribution));
  const std::string expected_file = (folder / "expected.json").string();
  if (environment("PLIMSOLL_UPDATE_GOLDEN")) {
    ASSERT_TRUE(replace_file(expected_file, as_bytes(found)).has_value());
    return;
  }
  const auto expected = read_file(expected_file);
  ASSERT_TRUE(expected.has_value()) << expected.error().message() << "; PLIMSOLL_UPDATE_GOLDEN=1 writes it";
  EXPECT_EQ(*expected, found);
}

INSTANTIATE_TEST_SUITE_P(inventory, Golden, testing::ValuesIn(cases()), [](const auto& param) {
  std::string name = param.param;
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(golden, every_cataloguer_has_a_case_and_keeps_the_rules) {
  const std::vector<std::string> all = cases();
  for (const Cataloguer& cataloguer : cataloguers()) {
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const std::string& name) { return name.starts_with(cataloguer.name + "/"); }))
        << cataloguer.name << " has no tests/data/inventory/" << cataloguer.name << "/CASE/input";
    EXPECT_TRUE(cataloguer.extract && cataloguer.resolve) << cataloguer.name;
    EXPECT_FALSE(cataloguer.paths.empty() && cataloguer.magics.empty() && !cataloguer.executables) << cataloguer.name;
  }
}

}  // namespace
}  // namespace plimsoll::inventory
