// rpm_oval: OVAL of Red Hat, SUSE and Oracle.
//
// Input   rhel-9.oval.xml, rhel-9.2-eus.oval.xml, rhel-9-including-unpatched.oval.xml, com.oracle.elsa-*.xml,
//         suse.linux.enterprise.server.15-patch.xml and their like (.bz2, .gz): tests on binary packages.
// Output  per CVE of a definition a statement on each package "earlier than VERSION", the notice as its alias, the
//         severity the vendor's for that CVE. Modules from "Module NAME:STREAM is enabled"; update streams (EUS, AUS, E4S)
//         from the CPE list; "NAME is installed" of an unpatched definition with the state of its component. Oracle's
//         ksplice builds are a stream of their own.
// Source  https://www.redhat.com/security/data/oval/v2/, https://linux.oracle.com/security/oval/,
//         https://ftp.suse.com/pub/projects/security/oval/
#include <algorithm>
#include <set>

#include "advisory/oval.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) {
  return is_oval(file, "com.redhat.") || is_oval(file, "Red Hat OVAL") || is_oval(file, "com.oracle.") || is_oval(file, "Oracle") || is_oval(file, "org.opensuse.security") || is_oval(file, "SUSE") ? 8 : 0;
}

// "Red Hat Enterprise Linux 9", "Oracle Linux 8", "SUSE Linux Enterprise Server 15 SP5", "openSUSE Leap 15.5".
std::string ecosystem_of_platform(std::string_view platform) {
  for (const auto& [prefix, id] : {std::pair<std::string_view, std::string_view>{"Red Hat Enterprise Linux ", "rhel"}, {"Oracle Linux ", "ol"}})
    if (platform.starts_with(prefix)) {
      const std::string_view version = cut(platform.substr(prefix.size()), ' ').first;
      return parse_u64(cut(version, '.').first) ? distribution_key(id, version) : std::string{};
    }
  if (platform.starts_with("SUSE ")) return ecosystem_of_osv(cat("SUSE:", platform.substr(5))).key;
  if (platform.starts_with("openSUSE ")) return ecosystem_of_osv(cat("openSUSE:", platform.substr(9))).key;
  return {};
}

// "cpe:/o:redhat:rhel_eus:9.2::baseos" -> "eus:9.2" when all of a definition's are of a stream.
std::string stream_of(const std::vector<std::string>& cpes) {
  std::string stream;
  for (const std::string& cpe : cpes) {
    const std::size_t at = cpe.find(":redhat:rhel_");
    if (at == std::string::npos) return {};
    const auto [name, rest] = cut(std::string_view(cpe).substr(at + 13), ':');
    if (stream.empty()) stream = cat(name, ":", cut(rest, ':').first);
  }
  return stream;
}

std::pair<FixState, std::string_view> state_of(const OvalDefinition& definition, std::string_view component) {
  for (const OvalResolution& resolution : definition.resolutions)
    if (std::any_of(resolution.components.begin(), resolution.components.end(), [&](std::string_view named) {
          return named == component || (named.size() > component.size() && named.ends_with(component) && named[named.size() - component.size() - 1] == '/');  // "nodejs:16/nodejs"
        })) {
      const std::string state = lower(resolution.state);
      if (state == "will not fix") return {FixState::WillNotFix, "will-not-fix"};
      if (state == "out of support scope") return {FixState::EndOfLife, "out-of-support-scope"};
      if (state == "fix deferred") return {FixState::Postponed, "fix-deferred"};
      if (state == "under investigation") return {FixState::UnderInvestigation, "under-investigation"};
      if (state == "not affected") return {FixState::NotAffected, "not-affected"};
      return {FixState::NotFixed, "affected"};
    }
  return {FixState::NotFixed, ""};
}

// Those of the platforms that the condition stands under; of the definition's where it stands under none.
std::set<std::string> ecosystems_of(const OvalDefinition& definition, const OvalCondition& condition) {
  std::set<std::string> out;
  for (const std::string& platform : condition.platforms.empty() ? definition.platforms : condition.platforms)
    if (std::string ecosystem = ecosystem_of_platform(platform); !ecosystem.empty()) out.insert(std::move(ecosystem));
  return out;
}

std::vector<Affected> affected_of(const OvalDefinition& definition, const std::string& notice, FeedSink& sink) {
  std::vector<Affected> out;
  const std::string stream = stream_of(definition.cpes);
  for (const OvalCondition& condition : definition.conditions) {
    for (const std::string& ecosystem : ecosystems_of(definition, condition))
     for (const std::string& name : condition.names) {
      if (name.empty() || name.ends_with("-release")) continue;
      sink.covers(ecosystem);
      Affected one;
      one.ecosystem = ecosystem;
      one.name = name;
      one.name_kind = NameKind::Binary;
      one.module = condition.module.empty() && condition.version.find(".module") != std::string::npos ? "?" : condition.module;
      one.channel = condition.version.find("ksplice") != std::string::npos ? "ksplice" : stream;
      if (!notice.empty()) one.aliases = {notice};
      if (condition.less_than) {
        one.intervals.push_back(fixed_below(condition.version));
      } else {
        if (definition.klass != "vulnerability") continue;
        const auto [state, word] = state_of(definition, name);
        if (state == FixState::NotAffected) continue;
        one.state = state, one.word = word;
        one.intervals.push_back(all_versions());
      }
      out.push_back(std::move(one));
    }
  }
  return out;
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  PLIM_TRY(const OvalDocument document, read_oval(input, limits));
  sink.date(iso_date(document.timestamp));
  const std::string vendor = document.product.find("Red Hat") != std::string::npos ? "redhat" : document.product.find("Oracle") != std::string::npos ? "oracle" : "suse";
  for (const OvalDefinition& definition : document.definitions) {
    std::string notice = std::string(cut(cut(definition.title, ' ').first, ',').first);
    if (notice.ends_with(':')) notice.pop_back();
    if (is_cve(notice)) notice.clear();
    std::vector<Affected> affected = affected_of(definition, notice, sink);
    if (affected.empty()) continue;
    std::vector<OvalCve> cves;
    for (const OvalCve& cve : definition.cves)
      if (is_cve(cut(cve.id, ' ').first)) cves.push_back(cve), cves.back().id = cut(cve.id, ' ').first;
    for (const auto& [source, reference] : definition.references) {
      std::string_view id = reference;
      if (id.starts_with("Mitre ")) id.remove_prefix(6);
      if (is_cve(id) && std::none_of(cves.begin(), cves.end(), [&](const OvalCve& c) { return c.id == id; })) cves.push_back({.id = std::string(id), .severity = {}, .cvss3 = {}, .cvss2 = {}, .cwe = {}});
    }
    for (const OvalCve& cve : cves) {
      AdvisoryRecord record;
      record.id = cve.id;
      if (const auto severity = severity_from(cve.severity)) record.severity = *severity, record.severity_source = vendor;
      else if (const auto whole = severity_from(definition.severity); whole && cves.size() == 1) record.severity = *whole, record.severity_source = vendor;
      // "9.3/CVSS:3.1/AV:N/..."
      for (const std::string& score : {cve.cvss3, cve.cvss2})
        if (auto cvss = cvss_of(cut(score, '/').second, vendor)) record.cvss.push_back(std::move(*cvss));
      if (!cve.cwe.empty() && cve.cwe.size() < 40) record.cwes.push_back(cve.cwe);
      record.affected = affected;
      for (Affected& one : record.affected) one.severity = record.severity;  // this vendor's alone
      sink.record(std::move(record), Merge::Join);
    }
    if (cves.empty() && !notice.empty() && !notice.starts_with("RHBA") && !notice.starts_with("RHEA")) {
      AdvisoryRecord record;
      record.id = notice;
      if (const auto severity = severity_from(definition.severity)) record.severity = *severity, record.severity_source = vendor;
      record.affected = std::move(affected);
      for (Affected& one : record.affected) one.aliases.clear();
      sink.record(std::move(record), Merge::Join);
    }
  }
  return Ok{};
}

}  // namespace

Feed rpm_oval() { return {.name = "rpm_oval", .source = "OVAL of Red Hat, SUSE, Oracle", .licence = "that of each vendor (Red Hat: CC-BY-4.0)", .priority = 0, .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
