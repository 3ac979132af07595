// debian_lists: the security tracker's lists of DSA, DLA and DTSA.
//
// Input   text: "[01 Apr 2023] DLA-3380-1 source - words", then indented "{CVE-... CVE-...}" and "[buster] - source version".
// Output  one notice a list entry: its CVEs are fixed in that release below that version. A `<state>` in the place of a
//         version (<not-affected>, <end-of-life>...) says nothing of a fix and is left out.
// Source  https://salsa.debian.org/security-tracker-team/security-tracker data/{DSA,DLA,DTSA}/list
#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) {
  const std::string_view head = trim(file.head);
  if (!head.starts_with('[')) return 0;
  const std::string_view after = trim(cut(head, ']').second);
  return after.starts_with("DSA-") || after.starts_with("DLA-") || after.starts_with("DTSA-") ? 8 : 0;
}

// "01 Apr 2023" -> "2023-04-01"; other forms ("August 26th, 2005") give nothing.
std::string iso_of(std::string_view text) {
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::vector<std::string_view> parts = split(text, ' ');
  if (parts.size() != 3 || !parse_u64(parts[0]) || !parse_u64(parts[2]) || parts[1].size() < 3) return {};
  const std::size_t month = kMonths.find(parts[1].substr(0, 3));
  if (month == std::string_view::npos || month % 3 != 0) return {};
  const std::string number = std::to_string(month / 3 + 1);
  return cat(parts[2], "-", number.size() < 2 ? "0" : "", number, "-", parts[0].size() < 2 ? "0" : "", parts[0]);
}

class Reader {
 public:
  explicit Reader(FeedSink& sink) : sink_(sink) {}
  void line(std::string_view text) {
    if (text.starts_with('[')) return begin(text);
    const std::string_view inner = trim(text);
    if (record_.id.empty() || inner.empty()) return;
    if (inner.starts_with('{')) {
      for (const std::string_view id : split(inner.substr(1, inner.find('}') - 1), ' '))
        if (is_cve(id)) record_.fixes.emplace_back(id);
    } else if (inner.starts_with('[')) {
      release(inner);
    }
  }
  void finish() {
    if (!record_.affected.empty()) sink_.record(std::move(record_), Merge::Join);
    record_ = {};
  }

 private:
  void begin(std::string_view text) {
    finish();
    const auto [date, rest] = cut(text.substr(1), ']');
    record_.id = cut(trim(rest), ' ').first;
    record_.published = record_.modified = iso_of(date);
    if (!record_.modified.empty()) sink_.date(record_.modified);
  }
  // "[bullseye] - openssl 1.1.1n-0+deb11u4"
  void release(std::string_view text) {
    const auto [name, rest] = cut(text.substr(1), ']');
    const std::vector<std::string_view> parts = split(trim(rest), ' ');
    if (parts.size() < 3 || parts[0] != "-" || parts[2].empty() || parts[2].starts_with('<')) return;
    Affected& affected = record_.affected.emplace_back();
    affected.ecosystem = distribution_key("debian", name);
    affected.name = parts[1];
    affected.name_kind = NameKind::Source;
    affected.intervals.push_back(fixed_below(parts[2]));
    sink_.covers(affected.ecosystem);
  }
  FeedSink& sink_;
  AdvisoryRecord record_;
};

Status read(Input& input, FeedSink& sink, const Limits&) {
  Reader reader(sink);
  std::string_view line;
  for (;;) {
    PLIM_TRY(const bool more, input.line(line, 1 << 20));
    if (!more) break;
    reader.line(line);
  }
  reader.finish();
  return Ok{};
}

}  // namespace

Feed debian_lists() {
  return {.name = "debian_lists", .source = "Debian security tracker, lists of advisories", .licence = "Debian project data, none stated", .priority = 2, .scope = "debian:", .claims = claims, .read = read};
}
}  // namespace plimsoll::advisory
