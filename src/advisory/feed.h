// A feed: one source's published form -> neutral records. One file under feeds/ that defines `Feed NAME()`.
//
// NAME is its name in reports and in the database; its page is docs/feeds/NAME.md, its fixtures are
// tests/data/advisory/NAME/, its fuzz target fuzz_advisory_NAME. A feed is recognised by the first bytes of a file
// (inflated) and its name, so that a folder of feeds needs no labels; where two claim a file, the higher claim wins.
// Input is hostile: a record that cannot be read is a note (named, counted), the others are kept; a file that cannot be
// read at all is an Error, which becomes a note of the import. Threads: `read` is pure, called from several at once.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/input.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/advisory.h"
#include "model/ecosystem.h"
#include "model/gap.h"

namespace plimsoll::advisory {

// How two records of one feed with one id become one. Join: their `affected` are put together (a feed that writes one
// record per package), those of one `document` being its versions, of which the newest counts. Newest: the later `modified` wins (a feed whose records are whole).
enum class Merge : std::uint8_t { Join, Newest };

class FeedSink {
 public:
  virtual ~FeedSink() = default;
  virtual void record(AdvisoryRecord&& record, Merge merge) = 0;
  virtual void cve(CveFacts&& facts) = 0;
  virtual void end_of_life(EndOfLife&& end) = 0;
  // The date of the feed's data (ISO); the latest of all its files counts.
  virtual void date(std::string_view iso) = 0;
  // An ecosystem that the feed covers even where it names no package in it.
  virtual void covers(std::string_view ecosystem) = 0;
  // The products (CPEs) of a Red Hat package repository.
  virtual void repository(std::string name, std::vector<std::string> cpes) = 0;
  // Two names of one vulnerability.
  virtual void same(std::string id, std::string alias) = 0;
  // What an earlier database was already made without.
  virtual void shortfall(Shortfall&& shortfall) = 0;
  // What follows is that feed's word (a file of facts that were exported carries those of many feeds).
  virtual void speak_as(std::string_view feed) = 0;
  // A record that could not be read, or was left out for a reason worth telling.
  virtual void note(std::string_view where, std::string_view why) = 0;
};

struct FeedFile {
  std::string_view path;  // as found, below the folder that is imported
  std::string_view name;  // its last part without .zst, .gz, lower case
  std::string_view head;  // the first bytes, inflated
  std::string_view json;  // if head starts a JSON object or array: the part of it that is whole enough to look for keys
  bool has(std::string_view text) const { return head.find(text) != std::string_view::npos; }
};

struct Feed {
  std::string_view name;
  std::string_view source;   // who publishes it
  std::string_view licence;
  int priority = 0;          // among feeds that speak of one distribution, see builder.h
  // What a file of it that cannot be read would have spoken of, joined by blanks: ecosystem keys, "debian:" for all that start
  // so, "*" for who knows; empty: facts of CVEs alone.
  std::string_view scope = "*";
  // 0: not mine; 1..9: how sure.
  int (*claims)(const FeedFile& file);
  Status (*read)(Input& input, FeedSink& sink, const Limits& limits);
};

const std::vector<Feed>& feeds();  // sorted by name; written by CMake from feeds/*.cc
const Feed* find_feed(std::string_view name);

// ---- for feed plugins

// Calls `visit` for each JSON value of a file in any of the usual forms: one document (an object), an array of them,
// or JSON lines. Each is parsed on its own, so one bad line costs one note.
Status each_json(Input& input, FeedSink& sink, const Limits& limits, const std::function<void(JsonValue value, std::string_view where)>& visit);
// The same for feeds kept as YAML files, or as JSON lines of {"path", "advisory"}: visit(path, record).
Status each_advisory(Input& input, FeedSink& sink, const Limits& limits, const std::function<void(std::string_view path, JsonValue advisory)>& visit);

// "cve-2021-1234" or "2021-1234" -> "CVE-2021-1234"; empty when it is not one.
std::string cve_id(std::string_view text);
bool is_cve(std::string_view id);
// The vector with the score that its specification gives it; nullopt for a vector that is not valid.
std::optional<Cvss> cvss_of(std::string_view vector, std::string_view source);
// The address of a report or advisory that one vulnerability alone has, in one spelling ("hackerone.com/reports/712065"); empty
// for any other address.
std::string report_address(std::string_view url);
// The date part of an ISO time; empty when it is not one.
std::string_view iso_date(std::string_view time);
Interval fixed_below(std::string_view version);  // from the beginning to before `version`
Interval all_versions();

}  // namespace plimsoll::advisory
