// alpine_secdb: the security databases of Alpine, Wolfi and Chainguard.
//
// Input   JSON documents, one a branch and repository: packages[].pkg.{name, secfixes: {version: [ids]}}.
// Output  per id a statement on the origin (source) package: fixed below that version. A version of "0" says that the
//         package was never affected: no statement. An entry may hold several ids in one text, and remarks: "CVE-1 GHSA-2 (+ fix)".
// Source  https://secdb.alpinelinux.org/, https://packages.wolfi.dev/os/security.json
#include <algorithm>

#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return !file.json.empty() && file.has("\"secfixes\"") && file.has("\"packages\"") ? 8 : 0; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_number(char c) { return c >= '0' && c <= '9'; }

// "CVE-2017-2616", "XSA-317", "GHSA-...": letters first, a hyphen, a digit.
bool is_id(std::string_view word) {
  return word.size() <= 64 && word.size() > 4 && is_letter(word[0]) && word.find_first_of("-_") != std::string_view::npos && std::any_of(word.begin(), word.end(), is_number) &&
         std::all_of(word.begin(), word.end(), [](char c) { return is_letter(c) || is_number(c) || c == '-' || c == ':' || c == '_' || c == '.'; });
}

std::string ecosystem_of_document(JsonValue document, std::string_view path) {
  const std::string_view version = document["distroversion"].text();
  if (!version.empty()) return distribution_key("alpine", version);
  const std::string text = lower(cat(document["apkurl"].text(), document["urlprefix"].text(), document["reponame"].text(), path));
  return text.find("chainguard") != std::string::npos ? "chainguard" : "wolfi";
}

void read_document(JsonValue document, std::string_view where, FeedSink& sink) {
  if (!document["packages"].is_array()) return sink.note(where, "a document without packages");
  const std::string ecosystem = ecosystem_of_document(document, where);
  sink.covers(ecosystem);
  for (const JsonValue& entry : document["packages"].items()) {
    JsonValue package = entry["pkg"];
    const std::string_view name = package["name"].text();
    if (name.empty()) {
      sink.note(where, "a package without a name");
      continue;
    }
    for (const JsonValue::Member& fix : package["secfixes"].members()) {
      if (fix.name == "0") continue;
      for (const JsonValue& ids : fix.value.items()) {
        bool any = false;
        const std::string remark = lower(ids.text());
        const bool disputed = remark.find("not affected") != std::string::npos || remark.find("not actually applicable") != std::string::npos;
        for (std::string_view id : split(ids.text(), ' ')) {
          while (id.ends_with(',') || id.ends_with(';')) id.remove_suffix(1);
          if (!is_id(id)) continue;
          any = true;
          if (disputed) continue;
          AdvisoryRecord record;
          record.id = id.starts_with("CVE_") ? cat("CVE-", id.substr(4)) : std::string(id);
          Affected& affected = record.affected.emplace_back();
          affected.ecosystem = ecosystem;
          affected.name = name;
          affected.name_kind = NameKind::Source;
          affected.intervals.push_back(fixed_below(fix.name));
          sink.record(std::move(record), Merge::Join);
        }
        if (!any) sink.note(where, cat("package ", name, ": \"", to_utf8(ids.text().substr(0, 64)), "\" is no advisory id"));
      }
    }
  }
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_json(input, sink, limits, [&](JsonValue value, std::string_view where) { read_document(value, where, sink); });
}

}  // namespace

Feed alpine_secdb() {
  return {.name = "alpine_secdb", .source = "Alpine, Wolfi and Chainguard security databases", .licence = "none stated", .priority = 0, .scope = "alpine: wolfi chainguard", .claims = claims, .read = read};
}
}  // namespace plimsoll::advisory
