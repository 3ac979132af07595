#include "plan/page.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/plain.h"

namespace plimsoll::plan {
namespace {

using report::escape_markup;

std::string fixed(double value) {
  const auto tenths = std::llround(value * 10);
  return cat(tenths / 10, ".", std::abs(tenths % 10));
}
double share(std::uint64_t part, std::uint64_t whole) { return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole); }

constexpr std::string_view kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2733}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2.2rem}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #dde3ea}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".bar{display:flex;height:1.1rem;min-width:16rem}.bar span{display:block}.pass{background:#2e7d4f}.warn{background:#d9a514}.block{background:#b3261e}.incomplete{background:#8a94a0}"
    ".key span{display:inline-block;padding:0 .6rem;margin-right:.5rem;color:#fff}svg{width:100%;height:auto}text{font:12px system-ui,sans-serif;fill:#1d2733}.not{color:#8a94a0}";

std::string lines_section(const std::vector<CandidateLine>& lines) {
  std::string out = "<h2>The fleet above each line</h2>\n<p class=key><span class=pass>passes</span><span class=warn>warned</span><span class=block>blocked</span><span class=incomplete>incomplete</span></p>\n"
                    "<table><tr><th>line</th><th>share of the fleet</th><th class=n>above</th><th class=n>blocked</th><th class=n>to change</th></tr>\n";
  for (const CandidateLine& line : lines) {
    const Simulation& s = line.simulation;
    out += cat("<tr><td>", escape_markup(line.name), "</td><td><div class=bar>");
    for (const auto& [name, count] : {std::pair("pass", s.pass), std::pair("warn", s.warn), std::pair("incomplete", s.incomplete), std::pair("block", s.block)})
      if (count != 0) out += cat("<span class=", name, " style=\"width:", fixed(share(count, s.images)), "%\"></span>");
    out += cat("</div></td><td class=n>", fixed(share(s.pass + s.warn, s.images)), " %</td><td class=n>", s.block, "</td><td class=n>", s.fixable, "</td></tr>\n");
  }
  return out + "</table>\n";
}

std::string rules_section(const Simulation& s) {
  std::vector<const RuleCount*> order;
  for (const RuleCount& rule : s.rules)
    if (rule.block + rule.warn != 0) order.push_back(&rule);
  std::stable_sort(order.begin(), order.end(), [](const RuleCount* a, const RuleCount* b) { return std::pair(b->block, b->warn) < std::pair(a->block, a->warn); });
  std::string out = "<h2>What holds images back</h2>\n<table><tr><th>rule</th><th>blocked</th><th class=n>images</th><th class=n>alone</th><th class=n>without a fix</th><th class=n>warned</th></tr>\n";
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 15); ++i)
    out += cat("<tr><td title=\"", escape_markup(order[i]->title), "\">", escape_markup(order[i]->id), "</td><td><div class=bar><span class=block style=\"width:", fixed(share(order[i]->block, s.images)), "%\"></span></div></td><td class=n>", order[i]->block, "</td><td class=n>", order[i]->only, "</td><td class=n>", order[i]->without_fix,
               "</td><td class=n>", order[i]->warn, "</td></tr>\n");
  return out + "</table>\n";
}

// Risk removed against images to rebuild.
std::string frontier(const Proposal& p) {
  if (p.curve.empty()) return "<h2>The next steps</h2>\n<p>Nothing that has a fix is left below this line.</p>\n";
  constexpr double kLeft = 60, kTop = 10, kWidth = 820, kHeight = 260;
  const Step& last = p.curve.back();
  const double images = std::max<double>(1, static_cast<double>(last.images_so_far)), risk = std::max(1.0, last.risk_so_far);
  const auto x = [&](std::uint64_t value) { return kLeft + kWidth * static_cast<double>(value) / images; };
  const auto y = [&](double value) { return kTop + kHeight * (1 - value / risk); };
  std::string points = cat(fixed(x(0)), ",", fixed(y(0)));
  std::string dots;
  for (const Step& step : p.curve) {
    points += cat(" ", fixed(x(step.images_so_far)), ",", fixed(y(step.risk_so_far)));
    dots += cat("<circle r=4 cx=", fixed(x(step.images_so_far)), " cy=", fixed(y(step.risk_so_far)), " fill=\"", step.chosen ? "#2e7d4f" : "#8a94a0", "\"><title>", escape_markup(step.title), ": ", step.images_so_far, " images, ", fixed(step.risk_so_far), " risk</title></circle>\n");
  }
  std::string out = cat("<h2>What each next step costs</h2>\n<svg viewBox=\"0 0 900 310\" role=img aria-label=\"Risk removed against images to rebuild\">\n<path d=\"M60 10V270H880\" fill=none stroke=\"#8a94a0\"/>\n<polyline fill=none stroke=\"#2b5c8a\" stroke-width=2 points=\"", points, "\"/>\n", dots,
                        "<text x=60 y=290>0</text><text x=880 y=290 text-anchor=end>", last.images_so_far, " images to rebuild</text><text x=64 y=20>", fixed(last.risk_so_far), " risk removed</text></svg>\n");
  out += "<table><tr><th>step</th><th class=n>images more</th><th class=n>findings closed</th><th class=n>risk removed</th><th class=n>risk an image</th></tr>\n";
  for (const Step& step : p.curve)
    out += cat("<tr", step.chosen ? "" : " class=not", "><td>", escape_markup(step.title), "</td><td class=n>", step.images, "</td><td class=n>", step.findings, "</td><td class=n>", fixed(step.risk), "</td><td class=n>", step.images == 0 ? "none needed" : fixed(step.risk / static_cast<double>(step.images)), "</td></tr>\n");
  return out + "</table>\n";
}

}  // namespace

std::string ratchet_page(const Index& index, const standard::Resolved& standard, const SimulationOptions& options, const std::vector<CandidateLine>& lines, const Proposal& proposal) {
  std::string out = cat("<!doctype html>\n<html lang=en><meta charset=utf-8><meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>", escape_markup(standard.name), " on ", index.size(), " images</title><style>", kStyle, "</style>\n<h1>", escape_markup(standard.name), " at stage ", standard::to_string(options.stage), ", on ",
                        lines.front().simulation.images, " images</h1>\n<p>", format_time(options.at), ", standard ", standard.digest, "</p>\n");
  if (!index.unreadable().empty()) {
    out += cat("<p><strong>", index.unreadable().size(), " reports could not be read</strong> and are in no figure here: ");
    for (std::size_t i = 0; i < std::min<std::size_t>(5, index.unreadable().size()); ++i) out += cat(i == 0 ? "" : "; ", escape_markup(index.unreadable()[i].path));
    out += index.unreadable().size() > 5 ? "; and more</p>\n" : "</p>\n";
  }
  return out + lines_section(lines) + rules_section(lines.front().simulation) + frontier(proposal) + "</html>\n";
}

}  // namespace plimsoll::plan
