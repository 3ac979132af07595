// What a builder has gathered, and a file is written from: records, statements by ecosystem and package, facts of CVEs.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "advisory/database.h"
#include "model/advisory.h"

namespace plimsoll::advisory {

struct Statement {
  std::uint32_t record = 0;  // index into the records
  Affected affected;         // its intervals complete
};
using Package = std::vector<Statement>;

struct Ecosystem {
  std::map<std::string, Package, std::less<>> packages;
  std::set<std::uint32_t> feeds;  // their places in Content::feeds
};

struct Content {
  std::map<std::string, FeedSummary, std::less<>> feeds;
  std::vector<AdvisoryRecord> records;                   // without `affected` once the statements are made
  std::unordered_map<std::string, std::uint32_t> by_id;  // feed + '\n' + id
  std::map<std::string, Ecosystem, std::less<>> ecosystems;
  std::map<std::uint32_t, CveFacts> cves;                // by packed id
  std::vector<EndOfLife> ends;
  std::map<std::string, std::vector<std::string>, std::less<>> repositories;  // name -> CPEs, sorted
  std::set<Shortfall> shortfalls;
  std::set<std::pair<std::string, std::string>> same;  // names of one vulnerability that no record gives
  std::set<std::string> notes;

  FeedSummary& feed(std::string_view name);
  // The record of that feed and id, added when it is not there.
  std::uint32_t index_of(AdvisoryRecord&& record);
  std::map<std::string, std::uint32_t> feed_places() const;
};

void sort_unique(std::vector<std::string>& list);

}  // namespace plimsoll::advisory
