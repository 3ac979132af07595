// The members of an image archive (a tar file), opened by name without unpacking anything to disk.
//
// A plain tar file is indexed by its headers alone and members are read by position, any number at once. A compressed
// file, or a stream that can only be asked for again from its start (an engine's export), is passed over once for the
// index; each member is then read by a cursor that goes forward through the stream, and a cursor that is done waits
// for the next member behind it. So members asked for in order by two threads cost two more passes, not one each.
//
// Names are normalised; of two members with one name the last counts (tar's rule); links inside the archive are
// followed for at most 16 steps. Thread-safe. Errors: NotFound, Malformed, Limit, Io.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/stream.h"

namespace plimsoll::oci {

struct Member {
  std::size_t order = 0;     // place in the archive
  std::uint64_t offset = 0;  // of the content in the tar stream
  std::uint64_t size_bytes = 0;
  std::string link;  // another member's name
};

class ArchiveMembers {
 public:
  virtual ~ArchiveMembers() = default;
  bool has(std::string_view name) const { return find(name).has_value(); }
  std::uint64_t size_bytes(std::string_view name) const;  // 0 when there is none
  Result<std::unique_ptr<ByteSource>> open(std::string_view name);
  Result<std::string> read(std::string_view name, std::uint64_t max_bytes);

 protected:
  using Found = std::pair<std::string, Member>;  // the name links lead to
  Result<Found> find(std::string_view name) const;
  virtual Result<std::unique_ptr<ByteSource>> open_found(const Found& found) = 0;
  std::map<std::string, Member, std::less<>> members_;
  std::map<std::string, std::string, std::less<>>
      small_;  // contents of small JSON members, met while indexing a stream
};

Result<std::shared_ptr<ArchiveMembers>> index_archive_file(const std::string& path, const Limits& limits);
// Gives the whole archive from its start, each time it is called; from several threads.
using ArchiveOpener = std::function<Result<std::unique_ptr<ByteSource>>()>;
Result<std::shared_ptr<ArchiveMembers>> index_archive_stream(ArchiveOpener opener, const Limits& limits);

}  // namespace plimsoll::oci
