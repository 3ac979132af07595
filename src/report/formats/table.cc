// table: what to do, for a person at a terminal; 80 columns unless told otherwise.
//
// Output  header; parts that were not read; the changes that remove findings, what weighs most first; what nobody can act
//         on today counted (shown with --all); what was left out, by whom; last line: ecosystems without a feed.
// Cost    O(findings log findings).
#include "base/text.h"
#include "report/format.h"
#include "report/groups.h"
#include "report/judgement_text.h"
#include "report/order.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

constexpr std::size_t kIndent = 16;

class Table {
 public:
  Table(const Report& report, const WriteOptions& options)
      : report_(report), options_(options), width_(std::max(options.width, 60u)), overview_(overview(report)) {}
  std::string text() {
    header();
    gaps();
    binaries();
    changes();
    later();
    tail();
    judgement();
    return std::move(out_);
  }

 private:
  std::string paint(std::string_view text, std::string_view code) const { return options_.color ? cat("\x1b[", code, "m", text, "\x1b[0m") : std::string(text); }
  std::string bold(std::string_view text) const { return paint(text, "1"); }
  std::string dim(std::string_view text) const { return paint(text, "2"); }
  static std::string_view color_of(Severity severity) {
    switch (severity) {
      case Severity::Critical: return "1;31";
      case Severity::High: return "31";
      case Severity::Medium: return "33";
      case Severity::Low: return "36";
      default: return "2";
    }
  }
  void line(std::string_view text) { out_.append(text).push_back('\n'); }
  void header();
  void gaps();
  void binaries();
  void changes();
  void later();
  void tail();
  void judgement();
  void group(const FixGroup& group);
  void places(const FixGroup& group);
  std::string severities() const;

  const Report& report_;
  const WriteOptions& options_;
  const std::size_t width_;
  const Overview overview_;
  std::string out_;
};

void Table::header() {
  const ImageInfo& image = report_.image;
  std::string first = fit(image.reference, width_ - 16);
  if (!image.platform.empty()) first = cat(first, "  ", printable(image.platform));
  if (!first.empty()) line(bold(fit(first, width_)));
  std::vector<std::string> facts;
  if (const std::string os = os_in_words(image.os); !os.empty()) facts.push_back(os);
  if (!image.digest.empty()) facts.push_back(short_digest(image.digest));
  if (!options_.findings_only) facts.push_back(counted(report_.packages.size(), "package"));
  if (report_.tool.database) facts.push_back(cat("database of ", printable(std::string_view(report_.tool.database->built_at).substr(0, 10))));
  for (const std::string& row : wrap_list(facts, width_, facts.size())) line(row);
  if (report_.score) line(score_line(*report_.score));
  if (image.os.end_of_life && !report_.tool.at.empty() && std::string_view(report_.tool.at).substr(0, 10) > std::string_view(*image.os.end_of_life))
    line(paint(cat("regular support of this system ended on ", printable(*image.os.end_of_life)), "1;31"));
  if (!out_.empty()) line("");
}

void Table::gaps() {
  if (report_.gaps.empty()) return;
  line(paint(cat("INCOMPLETE  ", counted(report_.gaps.size(), "part was", "parts were"), " not read"), "1;33"));
  constexpr std::size_t kShown = 10;
  std::size_t shown = 0;
  for (const Gap* gap : ordered(report_.gaps, std::less<Gap>())) {
    if (shown++ == kShown && !options_.all) break;
    const std::string part = fit(gap->part, 13);
    line(cat("  ", part, std::string(kIndent - 2 - columns(part), ' '), fit_path(gap->where, width_ - kIndent)));
    for (const std::string& row : wrap_words(gap->why, width_ - kIndent)) line(cat(std::string(kIndent, ' '), row));
  }
  if (!options_.all && report_.gaps.size() > kShown) line(cat("  and ", report_.gaps.size() - kShown, " more (--all shows them)"));
  line("");
}

std::string Table::severities() const {
  std::string out;
  for (std::size_t i = overview_.by_severity.size(); i-- > 0;) {
    if (overview_.by_severity[i] == 0) continue;
    out += cat(out.empty() ? "" : ", ", overview_.by_severity[i], " ", to_string(static_cast<Severity>(i)));
  }
  return out;
}

void Table::group(const FixGroup& group) {
  const std::string risk = std::to_string(static_cast<int>(group.risk_0_100 + 0.5));
  const std::string severity(to_string(group.worst));
  const std::string count = cat(": ", counted(group.findings.size(), "finding"));
  std::string change = printable(group.change);
  std::vector<std::string> rows = wrap_words(change + count, width_ - kIndent);
  std::string first = cat(std::string(4 - std::min<std::size_t>(4, risk.size()), ' '), risk, "  ");
  first += paint(severity, color_of(group.worst)) + std::string(kIndent - 6 - std::min<std::size_t>(severity.size(), kIndent - 7), ' ');
  line(first + bold(rows.empty() ? std::string() : rows.front()));
  for (std::size_t i = 1; i < rows.size(); ++i) line(std::string(kIndent, ' ') + bold(rows[i]));
  const std::string indent(kIndent, ' ');
  if (group.findings.front()->klass == FindingClass::Vulnerability) {
    std::vector<std::string> ids;
    for (const Finding* finding : group.distinct()) ids.push_back(finding->kev ? cat(finding->id, " (exploited)") : finding->id);
    for (const std::string& row : wrap_list(ids, width_ - kIndent, options_.all ? ids.size() : 2)) line(indent + row);
  } else if (!group.findings.front()->title.empty() && group.findings.front()->title != group.change) {
    line(indent + fit(group.findings.front()->title, width_ - kIndent));
  }
  places(group);
  line("");
}

// Where: the binary packages of an operating system's source package, or paths; headed by who brought them.
void Table::places(const FixGroup& group) {
  const std::string indent(kIndent, ' ');
  const std::string_view origin = group.origin == Origin::Base ? "base image: " : group.origin == Origin::Own ? "own layer: " : "in ";
  // What is wrong with a file is wrong there, whoever owns it.
  const bool of_package = group.findings.front()->klass == FindingClass::Vulnerability;
  if (of_package && !group.packages.empty() && !group.packages.front()->source_name.empty()) {
    std::vector<std::string> binaries;
    for (const Package* package : group.packages) binaries.push_back(package->name);
    const std::vector<std::string> rows = wrap_list(binaries, width_ - kIndent - origin.size(), options_.all ? binaries.size() : 1);
    for (std::size_t i = 0; i < rows.size(); ++i) line(indent + dim(i == 0 ? cat(origin, rows[i]) : cat(std::string(origin.size(), ' '), rows[i])));
    return;
  }
  const std::vector<std::string> paths = group.places();
  const std::size_t shown = options_.all ? paths.size() : std::min<std::size_t>(paths.size(), 2);
  const std::size_t room = width_ - kIndent - origin.size();
  for (std::size_t i = 0; i < shown; ++i) line(indent + dim(cat(i == 0 ? std::string(origin) : std::string(origin.size(), ' '), fit_path(paths[i], room))));
  if (shown < paths.size()) line(cat(indent, std::string(origin.size(), ' '), dim(cat("and ", counted(paths.size() - shown, "more place", "more places")))));
}

// What each executable is, a block a file.
void Table::binaries() {
  for (const BinaryInfo& binary : report_.binaries) {
    line(bold(fit_path(printable(binary.path), width_)));
    for (const auto& [name, value] : binary.facts) line(cat("  ", name, std::string(name.size() < 12 ? 12 - name.size() : 1, ' '), printable(value)));
    line("");
  }
}

void Table::changes() {
  const std::size_t all = overview_.affecting;
  if (report_.findings.empty()) {
    line(report_.complete() ? "Nothing found." : "Nothing found in what could be read.");
    line("");
    return;
  }
  if (overview_.now.empty()) {
    line(bold(all == 0 ? "Nothing found that affects it." : cat(counted(all, "finding"), " (", severities(), "), none that can be fixed today")));
    line("");
    return;
  }
  line(bold(cat(counted(overview_.now.size(), "change removes", "changes remove"), " ", overview_.findings_now, " of ", counted(all, "finding"))));
  line(severities());
  line("");
  line(dim("RISK  WORST     CHANGE"));
  for (const FixGroup& item : overview_.now) group(item);
}

void Table::later() {
  if (overview_.findings_later == 0) return;
  std::vector<std::string> parts;
  for (const auto& [words, count] : overview_.later_by_state) parts.push_back(cat(count, " ", words));
  const std::string title = cat("NOT TODAY  ", counted(overview_.findings_later, "finding"));
  line(options_.all ? bold(title) : cat(bold(title), "; --all shows ", overview_.findings_later == 1 ? "it" : "them"));
  for (const std::string& row : wrap_list(parts, width_ - 2, parts.size())) line("  " + row);
  line("");
  if (!options_.all) return;
  for (const FixGroup& item : overview_.later) group(item);
}

void Table::tail() {
  if (!report_.suppressed.empty()) {
    line(bold(cat("LEFT OUT  ", counted(report_.suppressed.size(), "finding"))));
    for (const auto& [by, count] : overview_.suppressed_by) line(cat("  ", count, " by ", fit(by, width_ - 12)));
    if (options_.all)
      for (const Suppressed* item : ordered(report_.suppressed, SuppressedOrder()))
        line(fit(cat("  ", item->id, item->package.empty() ? "" : " in ", item->package, item->reason.empty() ? "" : ": ", item->reason), width_));
    line("");
  }
  if (!report_.notices.empty()) {
    line(bold("NOTE"));
    for (const Notice* notice : ordered(report_.notices, NoticeOrder()))
      for (const std::string& row : wrap_words(cat(notice->about, ", ", printable(notice->where), ": ", printable(notice->what)), width_ - 2)) line("  " + row);
    line("");
  }
  if (overview_.without_feed.empty()) {
    if (out_.ends_with("\n\n")) out_.pop_back();
    return;
  }
  std::vector<std::string> names;
  for (const Coverage* coverage : overview_.without_feed) names.push_back(cat(printable(coverage->ecosystem), " (", counted(coverage->packages, "package"), ")"));
  std::string last = "No feed for";
  for (std::size_t i = 0; i < names.size(); ++i) last += cat(i == 0 ? " " : ", ", names[i]);
  line(fit(last, width_ - 13) + ": not checked");
}

void Table::judgement() {
  if (report_.score && options_.explain_score) {
    line("");
    for (const std::string& row : explain_score(*report_.score, width_)) line(row);
  }
  if (!report_.verdict) return;
  line("");
  for (const TextLine& row : verdict_lines(*report_.verdict, width_, options_.all)) {
    switch (row.kind) {
      case TextLine::Kind::Bad: line(paint(row.text, "1;31")); break;
      case TextLine::Kind::Warning: line(paint(row.text, "33")); break;
      case TextLine::Kind::Strong: line(bold(row.text)); break;
      case TextLine::Kind::Faint: line(dim(row.text)); break;
      default: line(row.text);
    }
  }
}

Result<std::string> write(const Report& report, const WriteOptions& options) { return Table(report, options).text(); }

}  // namespace

Format table() { return {.name = "table", .extension = "txt", .description = "what to do, grouped by the change that fixes it", .write = write}; }

}  // namespace plimsoll::report
