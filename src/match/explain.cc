#include "match/explain.h"

#include <algorithm>

#include "base/text.h"

namespace plimsoll::match {
namespace {

bool is_patched_fork(const Package& package) {
  if (package.type == "deb" || package.type == "rpm" || package.type == "apk") return false;
  const std::string version = lower(package.version);
  return version.find("+patch") != std::string::npos || version.find("-patched") != std::string::npos || version.find(".patched") != std::string::npos ||
         version.find(".redhat-") != std::string::npos;
}

}  // namespace

std::string range_text(const IntervalView& interval) {
  std::string out;
  if (!interval.introduced.empty()) {
    if (interval.end_kind == IntervalEnd::LastAffected && interval.introduced == interval.end) return cat("= ", interval.end);
    out = cat(interval.introduced_exclusive ? "> " : ">= ", interval.introduced);
  }
  if (interval.end_kind != IntervalEnd::Open) out += cat(out.empty() ? "" : ", ", interval.end_kind == IntervalEnd::Fixed ? "< " : "<= ", interval.end);
  return out.empty() ? "*" : out;
}

std::vector<std::pair<std::string, std::string>> evidence_of(const AdvisoryRecord& record, const Candidate& candidate, const std::optional<IntervalView>& interval,
                                                             const std::string& source, std::size_t records) {
  std::vector<std::pair<std::string, std::string>> out = {{"feed", record.feed}, {"record", record.id}};
  if (interval) out.emplace_back("range", range_text(*interval));
  else out.emplace_back("range", candidate.except.empty() ? std::string(candidate.native) : cat(candidate.native, " except ", candidate.except));
  if (!source.empty()) out.emplace_back("source", source);
  if (!candidate.word.empty()) out.emplace_back("state", candidate.word);
  if (!candidate.channel.empty()) out.emplace_back("channel", candidate.channel);
  if (!candidate.module.empty() && candidate.module != "?") out.emplace_back("module", candidate.module);
  if (records > 1) out.emplace_back("records", std::to_string(records));
  return out;
}

std::string fix_sentence(const Package& package, const Finding& finding, const Candidate& candidate, const std::optional<IntervalView>& interval, const Distribution& distribution) {
  const std::string& name = package.source_name.empty() || (package.type != "deb" && package.type != "apk") ? package.name : package.source_name;
  const std::string full = package.type == "maven" && !package.ns.empty() ? cat(package.ns, ":", name)
                           : package.ns.empty() || package.type == "deb" || package.type == "apk" || package.type == "rpm" ? name
                                                                                                                           : cat(package.ns, "/", name);
  const std::string who = distribution.name.empty() ? (distribution.id.empty() ? "the distribution" : distribution.id) : distribution.name;
  switch (finding.state) {
    case FixState::Fixed:
      if (candidate.channel == "esm") return cat("attach Ubuntu Pro and raise ", full, " to ", finding.fixed_version);
      return cat("raise ", full, " to ", finding.fixed_version);
    case FixState::NotFixed:
      if (interval && interval->end_kind == IntervalEnd::LastAffected) return cat("raise ", full, " above ", interval->end);
      return cat("no fixed version of ", full, " is known yet");
    case FixState::WillNotFix: return cat(who, " will not fix it in ", full, ": replace or remove the package");
    case FixState::Postponed: return cat(who, " has put off the fix of ", full);
    case FixState::NotAffected: return "nothing to do";
    case FixState::UnderInvestigation: return cat("not yet known whether this ", full, " is affected");
    case FixState::EndOfLife: return cat(full, " is no longer supported here: move to a supported release");
  }
  return {};
}

std::vector<std::string> references_of(const Finding& finding, const Distribution& distribution) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view id) {
    if (id.starts_with("CVE-")) {
      if (distribution.id == "debian") out.push_back(cat("https://security-tracker.debian.org/tracker/", id));
      if (distribution.id == "ubuntu") out.push_back(cat("https://ubuntu.com/security/", id));
      if (distribution.id == "rhel") out.push_back(cat("https://access.redhat.com/security/cve/", id));
      out.push_back(cat("https://nvd.nist.gov/vuln/detail/", id));
    } else if (id.starts_with("GHSA-")) out.push_back(cat("https://github.com/advisories/", id));
    else if (id.starts_with("GO-")) out.push_back(cat("https://pkg.go.dev/vuln/", id));
    else if (id.starts_with("RUSTSEC-")) out.push_back(cat("https://rustsec.org/advisories/", id, ".html"));
    else if (id.starts_with("PYSEC-") || id.starts_with("MAL-")) out.push_back(cat("https://osv.dev/vulnerability/", id));
    else if (id.starts_with("RHSA-") || id.starts_with("RHBA-")) out.push_back(cat("https://access.redhat.com/errata/", id));
    else if (id.starts_with("USN-")) out.push_back(cat("https://ubuntu.com/security/notices/", id));
    else if (id.starts_with("DSA-") || id.starts_with("DLA-")) out.push_back(cat("https://security-tracker.debian.org/tracker/", id));
  };
  add(finding.id);
  for (const std::string& alias : finding.aliases)
    if (out.size() < 6) add(alias);
  return out;
}

bool is_header_only_kernel(const Package& package) {
  const std::string& name = package.name;
  if (package.type == "deb")
    return name == "linux-libc-dev" || name.starts_with("linux-libc-dev-") || name.starts_with("linux-headers-") || name.starts_with("linux-kbuild-") || name.starts_with("linux-compiler-") ||
           name.starts_with("linux-source") || name.starts_with("linux-doc") || name == "linux-base";
  if (package.type == "rpm") return name == "kernel-headers" || name == "kernel-devel" || name == "kernel-doc" || name.ends_with("-kernel-headers") || name == "kernel-srpm-macros";
  if (package.type == "apk") return name == "linux-headers";
  return package.type == "alpm" && name == "linux-api-headers";
}

void judge_special(const Package& package, Finding& finding) {
  if (is_header_only_kernel(package)) {
    finding.state = FixState::NotAffected;
    finding.evidence.emplace_back("stateReason", "header-only: the package holds the kernel's headers, not the kernel");
  } else if (is_patched_fork(package)) {
    finding.state = FixState::UnderInvestigation;
    finding.evidence.emplace_back("stateReason", "patched-fork: the version says that its maker patches it");
  }
}

}  // namespace plimsoll::match
