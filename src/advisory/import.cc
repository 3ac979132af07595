#include "advisory/import.h"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "advisory/archive.h"
#include "advisory/builder.h"
#include "advisory/feed.h"
#include "advisory/plausible.h"
#include "base/text.h"
#include "model/ecosystem.h"
#include "model/life_table.h"

namespace plimsoll::advisory {
namespace {

constexpr std::size_t kMaxGaps = 1000;
constexpr std::uint32_t kMaxDepth = 16;
constexpr std::size_t kMaxFiles = 2'000'000;

// What one worker read, kept apart until all are done: a part for each feed that spoke.
class Collector : public FeedSink {
 public:
  struct Part {
    std::string feed;
    std::vector<std::pair<AdvisoryRecord, Merge>> records;
    std::vector<CveFacts> cves;
    std::vector<std::pair<std::string, std::vector<std::string>>> repositories;
    std::string newest, last_covered;
    std::set<std::string> covered;
  };
  explicit Collector(std::string_view feed) { speak_as(feed); }

  void record(AdvisoryRecord&& record, Merge merge) override { part().records.emplace_back(std::move(record), merge); }
  void cve(CveFacts&& facts) override { part().cves.push_back(std::move(facts)); }
  void end_of_life(EndOfLife&& end) override { ends.push_back(std::move(end)); }
  void repository(std::string name, std::vector<std::string> cpes) override { part().repositories.emplace_back(std::move(name), std::move(cpes)); }
  void date(std::string_view iso) override { if (part().newest < iso) part().newest = iso; }
  void covers(std::string_view ecosystem) override {
    if (ecosystem != part().last_covered) part().covered.emplace(part().last_covered = ecosystem);
  }
  void same(std::string id, std::string alias) override { same_names.emplace_back(std::move(id), std::move(alias)); }
  void shortfall(Shortfall&& shortfall) override { shortfalls.push_back(std::move(shortfall)); }
  void speak_as(std::string_view feed) override {
    for (current_ = 0; current_ < parts.size(); ++current_)
      if (parts[current_].feed == feed) return;
    parts.emplace_back().feed = feed;
  }
  void note(std::string_view where, std::string_view why) override {
    ++unread;
    if (gaps.size() < kMaxGaps) gaps.push_back({.part = "feed", .where = std::string(where), .why = std::string(why)});
  }

  std::vector<Part> parts;
  std::vector<EndOfLife> ends;
  std::vector<Shortfall> shortfalls;
  std::vector<std::pair<std::string, std::string>> same_names;
  Gaps gaps;
  std::uint64_t unread = 0;

 private:
  Part& part() { return parts[current_]; }
  std::size_t current_ = 0;
};

// A file, or a file in an archive, that could not be read to its end.
struct Failure {
  std::string where, why;
  const Feed* feed = nullptr;            // null: not even that is known
  const Collector* collector = nullptr;  // what was read of it before
};

struct Work {
  std::string path, name;  // on disk; below the source
  std::vector<std::unique_ptr<Collector>> read;
  std::vector<std::string> unknown;
  Collector own{""};  // notes that belong to no feed
  std::vector<Failure> failures;
  bool cut_short = false;  // some part of it could not be read to its end
  void fail(const std::string& where, const std::string& why, const Feed* feed = nullptr, const Collector* collector = nullptr) {
    if (failures.size() < kMaxGaps) failures.push_back({where, why, feed, collector});
  }
};

std::string_view json_part(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const std::string_view text = trim(head);
  return text.starts_with('{') || text.starts_with('[') ? text : std::string_view{};
}

std::string short_name(std::string_view path) {
  std::string name = lower(path.substr(path.rfind('/') + 1));
  for (const std::string_view end : {".zst", ".gz", ".bz2", ".xz"})
    if (name.ends_with(end)) name.resize(name.size() - end.size());
  return name;
}

const Feed* claimant(const FeedFile& file, const std::vector<std::string>& only) {
  const Feed* best = nullptr;
  int most = 0;
  for (const Feed& feed : feeds()) {
    if (!only.empty() && std::find(only.begin(), only.end(), feed.name) == only.end()) continue;
    if (const int claim = feed.claims(file); claim > most) most = claim, best = &feed;
  }
  return best;
}

// Files that come with feeds and say nothing: not worth a line in the report.
bool is_wrapping(std::string_view name) {
  static constexpr std::string_view kNames[] = {"readme", "readme.md", "license", "license.md", "license.txt", "notice", "copying", "contributing.md", "changelog.md", "sha256sums", ".gitignore",
                                                "source", "sources.md"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames) || name.ends_with(".asc") || name.ends_with(".sha256") || name.ends_with(".sig") ||
         name.find("schema") != std::string_view::npos;
}

void read_one(Input input, Work& work, const ImportOptions& options) {
  const std::string name = input.name();
  auto head = input.head();
  if (!head.has_value()) {
    work.fail(name, head.error().message());
    return work.own.note(name, head.error().message());
  }
  if (trim(*head).empty()) return work.own.note(name, "the file is empty");
  const std::string short_form = short_name(name);
  const FeedFile file{.path = name, .name = short_form, .head = *head, .json = json_part(*head)};
  const Feed* feed = claimant(file, options.only);
  if (!feed) {
    if (!is_wrapping(short_form)) work.unknown.push_back(name);
    return;
  }
  auto collector = std::make_unique<Collector>(feed->name);
  if (const Status status = feed->read(input, *collector, options.limits); !status.has_value()) {
    collector->note(name, status.error().message());
    work.fail(name, status.error().message(), feed, collector.get());
    work.cut_short = true;
  }
  work.read.push_back(std::move(collector));
}

void read_file_or_archive(Work& work, const ImportOptions& options) {
  auto input = Input::open_file(work.path, work.name);
  if (!input.has_value()) {
    work.fail(work.name, input.error().message());
    return work.own.note(work.name, input.error().message());
  }
  const auto opened = each_member(work.path, work.name, *input, options.limits, [&](Input member) { read_one(std::move(member), work, options); });
  if (!opened.has_value()) {
    work.cut_short = true;
    work.fail(work.name, opened.error().message());
    return work.own.note(work.name, opened.error().message());
  }
  if (!*opened) read_one(std::move(*input), work, options);
}

Status list_files(const std::string& path, const std::string& name, std::uint32_t depth, std::vector<Work>& out) {
  if (depth > kMaxDepth) return limit_reached(cat("folders nest deeper than ", kMaxDepth, " at ", path));
  if (!is_directory(path)) {
    if (out.size() >= kMaxFiles) return limit_reached(cat("more than ", kMaxFiles, " files"));
    Work& work = out.emplace_back();
    work.path = path, work.name = name;
    return Ok{};
  }
  PLIM_TRY(const std::vector<std::string> names, list_directory(path));
  for (const std::string& each : names)
    if (each != ".git") PLIM_CHECK(list_files(cat(path, "/", each), name.empty() ? each : cat(name, "/", each), depth + 1, out));
  return Ok{};
}

void add_ecosystems(std::set<std::string>& out, const Collector& from) {
  for (const Collector::Part& part : from.parts) {
    out.insert(part.covered.begin(), part.covered.end());
    for (const auto& [record, merge] : part.records)
      for (const Affected& affected : record.affected)
        if (!affected.ecosystem.empty()) out.insert(affected.ecosystem);
  }
}

// What an unread file spoke of: of what it is a part of, by what was read; else as its feed or its name tells.
std::set<std::string> unread_ecosystems(const Work& work, const Failure& failure) {
  std::set<std::string> out;
  if (failure.feed && failure.feed->scope.empty()) return out;  // facts of CVEs alone
  std::set<std::string> read;
  bool any_publisher = false;  // OSV's form is everybody's: the rest may be of ecosystems that were not met yet
  const auto add = [&](const Collector& from) {
    add_ecosystems(read, from);
    for (const Collector::Part& part : from.parts) any_publisher = any_publisher || part.feed == "osv";
  };
  if (failure.collector) add(*failure.collector);
  else
    for (const std::unique_ptr<Collector>& each : work.read) add(*each);
  // A document of one release speaks of no other; the rest of any other may speak of all its family.
  if (read.size() == 1) return read;
  std::set<std::string> families;
  for (const std::string& key : read) families.insert(split_ecosystem(key).second.empty() ? key : cat(split_ecosystem(key).first, ":"));
  if (!families.empty()) return any_publisher && families.size() > 1 ? std::set<std::string>{"*"} : families;
  for (std::string& key : ecosystems_of_name(failure.where)) out.insert(std::move(key));
  if (!out.empty()) return out;
  for (const std::string_view key : split(failure.feed ? failure.feed->scope : "*", ' ')) out.emplace(key);
  return out;
}

// One shortfall an ecosystem for all that could not be read of one file.
void add_shortfalls(Builder& builder, const Work& work) {
  std::map<std::string, std::pair<const Failure*, std::size_t>> by_ecosystem;
  for (const Failure& failure : work.failures)
    for (const std::string& key : unread_ecosystems(work, failure)) {
      auto& [first, count] = by_ecosystem[key];
      if (count++ == 0) first = &failure;
    }
  for (const auto& [key, found] : by_ecosystem)
    builder.shortfall({.ecosystem = key, .where = found.first->where, .why = found.second == 1 ? found.first->why : cat(found.first->why, ", and ", found.second - 1, " parts more")});
}

std::int64_t seconds_of_date(std::string_view iso) {
  std::tm parts{};
  if (iso.size() < 10) return 0;
  parts.tm_year = static_cast<int>(parse_u64(iso.substr(0, 4)).value_or(1970)) - 1900;
  parts.tm_mon = static_cast<int>(parse_u64(iso.substr(5, 2)).value_or(1)) - 1;
  parts.tm_mday = static_cast<int>(parse_u64(iso.substr(8, 2)).value_or(1));
  return timegm(&parts);
}

std::string date_of_seconds(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[16];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts));
}

}  // namespace

Result<ImportSummary> import_feeds(const std::string& source, const std::string& out, const ImportOptions& options) {
  if (!exists(source)) return not_found(cat("no such folder or file of feeds: ", source));
  std::vector<Work> works;
  PLIM_CHECK(list_files(source, is_directory(source) ? "" : std::string(source.substr(source.rfind('/') + 1)), 0, works));

  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t i = next++; i < works.size(); i = next++) read_file_or_archive(works[i], options);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < std::max(1u, options.threads); ++i) threads.emplace_back(run);
  run();
  for (std::thread& thread : threads) thread.join();

  ImportSummary summary;
  summary.files = works.size();
  // Times before 2020 are those of tests, and of databases that are to come out the same whenever they are built.
  const std::string today = options.built_at > 1'577'836'800 ? date_of_seconds(options.built_at) : std::string{};
  Builder builder(today);
  for (EndOfLife& end : shipped_ends_of_life()) builder.add(std::move(end));
  const auto take_notes = [&](const Collector& from) {
    summary.unread_records += from.unread;
    for (const Gap& gap : from.gaps) {
      builder.note(cat(gap.where, ": ", gap.why));
      if (summary.gaps.size() < kMaxGaps) summary.gaps.push_back(gap);
    }
  };
  for (const Shortfall& each : options.missing) builder.shortfall(each);
  bool any = false;
  std::string newest;
  for (Work& work : works) {
    add_shortfalls(builder, work);
    take_notes(work.own);
    summary.unknown.insert(summary.unknown.end(), work.unknown.begin(), work.unknown.end());
    bool said = false;
    for (std::unique_ptr<Collector>& collector : work.read) {
      take_notes(*collector);
      for (Collector::Part& part : collector->parts) {
        const bool spoke = !part.records.empty() || !part.cves.empty() || !part.covered.empty() || !part.repositories.empty();
        if (!spoke && part.newest.empty()) continue;
        any = any || spoke;
        said = true;
        builder.file(part.feed);
        builder.date(part.feed, part.newest);
        if (!is_to_come(part.newest, today)) newest = std::max(newest, part.newest);
        for (const std::string& ecosystem : part.covered) builder.covers(part.feed, ecosystem);
        for (auto& [record, merge] : part.records) builder.add(part.feed, std::move(record), merge);
        for (auto& [name, cpes] : part.repositories) builder.repository(part.feed, std::move(name), std::move(cpes));
        for (CveFacts& facts : part.cves) builder.add(part.feed, std::move(facts));
      }
      for (auto& [id, alias] : collector->same_names) builder.same(std::move(id), std::move(alias)), said = true;
      for (Shortfall& each : collector->shortfalls) builder.shortfall(std::move(each));
      for (EndOfLife& end : collector->ends) builder.add(std::move(end)), said = true;
      collector.reset();
    }
    if (!said || work.cut_short) summary.unusable.push_back(work.name);
  }
  for (const std::string& file : summary.unknown) builder.note(cat(file, ": no feed claims this file"));
  if (!any) {
    const std::string why = summary.gaps.empty() ? "" : cat("; the first trouble: ", summary.gaps.front().where, ": ", summary.gaps.front().why);
    return malformed(cat("nothing in ", source, " is a feed that can be read (", works.size(), " files", why, ")"));
  }
  PLIM_TRY(Builder::Built built, builder.build(options.built_at ? options.built_at : seconds_of_date(newest), options.private_key_pem));
  PLIM_TRY(const Database check, Database::over(as_bytes(built.bytes)));
  PLIM_CHECK(replace_file(out, as_bytes(built.bytes)).context("writing the advisory database", out));
  summary.feeds = check.feeds();
  summary.size_bytes = built.bytes.size();
  summary.digest = check.info().digest;
  return summary;
}

}  // namespace plimsoll::advisory
