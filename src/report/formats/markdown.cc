// markdown: what to do, for a merge request or a wiki page (GitHub and GitLab flavour).
//
// Output  the same as table: what was not read, the changes that remove findings, the rest counted (listed with --all),
//         what was left out, ecosystems without a feed. Names are escaped: nothing in them becomes markup or a link.
#include "base/text.h"
#include "report/documents.h"
#include "report/format.h"
#include "report/groups.h"
#include "report/order.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

std::string id_link(const Finding& finding) {
  const std::string url = advisory_url(finding.id);
  return url.empty() ? markdown_text(finding.id) : cat("[", markdown_text(finding.id), "](", url, ")");
}

std::string ids_of(const FixGroup& group, std::size_t shown) {
  std::string out;
  const std::vector<const Finding*> distinct = group.distinct();
  for (std::size_t i = 0; i < distinct.size() && i < shown; ++i) out += cat(i == 0 ? "" : ", ", id_link(*distinct[i]), distinct[i]->kev ? " **exploited**" : "");
  return distinct.size() > shown ? cat(out, " and ", distinct.size() - shown, " more") : out;
}

void write_groups(std::string& out, const std::vector<FixGroup>& groups, bool all) {
  out += "| risk | worst | change | findings | where |\n|--:|---|---|--:|---|\n";
  for (const FixGroup& group : groups) {
    const bool vulnerability = group.findings.front()->klass == FindingClass::Vulnerability;
    const std::vector<std::string> places = group.places();
    std::string where = places.empty() ? "" : markdown_text(places.front());
    if (places.size() > 1) where += cat(" and ", places.size() - 1, " more");
    if (!group.packages.empty() && !group.packages.front()->source_name.empty()) {
      where.clear();
      for (const Package* package : group.packages) where += cat(where.empty() ? "" : ", ", markdown_text(package->name));
    }
    if (group.origin != Origin::Unknown) where += cat(" (", to_string(group.origin), ")");
    out += cat("| ", static_cast<int>(group.risk_0_100 + 0.5), " | ", to_string(group.worst), " | **", markdown_text(group.change), "**");
    if (vulnerability) out += cat("<br>", ids_of(group, all ? group.findings.size() : 5));
    else if (!group.findings.front()->title.empty()) out += cat("<br>", markdown_text(group.findings.front()->title));
    out += cat(" | ", group.findings.size(), " | ", where, " |\n");
  }
  out += '\n';
}

Result<std::string> write(const Report& report, const WriteOptions& options) {
  const Overview all = overview(report);
  std::string out = cat("# ", markdown_text(image_name(report.image)), "\n\n");
  std::vector<std::string> facts;
  if (const std::string os = os_in_words(report.image.os); !os.empty()) facts.push_back(markdown_text(os));
  if (!report.image.platform.empty()) facts.push_back(markdown_text(report.image.platform));
  if (!report.image.digest.empty()) facts.push_back(cat("`", printable(report.image.digest), "`"));
  facts.push_back(counted(report.packages.size(), "package"));
  if (report.tool.database) facts.push_back(cat("database of ", markdown_text(std::string_view(report.tool.database->built_at).substr(0, 10))));
  for (std::size_t i = 0; i < facts.size(); ++i) out += cat(i == 0 ? "" : ", ", facts[i]);
  out += "\n\n";
  if (!report.complete()) {
    out += cat("## Incomplete: ", counted(report.gaps.size(), "part was", "parts were"), " not read\n\n| part | where | why |\n|---|---|---|\n");
    for (const Gap* gap : ordered(report.gaps, std::less<Gap>())) out += cat("| ", markdown_text(gap->part), " | ", markdown_text(gap->where), " | ", markdown_text(gap->why), " |\n");
    out += '\n';
  }
  if (report.findings.empty()) out += report.complete() ? "Nothing found.\n\n" : "Nothing found in what could be read.\n\n";
  if (!all.now.empty()) {
    out += cat("## ", counted(all.now.size(), "change removes", "changes remove"), " ", all.findings_now, " of ", counted(all.affecting, "finding"), "\n\n");
    write_groups(out, all.now, options.all);
  }
  if (!all.later.empty()) {
    out += cat("## Not today: ", counted(all.findings_later, "finding"), " nobody can act on\n\n");
    std::string parts;
    for (const auto& [words, count] : all.later_by_state) parts += cat(parts.empty() ? "" : ", ", count, " ", words);
    out += parts + "\n\n";
    if (options.all) write_groups(out, all.later, true);
  }
  if (!report.suppressed.empty()) {
    out += cat("## Left out: ", counted(report.suppressed.size(), "finding"), "\n\n| finding | by | reason |\n|---|---|---|\n");
    for (const Suppressed* item : ordered(report.suppressed, SuppressedOrder()))
      out += cat("| ", markdown_text(item->id), " | ", markdown_text(item->by), " | ", markdown_text(item->reason), " |\n");
    out += '\n';
  }
  for (const Notice* notice : ordered(report.notices, NoticeOrder())) out += cat("- ", markdown_text(notice->about), ", ", markdown_text(notice->where), ": ", markdown_text(notice->what), "\n");
  if (!report.notices.empty()) out += '\n';
  if (!all.without_feed.empty()) {
    std::string names;
    for (const Coverage* coverage : all.without_feed) names += cat(names.empty() ? "" : ", ", markdown_text(coverage->ecosystem), " (", counted(coverage->packages, "package"), ")");
    out += cat("No feed for ", names, ": not checked\n");
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace

Format markdown() { return {.name = "markdown", .extension = "md", .description = "what to do, for a merge request or a wiki page", .write = write}; }

}  // namespace plimsoll::report
