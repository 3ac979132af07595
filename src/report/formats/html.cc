// html: one page that holds everything: searchable, grouped by fix, risk drawn, light and dark, phone to wall.
//
// Output  no outside address is loaded, and a Content-Security-Policy with the hashes of its own style and script forbids
//         any: a name in an image that became markup could still do nothing. Works without scripts, unfiltered.
//         Style and script are src/report/page/page.css and page.js.
// Cost    O(report); about 1 kB a finding.
#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "report/documents.h"
#include "report/embedded.h"
#include "report/format.h"
#include "report/groups.h"
#include "report/order.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

std::string e(std::string_view text) { return escape_markup(text); }

// One decimal, as attributes of drawings want it.
std::string decimal(double value) {
  const auto tenths = static_cast<long>(value * 10 + 0.5);
  return cat(tenths / 10, ".", tenths % 10);
}

std::string rounded(double risk) { return std::to_string(static_cast<int>(risk + 0.5)); }

std::string link(std::string_view url, std::string_view text) {
  return is_link(url) ? cat("<a href=\"", e(url), "\" rel=\"noopener noreferrer\">", e(text), "</a>") : e(text);
}

std::string hash_source(std::string_view text) { return cat("'sha256-", to_base64(as_bytes(hash(HashKind::Sha256, as_bytes(text)))), "'"); }

bool affects(const Finding& finding) { return finding.klass != FindingClass::Vulnerability || finding.state != FixState::NotAffected; }

class Page {
 public:
  explicit Page(const Report& report) : report_(report), overview_(overview(report)) {}
  std::string text() {
    head();
    header();
    out_ += "<main id=\"main\">\n";
    summary();
    tools();
    changes();
    later();
    left_out();
    coverage();
    packages();
    out_ += "</main>\n";
    footer();
    return std::move(out_);
  }

 private:
  template <class... Parts>
  void put(const Parts&... parts) {
    (append_part(out_, parts), ...);
  }
  void head();
  void header();
  void fact(std::string_view name, std::string_view value, std::string_view css = {});
  void summary();
  void severity_bar();
  void breakdown();
  void curve();
  void tools();
  void changes();
  void later();
  void group(const FixGroup& group);
  void finding_row(const Finding& finding);
  void left_out();
  void coverage();
  void packages();
  void footer();

  const Report& report_;
  const Overview overview_;
  std::string out_;
};

void Page::head() {
  put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
  put("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ", hash_source(page_style()), "; script-src ", hash_source(page_script()),
      "; base-uri 'none'; form-action 'none'\">\n");
  put("<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"plimsoll ", e(report_.tool.version), "\">\n");
  put("<title>", e(image_name(report_.image)), ": plimsoll report</title>\n<style>", page_style(), "</style>\n</head>\n<body>\n");
  put("<a class=\"skip\" href=\"#main\">Skip to the report</a>\n");
}

void Page::fact(std::string_view name, std::string_view value, std::string_view css) {
  if (value.empty()) return;
  put("<div><dt>", e(name), "</dt><dd", css.empty() ? "" : cat(" class=\"", css, "\""), ">", e(value), "</dd></div>\n");
}

void Page::header() {
  const ImageInfo& image = report_.image;
  put("<header>\n<h1>", e(image_name(image)), "</h1>\n<dl class=\"facts\">\n");
  fact("system", os_in_words(image.os));
  fact("platform", image.platform);
  fact("packages", std::to_string(report_.packages.size()));
  fact("base image", image.base_name);
  fact("as of", std::string_view(report_.tool.at).substr(0, 10));
  if (report_.tool.database) fact("database", std::string_view(report_.tool.database->built_at).substr(0, 10));
  fact("digest", image.digest, "mono");
  put("</dl>\n");
  if (image.os.end_of_life && !report_.tool.at.empty() && std::string_view(report_.tool.at).substr(0, 10) > std::string_view(*image.os.end_of_life))
    put("<p class=\"notice\">Regular support of this system ended on <b>", e(*image.os.end_of_life), "</b>.</p>\n");
  if (!report_.complete()) {
    put("<section class=\"notice\" aria-label=\"not read\"><b>Incomplete: ", counted(report_.gaps.size(), "part was", "parts were"), " not read.</b>\n<ul>\n");
    for (const Gap* gap : ordered(report_.gaps, std::less<Gap>())) put("<li>", e(gap->part), ": <code>", e(gap->where), "</code>: ", e(gap->why), "</li>\n");
    put("</ul></section>\n");
  }
  if (!report_.notices.empty()) {
    put("<section class=\"notice\" aria-label=\"notes\"><ul>\n");
    for (const Notice* notice : ordered(report_.notices, NoticeOrder())) put("<li>", e(notice->about), ", ", e(notice->where), ": ", e(notice->what), "</li>\n");
    put("</ul></section>\n");
  }
  put("</header>\n");
}

void Page::severity_bar() {
  const double all = static_cast<double>(std::max<std::size_t>(overview_.affecting, 1));
  put("<svg class=\"severities\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"4\"/>");
  double x = 0;
  std::string legend;
  for (std::size_t i = overview_.by_severity.size(); i-- > 0;) {
    const std::size_t count = overview_.by_severity[i];
    if (count == 0) continue;
    const std::string_view name = to_string(static_cast<Severity>(i));
    const double width = 100 * static_cast<double>(count) / all;
    put("<rect class=\"f-", name, "\" x=\"", decimal(x), "\" width=\"", decimal(width), "\" height=\"4\"/>");
    legend += cat("<li class=\"c-", name, "\"><span>", count, " ", name, "</span></li>");
    x += width;
  }
  put("</svg>\n<ul class=\"legend\">", legend, "</ul>\n");
}

// Who brought the risk and of what class it is, each drawn by its share.
void Page::breakdown() {
  std::map<std::string, std::pair<std::size_t, double>> rows;  // label -> findings, risk
  double all = 0;
  for (const Finding& finding : report_.findings) {
    if (!affects(finding)) continue;
    const std::string origin = finding.origin == Origin::Base ? "base image" : finding.origin == Origin::Own ? "own layers" : "origin unknown";
    auto& [count, risk] = rows[cat(to_string(finding.klass), ", ", origin)];
    ++count;
    risk += finding.risk_0_100;
    all += finding.risk_0_100;
  }
  if (rows.empty() || all <= 0) return;
  std::vector<std::pair<std::string, std::pair<std::size_t, double>>> sorted(rows.begin(), rows.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second.second > b.second.second; });
  put("<ul class=\"shares\" aria-label=\"share of risk\">\n");
  for (const auto& [label, row] : sorted)
    put("<li><span>", e(label), "</span><svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"8\"/><rect class=\"share\" width=\"",
        decimal(100 * row.second / all), "\" height=\"8\"/></svg><span>", rounded(100 * row.second / all), " % of risk, ", counted(row.first, "finding"), "</span></li>\n");
  put("</ul>\n");
}

// The share of all risk that the first n changes remove.
void Page::curve() {
  double all = 0, removed = 0;
  for (const Finding& finding : report_.findings)
    if (affects(finding)) all += finding.risk_0_100;
  if (all <= 0 || overview_.now.empty()) {
    put("<p class=\"muted\">No risk that a change would remove.</p>\n");
    return;
  }
  constexpr double kLeft = 44, kTop = 10, kWidth = 290, kHeight = 120;
  std::string line = cat("M", decimal(kLeft), " ", decimal(kTop + kHeight));
  const double steps = static_cast<double>(overview_.now.size());
  std::size_t n = 0, half = 0;
  double half_share = 0;
  for (const FixGroup& group : overview_.now) {
    removed += group.risk_sum;
    ++n;
    line += cat(" L", decimal(kLeft + kWidth * static_cast<double>(n) / steps), " ", decimal(kTop + kHeight * (1 - removed / all)));
    if (half == 0 && removed * 2 >= all) half = n, half_share = removed / all;
  }
  const std::string share = rounded(100 * removed / all);
  put("<svg class=\"curve\" viewBox=\"0 0 346 164\" role=\"img\" aria-label=\"Risk removed by the first changes: ", n, " changes remove ", share, " percent of it\">");
  for (const int percent : {0, 50, 100}) {
    const std::string y = decimal(kTop + kHeight * (1 - percent / 100.0));
    put("<line class=\"axis\" x1=\"44\" x2=\"334\" y1=\"", y, "\" y2=\"", y, "\"/><text x=\"38\" y=\"", decimal(kTop + kHeight * (1 - percent / 100.0) + 4), "\" text-anchor=\"end\">", percent, "%</text>");
  }
  put("<path class=\"area\" d=\"", line, " L334 130 Z\"/><path class=\"edge\" d=\"", line, "\"/>");
  put("<text x=\"44\" y=\"150\">0</text><text x=\"334\" y=\"150\" text-anchor=\"end\">", counted(n, "change"), "</text></svg>\n");
  if (half != 0 && half < n) put("<p class=\"muted\">The first ", half == 1 ? "change removes " : cat(half, " changes remove "), rounded(100 * half_share), " % of the risk, all of them ", share, " %.</p>\n");
  else put("<p class=\"muted\">These changes remove ", share, " % of the risk.</p>\n");
}

void Page::summary() {
  put("<section class=\"panel\" aria-label=\"summary\">\n<div class=\"card\">\n<p class=\"headline\">");
  if (report_.findings.empty()) put(report_.complete() ? "Nothing found." : "Nothing found in what could be read.");
  else if (overview_.now.empty()) put(overview_.affecting == 0 ? std::string("Nothing found that affects it") : cat(counted(overview_.affecting, "finding"), ", none that can be fixed today"));
  else put(counted(overview_.now.size(), "change removes", "changes remove"), " ", overview_.findings_now, " of ", counted(overview_.affecting, "finding"));
  put("</p>\n");
  severity_bar();
  breakdown();
  std::vector<std::string> asides;
  if (overview_.findings_later != 0) asides.push_back(cat(counted(overview_.findings_later, "finding"), " nobody can act on today"));
  if (!report_.suppressed.empty()) asides.push_back(cat(report_.suppressed.size(), " left out"));
  for (std::size_t i = 0; i < asides.size(); ++i) put(i == 0 ? "<p class=\"muted\">" : ", ", asides[i], i + 1 == asides.size() ? "</p>\n" : "");
  put("</div>\n<div class=\"card\">\n");
  curve();
  put("</div>\n</section>\n");
}

void Page::tools() {
  put("<div class=\"tools\" id=\"tools\" role=\"search\" hidden>\n<label class=\"wide\">Search <input id=\"search\" type=\"search\" placeholder=\"id, package, path\" autocomplete=\"off\"></label>\n");
  put("<label>Severity <select id=\"severity\"><option value=\"0\">any</option><option value=\"2\">low and up</option><option value=\"3\">medium and up</option>"
      "<option value=\"4\">high and up</option><option value=\"5\">critical</option></select></label>\n<label>Class <select id=\"kind\"><option value=\"\">any</option>");
  std::map<FindingClass, bool> kinds;
  for (const Finding& finding : report_.findings) kinds[finding.klass] = true;
  for (const auto& [kind, yes] : kinds) put("<option>", to_string(kind), "</option>");
  put("</select></label>\n<label>Origin <select id=\"origin\"><option value=\"\">any</option><option value=\"base\">base image</option><option value=\"own\">own layers</option></select></label>\n");
  put("<button type=\"button\" id=\"expand\">Open all</button>\n</div>\n<p class=\"count\" id=\"count\" role=\"status\" aria-live=\"polite\"></p>\n");
}

void Page::finding_row(const Finding& finding) {
  const std::string url = advisory_url(finding.id);
  put("<tr><td data-name=\"id\">", link(url, finding.id));
  if (finding.kev) put(" <span class=\"badge c-critical\">exploited</span>");
  if (!finding.aliases.empty()) {
    put("<br><small class=\"muted\">");
    for (std::size_t i = 0; i < finding.aliases.size(); ++i) put(i == 0 ? "" : ", ", e(finding.aliases[i]));
    put("</small>");
  }
  put("</td><td data-name=\"severity\" class=\"c-", to_string(finding.severity), "\">", to_string(finding.severity), "</td>");
  put("<td data-name=\"risk\">", rounded(finding.risk_0_100), "</td>");
  double score = 0;
  for (const Cvss& cvss : finding.cvss) score = std::max(score, cvss.score_0_10);
  put("<td data-name=\"CVSS\">", score > 0 ? decimal(score) : "", "</td>");
  put("<td data-name=\"EPSS\">", finding.epss ? cat(decimal(finding.epss->score * 100), " %") : "", "</td>");
  put("<td data-name=\"found in\">", e(finding.package.empty() ? finding.title : cat(finding.package)), "</td>");
  put("<td data-name=\"fixed in\">", finding.klass == FindingClass::Vulnerability ? e(finding.fixed_version.empty() ? in_words(finding.state) : finding.fixed_version) : e(finding.fix), "</td>");
  std::string why;
  for (const auto& [key, value] : finding.evidence) why += cat(why.empty() ? "" : "; ", key, " ", value);
  put("<td data-name=\"why\" class=\"muted\">", e(why), "</td></tr>\n");
}

void Page::group(const FixGroup& group) {
  const std::string_view severity = to_string(group.worst);
  put("<details class=\"change\" data-severity=\"", severity, "\" data-kind=\"", to_string(group.findings.front()->klass), "\" data-origin=\"", to_string(group.origin), "\" data-findings=\"",
      group.findings.size(), "\" data-later=\"", group.actionable ? "no" : "yes", "\">\n<summary>");
  put("<span class=\"risk\"><span>", rounded(group.risk_0_100), "</span><svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"8\"/><rect class=\"f-",
      severity, "\" width=\"", decimal(std::clamp(group.risk_0_100, 0.0, 100.0)), "\" height=\"8\"/></svg></span>");
  put("<span class=\"what\"><b>", e(group.change), "</b><small>");
  const std::vector<const Finding*> distinct = group.distinct();
  for (std::size_t i = 0; i < distinct.size() && i < 4; ++i) put(i == 0 ? "" : ", ", e(distinct[i]->id));
  if (distinct.size() > 4) put(" and ", distinct.size() - 4, " more");
  put("</small></span><span class=\"tally\">");
  if (group.exploited) put("<span class=\"badge c-critical\">exploited</span> ");
  put("<span class=\"badge c-", severity, "\">", severity, "</span><br>", counted(group.findings.size(), "finding"));
  if (group.origin != Origin::Unknown) put("<span class=\"muted\">, ", group.origin == Origin::Base ? "base image" : "own layer", "</span>");
  put("</span></summary>\n<div class=\"inside\">\n<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>id</th><th>severity</th><th>risk</th><th>CVSS</th><th>EPSS</th><th>found in</th><th>fixed in</th><th>why</th></tr></thead><tbody>\n");
  for (const Finding* finding : group.findings) finding_row(*finding);
  put("</tbody></table></div>\n");
  const std::vector<std::string> places = group.places();
  if (!places.empty()) {
    constexpr std::size_t kShown = 50;
    put("<ul class=\"places\">");
    for (std::size_t i = 0; i < places.size() && i < kShown; ++i) put("<li><code>", e(places[i]), "</code></li>");
    if (places.size() > kShown) put("<li>and ", places.size() - kShown, " more</li>");
    put("</ul>\n");
  }
  put("</div>\n</details>\n");
}

void Page::changes() {
  if (overview_.now.empty()) return;
  put("<section aria-labelledby=\"now\">\n<h2 id=\"now\">What to do, what weighs most first</h2>\n");
  for (const FixGroup& item : overview_.now) group(item);
  put("</section>\n");
}

void Page::later() {
  if (overview_.later.empty()) return;
  std::string parts;
  for (const auto& [words, count] : overview_.later_by_state) parts += cat(parts.empty() ? "" : ", ", count, " ", words);
  put("<details class=\"rest\" id=\"later\"><summary>Not today: ", counted(overview_.findings_later, "finding"), " nobody can act on today</summary>\n<p class=\"muted\">", e(parts), "</p>\n");
  for (const FixGroup& item : overview_.later) group(item);
  put("</details>\n");
}

void Page::left_out() {
  if (report_.suppressed.empty()) return;
  put("<details class=\"rest\"><summary>Left out: ", counted(report_.suppressed.size(), "finding"), "</summary>\n<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>finding</th><th>package</th><th>by</th><th>reason</th></tr></thead><tbody>\n");
  for (const Suppressed* item : ordered(report_.suppressed, SuppressedOrder()))
    put("<tr><td data-name=\"finding\">", e(item->id), "</td><td data-name=\"package\">", e(item->package), "</td><td data-name=\"by\">", e(item->by), "</td><td data-name=\"reason\">", e(item->reason), "</td></tr>\n");
  put("</tbody></table></div></details>\n");
}

void Page::coverage() {
  if (report_.coverage.empty()) return;
  put("<details class=\"rest\"", overview_.without_feed.empty() ? "" : " open", "><summary>Checked against</summary>\n<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>ecosystem</th><th>packages</th><th>feed</th></tr></thead><tbody>\n");
  for (const Coverage* item : ordered(report_.coverage, CoverageOrder()))
    put("<tr><td data-name=\"ecosystem\">", e(item->ecosystem), "</td><td data-name=\"packages\">", item->packages, "</td><td data-name=\"feed\">",
        item->feed.empty() ? "<b>none: not checked</b>" : e(cat(item->feed, item->feed_date.empty() ? "" : " of ", item->feed_date)), "</td></tr>\n");
  put("</tbody></table></div></details>\n");
}

void Page::packages() {
  if (report_.packages.empty()) return;
  put("<details class=\"rest\"><summary>", counted(report_.packages.size(), "package"), "</summary>\n<div class=\"scroll\"><table class=\"stack\" id=\"packages\"><thead><tr><th>type</th><th>name</th><th>version</th><th>licences</th><th>origin</th><th>where</th></tr></thead><tbody>\n");
  for (const Package* package : ordered(report_.packages, PackageOrder())) {
    std::string licences;
    for (const std::string& licence : package->licenses) licences += cat(licences.empty() ? "" : ", ", licence);
    put("<tr><td data-name=\"type\">", e(package->type), "</td><td data-name=\"name\">", e(dependency_name(*package)), "</td><td data-name=\"version\">", e(package->version), "</td><td data-name=\"licences\">", e(licences),
        "</td><td data-name=\"origin\">", package->origin == Origin::Unknown ? "" : to_string(package->origin), "</td><td data-name=\"where\"><code>", package->locations.empty() ? "" : e(package->locations.front().path), "</code></td></tr>\n");
  }
  put("</tbody></table></div></details>\n");
}

void Page::footer() {
  put("<footer>plimsoll ", e(report_.tool.version));
  if (report_.tool.database) put(", database <span class=\"mono\">", e(short_digest(report_.tool.database->digest)), "</span>");
  put(". Risk is 0 to 100: severity, likelihood of exploitation (EPSS), known exploitation (KEV) and whether a fix exists.</footer>\n");
  put("<script>", page_script(), "</script>\n</body>\n</html>\n");
}

Result<std::string> write(const Report& report, const WriteOptions&) { return Page(report).text(); }

}  // namespace

Format html() { return {.name = "html", .extension = "html", .description = "one self-contained page: searchable, grouped by fix", .write = write}; }

}  // namespace plimsoll::report
