// osv: records in the OSV schema, of every ecosystem (GitHub advisories, Go, PyPI, RustSec, distributions, our own overlays).
//
// Input   JSON: one record, an array of them, JSON lines, {"vulns": [...]}; YAML: one record (pypa/advisory-database).
// Output  one AdvisoryRecord a record. A notice (DSA, RHSA, USN...) gets the CVEs it fixes; any other record keeps its
//         aliases. Ranges of type GIT speak of commits, not versions: left out. Withdrawn records are kept, marked.
// Source  https://ossf.github.io/osv-schema/ 1.7
#include <algorithm>
#include <array>

#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

// Prefixes of ids that name an update notice, which fixes CVEs, and not a vulnerability.
constexpr std::string_view kNotices[] = {"DSA-",  "DLA-",  "DTSA-", "USN-",  "LSN-",  "RHSA-",  "RHBA-",     "RHEA-", "ALSA-", "ALBA-", "ALEA-", "RLSA-", "RLBA-", "RLEA-", "RXSA-",
                                         "ELSA-", "ELBA-", "SUSE-", "openSUSE-", "MGASA-", "ALAS", "OESA-", "PHSA-", "FEDORA-", "CLSA-", "TSSA-"};
// Prefixes of ids that are a CVE in a distribution's own numbering.
constexpr std::string_view kCvePrefixes[] = {"DEBIAN-", "UBUNTU-", "ALPINE-", "ALPAQUITA-", "BELL-", "AZL-", "OESA-CVE-", "CURL-", "ECHO-", "SUSE-CVE-"};

bool starts_with_any(std::string_view id, std::span<const std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view p) { return id.starts_with(p); });
}

void texts(JsonValue list, std::vector<std::string>& out) {
  for (const JsonValue& item : list.items())
    if (!item.text().empty()) out.emplace_back(item.text());
}

// Which name the records of an ecosystem give. Red Hat and AlmaLinux list every binary package; others of the rpm family
// mostly the source.
NameKind name_kind_of(std::string_view ecosystem) {
  const std::string_view scheme = scheme_of_ecosystem(ecosystem);
  if (is_distribution_key(ecosystem) && (scheme == "deb" || scheme == "apk")) return NameKind::Source;
  return ecosystem.starts_with("almalinux") || ecosystem.starts_with("rhel") ? NameKind::Binary : NameKind::Either;
}

// "Important: nodejs:14 security update" -> "nodejs:14": AlmaLinux says the module in the title alone.
std::string module_of_title(std::string_view title) {
  for (const std::string_view word : split(title, ' ')) {
    const auto [name, stream] = cut(word, ':');
    if (!name.empty() && !stream.empty() && name.find_first_of("/,()") == std::string_view::npos && stream.find_first_of(":/,()") == std::string_view::npos)
      return std::string(word);
  }
  return {};
}

// Members of another type than they should be say something that we do not understand: told, not taken for nothing.
bool wrong(JsonValue value, JsonValue::Kind kind) { return value.exists() && value.kind() != JsonValue::Kind::Null && value.kind() != kind; }

void read_ranges(JsonValue affected, Affected& out, std::string_view where, FeedSink& sink) {
  if (wrong(affected["ranges"], JsonValue::Kind::Array)) sink.note(where, "`ranges` is not a list");
  if (wrong(affected["versions"], JsonValue::Kind::Array)) sink.note(where, "`versions` is not a list");
  for (const JsonValue& range : affected["ranges"].items()) {
    if (range["type"].text() == "GIT") continue;
    std::vector<RangeEvent>& events = out.ranges.emplace_back();
    if (wrong(range["events"], JsonValue::Kind::Array)) sink.note(where, "`events` is not a list");
    for (const JsonValue& event : range["events"].items())
      for (const JsonValue::Member& member : event.members()) {
        using Kind = RangeEvent::Kind;
        const std::string_view version = member.value.text();
        if (wrong(member.value, JsonValue::Kind::String)) sink.note(where, cat("an event's version is not a text: ", member.name));
        if (version.empty()) continue;
        if (member.name == "introduced") events.push_back({Kind::Introduced, std::string(version)});
        else if (member.name == "fixed") events.push_back({Kind::Fixed, std::string(version)});
        else if (member.name == "last_affected") events.push_back({Kind::LastAffected, std::string(version)});
        else if (member.name == "limit") events.push_back({Kind::Limit, std::string(version)});
      }
    if (events.empty()) out.ranges.pop_back();
  }
  for (const JsonValue& version : affected["versions"].items())
    if (wrong(version, JsonValue::Kind::String)) sink.note(where, "a version is not a text");
    else if (!version.text().empty()) out.versions.emplace_back(version.text());
}

void rate(JsonValue severities, std::string_view source, AdvisoryRecord& record) {
  for (const JsonValue& severity : severities.items()) {
    const std::string_view score = severity["score"].text();
    if (auto cvss = cvss_of(score, source)) {
      const bool known = std::any_of(record.cvss.begin(), record.cvss.end(), [&](const Cvss& c) { return c.vector == cvss->vector; });
      if (!known) record.cvss.push_back(std::move(*cvss));
    } else if (const auto word = severity_from(score); word && record.severity == Severity::Unknown) {
      record.severity = *word;
      record.severity_source = severity["type"].text(source);
    }
  }
}

// Debian's urgency and Ubuntu's and others' own words.
void rate_affected(JsonValue affected, Affected& out) {
  const std::string_view urgency = affected["ecosystem_specific"]["urgency"].text();
  if (urgency == "unimportant") out.severity = Severity::Negligible, out.word = "unimportant";
  else if (urgency == "end-of-life") out.state = FixState::EndOfLife, out.word = "end-of-life";
  else if (const auto severity = severity_from(cut(urgency, '*').first)) out.severity = *severity;
  if (const std::string_view informational = affected["database_specific"]["informational"].text(); !informational.empty()) out.word = informational;
}

// SUSE files under the source's name and lists the binaries with their versions: each is a statement of its own.
bool split_binaries(JsonValue affected, const Affected& one, std::vector<Affected>& out) {
  if (!one.ecosystem.starts_with("sles") && !one.ecosystem.starts_with("opensuse") && !one.ecosystem.starts_with("sle-")) return false;
  bool any = false;
  for (const JsonValue& list : affected["ecosystem_specific"]["binaries"].items())
    for (const JsonValue::Member& member : list.members()) {
      if (member.value.text().empty()) continue;
      Affected binary;
      binary.ecosystem = one.ecosystem;
      binary.name = member.name;
      binary.name_kind = NameKind::Binary;
      binary.intervals.push_back(fixed_below(member.value.text()));
      out.push_back(std::move(binary));
      any = true;
    }
  return any;
}

void read_affected(JsonValue affected, std::string_view title, AdvisoryRecord& record, std::string_view where, FeedSink& sink) {
  JsonValue package = affected["package"];
  if (!affected.is_object() || wrong(package, JsonValue::Kind::Object) || wrong(package["name"], JsonValue::Kind::String) || wrong(package["ecosystem"], JsonValue::Kind::String))
    return sink.note(where, "`affected` holds what is no package");
  Affected one;
  EcosystemRef ecosystem = ecosystem_of_osv(package["ecosystem"].text());
  one.ecosystem = ecosystem.key;
  one.channel = std::move(ecosystem.channel);
  one.name = ecosystem_name(one.ecosystem, package["name"].text());
  if (one.ecosystem.empty() || one.name.empty()) return;
  one.name_kind = name_kind_of(one.ecosystem);
  sink.covers(one.ecosystem);
  read_ranges(affected, one, where, sink);
  rate_affected(affected, one);
  rate(affected["severity"], "osv", record);
  if (record.severity == Severity::Unknown)
    if (const auto severity = severity_from(affected["database_specific"]["severity"].text())) record.severity = *severity, record.severity_source = "osv";
  if (const std::string_view vector = affected["database_specific"]["cvss"].text(); !vector.empty() && record.cvss.empty())
    if (auto cvss = cvss_of(vector, "osv")) record.cvss.push_back(std::move(*cvss));
  for (const std::vector<RangeEvent>& range : one.ranges)
    for (const RangeEvent& event : range)
      if (event.kind == RangeEvent::Kind::Fixed && event.version.find(".module") != std::string::npos) {
        one.module = module_of_title(title);
        if (one.module.empty()) one.module = "?";  // a module's build; which stream is told by its version alone
      }
  if (!split_binaries(affected, one, record.affected)) record.affected.push_back(std::move(one));
}

void read_names(JsonValue osv, AdvisoryRecord& record) {
  std::vector<std::string> upstream;
  texts(osv["aliases"], record.aliases);
  texts(osv["upstream"], upstream);
  std::vector<std::string> cves;
  const auto collect = [&](const std::vector<std::string>& from) {
    for (const std::string& id : from)
      if (is_cve(id)) cves.push_back(id);
  };
  const bool own_cve = starts_with_any(record.id, kCvePrefixes);
  if (starts_with_any(record.id, kNotices) && !own_cve) {
    collect(record.aliases), collect(upstream);
    if (cves.empty()) {
      std::vector<std::string> related;
      texts(osv["related"], related);
      collect(related);
    }
    std::erase_if(record.aliases, is_cve);
    record.fixes = std::move(cves);
    return;
  }
  collect(record.aliases);
  if (own_cve && cves.empty())
    if (const std::size_t at = record.id.find("CVE-"); at != std::string::npos)
      if (std::string cve = cve_id(std::string_view(record.id).substr(at)); !cve.empty()) cves.push_back(std::move(cve));
  if (cves.empty() && !is_cve(record.id)) collect(upstream);
  if (cves.empty() || is_cve(record.id)) return;
  // A distribution's number for upstream CVEs is a statement about them.
  const bool named = std::any_of(record.aliases.begin(), record.aliases.end(), [&](const std::string& a) { return is_cve(a); });
  if (!named) record.fixes = std::move(cves);
}

void read_one(JsonValue osv, std::string_view where, FeedSink& sink) {
  if (osv["vulns"].is_array()) {
    for (const JsonValue& each : osv["vulns"].items()) read_one(each, where, sink);
    return;
  }
  AdvisoryRecord record;
  record.id = osv["id"].text();
  if (record.id.empty() || record.id.size() > 256) return sink.note(where, "an OSV record without an id");
  if (osv["affected"].exists() && !osv["affected"].is_array()) return sink.note(cat(where, " ", record.id), "`affected` is not a list");
  record.title = to_utf8(osv["summary"].text().substr(0, 240));
  record.published = iso_date(osv["published"].text());
  record.modified = osv["modified"].text();
  if (iso_date(record.modified).empty()) record.modified.clear();
  record.withdrawn = !osv["withdrawn"].text().empty();
  read_names(osv, record);
  rate(osv["severity"], "osv", record);
  JsonValue specific = osv["database_specific"];
  if (const auto severity = severity_from(specific["severity"].text()); severity && record.severity == Severity::Unknown) {
    record.severity = *severity;
    record.severity_source = record.id.starts_with("GHSA-") ? "github" : "osv";
  }
  if (record.severity == Severity::Unknown)  // "Important: openssl security update"
    if (const auto severity = severity_from(cut(record.title, ':').first)) record.severity = *severity, record.severity_source = "title";
  texts(specific["cwe_ids"], record.cwes);
  for (const JsonValue& affected : osv["affected"].items()) read_affected(affected, record.title, record, cat(where, " ", record.id), sink);
  for (const JsonValue& reference : osv["references"].items())
    if (std::string report = report_address(reference["url"].text()); !report.empty() && record.reports.size() < 100) record.reports.push_back(std::move(report));
  sink.date(iso_date(record.modified));
  sink.record(std::move(record), Merge::Newest);
}

int claims(const FeedFile& file) {
  if (!file.json.empty()) {
    const bool looks = file.has("\"affected\"") || file.has("\"schema_version\"") || file.has("\"withdrawn\"") || file.has("\"modified\"");
    const bool foreign = file.has("\"cveMetadata\"") || file.has("\"vulnerabilities\":[{\"cve") || file.has("\"advisory\":{") || file.has("\"csaf_version\"");
    return (file.has("\"id\"") || file.has("\"vulns\"")) && looks && !foreign ? 5 : 0;
  }
  const bool yaml = file.name.ends_with(".yaml") || file.name.ends_with(".yml");
  return yaml && file.has("id:") && file.has("affected:") && file.has("package:") ? 5 : 0;
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  PLIM_TRY(const std::string_view head, input.head());
  const std::string_view start = trim(head);
  if (start.starts_with('{') || start.starts_with('[') || start.starts_with("\xEF\xBB\xBF"))
    return each_json(input, sink, limits, [&](JsonValue value, std::string_view where) { read_one(value, where, sink); });
  return each_advisory(input, sink, limits, [&](std::string_view where, JsonValue value) { read_one(value, where, sink); });
}

}  // namespace

Feed osv() { return {.name = "osv", .source = "OSV records of many publishers", .licence = "that of each publisher", .priority = 3, .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
