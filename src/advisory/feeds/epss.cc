// epss: FIRST's exploit prediction scores.
//
// Input   epss_scores.csv(.gz): an optional "#model_version:...,score_date:..." line, "cve,epss,percentile", rows.
// Output  score and percentile as facts of the CVE, the day of the scores as the feed's date.
// Source  https://www.first.org/epss/data_stats
#include <charconv>

#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return file.head.starts_with("cve,epss,percentile") || (file.head.starts_with("#model_version") && file.has("cve,epss,percentile")) ? 9 : 0; }

std::optional<double> fraction(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= 1)) return std::nullopt;
  return value;
}

Status read(Input& input, FeedSink& sink, const Limits&) {
  std::string_view line;
  for (std::uint64_t number = 1;; ++number) {
    PLIM_TRY(const bool more, input.line(line, 4096));
    if (!more) return Ok{};
    if (line.starts_with('#')) {
      if (const std::size_t at = line.find("score_date:"); at != std::string_view::npos) sink.date(iso_date(line.substr(at + 11)));
      continue;
    }
    if (line.starts_with("cve,") || line.empty()) continue;
    const auto [cve, rest] = cut(line, ',');
    const auto [score_text, percentile_text] = cut(rest, ',');
    const auto score = fraction(score_text), percentile = fraction(percentile_text);
    CveFacts facts;
    facts.cve = cve_id(cve);
    if (facts.cve.empty() || !score || !percentile) {
      sink.note(cat(input.name(), " line ", number), "not a CVE with two fractions");
      continue;
    }
    facts.epss = Epss{.score = *score, .percentile = *percentile, .date = {}};
    sink.cve(std::move(facts));
  }
}

}  // namespace

Feed epss() { return {.name = "epss", .source = "FIRST EPSS", .licence = "free to use with attribution to FIRST", .priority = 0, .scope = "", .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
