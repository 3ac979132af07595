// The compact index of a folder of JSON reports: what a standard can speak of, each text, finding and package kept once.
//
// Kept by the tool itself, in the user's cache, a file for each folder: a report is read again only when its size or time
// of change differs. 15,000 reports of 300 findings are some 30 MB where findings repeat, and open in a fraction of a second.
//   PLIM_TRY(Index index, update_index("reports", cache_file, {}));
//   for (std::size_t i = 0; i < index.size(); ++i) standard::Facts facts = index.facts(i, at);
//
// Errors   Io, NotFound for the folder; a report that cannot be read is named in `unreadable`, never passed over. A damaged
//          or older index file is made anew.
// Threads  update_index reads with `threads` threads; facts() may be called from many.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "standard/facts.h"

namespace plimsoll::plan {

struct Unreadable {
  std::string path, why;
};

class Index {
 public:
  ~Index();
  Index(Index&&) noexcept;
  Index& operator=(Index&&) noexcept;
  std::size_t size() const;
  std::string_view path(std::size_t i) const;       // of the report, inside the folder
  std::string_view reference(std::size_t i) const;  // of the image
  std::int32_t day(std::size_t i) const;            // the report speaks of; kNoDay when it does not say
  // As facts_of(report, at) gives them. Views into the index.
  standard::Facts facts(std::size_t i, Time at) const;
  const std::vector<Unreadable>& unreadable() const;
  std::size_t reports_read() const;  // this time; the others were known

 private:
  struct State;
  friend Result<Index> update_index(const std::string&, const std::string&, const struct IndexOptions&);
  explicit Index(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct IndexOptions {
  unsigned threads = 0;  // 0: one per processor
  std::function<void(std::size_t done, std::size_t all)> progress;  // called by one thread at a time
};

// `file`: where the index is kept; empty: nowhere. All *.json below `folder`, at any depth; links to folders are not followed.
Result<Index> update_index(const std::string& folder, const std::string& file, const IndexOptions& options);

}  // namespace plimsoll::plan
