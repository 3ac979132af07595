#include "standard/facts.h"

#include <array>
#include <cmath>
#include <unordered_map>

#include "base/json.h"
#include "base/text.h"

namespace plimsoll::standard {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr float kUnknownFloat = std::numeric_limits<float>::quiet_NaN();

std::string_view known(const std::string& text) { return text.empty() ? std::string_view() : std::string_view(text); }

std::int32_t oldest_day(std::string_view dates) {
  std::int32_t oldest = kNoDay;
  for (const std::string_view date : split(dates, ',')) {
    const std::int32_t day = day_of(trim(date));
    if (day == kNoDay) return kNoDay;  // one that is not known may be of any age
    if (oldest == kNoDay || day < oldest) oldest = day;
  }
  return oldest;
}

void fill_finding(FindingRow& row, const Finding& finding, const std::unordered_map<std::string_view, const Package*>& packages, Facts& facts) {
  row.klass = finding.klass, row.severity = finding.severity, row.state = finding.state, row.origin = finding.origin;
  row.exploited = finding.kev.has_value();
  row.fix_available = finding.klass == FindingClass::Vulnerability ? !finding.fixed_version.empty() : !finding.fix.empty();
  row.risk = static_cast<float>(finding.risk_0_100 >= 0 ? finding.risk_0_100 : 100.0);
  row.cvss = finding.cvss.empty() ? kUnknownFloat : static_cast<float>(finding.cvss.front().score_0_10);
  row.epss = row.epss_percentile = kUnknownFloat;
  if (finding.epss) row.epss = static_cast<float>(finding.epss->score), row.epss_percentile = static_cast<float>(finding.epss->percentile);
  row.published = day_of(finding.published);
  if (finding.kev) {
    row.ransomware = finding.kev->ransomware;
    row.exploited_since = day_of(finding.kev->date_added);
    row.exploited_due = day_of(finding.kev->due_date);
  }
  row.key = finding.key;
  row.rule = known(finding.rule_id);
  row.title = known(finding.title);
  row.installed = known(finding.installed_version);
  row.fixed = known(finding.fixed_version);
  row.severity_source = known(finding.severity_source);
  row.fix = known(finding.fix);
  row.package = known(finding.package);
  if (!finding.package.empty())
    if (const auto found = packages.find(finding.package); found != packages.end()) {
      row.package_name = found->second->name;
      row.package_type = found->second->type;
      row.package_source = found->second->source_name.empty() ? std::string_view(found->second->name) : std::string_view(found->second->source_name);
    }
  const std::size_t ids = facts.pool.size();
  facts.pool.push_back(finding.id);
  for (const std::string& alias : finding.aliases) facts.pool.push_back(alias);
  const std::size_t paths = facts.pool.size();
  for (const Location& location : finding.locations) facts.pool.push_back(location.path);
  const std::size_t evidence = facts.pairs.size();
  for (const auto& [key, value] : finding.evidence) facts.pairs.emplace_back(key, value);
  row.ids = Texts(facts.pool).subspan(ids, paths - ids);
  row.paths = Texts(facts.pool).subspan(paths);
  row.evidence = Pairs(facts.pairs).subspan(evidence);
}

void fill_package(PackageRow& row, const Package& package, Facts& facts) {
  row.id = package.id, row.type = package.type, row.ns = known(package.ns), row.name = package.name, row.version = known(package.version);
  row.arch = known(package.arch), row.source = package.source_name.empty() ? std::string_view(package.name) : std::string_view(package.source_name);
  row.owned_by = known(package.owned_by), row.origin = package.origin;
  const std::size_t licenses = facts.pool.size();
  for (const std::string& text : package.licenses) facts.pool.push_back(text);
  const std::size_t paths = facts.pool.size();
  for (const Location& location : package.locations) facts.pool.push_back(location.path);
  const std::size_t properties = facts.pairs.size();
  for (const auto& [key, value] : package.properties) facts.pairs.emplace_back(key, value);
  row.licenses = Texts(facts.pool).subspan(licenses, paths - licenses);
  row.paths = Texts(facts.pool).subspan(paths);
  row.properties = Pairs(facts.pairs).subspan(properties);
}

}  // namespace

std::int32_t day_of(Time time) { return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count()); }
std::int32_t day_of(std::string_view date) {
  if (date.size() < 10) return kNoDay;
  const auto time = parse_time(date.size() > 10 && date[10] != 'T' && date[10] != ' ' ? date.substr(0, 10) : date.size() > 10 ? date : date.substr(0, 10));
  if (time) return day_of(*time);
  const auto day = parse_time(date.substr(0, 10));
  return day ? day_of(*day) : kNoDay;
}
std::string day_text(std::int32_t day) { return day == kNoDay ? std::string() : format_date(Time(std::chrono::days(day))); }

void read_reference(Facts& facts, std::string_view reference) {
  ImageRow& image = facts.image;
  image.reference = reference;
  std::string_view rest = reference;
  for (const std::string_view prefix : {"docker://", "docker:", "containerd:", "podman:"})
    if (rest.starts_with(prefix) && rest.size() > prefix.size()) rest.remove_prefix(prefix.size());
  rest = cut(rest, '@').first;
  const std::size_t slash = rest.rfind('/');
  if (const std::size_t colon = rest.rfind(':'); colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    image.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  image.repository = rest;
  const std::size_t first = rest.find('/');
  const std::string_view host = first == std::string_view::npos ? std::string_view() : rest.substr(0, first);
  if (host.find_first_of(".:") != std::string_view::npos || host == "localhost") image.registry = host;
  else if (!rest.empty()) image.registry = "docker.io";
}

void read_config(Facts& facts, std::string_view config_json) {
  ImageRow& image = facts.image;
  image.runs_as_root = image.healthcheck = kUnknown;
  if (config_json.empty()) return;
  const auto document = JsonDocument::parse(config_json);
  if (!document || !document->root().is_object()) return;
  const JsonValue config = document->root();
  image.config_known = true;
  image.user = facts.keep(std::string(config["User"].text()));
  const std::string_view user = cut(image.user, ':').first;
  image.runs_as_root = user.empty() || user == "root" || (user.find_first_not_of('0') == std::string_view::npos) ? 1 : 0;
  const JsonValue check = config["Healthcheck"]["Test"];
  image.healthcheck = check.size() > 0 && check.at(0).text() != "NONE" ? 1 : 0;
  image.working_dir = facts.keep(std::string(config["WorkingDir"].text()));
  std::string line;
  for (const std::string_view name : {"Entrypoint", "Cmd"})
    for (const JsonValue& item : config[name].items()) line += cat(line.empty() ? "" : " ", item.text());
  image.entrypoint = facts.keep(std::move(line));
  const auto list = [&](const JsonValue& value, bool names_only) {
    auto& out = facts.lists.emplace_back();
    for (const JsonValue& item : value.items()) out.push_back(facts.keep(std::string(names_only ? cut(item.text(), '=').first : item.text())));
    for (const auto& [name, member] : value.members()) out.push_back(facts.keep(std::string(name)));
    return Texts(out);
  };
  image.exposed_ports = list(config["ExposedPorts"], false);
  image.volumes = list(config["Volumes"], false);
  image.environment = list(config["Env"], true);
  const std::size_t first = facts.pairs.size();
  for (const auto& [name, member] : config["Labels"].members()) facts.pairs.emplace_back(facts.keep(std::string(name)), facts.keep(std::string(member.text())));
  image.labels = Pairs(facts.pairs).subspan(first);
}

Facts facts_of(const Report& report, Time at) {
  Facts facts;
  facts.at = at;
  facts.today = day_of(at);
  std::size_t texts = 16, pairs = 256;
  for (const Finding& finding : report.findings) texts += 1 + finding.aliases.size() + finding.locations.size(), pairs += finding.evidence.size();
  for (const Package& package : report.packages) texts += package.licenses.size() + package.locations.size(), pairs += package.properties.size();
  facts.pool.reserve(texts);
  // Labels come from the image too: their number is not known before, so the config is read into pairs of its own.
  ImageRow& image = facts.image;
  read_reference(facts, report.image.reference);
  Facts labels;
  labels.pairs.reserve(report.image.config_json.size() / 4 + 1);
  read_config(labels, report.image.config_json);
  facts.texts = std::move(labels.texts);
  facts.lists = std::move(labels.lists);
  const ImageRow read = labels.image;
  image.user = read.user, image.entrypoint = read.entrypoint, image.working_dir = read.working_dir;
  image.runs_as_root = read.runs_as_root, image.healthcheck = read.healthcheck, image.config_known = read.config_known;
  image.exposed_ports = read.exposed_ports, image.volumes = read.volumes, image.environment = read.environment;
  facts.pairs.reserve(pairs + read.labels.size());
  facts.pairs.insert(facts.pairs.end(), read.labels.begin(), read.labels.end());
  image.labels = Pairs(facts.pairs).subspan(0, read.labels.size());

  image.kind = report.image.kind, image.digest = known(report.image.digest), image.platform = known(report.image.platform);
  image.created = day_of(report.image.created);
  image.base_name = known(report.image.base_name), image.base_digest = known(report.image.base_digest);
  image.os_id = known(report.image.os.id), image.os_version = known(report.image.os.version_id), image.os_name = known(report.image.os.name);
  if (report.image.os.end_of_life) image.os_end_of_life = day_of(*report.image.os.end_of_life);
  if (report.tool.database) image.database_day = day_of(report.tool.database->built_at), image.database_digest = known(report.tool.database->digest);
  image.complete = report.complete();
  image.score_total = kUnknown;
  image.score_by_class.fill(kUnknown);
  if (report.score) {
    image.score_total = report.score->total;
    for (const auto& [klass, value] : report.score->by_class) image.score_by_class[static_cast<std::size_t>(klass)] = value;
  }
  for (const ProvenanceStatement& said : report.image.provenance) facts.claims.push_back({said.found_in, known(said.predicate_type), known(said.builder), known(said.source), known(said.revision)});
  auto& history = facts.lists.emplace_back();
  for (const LayerInfo& layer : report.image.layers) {
    facts.layers.push_back({layer.origin, layer.size_bytes, layer.created_by});
    image.size_bytes += layer.size_bytes;
    if (!layer.created_by.empty()) history.push_back(layer.created_by);
  }
  image.history = history;

  std::unordered_map<std::string_view, const Package*> by_id;
  by_id.reserve(report.packages.size());
  for (const Package& package : report.packages) by_id.emplace(package.id, &package);
  facts.findings.resize(report.findings.size());
  for (std::size_t i = 0; i < report.findings.size(); ++i) fill_finding(facts.findings[i], report.findings[i], by_id, facts);
  facts.packages.resize(report.packages.size());
  for (std::size_t i = 0; i < report.packages.size(); ++i) fill_package(facts.packages[i], report.packages[i], facts);
  for (const Gap& gap : report.gaps) facts.gaps.push_back({gap.part, gap.where, gap.why});
  for (const Coverage& row : report.coverage) facts.coverage.push_back({row.ecosystem, known(row.feed), row.packages, oldest_day(row.feed_date)});
  return facts;
}

}  // namespace plimsoll::standard
