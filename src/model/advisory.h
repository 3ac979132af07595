// Advisories: what the feeds say, and the interface through which `match` asks for it.
//
// Two halves. The owned structs (AdvisoryRecord, CveFacts, EndOfLife) are the neutral form every feed plugin produces;
// the advisory database is built from them. The views (Candidate, IntervalView) and AdvisoryIndex are what a built
// database answers with: views point into its mapping and live as long as it does.
// Ecosystem keys ("debian:12", "npm") and package names in them are those of model/ecosystem.h.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/finding.h"
#include "model/report.h"

namespace plimsoll {

// Which name of a package a feed speaks of. Either: the binary's name, or else its source's (OSV of rpm families).
enum class NameKind : std::uint8_t { Source, Binary, Either };

// Where an interval of affected versions ends. Open: no fix is known.
enum class IntervalEnd : std::uint8_t { Open, Fixed, LastAffected };

// [introduced, end) or [introduced, end]; `introduced` empty: from the beginning.
struct Interval {
  std::string introduced, end;
  bool introduced_exclusive = false;
  IntervalEnd end_kind = IntervalEnd::Open;
};

// OSV events, in the order of the record; turned into intervals by the version scheme when the database is built.
struct RangeEvent {
  enum class Kind : std::uint8_t { Introduced, Fixed, LastAffected, Limit } kind = Kind::Introduced;
  std::string version;  // "0" as Introduced: the beginning
};

struct Affected {
  std::string ecosystem, name;
  NameKind name_kind = NameKind::Either;
  std::vector<Interval> intervals;
  std::vector<std::vector<RangeEvent>> ranges;
  std::vector<std::string> versions;  // exactly these
  // Ranges in the ecosystem's own syntax: affected when inside `native` (empty: nothing; "*": all) and not `except`.
  std::string native, except;
  FixState state = FixState::NotFixed;  // of versions in an interval that ends Open; a Fixed end means Fixed
  std::string word;                     // the feed's own word for the state: "no-dsa", "unimportant", "deferred"
  std::string module;                   // RHEL family "name:stream"; empty: outside modules
  std::string channel;                  // "esm", "fips", "eus:9.2": an update stream that not every system has
  std::vector<std::string> aliases;     // names of this fix for this package alone (a DSA)
  Severity severity = Severity::Unknown;  // where the feed rates per package
  std::string date;                       // ISO date of this statement, where it is not the record's or the feed's
};

struct AdvisoryRecord {
  std::string id;
  std::vector<std::string> aliases;  // the same vulnerability under other names
  std::vector<std::string> fixes;    // an update notice (DSA, RHSA, USN): the CVEs it fixes, each a finding of its own
  std::string title;                 // one line; left out of exported facts
  std::string published, modified;   // ISO 8601, may be empty
  bool withdrawn = false;
  Severity severity = Severity::Unknown;
  std::string severity_source;
  std::vector<Cvss> cvss;
  std::vector<std::string> cwes;
  std::vector<Affected> affected;
  std::vector<std::string> reports;  // addresses that one vulnerability alone has (report_address); not kept in a database
  // The document that says so and when it did, where a publisher puts new versions of one out (CSAF); not kept in a database.
  std::string document, document_time;
  std::string feed;  // set by the importer
};

// CISA's stakeholder-specific decision points, in its own words; empty where not given.
struct Ssvc {
  std::string exploitation, automatable, technical_impact;
};

// What is known of a CVE apart from any package. Several feeds may speak of one CVE; the builder joins them.
struct CveFacts {
  std::string cve;
  std::vector<Cvss> cvss;
  std::optional<Epss> epss;
  std::optional<Kev> kev;
  Ssvc ssvc;
  std::vector<std::string> cwes;
  std::string published;
  bool rejected = false;
};

struct EndOfLife {
  std::string distribution, release;  // "debian", "12"
  std::string date;                   // ISO date: end of ordinary security support
  std::string long_term;              // end of support that goes on for everybody (Debian LTS); may be empty
  std::string paid;                   // end of support for subscribers (ESM, ELS); may be empty
  // The last day on which fixes are published for all.
  const std::string& free_until() const { return long_term.empty() ? date : long_term; }
};

// What a database was made without: a feed file that could not be had or read whole. What it would have said is not known,
// so that an answer which depends on it is not complete.
struct Shortfall {
  std::string ecosystem;  // a key, "debian:" for all that start so, or "*" where nothing tells what the file spoke of
  std::string where, why;
  friend bool operator==(const Shortfall&, const Shortfall&) = default;
  friend auto operator<=>(const Shortfall&, const Shortfall&) = default;
  bool concerns(std::string_view key) const { return ecosystem == "*" || ecosystem == key || (ecosystem.ends_with(':') && key.starts_with(ecosystem)); }
};

// ---- what a database answers

struct IntervalView {
  std::string_view introduced, introduced_key, end, end_key;  // keys: version sort keys, see version/version.h
  bool introduced_exclusive = false;
  IntervalEnd end_kind = IntervalEnd::Open;
};

// One statement of one record on one package of one ecosystem.
struct Candidate {
  std::uint32_t record = 0;  // for AdvisoryIndex::record
  std::uint32_t layer = 0;   // 0: the shipped database; above: overlays, the highest being the last word
  std::uint32_t first_interval = 0, intervals = 0;  // in CandidateList::intervals
  NameKind name_kind = NameKind::Either;
  FixState state = FixState::NotFixed;
  Severity severity = Severity::Unknown;
  bool withdrawn = false;
  std::string_view word, module, channel, native, except;
  std::string_view aliases;  // joined by spaces
};

// Filled anew by each question; its vectors are kept, so that asking allocates nothing once warm.
struct CandidateList {
  std::vector<Candidate> candidates;
  std::vector<IntervalView> intervals;
  void clear() { candidates.clear(), intervals.clear(); }
};

struct EcosystemInfo {
  std::string key, scheme;  // scheme: name in version/schemes
  std::uint64_t packages = 0, entries = 0;
  bool keys_usable = true;  // false: written with other key rules; compare by text
  std::vector<std::string> feeds;
  bool overlay_only = false;  // only an organisation's own records speak of it: not covered by a feed
};

// Thread rules: all functions may be called from many threads. Errors: Malformed when the database is damaged; a caller
// must then give up the answer, never take it as empty.
class AdvisoryIndex {
 public:
  virtual ~AdvisoryIndex() = default;
  // nullptr when no feed of the database covers it. Valid while the index lives.
  virtual const EcosystemInfo* ecosystem(std::string_view key) const = 0;
  virtual Status candidates(std::string_view ecosystem, std::string_view name, CandidateList& out) const = 0;
  // The record without its `affected`.
  virtual Result<AdvisoryRecord> record(const Candidate& candidate) const = 0;
  virtual Result<std::optional<CveFacts>> cve(std::string_view id) const = 0;
  virtual std::optional<EndOfLife> end_of_life(std::string_view distribution, std::string_view release) const = 0;
  virtual DatabaseInfo info() const = 0;
  // CPEs of the products that a Red Hat package repository ("rhel-9-for-x86_64-baseos-rpms") belongs to; empty: unknown.
  virtual Result<std::vector<std::string>> repository(std::string_view name) const = 0;
  virtual std::vector<Shortfall> shortfalls() const = 0;
};

}  // namespace plimsoll
