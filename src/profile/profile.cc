#include "profile/profile.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/hash.h"
#include "base/json.h"
#include "base/path.h"
#include "base/text.h"

namespace plimsoll::profile {
namespace {

constexpr std::string_view kApiVersion = "plimsoll.dev/v1alpha1";
constexpr std::array<std::string_view, 9> kColumns = {"path", "kind", "mode", "sizeBytes", "sha256", "fsverity", "buildId", "interpreter", "capabilities"};
constexpr std::size_t kNeeded = 6;  // columns that every row has

std::string octal(std::uint32_t mode) {
  std::string out;
  for (int shift = 9; shift >= 0; shift -= 3) out += static_cast<char>('0' + ((mode >> shift) & 7));
  return out;
}

Document finished(std::string text) {
  text += '\n';
  std::string digest = cat("sha256:", hash_hex(HashKind::Sha256, as_bytes(text)));
  return {std::move(digest), std::move(text)};
}

void write_row(JsonWriter& json, std::string_view path, const ExecutableFacts& f) {
  json.begin_array().value(to_utf8(path)).value(to_string(f.kind)).value(octal(f.mode)).value(f.size_bytes);
  json.value(to_base64(as_bytes(f.sha256))).value(to_base64(as_bytes(f.verity)));
  const std::array<std::string, 3> rest = {to_hex(f.build_id), f.interpreter, to_hex(f.capabilities)};
  std::size_t last = rest.size();
  while (last > 0 && rest[last - 1].empty()) --last;
  for (std::size_t i = 0; i < last; ++i) json.value(rest[i]);
  json.end_array();
}

// A layer's part grows row by row.
struct PartWriter {
  std::string text;
  std::uint64_t rows = 0;
  std::vector<std::uint64_t> hidden;
  std::vector<std::int64_t> owners;
  std::vector<std::pair<std::uint64_t, std::string>> real_paths;

  void add(std::string_view path, const ExecutableFacts& facts) {
    if (rows++ == 0) {
      text = cat("{\"apiVersion\":\"", kApiVersion, "\",\"kind\":\"BinaryProfilePart\",\"spec\":{\"columns\":[");
      for (std::size_t i = 0; i < kColumns.size(); ++i) text += cat(i == 0 ? "\"" : ",\"", kColumns[i], "\"");
      text += "],\"files\":[\n";
    } else {
      text += ",\n";
    }
    JsonWriter json(text);
    write_row(json, path, facts);
  }
  Document finish() { return finished(std::move(text) + "]}}"); }
};

// Reading: the first thing wrong ends it.
struct Row {
  std::string path;
  ExecutableFacts facts;
};

Result<std::vector<Row>> read_part(std::string_view text, const Limits& limits) {
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(text, limits).context("part of a profile"));
  const JsonValue root = document.root(), files = root["spec"]["files"];
  if (root["kind"].text() != "BinaryProfilePart" || root["apiVersion"].text() != kApiVersion) return unsupported("not a BinaryProfilePart of plimsoll.dev/v1alpha1");
  if (!files.is_array()) return malformed("part of a profile has no list spec.files");
  std::vector<Row> out;
  for (const JsonValue& item : files.items()) {
    const std::vector<JsonValue> cells = item.items();
    const auto wrong = [&](std::string_view what) { return malformed(cat("part of a profile, file ", out.size(), ": ", what)); };
    if (cells.size() < kNeeded) return wrong("fewer columns than needed");
    Row row{.path = std::string(cells[0].text()), .facts = {}};
    const auto kind = file_kind_from(cells[1].text());
    const auto size = cells[3].integer();
    if (row.path.empty() || normalise_path(row.path) != row.path) return wrong("no path inside an image");
    if (!kind || !size || *size < 0) return wrong("kind or size cannot be read");
    row.facts.kind = *kind;
    row.facts.size_bytes = static_cast<std::uint64_t>(*size);
    for (const char c : cells[2].text()) {
      if (c < '0' || c > '7' || cells[2].text().size() > 5) return wrong("mode is not octal");
      row.facts.mode = row.facts.mode * 8 + static_cast<std::uint32_t>(c - '0');
    }
    if (!from_base64(cells[4].text(), row.facts.sha256) || row.facts.sha256.size() != 32 || !from_base64(cells[5].text(), row.facts.verity) || row.facts.verity.size() != 32)
      return wrong("digests are not 32 bytes in base64");
    if (cells.size() > 6) row.facts.build_id = from_hex(cells[6].text());
    if (cells.size() > 7) row.facts.interpreter = cells[7].text();
    if (cells.size() > 8) row.facts.capabilities = from_hex(cells[8].text());
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

BuiltProfile build_profile(std::span<const SeenExecutable> files, std::span<const std::string> diff_ids,
                           const std::function<std::string(std::string_view)>& real_path, const std::function<std::string(std::string_view)>& owner) {
  BuiltProfile out;
  std::vector<PartWriter> parts(std::max<std::size_t>(diff_ids.size(), 1));
  std::map<std::string, std::int64_t> packages;  // purl -> its number, given once all are known
  std::vector<std::vector<std::string>> owners(parts.size());
  std::map<std::string, std::string, std::less<>> real_folders;
  for (const SeenExecutable& file : files) {
    const auto facts = read_executable_facts(*file.facts);
    if (!facts || facts->kind == FileKind::Plain || file.layer >= parts.size()) continue;
    PartWriter& part = parts[file.layer];
    const std::uint64_t row = part.rows;
    part.add(file.path, *facts);
    owners[file.layer].emplace_back();
    if (!file.visible) {
      part.hidden.push_back(row);
      continue;
    }
    ++out.executables;
    if (std::string purl = owner(file.path); !purl.empty()) {
      packages.emplace(purl, 0);
      owners[file.layer].back() = std::move(purl);
    }
    const std::string_view folder = parent_path(file.path);
    if (folder.empty()) continue;
    auto known = real_folders.find(folder);
    if (known == real_folders.end()) known = real_folders.emplace(std::string(folder), real_path(folder)).first;
    if (!known->second.empty() && known->second != folder) part.real_paths.emplace_back(row, cat(known->second, "/", base_name(file.path)));
  }
  std::int64_t number = 0;
  for (auto& [purl, index] : packages) index = number++;

  std::string text;
  JsonWriter json(text, true);
  json.begin_object().member("apiVersion", kApiVersion).member("kind", "BinaryProfile").key("spec").begin_object();
  json.key("layers").begin_array();
  for (std::size_t layer = 0; layer < parts.size(); ++layer) {
    PartWriter& part = parts[layer];
    json.on_one_line([&](JsonWriter& record) {
      record.begin_object().text_member("diffId", layer < diff_ids.size() ? diff_ids[layer] : std::string());
      record.member("files", part.rows);
      if (part.rows > 0) {
        Document document = part.finish();
        record.member("part", document.digest);
        if (!part.hidden.empty()) {
          record.key("hidden").begin_array();
          for (const std::uint64_t row : part.hidden) record.value(row);
          record.end_array();
        }
        record.key("owners").begin_array();
        for (const std::string& purl : owners[layer]) record.value(purl.empty() ? std::int64_t{-1} : packages.at(purl));
        record.end_array();
        if (!part.real_paths.empty()) {
          record.key("realPaths").begin_object();
          for (const auto& [row, path] : part.real_paths) record.member(cat(row), to_utf8(path));
          record.end_object();
        }
        const auto same = [&](const Document& other) { return other.digest == document.digest; };
        if (std::none_of(out.parts.begin(), out.parts.end(), same)) out.parts.push_back(std::move(document));
      }
      record.end_object();
    });
  }
  json.end_array().key("packages").begin_array();
  for (const auto& [purl, index] : packages) json.value(purl);
  json.end_array().end_object().end_object();
  out.profile = finished(std::move(text));
  return out;
}

Result<std::vector<ProfileEntry>> read_profile(std::string_view text, const std::function<Result<std::string>(const std::string& digest)>& part, const Limits& limits) {
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(text, limits).context("binary profile"));
  const JsonValue root = document.root(), spec = root["spec"];
  if (root["kind"].text() != "BinaryProfile" || root["apiVersion"].text() != kApiVersion) return unsupported("not a BinaryProfile of plimsoll.dev/v1alpha1");
  if (!spec["layers"].is_array()) return malformed("binary profile has no list spec.layers");
  const std::vector<JsonValue> packages = spec["packages"].items();
  std::vector<ProfileEntry> out;
  for (const JsonValue& layer : spec["layers"].items()) {
    const std::string digest(layer["part"].text());
    if (digest.empty()) continue;
    PLIM_TRY(const std::string part_text, part(digest).context("part", digest));
    if (cat("sha256:", hash_hex(HashKind::Sha256, as_bytes(part_text))) != digest) return denied(cat("part ", digest, " of a binary profile has other bytes than it is named by"));
    PLIM_TRY(std::vector<Row> rows, read_part(part_text, limits).context("part", digest));
    if (rows.size() + out.size() > limits.records) return limit_reached(cat("binary profile of more than ", limits.records, " files"));
    std::vector<bool> hidden(rows.size());
    for (const JsonValue& item : layer["hidden"].items()) {
      const auto row = item.integer();
      if (!row || *row < 0 || static_cast<std::size_t>(*row) >= rows.size()) return malformed("binary profile hides a file that its part does not have");
      hidden[static_cast<std::size_t>(*row)] = true;
    }
    const std::vector<JsonValue> owners = layer["owners"].items();
    const JsonValue real_paths = layer["realPaths"];
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (hidden[i]) continue;
      ProfileEntry entry{.path = std::move(rows[i].path), .layer = std::string(layer["diffId"].text()), .owner = {}, .facts = std::move(rows[i].facts)};
      const auto owner = i < owners.size() ? owners[i].integer() : std::nullopt;
      if (owner && *owner >= 0 && static_cast<std::size_t>(*owner) < packages.size()) entry.owner = packages[static_cast<std::size_t>(*owner)].text();
      out.push_back(std::move(entry));
    }
    for (const auto& [row_text, path] : real_paths.members()) {
      const auto row = parse_u64(row_text);
      if (!row || *row >= rows.size() || normalise_path(path.text()) != path.text()) return malformed("binary profile moves a file that its part does not have");
    }
    // Second: the entries were appended in row order, hidden ones left out.
    std::size_t at = out.size();
    for (std::size_t i = rows.size(); i-- > 0;) {
      if (hidden[i]) continue;
      --at;
      if (const std::string_view real = real_paths[cat(i)].text(); !real.empty()) out[at].path = real;
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const ProfileEntry& a, const ProfileEntry& b) { return a.path < b.path; });
  return out;
}

std::string_view to_string(ChangeKind kind) {
  static constexpr std::array<std::string_view, 5> kNames = {"added", "removed", "content", "mode", "capabilities"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<Change> diff(const std::vector<ProfileEntry>& before, const std::vector<ProfileEntry>& after) {
  std::vector<Change> out;
  const auto content = [](const ProfileEntry& entry) { return cat("sha256:", to_hex(entry.facts.sha256)); };
  std::size_t a = 0, b = 0;
  while (a < before.size() || b < after.size()) {
    if (b == after.size() || (a < before.size() && before[a].path < after[b].path)) {
      out.push_back({ChangeKind::Removed, before[a].path, content(before[a]), {}});
      ++a;
    } else if (a == before.size() || after[b].path < before[a].path) {
      out.push_back({ChangeKind::Added, after[b].path, {}, content(after[b])});
      ++b;
    } else {
      const ExecutableFacts &old = before[a].facts, &now = after[b].facts;
      if (old.sha256 != now.sha256) out.push_back({ChangeKind::Content, before[a].path, content(before[a]), content(after[b])});
      if (old.mode != now.mode) out.push_back({ChangeKind::Mode, before[a].path, octal(old.mode), octal(now.mode)});
      if (old.capabilities != now.capabilities) out.push_back({ChangeKind::Capabilities, before[a].path, to_hex(old.capabilities), to_hex(now.capabilities)});
      ++a;
      ++b;
    }
  }
  return out;
}

}  // namespace plimsoll::profile
