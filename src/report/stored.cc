#include "report/stored.h"

#include "base/json.h"
#include "base/sorted.h"
#include "base/text.h"
#include "report/judgement.h"
#include "report/order.h"

namespace plimsoll::report {
namespace {

// Walks a stored report. The first thing that is wrong is kept, with its path; reading goes on and is thrown away.
class Reader {
 public:
  Result<Report> read(const JsonValue& root);
  Result<Package> read_package(const JsonValue& element) { return alone(element, &Reader::package); }
  Result<Finding> read_finding(const JsonValue& element) { return alone(element, &Reader::finding); }

 private:
  template <class T>
  Result<T> alone(const JsonValue& element, T (Reader::*member)(const JsonValue&, std::string_view)) {
    if (!element.is_object()) return malformed("is not an object");
    T out = (this->*member)(element, "");
    if (!error_.empty()) return malformed(to_utf8(error_));
    return out;
  }
  using Kind = JsonValue::Kind;
  void fail(std::string_view path, std::string_view why) {
    if (error_.empty()) error_ = cat(path, " ", why);
  }
  // A member that must be there, with its type.
  JsonValue need(const JsonValue& object, std::string_view name, Kind kind, std::string_view path) {
    const JsonValue value = object[name];
    check(value, kind, path, name);
    if (!value.exists()) fail(join(path, name), "is missing");
    return value;
  }
  JsonValue may(const JsonValue& object, std::string_view name, Kind kind, std::string_view path) {
    const JsonValue value = object[name];
    check(value, kind, path, name);
    return value;
  }
  void check(const JsonValue& value, Kind kind, std::string_view path, std::string_view name) {
    if (!value.exists() || value.kind() == kind) return;
    static constexpr std::string_view kNames[] = {"missing", "null", "a truth value", "a number", "a text", "an array", "an object"};
    fail(join(path, name), cat("is not ", kNames[static_cast<int>(kind)]));
  }
  static std::string join(std::string_view path, std::string_view name) { return path.empty() ? std::string(name) : cat(path, ".", name); }

  std::string text(const JsonValue& object, std::string_view name, std::string_view path) {
    return std::string(may(object, name, Kind::String, path).text());
  }
  std::string needed_text(const JsonValue& object, std::string_view name, std::string_view path) {
    return std::string(need(object, name, Kind::String, path).text());
  }
  double number(const JsonValue& object, std::string_view name, std::string_view path) { return need(object, name, Kind::Number, path).number().value_or(0); }
  std::uint64_t count(const JsonValue& object, std::string_view name, std::string_view path) {
    const JsonValue value = may(object, name, Kind::Number, path);
    if (!value.exists()) return 0;
    const auto integer = value.integer();
    if (!integer || *integer < 0) fail(join(path, name), "is not a count");
    return integer && *integer > 0 ? static_cast<std::uint64_t>(*integer) : 0;
  }
  std::vector<std::string> texts(const JsonValue& object, std::string_view name, std::string_view path) {
    std::vector<std::string> out;
    for (const JsonValue& item : may(object, name, Kind::Array, path).items()) {
      if (!item.is_string()) fail(join(path, name), "holds what is no text");
      out.emplace_back(item.text());
    }
    return out;
  }
  std::vector<std::pair<std::string, std::string>> pairs(const JsonValue& object, std::string_view name, std::string_view path) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& [key, value] : may(object, name, Kind::Object, path).members()) {
      if (value.is_string()) {
        out.emplace_back(key, value.text());
        continue;
      }
      if (!value.is_array()) fail(join(path, name), "holds what is no text");
      for (const JsonValue& item : value.items()) {
        if (!item.is_string()) fail(join(path, name), "holds what is no text");
        out.emplace_back(key, item.text());
      }
    }
    return out;
  }
  template <class T, class From>
  T word(const JsonValue& object, std::string_view name, std::string_view path, From from) {
    const std::string_view value = need(object, name, Kind::String, path).text();
    const auto known = from(value);
    if (!known) fail(join(path, name), cat("is \"", value.substr(0, 40), "\", which this version does not know"));
    return known.value_or(T{});
  }
  Origin origin(const JsonValue& object, std::string_view path) {
    const std::string_view value = may(object, "origin", Kind::String, path).text("unknown");
    for (const Origin known : {Origin::Base, Origin::Own, Origin::Unknown})
      if (to_string(known) == value) return known;
    fail(join(path, "origin"), "is none of base, own, unknown");
    return Origin::Unknown;
  }
  Location location(const JsonValue& object, std::string_view path) {
    Location out{.path = needed_text(object, "path", path), .layer = text(object, "layer", path)};
    const std::uint64_t line = count(object, "line", path);
    if (line > UINT32_MAX) fail(join(path, "line"), "is too large");
    out.line = static_cast<std::uint32_t>(line);
    return out;
  }
  std::vector<Location> locations(const JsonValue& object, std::string_view path) {
    std::vector<Location> out;
    for (const JsonValue& item : may(object, "locations", Kind::Array, path).items()) out.push_back(location(item, join(path, "locations")));
    return out;
  }
  // Runs `each(element, "name[i]")` over an array that must be there when `needed`.
  template <class Each>
  void elements(const JsonValue& object, std::string_view name, std::string_view path, bool needed, Each each) {
    const JsonValue array = needed ? need(object, name, Kind::Array, path) : may(object, name, Kind::Array, path);
    std::size_t i = 0;
    for (const JsonValue& item : array.items()) {
      const std::string where = cat(join(path, name), "[", i++, "]");
      if (!item.is_object()) fail(where, "is not an object");
      each(item, where);
      if (!error_.empty()) return;
    }
  }

  ToolInfo tool(const JsonValue& object);
  Distribution os(const JsonValue& object);
  ImageInfo image(const JsonValue& object);
  Package package(const JsonValue& object, std::string_view path);
  Finding finding(const JsonValue& object, std::string_view path);

  std::string error_;
};

ToolInfo Reader::tool(const JsonValue& object) {
  ToolInfo out{.version = needed_text(object, "version", "tool"), .at = text(object, "at", "tool"), .started_at = text(object, "startedAt", "tool")};
  out.duration_ms = static_cast<std::int64_t>(count(object, "durationMs", "tool"));
  if (const JsonValue database = may(object, "database", Kind::Object, "tool"); database.exists()) {
    DatabaseInfo info{.digest = text(database, "digest", "tool.database"), .built_at = text(database, "builtAt", "tool.database")};
    elements(database, "feeds", "tool.database", false, [&](const JsonValue& feed, const std::string& path) {
      info.feeds.push_back({.name = needed_text(feed, "name", path), .date = text(feed, "date", path)});
    });
    out.database = std::move(info);
  }
  if (const JsonValue rules = may(object, "rules", Kind::Object, "tool"); rules.exists())
    out.rules = RulesInfo{.digest = needed_text(rules, "digest", "tool.rules"), .count = count(rules, "count", "tool.rules")};
  out.fingerprints = text(object, "fingerprints", "tool");
  out.verify_packages = text(object, "verifyPackages", "tool");
  return out;
}

Distribution Reader::os(const JsonValue& object) {
  Distribution out{.id = text(object, "id", "image.os"), .version_id = text(object, "versionId", "image.os"), .codename = text(object, "codename", "image.os")};
  out.name = text(object, "name", "image.os");
  out.id_like = texts(object, "idLike", "image.os");
  out.variant = text(object, "variant", "image.os");
  out.cpe = text(object, "cpe", "image.os");
  if (object["endOfLife"].exists()) out.end_of_life = text(object, "endOfLife", "image.os");
  if (const JsonValue where = may(object, "location", Kind::Object, "image.os"); where.exists()) out.location = location(where, "image.os.location");
  return out;
}

ImageInfo Reader::image(const JsonValue& object) {
  ImageInfo out{.reference = text(object, "reference", "image"), .kind = text(object, "kind", "image"), .digest = text(object, "digest", "image")};
  out.image_id = text(object, "imageId", "image");
  out.platform = text(object, "platform", "image");
  out.created = text(object, "created", "image");
  if (const JsonValue distribution = may(object, "os", Kind::Object, "image"); distribution.exists()) out.os = os(distribution);
  if (const JsonValue base = may(object, "base", Kind::Object, "image"); base.exists()) {
    out.base_name = text(base, "name", "image.base");
    out.base_digest = text(base, "digest", "image.base");
    const std::uint64_t layers = count(base, "layers", "image.base");
    if (layers > UINT32_MAX) fail("image.base.layers", "is too large");
    out.base_layers = static_cast<std::uint32_t>(layers);
  }
  if (const JsonValue provenance = may(object, "provenance", Kind::Object, "image"); provenance.exists()) {
    // No version of this form has verified ones: a report that says so was not written by a scan.
    if (need(provenance, "verified", Kind::Bool, "image.provenance").boolean().value_or(false)) fail("image.provenance.verified", "is true, which no scan says");
    elements(provenance, "statements", "image.provenance", true, [&](const JsonValue& item, const std::string& path) {
      out.provenance.push_back({.found_in = needed_text(item, "from", path), .digest = text(item, "digest", path), .predicate_type = text(item, "predicateType", path), .builder = text(item, "builder", path),
                                .source = text(item, "source", path), .revision = text(item, "revision", path), .created = text(item, "created", path)});
    });
    if (out.provenance.empty()) fail("image.provenance.statements", "is empty");
  }
  if (object["config"].exists()) out.config_json = object["config"].dump();
  elements(object, "layers", "image", false, [&](const JsonValue& item, const std::string& path) {
    out.layers.push_back({.diff_id = text(item, "diffId", path), .digest = text(item, "digest", path), .size_bytes = count(item, "sizeBytes", path),
                          .origin = origin(item, path), .created_by = text(item, "createdBy", path)});
  });
  return out;
}

Package Reader::package(const JsonValue& object, std::string_view path) {
  Package out{.id = needed_text(object, "id", path), .type = needed_text(object, "type", path), .ns = text(object, "namespace", path)};
  out.name = needed_text(object, "name", path);
  out.version = needed_text(object, "version", path);
  out.arch = text(object, "arch", path);
  if (const JsonValue source = may(object, "source", Kind::Object, path); source.exists()) {
    out.source_name = needed_text(source, "name", join(path, "source"));
    out.source_version = text(source, "version", join(path, "source"));
  }
  out.licenses = texts(object, "licenses", path);
  out.depends = texts(object, "depends", path);
  out.locations = locations(object, path);
  out.found_by = texts(object, "foundBy", path);
  out.owned_by = text(object, "ownedBy", path);
  out.origin = origin(object, path);
  for (const auto& [key, value] : pairs(object, "properties", path)) out.set_property(key, value);
  return out;
}

Finding Reader::finding(const JsonValue& object, std::string_view path) {
  Finding out{.id = needed_text(object, "id", path), .key = needed_text(object, "key", path)};
  out.klass = word<FindingClass>(object, "class", path, finding_class_from);
  out.aliases = texts(object, "aliases", path);
  out.severity = word<Severity>(object, "severity", path, severity_from);
  out.severity_source = text(object, "severitySource", path);
  elements(object, "cvss", path, false, [&](const JsonValue& item, const std::string& at) {
    out.cvss.push_back({.version = text(item, "version", at), .vector = text(item, "vector", at), .score_0_10 = number(item, "score", at), .source = text(item, "source", at)});
  });
  if (const JsonValue epss = may(object, "epss", Kind::Object, path); epss.exists())
    out.epss = Epss{.score = number(epss, "score", join(path, "epss")), .percentile = number(epss, "percentile", join(path, "epss")), .date = text(epss, "date", join(path, "epss"))};
  if (const JsonValue kev = may(object, "kev", Kind::Object, path); kev.exists())
    out.kev = Kev{.date_added = text(kev, "dateAdded", join(path, "kev")), .due_date = text(kev, "dueDate", join(path, "kev")), .ransomware = kev["ransomware"].boolean().value_or(false)};
  if (out.klass == FindingClass::Vulnerability) out.state = word<FixState>(object, "state", path, fix_state_from);
  out.package = text(object, "package", path);
  out.installed_version = text(object, "installedVersion", path);
  out.fixed_version = text(object, "fixedVersion", path);
  out.title = text(object, "title", path);
  out.rule_id = text(object, "ruleId", path);
  out.evidence = pairs(object, "evidence", path);
  out.locations = locations(object, path);
  out.origin = origin(object, path);
  out.fix = text(object, "fix", path);
  out.risk_0_100 = number(object, "risk", path);
  out.published = text(object, "published", path);
  out.references = texts(object, "references", path);
  return out;
}

Result<Report> Reader::read(const JsonValue& root) {
  if (!root.is_object()) return malformed("not a plimsoll report: the document is not an object");
  const JsonValue version = root["schemaVersion"];
  if (!version.is_string()) return malformed("not a plimsoll report: it has no schemaVersion");
  if (version.text() != kSchemaVersion)
    return unsupported(cat("report of schemaVersion \"", to_utf8(version.text().substr(0, 40)), "\"; this version reads \"", kSchemaVersion, "\""));
  Report report;
  report.tool = tool(need(root, "tool", Kind::Object, ""));
  const JsonValue complete = need(root, "complete", Kind::Bool, "");
  if (const JsonValue object = may(root, "image", Kind::Object, ""); object.exists()) report.image = image(object);
  // A report has both; `plimsoll detect` writes neither.
  const bool whole = root["image"].exists() || root["packages"].exists();
  if (whole) need(root, "image", Kind::Object, "");
  elements(root, "packages", "", whole, [&](const JsonValue& item, const std::string& path) { report.packages.push_back(package(item, path)); });
  elements(root, "findings", "", true, [&](const JsonValue& item, const std::string& path) { report.findings.push_back(finding(item, path)); });
  elements(root, "gaps", "", true, [&](const JsonValue& item, const std::string& path) {
    report.gaps.push_back({.part = needed_text(item, "part", path), .where = needed_text(item, "where", path), .why = needed_text(item, "why", path)});
  });
  elements(root, "coverage", "", whole, [&](const JsonValue& item, const std::string& path) {
    report.coverage.push_back({.ecosystem = needed_text(item, "ecosystem", path), .packages = count(item, "packages", path), .feed = text(item, "feed", path), .feed_date = text(item, "feedDate", path)});
  });
  if (const JsonValue profile = may(root, "profile", Kind::Object, ""); profile.exists())
    report.profile = ProfileInfo{.digest = needed_text(profile, "digest", "profile"), .executables = count(profile, "executables", "profile"),
                                 .reference = text(profile, "reference", "profile")};
  elements(root, "suppressed", "", false, [&](const JsonValue& item, const std::string& path) {
    report.suppressed.push_back({.key = needed_text(item, "key", path), .id = needed_text(item, "id", path), .package = text(item, "package", path),
                                 .by = needed_text(item, "by", path), .reason = text(item, "reason", path)});
  });
  elements(root, "notices", "", false, [&](const JsonValue& item, const std::string& path) {
    report.notices.push_back({.about = needed_text(item, "about", path), .where = needed_text(item, "where", path), .what = needed_text(item, "what", path)});
  });
  if (root["score"].exists()) {
    auto score = read_score(root["score"]);
    if (score) report.score = std::move(*score);
    else fail("", score.error().message());
  }
  if (root["verdict"].exists()) {
    auto verdict = read_verdict(root["verdict"]);
    if (verdict) report.verdict = std::move(*verdict);
    else fail("", verdict.error().message());
  }
  if (complete.boolean().value_or(false) != report.gaps.empty()) fail("complete", "disagrees with gaps");
  if (!error_.empty()) return malformed(cat("not a whole plimsoll report: ", to_utf8(error_)));
  return report;
}

}  // namespace

Result<Report> read_report(Bytes text, const Limits& limits) {
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(text, limits).context("report is cut short or not JSON"));
  return Reader().read(document.root());
}

Result<Package> read_package(const JsonValue& element) { return Reader().read_package(element); }
Result<Finding> read_finding(const JsonValue& element) { return Reader().read_finding(element); }

void sort_report(Report& report) {
  sort_records(report.packages, PackageOrder());
  sort_records(report.findings, FindingOrder());
  sort_records(report.gaps, std::less<Gap>());
  sort_records(report.coverage, CoverageOrder());
  sort_records(report.suppressed, SuppressedOrder());
  sort_records(report.notices, NoticeOrder());
}

}  // namespace plimsoll::report
