// Opening the advisory database, looking packages up, and matching a real Debian package list.
// The database is made from data/facts first (kept in the build folder's working directory for the run).
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "advisory/database.h"
#include "advisory/import.h"
#include "base/file.h"
#include "base/text.h"
#include "match/match.h"

namespace {

using namespace plimsoll;

const std::string& database_file() {
  static const std::string path = [] {
    const std::string out = "match_bench.db";
    const auto summary = advisory::import_feeds(cat(PLIMSOLL_TEST_DATA, "/../../data/facts"), out, {.built_at = 1});
    if (!summary.has_value()) std::fprintf(stderr, "%s\n", summary.error().message().c_str()), std::exit(1);
    return out;
  }();
  return path;
}

std::vector<Package> debian_packages() {
  std::vector<Package> out;
  const auto text = read_file(cat(PLIMSOLL_TEST_DATA, "/match/debian-12-packages.tsv"));
  if (!text.has_value()) std::exit(1);
  std::string_view rest = *text, line;
  while (next_line(rest, line)) {
    const auto parts = split(line, '\t');
    Package& p = out.emplace_back();
    p.type = "deb", p.ns = "debian", p.name = parts[0], p.version = parts[1], p.source_name = parts[2], p.source_version = parts[3];
    p.id = cat(p.name, "@", p.version);
  }
  return out;
}

void open_database(benchmark::State& state) {
  const std::string& path = database_file();
  for (auto _ : state) benchmark::DoNotOptimize(advisory::Database::open(path).has_value());
}
BENCHMARK(open_database)->Unit(benchmark::kMicrosecond);

// Package names asked one after another: what a package without findings costs.
void look_up(benchmark::State& state) {
  const auto database = advisory::Database::open(database_file());
  const std::vector<Package> packages = debian_packages();
  CandidateList list;
  for (auto _ : state)
    for (const Package& p : packages) {
      list.clear();
      benchmark::DoNotOptimize(database->candidates("debian:12", p.name, list).has_value());
    }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(packages.size()));
}
BENCHMARK(look_up);

void match_packages(benchmark::State& state, std::vector<Package> packages) {
  const auto database = advisory::Database::open(database_file());
  const Distribution distribution{.id = "debian", .version_id = "12"};
  std::size_t findings = 0;
  for (auto _ : state) findings = match::match_packages(packages, distribution, *database, {})->findings.size();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(packages.size()));
  state.counters["findings"] = static_cast<double>(findings);
}
BENCHMARK_CAPTURE(match_packages, real_list, debian_packages());
// The same list as of far-away versions: every range is compared and none holds.
std::vector<Package> fixed_packages() {
  std::vector<Package> out = debian_packages();
  for (Package& p : out) p.version = p.source_version = "999:9", p.source_name = cat("x-", p.source_name);
  return out;
}
BENCHMARK_CAPTURE(match_packages, nothing_known, fixed_packages());

}  // namespace

BENCHMARK_MAIN();
