// aliases: which records speak of one vulnerability, where no feed says so.
//
// Input   aliases.tsv: rows ID<TAB>ALIAS<TAB>SOURCE; `#` starts a comment line.
// Output  names that are joined, as if each record gave the other's; no record of its own.
#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return file.name == "aliases.tsv" ? 9 : 0; }

Status read(Input& input, FeedSink& sink, const Limits&) {
  std::string_view line;
  for (std::uint64_t number = 1;; ++number) {
    PLIM_TRY(const bool more, input.line(line, 1 << 16));
    if (!more) return Ok{};
    if (trim(line).empty() || line.starts_with('#')) continue;
    const auto [id, rest] = cut(line, '\t');
    const std::string_view alias = trim(cut(rest, '\t').first);
    if (id.empty() || alias.empty() || id.size() > 256 || alias.size() > 256) sink.note(cat(input.name(), " line ", number), "expected id, alias and source, parted by tabs");
    else sink.same(to_utf8(trim(id)), to_utf8(alias));
  }
}

}  // namespace

Feed aliases() { return {.name = "aliases", .source = "looked up one by one", .licence = "facts", .priority = 0, .scope = "", .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
