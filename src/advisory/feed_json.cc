// Helpers of feed plugins that read JSON and YAML.
#include <algorithm>
#include <array>

#include "advisory/feed.h"
#include "base/text.h"
#include "model/cvss.h"

namespace plimsoll::advisory {
namespace {

// One record of a feed is never near this; a whole document may be as large as Limits::metadata_bytes allows, and the
// few feeds that are one large document raise that themselves.
constexpr std::uint64_t kMaxDocument = 2ull << 30;

// Whether a text that starts a JSON value goes on after the first line with another value: JSON lines.
bool is_json_lines(std::string_view head) {
  std::string_view line, rest = head;
  if (!next_line(rest, line)) return false;
  line = trim(line);
  if (!line.starts_with('{') || !line.ends_with('}')) return false;
  const std::string_view after = trim(rest);
  return after.empty() || after.starts_with('{');
}

}  // namespace

Status each_json(Input& input, FeedSink& sink, const Limits& limits, const std::function<void(JsonValue, std::string_view)>& visit) {
  PLIM_TRY(std::string_view head, input.head());
  if (head.starts_with("\xEF\xBB\xBF")) {
    std::array<std::uint8_t, 3> mark{};
    PLIM_CHECK(input.read(mark.data(), mark.size()));
    PLIM_TRY(head, input.head());
  }
  Limits wide = limits;
  wide.metadata_bytes = kMaxDocument;
  const bool first_line_cut = head.size() >= (64u << 10) && head.find('\n') == std::string_view::npos;
  if (!is_json_lines(head) && !first_line_cut) {
    PLIM_TRY(const std::string whole, input.rest(kMaxDocument));
    PLIM_TRY(const JsonDocument document, JsonDocument::parse(whole, wide).context("in", input.name()));
    if (document.root().is_array())
      for (const JsonValue& value : document.root().items()) visit(value, input.name());
    else
      visit(document.root(), input.name());
    return Ok{};
  }
  JsonReader reader;
  std::string_view line;
  std::string last_trouble;  // of the last line so far: a feed that ends in half a line was cut short on its way
  for (std::uint64_t number = 1;; ++number) {
    PLIM_TRY(const bool more, input.line(line, kMaxDocument));
    if (!more) {
      if (last_trouble.empty()) return Ok{};
      return malformed(cat("the file ends in the middle of a record: ", last_trouble));
    }
    if (trim(line).empty()) continue;
    last_trouble.clear();
    const std::string where = cat(input.name(), " line ", number);
    auto value = reader.parse(line, wide);
    if (!value.has_value()) {
      last_trouble = value.error().message();
      sink.note(where, last_trouble);
      continue;
    }
    if (value->is_array())  // a whole file on one line
      for (const JsonValue& item : value->items()) visit(item, where);
    else
      visit(*value, where);
  }
}

Status each_advisory(Input& input, FeedSink& sink, const Limits& limits, const std::function<void(std::string_view, JsonValue)>& visit) {
  PLIM_TRY(const std::string_view head, input.head());
  if (trim(head).starts_with('{'))
    return each_json(input, sink, limits, [&](JsonValue value, std::string_view where) {
      if (value["advisory"].is_object()) visit(value["path"].text(where), value["advisory"]);
      else visit(input.name(), value);
    });
  PLIM_TRY(const std::string whole, input.rest(limits.metadata_bytes));
  PLIM_TRY(const JsonDocument document, JsonDocument::parse_yaml(whole, limits).context("in", input.name()));
  visit(input.name(), document.root());
  return Ok{};
}

bool is_cve(std::string_view id) { return id.starts_with("CVE-") && !cve_id(id).empty(); }

std::string cve_id(std::string_view text) {
  text = trim(text);
  if (text.size() >= 4 && equals_ignore_case(text.substr(0, 4), "CVE-")) text.remove_prefix(4);
  const auto [year, number] = cut(text, '-');
  if (year.size() != 4 || number.size() < 4 || number.size() > 12 || !parse_u64(year) || !parse_u64(number)) return {};
  return cat("CVE-", year, "-", number);
}

std::optional<Cvss> cvss_of(std::string_view vector, std::string_view source) {
  const auto scored = score_cvss(vector);
  if (!scored) return std::nullopt;
  return Cvss{.version = std::string(scored->version), .vector = std::string(vector), .score_0_10 = scored->score_0_10, .source = std::string(source)};
}

std::string report_address(std::string_view url) {
  std::string text = lower(trim(url));
  for (const std::string_view front : {"https://", "http://", "www."})
    if (text.starts_with(front)) text.erase(0, front.size());
  text.resize(std::min(text.find_first_of("?#"), text.size()));
  while (text.ends_with('/')) text.pop_back();
  static constexpr std::string_view kPlaces[] = {"hackerone.com/reports/", "npmjs.com/advisories/", "huntr.dev/bounties/", "huntr.com/bounties/", "snyk.io/vuln/", "security.snyk.io/vuln/",
                                                 "github.com/advisories/", "nodesecurity.io/advisories/"};
  for (const std::string_view place : kPlaces)
    if (text.starts_with(place) && text.size() > place.size() && text.size() < 200) return text;
  return {};
}

std::string_view iso_date(std::string_view time) {
  if (time.size() < 10 || time[4] != '-' || time[7] != '-' || !parse_u64(time.substr(0, 4)) || time.starts_with("0001")) return {};
  return time.substr(0, 10);
}

Interval fixed_below(std::string_view version) { return {.introduced = {}, .end = std::string(version), .introduced_exclusive = false, .end_kind = IntervalEnd::Fixed}; }
Interval all_versions() { return {}; }

const Feed* find_feed(std::string_view name) {
  for (const Feed& feed : feeds())
    if (feed.name == name) return &feed;
  return nullptr;
}

}  // namespace plimsoll::advisory
