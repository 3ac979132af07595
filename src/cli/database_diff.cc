#include "cli/database_diff.h"

#include <map>

#include "advisory/database.h"
#include "advisory/layout.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/advisory_text.h"

namespace plimsoll::cli {
namespace {

// Feed, id, ecosystem and package -> a fingerprint of what is said.
using Statements = std::map<std::string, std::uint64_t>;

Result<Statements> statements_of(const std::string& path) {
  PLIM_TRY(const advisory::Database database, advisory::Database::open(path));
  Statements out;
  std::map<std::uint32_t, std::string> names;
  for (const std::string& ecosystem : database.ecosystems())
    PLIM_CHECK(database.each_package(ecosystem, [&](std::string_view package, const CandidateList& list) -> Status {
      for (const Candidate& candidate : list.candidates) {
        auto name = names.find(candidate.record);
        if (name == names.end()) {
          PLIM_TRY(const AdvisoryRecord record, database.record_at(candidate.record));
          name = names.emplace(candidate.record, cat(record.feed, "\t", record.id)).first;
        }
        std::uint64_t& sum = out[cat(name->second, "\t", ecosystem, "\t", package)];
        sum = hash64(describe(candidate, list), sum);
      }
      return Ok{};
    }));
  return out;
}

}  // namespace

bool is_database(const std::string& path) {
  const auto file = open_file(path);
  if (!file || is_directory(path)) return false;
  std::uint8_t head[advisory::kMagic.size()];
  const auto got = read_at(*file, 0, head, sizeof head);
  return got && as_text({head, *got}) == advisory::kMagic;
}

Exit diff_databases(Context& context, const std::string& before, const std::string& after, bool json) {
  const auto a = statements_of(before);
  if (!a.has_value()) return context.fail(a.error());
  const auto b = statements_of(after);
  if (!b.has_value()) return context.fail(b.error());
  std::string out;
  JsonWriter w(out, true);
  std::uint64_t counts[3] = {};
  const char* const kinds[] = {"new", "gone", "changed"};
  if (json) w.begin_object().key("statements").begin_array();
  const auto tell = [&](int kind, const std::string& key) {
    ++counts[kind];
    const std::vector<std::string_view> parts = split(key, '\t');
    if (json) w.begin_object().member("change", kinds[kind]).member("feed", parts[0]).member("id", parts[1]).member("ecosystem", parts[2]).member("package", parts[3]).end_object();
    else out += cat(kinds[kind], "\t", parts[1], "\t", parts[2], " ", parts[3], "\t(", parts[0], ")\n");
  };
  for (const auto& [key, sum] : *a) {
    const auto at = b->find(key);
    if (at == b->end()) tell(1, key);
    else if (at->second != sum) tell(2, key);
  }
  for (const auto& [key, sum] : *b)
    if (a->count(key) == 0) tell(0, key);
  if (json) w.end_array().member("new", counts[0]).member("gone", counts[1]).member("changed", counts[2]).end_object(), out += "\n";
  else out += cat(counts[0], " new, ", counts[1], " gone, ", counts[2], " changed\n");
  context.out(out);
  return counts[0] + counts[1] + counts[2] == 0 ? Exit::Pass : Exit::No;
}


}  // namespace plimsoll::cli
