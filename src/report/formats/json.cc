// json: the report itself (CLI.md, "The JSON report"; api/report.schema.json), which read_report takes back.
//
// Output  one record a line, so that two reports diff and grep by line; members without a value are left out, arrays of
//         the top level are always there. Only tool.startedAt and tool.durationMs differ between two equal scans.
// Cost    one pass, O(output).
#include "base/json.h"
#include "report/format.h"
#include "report/json_parts.h"
#include "report/judgement.h"
#include "report/stored.h"

namespace plimsoll::report {
namespace {

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
  if (tool.rules) json.key("rules").begin_object().member("digest", tool.rules->digest).member("count", tool.rules->count).end_object();
  json.text_member("fingerprints", tool.fingerprints).text_member("verifyPackages", tool.verify_packages);
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

// `verified` is false until signatures are checked: nobody is to take these for more than what they are.
void write_provenance(JsonWriter& json, const std::vector<ProvenanceStatement>& statements) {
  if (statements.empty()) return;
  json.key("provenance").begin_object().member("verified", false).key("statements").begin_array();
  for (const ProvenanceStatement& statement : statements)
    json.on_one_line([&](JsonWriter& line) {
      line.begin_object().member("from", statement.found_in).text_member("digest", statement.digest).text_member("predicateType", statement.predicate_type);
      line.text_member("builder", statement.builder).text_member("source", statement.source).text_member("revision", statement.revision).text_member("created", statement.created).end_object();
    });
  json.end_array().end_object();
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
  write_provenance(json, image.provenance);
  json.key("layers").begin_array();
  for (const LayerInfo& layer : image.layers)
    json.on_one_line([&](JsonWriter& line) {
      line.begin_object().member("diffId", layer.diff_id).text_member("digest", layer.digest).member("sizeBytes", layer.size_bytes);
      line.member("origin", to_string(layer.origin)).text_member("createdBy", layer.created_by).end_object();
    });
  json.end_array().end_object();
}

template <class T, class Order, class Write>
void write_records(JsonWriter& json, std::string_view name, const std::vector<T>& items, Order order, Write write) {
  write_lines(json, name, ordered(items, order), write);
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

void write_binary(JsonWriter& json, const BinaryInfo& binary) {
  json.begin_object().member("path", binary.path);
  for (const auto& [name, value] : binary.facts) json.member(name, value);
  json.end_object();
}

Result<std::string> write(const Report& report, const WriteOptions& options) {
  std::string out;
  out.reserve(report.packages.size() * 800 + report.findings.size() * 1200 + 65536);
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
  if (!report.binaries.empty()) write_records(json, "binaries", report.binaries, [](const BinaryInfo& a, const BinaryInfo& b) { return a.path < b.path; }, write_binary);
  if (report.profile)
    json.key("profile").begin_object().member("digest", report.profile->digest).member("executables", report.profile->executables)
        .text_member("reference", report.profile->reference).end_object();
  if (!report.suppressed.empty()) write_records(json, "suppressed", report.suppressed, SuppressedOrder(), write_suppressed);
  if (!report.notices.empty()) write_records(json, "notices", report.notices, NoticeOrder(), write_notice);
  if (report.score) {
    json.key("score");
    write_score(json, *report.score);
  }
  if (report.verdict) {
    json.key("verdict");
    write_verdict(json, *report.verdict);
  }
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace

Format json() { return {.name = "json", .extension = "json", .description = "the whole report; schema: plimsoll help report", .write = write}; }

}  // namespace plimsoll::report
