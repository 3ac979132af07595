#include "inventory/content_sets.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

constexpr std::size_t kMaxSets = 10'000;  // of one manifest; real ones have some dozens
constexpr std::size_t kMaxLayers = 100'000;
constexpr std::string_view kNote = "content-set";

// "rhel-9-for-x86_64-baseos-rpms": no blanks, which join them.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool has_binaries(std::string_view name) { return name.find("-source-rpms") == std::string_view::npos && name.find("-debug-rpms") == std::string_view::npos; }

}  // namespace

bool is_content_manifest(std::string_view path) {
  return std::any_of(std::begin(kContentManifests), std::end(kContentManifests), [&](std::string_view pattern) { return glob_match(pattern, path); });
}

Facts read_content_manifest(const FileView& file, const Limits& limits) {
  Facts facts;
  const auto gap = [&](std::string why) { facts.gaps.push_back({"rpm", std::string(file.path), std::move(why)}); };
  const auto document = parse_json_file(file, limits);
  if (!document.has_value()) {
    gap(cat("the manifest of content sets cannot be read: ", document.error().message()));
    return facts;
  }
  const JsonValue sets = document->root()["content_sets"];
  if (!sets.exists()) return facts;
  if (!sets.is_array()) {
    gap("the manifest's content sets are no list");
    return facts;
  }
  std::size_t odd = 0;
  std::set<std::string_view> names;
  for (const JsonValue& set : sets.items()) {
    if (!is_name(set.text())) ++odd;
    else if (has_binaries(set.text()) && names.size() < kMaxSets) names.insert(set.text());
  }
  for (const std::string_view name : names) facts.notes.emplace_back(kNote, name);
  if (odd > 0) gap(cat(odd, " content sets of the manifest have no name that can be one"));
  if (names.size() == kMaxSets) gap(cat("more than ", kMaxSets, " content sets; the others are left out"));
  return facts;
}

ContentSets::ContentSets(const SquashedFacts& facts) {
  std::vector<std::set<std::string_view>> sets;
  for (const auto& list : {facts.files, facts.replaced, facts.deleted})
    for (const FileFacts& file : list) {
      if (file.layer >= kMaxLayers || !is_content_manifest(file.path)) continue;
      for (const auto& [key, name] : file.facts->notes) {
        if (key != kNote) continue;
        if (sets.size() <= file.layer) sets.resize(file.layer + 1);
        sets[file.layer].insert(name);
      }
    }
  for (const auto& names : sets) {
    std::string& joined = layers_.emplace_back();
    for (const std::string_view name : names) joined.append(joined.empty() ? "" : " ").append(name);
  }
  for (std::size_t i = 1; i < layers_.size(); ++i)
    if (layers_[i].empty()) layers_[i] = layers_[i - 1];
  for (std::size_t i = layers_.size(); i-- > 1;)
    if (layers_[i - 1].empty()) layers_[i - 1] = layers_[i];
}

std::string_view ContentSets::of(std::uint32_t layer) const {
  if (layers_.empty()) return {};
  return layers_[std::min<std::size_t>(layer, layers_.size() - 1)];
}

}  // namespace plimsoll::inventory
