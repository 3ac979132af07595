// ubuntu_oval: Canonical's OVAL of Ubuntu Security Notices, one document a release.
//
// Input   com.ubuntu.CODENAME.usn.oval.xml(.bz2): a patch definition a notice, its tests on binary packages by variable;
//         com.ubuntu.CODENAME.cve.oval.xml(.bz2): a definition a CVE, what has no fix told by the comment of its test.
// Output  per CVE of a notice a statement on each binary package: fixed below VERSION, the notice as its alias, the
//         severity Ubuntu's priority. Fixes that only Ubuntu Pro has are of channel "esm" (or "fips"). Kernel and
//         live-patch notices test the running kernel: they say nothing about an image.
// Source  https://ubuntu.com/security/oval
#include <algorithm>
#include <optional>
#include <tuple>

#include "advisory/oval.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return is_oval(file, "com.ubuntu.") || is_oval(file, "Canonical USN OVAL") || is_oval(file, "Canonical CVE OVAL") ? 9 : 0; }

std::string release_of(const OvalDocument& document, std::string_view name) {
  for (const OvalDefinition& definition : document.definitions) {
    for (const std::string& platform : definition.platforms)
      if (platform.starts_with("Ubuntu ")) return distribution_key("ubuntu", cut(std::string_view(platform).substr(7), ' ').first);
    if (const std::size_t at = definition.title.find("Ubuntu "); at != std::string::npos && definition.klass == "inventory")
      return distribution_key("ubuntu", cut(std::string_view(definition.title).substr(at + 7), ' ').first);
  }
  for (const std::string_view part : split(name, '.'))
    if (const std::string key = distribution_key("ubuntu", part); key.size() > 7 && key[7] >= '0' && key[7] <= '9') return key;
  return {};
}

std::string channel_of(const OvalCondition& condition) {
  if (lower(condition.version).find("fips") != std::string::npos) return "fips";
  const bool pro = condition.comment.find("Ubuntu Pro") != std::string::npos || condition.comment.find("ESM") != std::string::npos;
  return pro || condition.version.find("esm") != std::string::npos ? "esm" : "";
}

// The CVE documents state what has no fix in the comment of a test: "(CVE-2023-1) foo package in jammy is affected and
// needs fixing." Nothing for what is not affected.
std::optional<std::pair<FixState, std::string>> open_state(std::string_view comment) {
  static constexpr std::tuple<std::string_view, FixState, std::string_view> kWords[] = {
      {"is affected and needs fixing", FixState::NotFixed, "needed"},
      {"is affected and may need fixing", FixState::UnderInvestigation, "needs-triage"},
      {"decision has been made to defer", FixState::Postponed, "deferred"},
      {"decision has been made to ignore", FixState::WillNotFix, "ignored"},
      {"is affected. An update containing the fix has been completed and is pending", FixState::NotFixed, "pending"},
      {"is under review", FixState::UnderInvestigation, "needs-triage"}};
  for (const auto& [words, state, name] : kWords)
    if (comment.find(words) != std::string_view::npos) return std::pair(state, std::string(name));
  return std::nullopt;
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  PLIM_TRY(const OvalDocument document, read_oval(input, limits));
  const std::string ecosystem = release_of(document, input.name());
  if (ecosystem.empty()) return malformed("the document does not say which Ubuntu it is for");
  sink.covers(ecosystem);
  sink.date(iso_date(document.timestamp));
  for (const OvalDefinition& definition : document.definitions) {
    if (definition.klass == "inventory") continue;
    std::vector<Affected> affected;
    std::string notice;
    for (const auto& [source, id] : definition.references)
      if (notice.empty() && !is_cve(id)) notice = id.starts_with("USN-") || id.starts_with("LSN-") ? id : cat("USN-", id);
    for (const OvalCondition& condition : definition.conditions)
      for (const std::string& name : condition.names) {
        const auto open = condition.less_than ? std::nullopt : open_state(condition.comment);
        if (!condition.less_than && !open) continue;
        Affected& one = affected.emplace_back();
        one.ecosystem = ecosystem;
        one.name = name;
        one.name_kind = NameKind::Binary;
        one.channel = channel_of(condition);
        if (!notice.empty()) one.aliases = {notice};
        if (open) one.state = open->first, one.word = open->second, one.intervals.push_back(all_versions());
        else one.intervals.push_back(fixed_below(condition.version));
      }
    std::vector<OvalCve> cves = definition.cves;
    for (const auto& [source, id] : definition.references)
      if (is_cve(id) && std::none_of(cves.begin(), cves.end(), [&](const OvalCve& c) { return c.id == id; })) cves.push_back({.id = id, .severity = {}, .cvss3 = {}, .cvss2 = {}, .cwe = {}});
    for (const OvalCve& cve : cves) {
      if (!is_cve(cve.id)) continue;
      AdvisoryRecord record;
      record.id = cve.id;
      if (const auto severity = severity_from(cve.severity)) record.severity = *severity, record.severity_source = "ubuntu";
      if (auto cvss = cvss_of(cve.cvss3, "ubuntu")) record.cvss.push_back(std::move(*cvss));
      record.affected = affected;
      for (Affected& one : record.affected) one.severity = record.severity;  // Ubuntu's alone
      sink.record(std::move(record), Merge::Join);
    }
    if (cves.empty() && !notice.empty() && notice.starts_with("USN-") && !affected.empty()) {
      AdvisoryRecord record;
      record.id = notice;
      record.affected = std::move(affected);
      for (Affected& one : record.affected) one.aliases.clear();
      sink.record(std::move(record), Merge::Join);
    }
  }
  return Ok{};
}

}  // namespace

Feed ubuntu_oval() { return {.name = "ubuntu_oval", .source = "Canonical OVAL", .licence = "GPL-3.0", .priority = 0, .scope = "ubuntu:", .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
