// end_of_life: when the support of distribution releases ends.
//
// Input   end-of-life.tsv (see model/life_table.h): a newer table than the one compiled in, or an organisation's own.
// Output  rows that replace those of the same release.
#include "advisory/feed.h"
#include "model/life_table.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return file.name.find("end-of-life") != std::string_view::npos && file.name.ends_with(".tsv") ? 9 : 0; }

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  PLIM_TRY(const std::string text, input.rest(limits.metadata_bytes));
  PLIM_TRY(std::vector<EndOfLife> table, parse_life_table(text));
  for (EndOfLife& end : table) sink.end_of_life(std::move(end));
  return Ok{};
}

}  // namespace

Feed end_of_life() { return {.name = "end_of_life", .source = "the distributions' life-cycle pages", .licence = "facts", .priority = 0, .scope = "", .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
