// Builder: neutral records -> one database file.
//
// Ranges become intervals with sort keys (the version schemes' work, done once here), records of one feed and id are
// joined, and where several feeds speak of one CVE in one Debian package they are brought to one statement: the feed of
// higher priority has the word, unless it knows no fix and another feed has since named one.
// What cannot be is not believed (plausible.h): dates to come, absurd sizes; two records of one id and time that disagree
// are both taken.
// The result depends only on what was put in and `built_at`, not on the order of the files.
// Memory  all records at once: some 700 bytes a statement. Threads: one at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "advisory/database.h"
#include "advisory/feed.h"

namespace plimsoll::advisory {

class Builder {
 public:
  // `today` (ISO): dates behind it are not believed; empty: all are.
  explicit Builder(std::string today = {});
  ~Builder();
  // Feeds must be named as in feeds(); an unknown name (tests, overlays) has priority 0.
  void add(std::string_view feed, AdvisoryRecord&& record, Merge merge);
  void add(std::string_view feed, CveFacts&& facts);
  void add(EndOfLife&& end);
  void date(std::string_view feed, std::string_view iso);
  void covers(std::string_view feed, std::string_view ecosystem);
  void file(std::string_view feed);  // counts one file of it
  void note(std::string text);
  void repository(std::string_view feed, std::string name, std::vector<std::string> cpes);
  void shortfall(Shortfall shortfall);
  void same(std::string id, std::string alias);  // two names of one vulnerability

  struct Built {
    std::string bytes;  // the file
    std::vector<FeedSummary> feeds;
  };
  // `built_at`: seconds since 1970. `private_key_pem` signs when not empty. Errors: Limit (beyond the format), Malformed key.
  Result<Built> build(std::int64_t built_at, std::string_view private_key_pem = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::advisory
