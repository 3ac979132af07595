#include "report/diff.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "report/json_parts.h"
#include "report/plain.h"
#include "report/stored.h"

namespace plimsoll::report {
namespace {

using ByKey = std::map<std::string_view, std::vector<const Finding*>>;

ByKey by_key(const Report& report) {
  ByKey out;
  for (const Finding* finding : ordered(report.findings, FindingOrder())) out[finding->key].push_back(finding);
  return out;
}

std::string joined(const std::set<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += cat(out.empty() ? "" : ", ", text.empty() ? "none" : text);
  return out;
}

// The facts of a key that may change, each in words.
std::vector<std::pair<std::string_view, std::string>> facts(const std::vector<const Finding*>& findings) {
  std::set<std::string> severities, states, fixed, installed;
  bool exploited = false;
  for (const Finding* finding : findings) {
    severities.emplace(to_string(finding->severity));
    if (finding->klass == FindingClass::Vulnerability) states.emplace(to_string(finding->state));
    fixed.insert(finding->fixed_version);
    installed.insert(finding->installed_version);
    exploited = exploited || finding->kev.has_value();
  }
  return {{"severity", joined(severities)}, {"state", joined(states)}, {"fixed in", joined(fixed)}, {"installed", joined(installed)}, {"exploited", exploited ? "yes" : "no"}};
}

using PackageKey = std::tuple<std::string, std::string, std::string, std::string>;

std::map<PackageKey, std::set<std::string>> versions(const Report& report) {
  std::map<PackageKey, std::set<std::string>> out;
  for (const Package& package : report.packages) out[{package.type, package.ns, package.name, package.arch}].insert(package.version);
  return out;
}

PackageChange change_of(const PackageKey& key, const std::set<std::string>& before, const std::set<std::string>& after) {
  const auto& [type, ns, name, arch] = key;
  return {.type = type, .ns = ns, .name = name, .arch = arch, .before = {before.begin(), before.end()}, .after = {after.begin(), after.end()}};
}

void sort_findings(std::vector<const Finding*>& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding* a, const Finding* b) { return FindingOrder()(*a, *b); });
}

}  // namespace

ReportDiff diff(const Report& before, const Report& after) {
  ReportDiff out{.before = &before, .after = &after};
  const ByKey old_keys = by_key(before), new_keys = by_key(after);
  for (const auto& [key, findings] : old_keys)
    if (!new_keys.contains(key)) out.gone.insert(out.gone.end(), findings.begin(), findings.end());
  for (const auto& [key, findings] : new_keys) {
    const auto old = old_keys.find(key);
    if (old == old_keys.end()) {
      out.appeared.insert(out.appeared.end(), findings.begin(), findings.end());
      continue;
    }
    FindingChange change{.before = old->second.front(), .after = findings.front()};
    const auto was = facts(old->second), is = facts(findings);
    for (std::size_t i = 0; i < is.size(); ++i)
      if (was[i].second != is[i].second) change.what.push_back(cat(is[i].first, " ", was[i].second, ", now ", is[i].second));
    if (change.what.empty()) out.same += findings.size();
    else out.changed.push_back(std::move(change));
  }
  sort_findings(out.appeared);
  sort_findings(out.gone);
  std::stable_sort(out.changed.begin(), out.changed.end(), [](const FindingChange& a, const FindingChange& b) { return FindingOrder()(*a.after, *b.after); });

  const auto old_versions = versions(before), new_versions = versions(after);
  for (const auto& [key, had] : old_versions)
    if (!new_versions.contains(key)) out.removed.push_back(change_of(key, had, {}));
  for (const auto& [key, has] : new_versions) {
    const auto old = old_versions.find(key);
    if (old == old_versions.end()) out.added.push_back(change_of(key, {}, has));
    else if (old->second != has) out.altered.push_back(change_of(key, old->second, has));
  }
  const auto missing = [](const Gaps& from, const Gaps& in, std::vector<const Gap*>& into) {
    const std::set<Gap> known(in.begin(), in.end());
    for (const Gap* gap : ordered(from, std::less<Gap>()))
      if (!known.contains(*gap)) into.push_back(gap);
  };
  missing(after.gaps, before.gaps, out.gaps_appeared);
  missing(before.gaps, after.gaps, out.gaps_gone);
  return out;
}

// --- output ----------------------------------------------------------------------------------------------------------

namespace {

void write_side(JsonWriter& json, std::string_view name, const Report& report) {
  json.key(name).begin_object().text_member("reference", report.image.reference).text_member("digest", report.image.digest);
  json.text_member("at", report.tool.at);
  if (report.tool.database) json.text_member("database", report.tool.database->digest);
  json.member("complete", report.complete()).member("findings", report.findings.size()).member("packages", report.packages.size()).end_object();
}

void write_packages(JsonWriter& json, std::string_view name, const std::vector<PackageChange>& changes) {
  json.key(name).begin_array();
  for (const PackageChange& change : changes) {
    json.on_one_line([&](JsonWriter& record) {
      record.begin_object().member("type", change.type).text_member("namespace", change.ns).member("name", change.name).text_member("arch", change.arch);
      write_texts(record, "before", change.before);
      write_texts(record, "after", change.after);
      record.end_object();
    });
  }
  json.end_array();
}

std::string as_json(const ReportDiff& diff) {
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().member("schemaVersion", kSchemaVersion);
  write_side(json, "before", *diff.before);
  write_side(json, "after", *diff.after);
  json.key("findings").begin_object();
  write_lines(json, "new", diff.appeared, write_finding);
  write_lines(json, "gone", diff.gone, write_finding);
  json.key("changed").begin_array();
  for (const FindingChange& change : diff.changed) {
    json.on_one_line([&](JsonWriter& record) {
      record.begin_object().member("key", change.after->key).member("id", change.after->id);
      write_texts(record, "what", change.what);
      record.key("before");
      write_finding(record, *change.before);
      record.key("after");
      write_finding(record, *change.after);
      record.end_object();
    });
  }
  json.end_array().member("same", diff.same).end_object();
  json.key("packages").begin_object();
  write_packages(json, "added", diff.added);
  write_packages(json, "removed", diff.removed);
  write_packages(json, "changed", diff.altered);
  json.end_object().key("gaps").begin_object();
  write_lines(json, "new", diff.gaps_appeared, write_gap);
  write_lines(json, "gone", diff.gaps_gone, write_gap);
  json.end_object().end_object();
  return out + "\n";
}

std::string name_of(const PackageChange& change) { return cat(change.type, " ", change.ns.empty() ? "" : cat(change.ns, "/"), change.name); }

std::string versions_of(const std::vector<std::string>& versions) {
  std::string out;
  for (const std::string& version : versions) out += cat(out.empty() ? "" : ", ", version);
  return out;
}

std::string title_of(const Report& report) { return report.image.reference.empty() ? short_digest(report.image.digest) : report.image.reference; }

std::string subject_of(const Finding& finding) {
  std::string out = finding.package.empty() ? (finding.locations.empty() ? std::string() : finding.locations.front().path) : finding.package;
  if (!finding.fixed_version.empty()) out += cat(", fixed in ", finding.fixed_version);
  return out;
}

// Rows of one section, the same for the table and for Markdown.
struct Section {
  std::string title;
  std::vector<std::array<std::string, 3>> rows;  // severity or nothing, what, more
};

std::vector<Section> sections(const ReportDiff& diff) {
  std::vector<Section> out;
  const auto findings = [&](std::string_view title, const std::vector<const Finding*>& list) {
    Section section{.title = cat(title, ": ", counted(list.size(), "finding"))};
    for (const Finding* finding : list) section.rows.push_back({std::string(to_string(finding->severity)), finding->id, subject_of(*finding)});
    if (!list.empty()) out.push_back(std::move(section));
  };
  findings("New", diff.appeared);
  findings("Gone", diff.gone);
  if (!diff.changed.empty()) {
    Section section{.title = cat("Changed: ", counted(diff.changed.size(), "finding"))};
    for (const FindingChange& change : diff.changed) {
      std::string what = change.after->package;
      for (const std::string& each : change.what) what += cat(what.empty() ? "" : "; ", each);
      section.rows.push_back({std::string(to_string(change.after->severity)), change.after->id, std::move(what)});
    }
    out.push_back(std::move(section));
  }
  const auto packages = [&](std::string_view title, const std::vector<PackageChange>& list) {
    Section section{.title = cat(title, ": ", counted(list.size(), "package"))};
    for (const PackageChange& change : list) {
      const std::string more = change.before.empty() ? versions_of(change.after) : change.after.empty() ? versions_of(change.before) : cat(versions_of(change.before), " to ", versions_of(change.after));
      section.rows.push_back({"", name_of(change), more});
    }
    if (!list.empty()) out.push_back(std::move(section));
  };
  packages("Added", diff.added);
  packages("Removed", diff.removed);
  packages("Other version", diff.altered);
  const auto gaps = [&](std::string_view title, const std::vector<const Gap*>& list) {
    Section section{.title = cat(title, ": ", counted(list.size(), "gap"))};
    for (const Gap* gap : list) section.rows.push_back({"", cat(gap->part, " ", gap->where), gap->why});
    if (!list.empty()) out.push_back(std::move(section));
  };
  gaps("No longer read", diff.gaps_appeared);
  gaps("Read again", diff.gaps_gone);
  return out;
}

std::string as_table(const ReportDiff& diff, const WriteOptions& options) {
  const std::size_t width = std::max(options.width, 60u);
  const auto bold = [&](std::string_view text) { return options.color ? cat("\x1b[1m", text, "\x1b[0m") : std::string(text); };
  std::string out = cat(bold(cat(fit(title_of(*diff.before), width / 2 - 2), " -> ", fit(title_of(*diff.after), width / 2 - 2))), "\n\n");
  constexpr std::size_t kShown = 40;
  for (const Section& section : sections(diff)) {
    out += cat(bold(section.title), "\n");
    std::size_t shown = 0;
    for (const auto& [severity, what, more] : section.rows) {
      if (shown++ == kShown && !options.all) {
        out += cat("  and ", section.rows.size() - kShown, " more (--all shows them)\n");
        break;
      }
      const std::string left = severity.empty() ? fit(what, 38) : cat(severity, std::string(12 - std::min<std::size_t>(severity.size(), 11), ' '), fit(what, 24));
      std::vector<std::string> rows = wrap_words(printable(more), width - 42);
      if (rows.empty()) rows.emplace_back();
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string head = i == 0 ? left : std::string();
        out += cat("  ", head, std::string(38 - std::min<std::size_t>(columns(head), 38), ' '), "  ", rows[i], "\n");
      }
    }
    out += "\n";
  }
  if (sections(diff).empty()) out += "Nothing changed.\n";
  else out += cat(counted(diff.same, "finding"), " unchanged\n");
  return out;
}

std::string as_markdown(const ReportDiff& diff) {
  std::string out = cat("# ", markdown_text(title_of(*diff.before)), " → ", markdown_text(title_of(*diff.after)), "\n\n");
  for (const Section& section : sections(diff)) {
    out += cat("## ", section.title, "\n\n");
    const bool graded = !section.rows.front()[0].empty();
    out += graded ? "| severity | id | what |\n|---|---|---|\n" : "| what | |\n|---|---|\n";
    for (const auto& [severity, what, more] : section.rows)
      out += cat("| ", graded ? cat(severity, " | ") : "", markdown_text(what), " | ", markdown_text(more), " |\n");
    out += "\n";
  }
  out += sections(diff).empty() ? "Nothing changed.\n" : cat(counted(diff.same, "finding"), " unchanged.\n");
  return out;
}

}  // namespace

Result<std::string> write_diff(const ReportDiff& diff, std::string_view format, const WriteOptions& options) {
  if (format == "table") return as_table(diff, options);
  if (format == "json") return as_json(diff);
  if (format == "markdown") return as_markdown(diff);
  return unsupported(cat("a comparison has no format \"", to_utf8(format), "\"; there are json, markdown, table"));
}

}  // namespace plimsoll::report
