#include "report/annotations.h"

#include <unordered_map>

#include "base/hash.h"
#include "base/text.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

std::string fingerprint(std::string_view rule, std::string_view what) { return hash_hex(HashKind::Sha256, as_bytes(cat(rule, "\n", what))).substr(0, 32); }

std::string advice_of(const VerdictReason& reason, std::string_view own_fix) {
  std::string out = own_fix.empty() ? printable(reason.fix) : printable(own_fix);
  if (!reason.exception_by.empty() && reason.effect == "block") out += cat(out.empty() ? "" : " ", "An exception can be granted by ", printable(reason.exception_by), ".");
  return out;
}

}  // namespace

std::vector<Annotation> annotations(const Report& report) {
  if (!report.verdict)
    return {{.rule = "no-standard", .title = "No standard was applied", .effect = "warn", .message = "There is no verdict: plimsoll gate --standard S gives one", .fingerprint = fingerprint("no-standard", "")}};
  std::vector<Annotation> out;
  if (report.verdict->incomplete)
    out.push_back({.rule = "incomplete", .title = "The report is incomplete", .effect = report.verdict->result == "block" ? "warn" : "block", .message = cat(counted(report.gaps.size(), "part"), " could not be read, so this is no pass"), .fingerprint = fingerprint("incomplete", "")});
  std::unordered_map<std::string_view, const Finding*> findings;
  for (const Finding& finding : report.findings) findings.emplace(finding.key, &finding);
  for (const VerdictReason& reason : report.verdict->reasons) {
    if (reason.count == 0 && reason.in_grace == 0) continue;  // only what was known before
    bool told = false;
    for (const std::string& key : reason.finding_keys) {
      const auto found = findings.find(key);
      if (found == findings.end()) continue;  // a filter left it out
      const Finding& finding = *found->second;
      told = true;
      std::string message = cat(printable(finding.id), " (", to_string(finding.severity), ")");
      if (!finding.package.empty()) message += cat(" in ", printable(finding.package));
      if (!finding.title.empty()) message += cat(": ", printable(finding.title));
      const std::string own_fix = !finding.fix.empty() ? finding.fix : finding.fixed_version.empty() ? std::string() : cat("raise it to ", finding.fixed_version);
      out.push_back({.rule = reason.rule, .title = reason.title.empty() ? reason.rule : reason.title, .effect = reason.effect, .message = std::move(message), .advice = advice_of(reason, own_fix),
                     .path = finding.locations.empty() ? std::string() : finding.locations.front().path, .line = finding.locations.empty() ? 0 : finding.locations.front().line, .fingerprint = fingerprint(reason.rule, key), .severity = finding.severity});
    }
    if (told) continue;
    out.push_back({.rule = reason.rule, .title = reason.title.empty() ? reason.rule : reason.title, .effect = reason.effect, .message = printable(reason.what), .advice = advice_of(reason, ""), .fingerprint = fingerprint(reason.rule, "")});
  }
  return out;
}

}  // namespace plimsoll::report
