#include "standard/example.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace plimsoll::standard {
namespace {

Status refuse(const YamlNode& node, std::string_view why) { return malformed(cat("line ", node.line, ": ", why)); }

Status only(const YamlNode& node, std::string_view what, std::initializer_list<std::string_view> known) {
  if (!node.exists()) return Ok{};
  if (!node.is_map()) return refuse(node, cat(what, " is not a map"));
  for (std::size_t i = 0; i < node.names.size(); ++i)
    if (std::find(known.begin(), known.end(), node.names[i]) == known.end()) return malformed(cat("line ", node.name_lines[i], ": ", what, " of an example has no member \"", node.names[i], "\""));
  return Ok{};
}

Result<double> number_of(const YamlNode& node, double otherwise) {
  if (!node.exists()) return otherwise;
  char* end = nullptr;
  const double value = std::strtod(node.text.c_str(), &end);
  if (node.text.empty() || *end != '\0') return malformed(cat("line ", node.line, ": \"", node.text, "\" is not a number"));
  return value;
}

std::vector<std::string> texts_of(const YamlNode& node) {
  std::vector<std::string> out;
  for (const YamlNode& item : node.items) out.push_back(item.text);
  return out;
}

double default_risk(Severity severity) {
  constexpr double risks[] = {30, 5, 15, 30, 45, 60};
  return risks[static_cast<std::size_t>(severity)];
}

Result<Finding> finding_in_short(const YamlNode& node, std::size_t index) {
  PLIM_CHECK(only(node, "a finding", {"id", "class", "severity", "state", "fixedVersion", "installedVersion", "package", "aliases", "epss", "kev", "cvss", "risk", "published", "paths", "rule", "title", "origin", "fix", "evidence", "times"}));
  Finding out;
  out.id = node["id"].text.empty() ? cat("finding-", index + 1) : node["id"].text;
  const auto klass = finding_class_from(node["class"].exists() ? node["class"].text : "vulnerability");
  if (!klass) return malformed(cat("line ", node["class"].line, ": \"", node["class"].text, "\" is no class"));
  out.klass = *klass;
  if (const YamlNode& severity = node["severity"]; severity.exists()) {
    const auto value = severity_from(severity.text);
    if (!value) return malformed(cat("line ", severity.line, ": \"", severity.text, "\" is no severity"));
    out.severity = *value;
  }
  if (const YamlNode& state = node["state"]; state.exists()) {
    const auto value = fix_state_from(state.text);
    if (!value) return malformed(cat("line ", state.line, ": \"", state.text, "\" is no state"));
    out.state = *value;
  }
  out.fixed_version = node["fixedVersion"].text, out.installed_version = node["installedVersion"].text, out.package = node["package"].text;
  out.aliases = texts_of(node["aliases"]), out.rule_id = node["rule"].text, out.title = node["title"].text, out.published = node["published"].text, out.fix = node["fix"].text;
  for (const std::string& path : texts_of(node["paths"])) out.locations.push_back({.path = path});
  if (node["origin"].text == "base") out.origin = Origin::Base;
  if (node["origin"].text == "own") out.origin = Origin::Own;
  if (const YamlNode& kev = node["kev"]; kev.is_map()) out.kev = Kev{.date_added = kev["dateAdded"].text, .due_date = kev["dueDate"].text, .ransomware = kev["ransomware"].text == "true"};
  if (node["epss"].exists()) {
    PLIM_TRY(const double epss, number_of(node["epss"], 0));
    out.epss = Epss{.score = epss, .percentile = epss};
  }
  if (node["cvss"].exists()) {
    PLIM_TRY(const double cvss, number_of(node["cvss"], 0));
    out.cvss.push_back({.version = "3.1", .score_0_10 = cvss});
  }
  PLIM_TRY(out.risk_0_100, number_of(node["risk"], default_risk(out.severity)));
  const YamlNode& evidence = node["evidence"];
  for (std::size_t i = 0; i < evidence.names.size(); ++i) out.evidence.emplace_back(evidence.names[i], evidence.items[i].text);
  out.key = finding_key(out.klass, out.id, cat(out.package, index));
  return out;
}

Status image_in_short(const YamlNode& node, ImageInfo& out) {
  PLIM_CHECK(only(node, "the image", {"reference", "digest", "kind", "platform", "created", "os", "base", "config", "layers", "provenance"}));
  if (node["reference"].exists()) out.reference = node["reference"].text;
  if (node["kind"].exists()) out.kind = node["kind"].text;
  out.digest = node["digest"].text, out.platform = node["platform"].text, out.created = node["created"].text;
  const YamlNode& os = node["os"];
  out.os.id = os["id"].text, out.os.version_id = os["versionId"].text;
  if (os["endOfLife"].exists()) out.os.end_of_life = os["endOfLife"].text;
  out.base_name = node["base"]["name"].text, out.base_digest = node["base"]["digest"].text;
  if (node["config"].exists()) {
    JsonWriter json(out.config_json);
    node["config"].write(json);
  }
  for (const YamlNode& said : node["provenance"].items) {
    PLIM_CHECK(only(said, "a statement of provenance", {"from", "predicateType", "builder", "source", "revision"}));
    out.provenance.push_back({.found_in = said["from"].exists() ? said["from"].text : "attestation-manifest", .predicate_type = said["predicateType"].text, .builder = said["builder"].text, .source = said["source"].text, .revision = said["revision"].text});
  }
  for (const YamlNode& layer : node["layers"].items) {
    PLIM_TRY(const double size, number_of(layer["sizeBytes"], 0));
    out.layers.push_back({.size_bytes = static_cast<std::uint64_t>(std::max(size, 0.0)), .origin = layer["origin"].text == "base" ? Origin::Base : layer["origin"].text == "own" ? Origin::Own : Origin::Unknown, .created_by = layer["createdBy"].text});
  }
  return Ok{};
}

Status score_in_short(const YamlNode& node, Report& report) {
  Score score;
  PLIM_TRY(score.total, number_of(node["total"], 100));
  const YamlNode& classes = node["byClass"];
  for (std::size_t i = 0; i < classes.names.size(); ++i) {
    const auto klass = finding_class_from(classes.names[i]);
    if (!klass) return refuse(classes.items[i], cat("\"", classes.names[i], "\" is no class"));
    PLIM_TRY(const double value, number_of(classes.items[i], 100));
    score.by_class.emplace_back(*klass, value);
  }
  report.score = std::move(score);
  return Ok{};
}

ExampleResult run(const Resolved& standard, const Example& example) {
  ExampleResult out{.name = example.name, .line = example.line};
  const auto fail = [&](const Error& error) {
    out.why = error.message();
    return out;
  };
  auto report = report_in_short(example.report);
  if (!report) return fail(report.error());
  const auto at = parse_time(example.at);
  Case the_case{.stage = example.stage, .at = at.value_or(Time{})};
  Workload workload;
  if (example.workload.exists()) {
    std::string text;
    JsonWriter json(text);
    example.workload.write(json);
    auto read = read_workload(text, "of the example");
    if (!read) return fail(read.error());
    workload = std::move(*read);
    the_case.workload = &workload;
  }
  Provenance provenance;
  if (example.provenance.exists()) {
    provenance = {.is_signed = example.provenance["signed"].text == "true", .signers = texts_of(example.provenance["signers"]), .attestations = texts_of(example.provenance["attestations"]),
                  .builder = example.provenance["builder"].text, .source = example.provenance["source"].text};
    the_case.provenance = &provenance;
  }
  const auto judged = judge(std::move(*report), standard, the_case);
  if (!judged) return fail(judged.error());
  const Verdict& verdict = *judged->verdict;
  std::string spoke;
  for (const VerdictReason& reason : verdict.reasons) spoke += cat(spoke.empty() ? "" : ", ", reason.rule, " (", reason.effect, ")");
  if (verdict.result != example.expect) {
    out.why = cat("expected ", example.expect, ", but it is ", verdict.result, spoke.empty() ? "; no rule spoke" : cat(": ", spoke));
    return out;
  }
  for (const std::string& rule : example.rules)
    if (std::none_of(verdict.reasons.begin(), verdict.reasons.end(), [&](const VerdictReason& r) { return r.rule == rule; })) {
      out.why = cat("rule ", rule, " did not speak", spoke.empty() ? "" : cat("; these did: ", spoke));
      return out;
    }
  out.passed = true;
  return out;
}

}  // namespace

Result<Report> report_in_short(const YamlNode& node) {
  PLIM_CHECK(only(node, "the report", {"image", "packages", "findings", "gaps", "coverage", "score", "database"}));
  Report out;
  out.image.reference = "registry.example/app:1.0";
  out.image.kind = "image";
  PLIM_CHECK(image_in_short(node["image"], out.image));
  for (const YamlNode& item : node["packages"].items) {
    PLIM_CHECK(only(item, "a package", {"name", "type", "version", "namespace", "source", "licenses", "paths", "origin", "owned", "properties"}));
    Package package{.type = item["type"].exists() ? item["type"].text : "generic", .ns = item["namespace"].text, .name = item["name"].text, .version = item["version"].text};
    package.id = cat(package.type, ":", package.name, "@", package.version);
    package.source_name = item["source"].text, package.licenses = texts_of(item["licenses"]);
    if (item["owned"].text == "true") package.owned_by = "deb:owner@1";
    if (item["origin"].text == "base") package.origin = Origin::Base;
    if (item["origin"].text == "own") package.origin = Origin::Own;
    for (const std::string& path : texts_of(item["paths"])) package.locations.push_back({.path = path});
    const YamlNode& properties = item["properties"];
    for (std::size_t i = 0; i < properties.names.size(); ++i) package.set_property(properties.names[i], properties.items[i].text);
    out.packages.push_back(std::move(package));
  }
  for (const YamlNode& item : node["findings"].items) {
    PLIM_TRY(const double times, number_of(item["times"], 1));
    for (int i = 0; i < std::min(times, 10'000.0); ++i) {
      PLIM_TRY(auto finding, finding_in_short(item, out.findings.size()));
      out.findings.push_back(std::move(finding));
    }
  }
  for (const YamlNode& item : node["gaps"].items) out.gaps.push_back({.part = item["part"].text, .where = item["where"].text, .why = item["why"].text});
  for (const YamlNode& item : node["coverage"].items) {
    PLIM_TRY(const double packages, number_of(item["packages"], 1));
    out.coverage.push_back({.ecosystem = item["ecosystem"].text, .packages = static_cast<std::uint64_t>(std::max(packages, 0.0)), .feed = item["feed"].text, .feed_date = item["feedDate"].text});
  }
  if (node["database"].is_map()) out.tool.database = DatabaseInfo{.digest = node["database"]["digest"].text, .built_at = node["database"]["builtAt"].text};
  if (node["score"].is_map()) PLIM_CHECK(score_in_short(node["score"], out));
  return out;
}

std::vector<ExampleResult> run_examples(const Resolved& standard) {
  std::vector<ExampleResult> out;
  for (const Example& example : standard.examples) out.push_back(run(standard, example));
  return out;
}

std::vector<std::string> rules_without_example(const Resolved& standard) {
  std::set<std::string> named;
  for (const Example& example : standard.examples)
    if (example.expect != "pass") named.insert(example.rules.begin(), example.rules.end());
  std::vector<std::string> out;
  for (const Rule& rule : standard.rules)
    if (rule.from == standard.name && !named.contains(rule.id) && std::any_of(rule.effects.begin(), rule.effects.end(), [](Effect e) { return e >= Effect::Warn; })) out.push_back(rule.id);
  return out;
}

}  // namespace plimsoll::standard
