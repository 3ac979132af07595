#include "model/facts.h"

#include <cstring>
#include <set>
#include <tuple>

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "model/packed.h"

namespace plimsoll {

std::string Tree::real_path(std::string_view path) const { return contains(path) ? normalise_path(path) : std::string(); }

std::string_view Facts::note(std::string_view key) const {
  for (const auto& [name, value] : notes)
    if (name == key) return value;
  return {};
}

std::uint64_t owned_path_hash(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  const auto [top, rest] = cut(path, '/');
  if (!rest.empty() && (top == "bin" || top == "sbin" || top == "lib" || top == "lib64" || top == "lib32" || top == "libx32"))
    return hash64(cat("usr/", path));
  return hash64(path);
}

Location SquashedFacts::location(const FileFacts& file) const {
  return {.path = std::string(file.path), .layer = file.layer < layers.size() ? layers[file.layer] : std::string()};
}

Result<Catalogue> resolve_each(const SquashedFacts& facts) {
  Catalogue out;
  for (const FileFacts& file : facts.files) {
    for (const Package& package : file.facts->packages) {
      out.packages.push_back(package);
      out.packages.back().locations = {facts.location(file)};
    }
    for (const Finding& finding : file.facts->findings) {
      out.findings.push_back(finding);
      auto& locations = out.findings.back().locations;
      if (locations.empty()) locations.push_back(facts.location(file));
      for (Location& location : locations) location.layer = facts.location(file).layer;
    }
  }
  return out;
}

Result<Catalogue> resolve_findings(const SquashedFacts& facts, bool shipped) {
  PLIM_TRY(Catalogue out, resolve_each(facts));
  if (!shipped) return out;
  // What stands in the finished tree, by rule, path and evidence: an older state of a file mostly says the same.
  using Said = std::tuple<std::string, std::string, std::vector<std::pair<std::string, std::string>>>;
  std::set<Said> said;
  for (const Finding& f : out.findings) said.emplace(f.rule_id, f.locations.front().path, f.evidence);
  const auto add = [&](std::span<const FileFacts> files, std::string_view why) {
    for (std::size_t i = files.size(); i-- > 0;) {  // the topmost layer that still has it speaks for those below
      for (const Finding& finding : files[i].facts->findings) {
        Finding f = finding;
        if (f.locations.empty()) f.locations.push_back(facts.location(files[i]));
        for (Location& location : f.locations) location.layer = facts.location(files[i]).layer;
        if (!said.emplace(f.rule_id, f.locations.front().path, f.evidence).second) continue;
        f.evidence.emplace_back("deleted", why);
        out.findings.push_back(std::move(f));
      }
    }
  };
  add(facts.replaced, "an upper layer wrote the file anew; the lower layer still ships this");
  add(facts.deleted, "an upper layer deleted or replaced the file; the lower layer still ships it");
  return out;
}

void write_facts(std::string& out, const Facts& facts) {
  PackedWriter w(out);
  w.packages(facts.packages);
  w.findings(facts.findings);
  w.pairs(facts.notes);
  w.number(facts.owned_paths.size());
  w.raw({reinterpret_cast<const char*>(facts.owned_paths.data()), facts.owned_paths.size() * sizeof(std::uint64_t)});
  w.gaps(facts.gaps);
}

Result<Facts> read_facts(Bytes bytes) {
  PackedReader r(bytes);
  Facts facts;
  facts.packages = r.packages();
  facts.findings = r.findings();
  facts.notes = r.pairs();
  const std::size_t owned = r.count(sizeof(std::uint64_t));
  const std::string_view raw = r.raw(owned * sizeof(std::uint64_t));
  facts.owned_paths.resize(raw.size() / sizeof(std::uint64_t));
  if (!raw.empty()) std::memcpy(facts.owned_paths.data(), raw.data(), raw.size());
  facts.gaps = r.gaps();
  if (!r.ok() || !r.done()) return malformed("facts record is damaged");
  return facts;
}

}  // namespace plimsoll
