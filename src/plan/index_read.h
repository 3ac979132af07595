// Reports into the arrays of an index, at nearly the speed of reading them.
//
// How      A finding or package that many images have is written in the same bytes in all their reports. Each thread remembers
//          the bytes of each element that it has read, less the layers of its locations (without_layers.h), and the row it made of them; the
//          next time they are compared (byte by byte: no hash is trusted) and not parsed. What is left of a report is parsed as ever. Each thread fills arrays of its own;
//          after every few hundred reports they are carried over into the index, in the order of the list, so that an index does
//          not depend on who was faster.
// Exact    A report of which anything is not as it should be is read whole by report::read_report, which names what is wrong.
// Memory   some 200 MB for what is remembered, all threads together; a thread forgets all when its share is used up.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/index_store.h"

namespace plimsoll::plan {

struct FileStamp {
  std::string path;  // inside the folder
  std::uint64_t size = 0;
  std::int64_t time = 0;
};

// Adds an image to the store for each file, also for those that cannot be read (`error`). `progress` is called by one thread at a time.
// Errors: Limit when the store cannot hold more.
Status read_reports(const std::string& folder, std::span<const FileStamp* const> files, unsigned threads, Store& store, const std::function<void(std::size_t, std::size_t)>& progress);

}  // namespace plimsoll::plan
