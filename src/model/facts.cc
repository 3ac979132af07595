#include "model/facts.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"

namespace plimsoll {
namespace {

// Lengths and counts are LEB128; text is length + bytes. Field order is the form's version: it is part of kFactsForm
// in the cache key, so any change here must raise that number (image/facts_cache.cc).
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void number(std::uint64_t value) {
    while (value >= 0x80) {
      out_ += static_cast<char>(value | 0x80);
      value >>= 7;
    }
    out_ += static_cast<char>(value);
  }
  void text(std::string_view value) {
    number(value.size());
    out_ += value;
  }
  void texts(const std::vector<std::string>& values) {
    number(values.size());
    for (const std::string& value : values) text(value);
  }
  void pairs(const std::vector<std::pair<std::string, std::string>>& values) {
    number(values.size());
    for (const auto& [key, value] : values) {
      text(key);
      text(value);
    }
  }
  void locations(const std::vector<Location>& values) {
    number(values.size());
    for (const Location& value : values) {
      text(value.path);
      text(value.layer);
      number(value.line);
    }
  }
  void raw(std::string_view bytes) { out_ += bytes; }

 private:
  std::string& out_;
};

// Reads what Writer wrote; the first bad length makes every later read empty and ok() false.
class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(as_text(bytes)) {}
  bool ok() const { return ok_; }
  bool done() const { return rest_.empty(); }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    rest_ = {};
    return 0;
  }
  // A count of things that take at least one byte each: never more than the bytes left.
  std::size_t count(std::size_t least_bytes = 1) {
    const std::uint64_t value = number();
    if (value > rest_.size() / least_bytes) {
      ok_ = false;
      rest_ = {};
      return 0;
    }
    return static_cast<std::size_t>(value);
  }
  std::string_view view() {
    const std::size_t length = count();
    const std::string_view value = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return value;
  }
  std::string text() { return std::string(view()); }
  std::vector<std::string> texts() {
    std::vector<std::string> values(count());
    for (std::string& value : values) value = text();
    return values;
  }
  std::vector<std::pair<std::string, std::string>> pairs() {
    std::vector<std::pair<std::string, std::string>> values(count(2));
    for (auto& [key, value] : values) {
      key = text();
      value = text();
    }
    return values;
  }
  std::vector<Location> locations() {
    std::vector<Location> values(count(3));
    for (Location& value : values) {
      value.path = text();
      value.layer = text();
      value.line = static_cast<std::uint32_t>(number());
    }
    return values;
  }
  std::string_view raw(std::size_t length) {
    if (length > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view value = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return value;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

void write_package(Writer& w, const Package& p) {
  for (const std::string* field : {&p.type, &p.ns, &p.name, &p.version, &p.arch, &p.source_name, &p.source_version, &p.owned_by}) w.text(*field);
  w.texts(p.licenses);
  w.texts(p.depends);
  w.texts(p.found_by);
  w.locations(p.locations);
  w.pairs(p.properties);
}

Package read_package(Reader& r) {
  Package p;
  for (std::string* field : {&p.type, &p.ns, &p.name, &p.version, &p.arch, &p.source_name, &p.source_version, &p.owned_by}) *field = r.text();
  p.licenses = r.texts();
  p.depends = r.texts();
  p.found_by = r.texts();
  p.locations = r.locations();
  p.properties = r.pairs();
  return p;
}

// Detectors' findings: the vulnerability-only members are made by match, after the cache.
void write_finding(Writer& w, const Finding& f) {
  w.number(static_cast<std::uint64_t>(f.klass));
  w.number(static_cast<std::uint64_t>(f.severity));
  for (const std::string* field : {&f.id, &f.key, &f.severity_source, &f.title, &f.rule_id, &f.fix}) w.text(*field);
  w.pairs(f.evidence);
  w.locations(f.locations);
  w.texts(f.references);
}

Finding read_finding(Reader& r) {
  Finding f;
  f.klass = static_cast<FindingClass>(std::min<std::uint64_t>(r.number(), static_cast<std::uint64_t>(FindingClass::Behaviour)));
  f.severity = static_cast<Severity>(std::min<std::uint64_t>(r.number(), static_cast<std::uint64_t>(Severity::Critical)));
  for (std::string* field : {&f.id, &f.key, &f.severity_source, &f.title, &f.rule_id, &f.fix}) *field = r.text();
  f.evidence = r.pairs();
  f.locations = r.locations();
  f.references = r.texts();
  return f;
}

}  // namespace

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
  Writer w(out);
  w.number(facts.packages.size());
  for (const Package& package : facts.packages) write_package(w, package);
  w.number(facts.findings.size());
  for (const Finding& finding : facts.findings) write_finding(w, finding);
  w.pairs(facts.notes);
  w.number(facts.owned_paths.size());
  w.raw({reinterpret_cast<const char*>(facts.owned_paths.data()), facts.owned_paths.size() * sizeof(std::uint64_t)});
  w.number(facts.gaps.size());
  for (const Gap& gap : facts.gaps)
    for (const std::string* field : {&gap.part, &gap.where, &gap.why}) w.text(*field);
}

Result<Facts> read_facts(Bytes bytes) {
  Reader r(bytes);
  Facts facts;
  for (std::size_t left = r.count(8); left > 0 && r.ok(); --left) facts.packages.push_back(read_package(r));
  for (std::size_t left = r.count(8); left > 0 && r.ok(); --left) facts.findings.push_back(read_finding(r));
  facts.notes = r.pairs();
  const std::size_t owned = r.count(sizeof(std::uint64_t));
  const std::string_view raw = r.raw(owned * sizeof(std::uint64_t));
  facts.owned_paths.resize(raw.size() / sizeof(std::uint64_t));
  if (!raw.empty()) std::memcpy(facts.owned_paths.data(), raw.data(), raw.size());
  for (std::size_t left = r.count(3); left > 0 && r.ok(); --left) {
    Gap gap;
    for (std::string* field : {&gap.part, &gap.where, &gap.why}) *field = r.text();
    facts.gaps.push_back(std::move(gap));
  }
  if (!r.ok() || !r.done()) return malformed("facts record is damaged");
  return facts;
}

}  // namespace plimsoll
