// json: the report itself (CLI.md, "The JSON report"; api/report.schema.json), which read_report takes back.
//
// Output  one record a line, so that two reports diff and grep by line; members without a value are left out, arrays of
//         the top level are always there. Only tool.startedAt and tool.durationMs differ between two equal scans.
// Cost    one pass, O(output).
#include "base/json.h"
#include "report/format.h"
#include "report/order.h"
#include "report/stored.h"

namespace plimsoll::report {
namespace {

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_pairs(JsonWriter& json, std::string_view name, const std::vector<std::pair<std::string, std::string>>& pairs) {
  if (pairs.empty()) return;
  json.key(name).begin_object();
  std::string_view last;
  for (const auto& [key, value] : pairs) {
    if (key == last) continue;  // a key is written once: a second one could not be read back
    json.member(key, value);
    last = key;
  }
  json.end_object();
}

// Evidence keeps its order and may repeat a key ("range" of two records): repeated values become an array.
void write_evidence(JsonWriter& json, const std::vector<std::pair<std::string, std::string>>& evidence) {
  if (evidence.empty()) return;
  json.key("evidence").begin_object();
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    const std::string& key = evidence[i].first;
    const auto same = [&](const auto& pair) { return pair.first == key; };
    const auto at = evidence.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find_if(evidence.begin(), at, same) != at) continue;
    json.key(key);
    if (std::none_of(at + 1, evidence.end(), same)) {
      json.value(evidence[i].second);
      continue;
    }
    json.begin_array();
    for (const auto& pair : evidence)
      if (same(pair)) json.value(pair.second);
    json.end_array();
  }
  json.end_object();
}

void write_location(JsonWriter& json, const Location& location) {
  json.begin_object().member("path", location.path).text_member("layer", location.layer);
  if (location.line != 0) json.member("line", location.line);
  json.end_object();
}

void write_locations(JsonWriter& json, const std::vector<Location>& locations) {
  if (locations.empty()) return;
  json.key("locations").begin_array();
  for (const Location* location : ordered(locations, std::less<Location>())) write_location(json, *location);
  json.end_array();
}

void write_origin(JsonWriter& json, Origin origin) { json.member("origin", to_string(origin)); }

// Any JSON value again, through the writer, so that its layout is ours.
void write_value(JsonWriter& json, const JsonValue& value) {
  switch (value.kind()) {
    case JsonValue::Kind::Object:
      json.begin_object();
      for (const auto& [name, member] : value.members()) {
        json.key(name);
        write_value(json, member);
      }
      json.end_object();
      return;
    case JsonValue::Kind::Array:
      json.begin_array();
      for (const JsonValue& item : value.items()) write_value(json, item);
      json.end_array();
      return;
    case JsonValue::Kind::String: json.value(value.text()); return;
    case JsonValue::Kind::Bool: json.value(value.boolean().value_or(false)); return;
    case JsonValue::Kind::Number:
      if (const auto integer = value.integer()) json.value(*integer);
      else json.value(value.number().value_or(0));
      return;
    default: json.null(); return;
  }
}

void write_tool(JsonWriter& json, const ToolInfo& tool) {
  json.key("tool").begin_object().member("name", "plimsoll").member("version", tool.version).text_member("at", tool.at);
  json.text_member("startedAt", tool.started_at);
  if (!tool.started_at.empty()) json.member("durationMs", tool.duration_ms);
  if (tool.database) {
    json.key("database").begin_object().member("digest", tool.database->digest).text_member("builtAt", tool.database->built_at);
    json.key("feeds").begin_array();
    for (const FeedInfo& feed : tool.database->feeds) json.begin_object().member("name", feed.name).text_member("date", feed.date).end_object();
    json.end_array().end_object();
  }
  json.end_object();
}

void write_os(JsonWriter& json, const Distribution& os) {
  if (os.id.empty() && os.name.empty()) return;
  json.key("os").begin_object().member("id", os.id).text_member("versionId", os.version_id).text_member("codename", os.codename);
  json.text_member("name", os.name);
  write_texts(json, "idLike", os.id_like);
  json.text_member("variant", os.variant).text_member("cpe", os.cpe);
  if (os.end_of_life) json.member("endOfLife", *os.end_of_life);
  if (!os.location.path.empty()) {
    json.key("location");
    write_location(json, os.location);
  }
  json.end_object();
}

void write_image(JsonWriter& json, const ImageInfo& image) {
  json.key("image").begin_object().member("reference", image.reference).text_member("kind", image.kind).text_member("digest", image.digest);
  json.text_member("imageId", image.image_id).text_member("platform", image.platform).text_member("created", image.created);
  write_os(json, image.os);
  if (!image.base_name.empty() || !image.base_digest.empty() || image.base_layers != 0) {
    json.key("base").begin_object().text_member("name", image.base_name).text_member("digest", image.base_digest);
    json.member("layers", image.base_layers).end_object();
  }
  if (!image.config_json.empty()) {
    if (const auto config = JsonDocument::parse(image.config_json)) {
      json.key("config");
      write_value(json, config->root());
    }
  }
  json.key("layers").begin_array();
  std::string line;
  for (const LayerInfo& layer : image.layers) {
    line.clear();
    JsonWriter record(line);
    record.begin_object().member("diffId", layer.diff_id).text_member("digest", layer.digest).member("sizeBytes", layer.size_bytes);
    write_origin(record, layer.origin);
    record.text_member("createdBy", layer.created_by).end_object();
    json.raw(line);
  }
  json.end_array().end_object();
}

void write_package(JsonWriter& json, const Package& package) {
  json.begin_object().member("id", package.id).member("type", package.type).text_member("namespace", package.ns);
  json.member("name", package.name).member("version", package.version).text_member("arch", package.arch);
  json.member("purl", package.purl().text());
  if (!package.source_name.empty())
    json.key("source").begin_object().member("name", package.source_name).text_member("version", package.source_version).end_object();
  write_locations(json, package.locations);
  write_origin(json, package.origin);
  json.text_member("ownedBy", package.owned_by);
  write_texts(json, "licenses", package.licenses);
  write_texts(json, "depends", package.depends);
  write_texts(json, "foundBy", package.found_by);
  write_pairs(json, "properties", package.properties);
  json.end_object();
}

void write_scores(JsonWriter& json, const Finding& finding) {
  if (!finding.cvss.empty()) {
    json.key("cvss").begin_array();
    for (const Cvss& cvss : finding.cvss)
      json.begin_object().member("version", cvss.version).text_member("vector", cvss.vector).member("score", cvss.score_0_10).text_member("source", cvss.source).end_object();
    json.end_array();
  }
  if (finding.epss)
    json.key("epss").begin_object().member("score", finding.epss->score).member("percentile", finding.epss->percentile).text_member("date", finding.epss->date).end_object();
  if (finding.kev)
    json.key("kev").begin_object().text_member("dateAdded", finding.kev->date_added).text_member("dueDate", finding.kev->due_date).member("ransomware", finding.kev->ransomware).end_object();
}

void write_finding(JsonWriter& json, const Finding& finding) {
  json.begin_object().member("id", finding.id).member("key", finding.key).member("class", to_string(finding.klass));
  write_texts(json, "aliases", finding.aliases);
  json.member("severity", to_string(finding.severity)).text_member("severitySource", finding.severity_source);
  write_scores(json, finding);
  if (finding.klass == FindingClass::Vulnerability) json.member("state", to_string(finding.state));
  json.text_member("package", finding.package).text_member("installedVersion", finding.installed_version);
  json.text_member("fixedVersion", finding.fixed_version).text_member("title", finding.title).text_member("ruleId", finding.rule_id);
  write_evidence(json, finding.evidence);
  write_locations(json, finding.locations);
  write_origin(json, finding.origin);
  json.text_member("fix", finding.fix).member("risk", finding.risk_0_100);
  write_texts(json, "references", finding.references);
  json.end_object();
}

template <class T, class Order, class Write>
void write_records(JsonWriter& json, std::string_view name, const std::vector<T>& items, Order order, Write write) {
  json.key(name).begin_array();
  std::string line;
  for (const T* item : ordered(items, order)) {
    line.clear();
    JsonWriter record(line);
    write(record, *item);
    json.raw(line);
  }
  json.end_array();
}

void write_gap(JsonWriter& json, const Gap& gap) {
  json.begin_object().member("part", gap.part).member("where", gap.where).member("why", gap.why).end_object();
}

void write_coverage(JsonWriter& json, const Coverage& coverage) {
  json.begin_object().member("ecosystem", coverage.ecosystem).member("packages", coverage.packages);
  json.text_member("feed", coverage.feed).text_member("feedDate", coverage.feed_date).end_object();
}

void write_suppressed(JsonWriter& json, const Suppressed& left_out) {
  json.begin_object().member("key", left_out.key).member("id", left_out.id).text_member("package", left_out.package);
  json.member("by", left_out.by).text_member("reason", left_out.reason).end_object();
}

void write_notice(JsonWriter& json, const Notice& notice) {
  json.begin_object().member("about", notice.about).member("where", notice.where).member("what", notice.what).end_object();
}

Result<std::string> write(const Report& report, const WriteOptions& options) {
  std::string out;
  out.reserve(report.packages.size() * 400 + report.findings.size() * 700 + 4096);
  JsonWriter json(out, true);
  json.begin_object().member("schemaVersion", kSchemaVersion);
  write_tool(json, report.tool);
  json.member("complete", report.complete());
  if (!options.findings_only) {
    write_image(json, report.image);
    write_records(json, "packages", report.packages, PackageOrder(), write_package);
  }
  write_records(json, "findings", report.findings, FindingOrder(), write_finding);
  write_records(json, "gaps", report.gaps, std::less<Gap>(), write_gap);
  if (!options.findings_only) write_records(json, "coverage", report.coverage, CoverageOrder(), write_coverage);
  if (!report.suppressed.empty()) write_records(json, "suppressed", report.suppressed, SuppressedOrder(), write_suppressed);
  if (!report.notices.empty()) write_records(json, "notices", report.notices, NoticeOrder(), write_notice);
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace

Format json() { return {.name = "json", .extension = "json", .description = "the whole report; schema: plimsoll help report", .write = write}; }

}  // namespace plimsoll::report
