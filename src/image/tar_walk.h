// Walks the tar stream of one layer: the tree, the files that analysers want, whiteouts, links.
//
// Rules   names are resolved inside the root and never climb out; links among the parents are followed inside the layer;
//         a later entry replaces an earlier one. Whiteouts (OCI image-spec layer.md): ".wh.NAME" hides NAME of lower
//         layers, ".wh..wh..opq" all that lower layers hold in its directory; entries of the same layer stay, whichever
//         comes first. ".wh." alone names nothing and hides nothing. Other ".wh..wh." names are AUFS's own and left out.
// Links   a hard link has its target's content and gets facts under its own name: those that depend on the content alone
//         are its target's; for analysers that want it by name the content is looked at again, from a small store of
//         recent contents, or in a second pass over the layer (needs_second_pass).
// Gaps    names beyond limits.path_bytes, parents that are links in a circle, entries of unknown type, sparse maps that
//         make no sense, files beyond limits.spilled_file_bytes.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "format/tar.h"
#include "image/file_jobs.h"
#include "image/layer_record.h"
#include "image/matcher.h"

namespace plimsoll::image {

// The latest small contents, by id, in one block of memory that is written round and round. Most files are never asked for
// again, so that keeping one must cost its copy and nothing else.
class RecentContents {
 public:
  explicit RecentContents(std::size_t bytes) : size_(bytes) {}
  void keep(std::uint64_t id, Bytes content);
  Bytes find(std::uint64_t id) const;  // valid until the next keep; empty when it is gone
  void clear() { *this = RecentContents(size_); }

 private:
  struct Entry {
    std::uint64_t id;
    std::size_t offset, size;
  };
  std::size_t size_, next_ = 0;
  std::unique_ptr<std::uint8_t[]> memory_;
  std::deque<Entry> entries_;  // oldest first
};

// Values of which few are different, each kept once. Number 0 is the empty one; it also stands for those beyond 65535
// different ones, so that a hostile layer costs its own hard links their facts, and no more.
template <class T>
class Distinct {
 public:
  std::uint16_t number_of(const T& value) {
    const auto found = numbers_.find(value);
    if (found != numbers_.end()) return found->second;
    if (values_.size() > UINT16_MAX) return 0;
    const auto at = numbers_.emplace(value, static_cast<std::uint16_t>(values_.size())).first;
    values_.push_back(&at->first);
    return at->second;
  }
  const T& operator[](std::uint16_t number) const { return *values_[number]; }

 private:
  std::map<T, std::uint16_t> numbers_ = {{T(), std::uint16_t{0}}};
  std::vector<const T*> values_ = {&numbers_.begin()->first};
};

class TarWalk {
 public:
  TarWalk(const Matcher& matcher, const Limits& limits, MemoryBudget& budget, FileJobs& jobs)
      : matcher_(matcher), limits_(limits), budget_(budget), jobs_(jobs), wanted_(matcher.analysers()) {}

  // Reads `source` to its end.
  Status run(format::ChunkSource& source);
  // Whether a hard link wants the content of a file that has gone by unread; then run_again with the same bytes.
  bool needs_second_pass() const { return !pending_.empty(); }
  Status run_again(format::ChunkSource& source);
  // The record of the layer (layer_record.h), once all jobs are done.
  std::string finish(std::string_view key, std::uint64_t unpacked_bytes, std::uint64_t analysed);

 private:
  // A regular file that some analyser wanted. Detectors want every file, and a layer may have millions: sets of analysers
  // and capabilities, of which there are few different ones, are kept once.
  struct SeenFile {
    std::uint32_t node = 0;
    std::uint32_t mode = 0, uid = 0, gid = 0;
    std::uint16_t by_path = 0, by_content = 0;  // in sets_
    std::uint16_t capabilities = 0;             // in capabilities_
    bool opened = false;                        // as an archive
  };
  struct Placement {  // facts of file `id` also hold for `node`, as far as these analysers go
    std::uint32_t node;
    std::uint64_t id;
    std::vector<std::uint16_t> analysers;
    bool with_inner = false;
  };
  struct Kept {
    std::uint64_t id;
    std::shared_ptr<Content> content;
  };

  Status entry(format::TarReader& reader, const format::TarEntry& entry);
  void whiteout(std::string_view directory, std::string_view name);
  Status file(format::TarReader& reader, const format::TarEntry& entry, std::uint32_t node, std::string path);
  void directory(const format::TarEntry& entry, std::uint32_t node, std::string path);
  void hard_link(const format::TarEntry& entry, const std::string& path);
  // Hands one file's content to the jobs.
  Status collect(format::TarReader& reader, const format::TarEntry& entry, FileRequest request, std::string head,
                 Bytes rest);
  Status collect_sparse(format::TarReader& reader, const format::TarEntry& entry, FileRequest request,
                        std::string head, Bytes rest);
  Status collect_again(format::TarReader& reader, const format::TarEntry& entry, std::shared_ptr<Content>& content,
                       std::string& why);
  // A sparse file as it is when unpacked. Errors: Malformed, Io.
  Result<std::shared_ptr<Content>> unpack_sparse(const format::TarEntry& entry, Bytes packed);
  static Result<std::shared_ptr<Content>> seal(Content made);
  void keep(std::uint64_t id, std::shared_ptr<Content> content);
  std::uint32_t node_for(std::uint64_t id) const;
  void gap(std::uint32_t node, std::string_view where, std::string why);
  void place(std::uint32_t node, std::uint64_t id);

  const Matcher& matcher_;
  Limits limits_;
  MemoryBudget& budget_;
  FileJobs& jobs_;
  Wanted wanted_;
  LayerBuilder builder_;
  std::unordered_map<std::uint64_t, SeenFile> seen_;          // by header offset
  std::unordered_map<std::uint64_t, std::uint32_t> node_of_;  // id -> the node whose facts they are, where seen_ has none
  Distinct<std::vector<std::uint16_t>> sets_;
  Distinct<std::string> capabilities_;
  std::vector<std::uint64_t> origin_;                         // node -> header offset + 1 of its content
  std::vector<Placement> placements_;
  std::unordered_map<std::uint64_t, std::vector<FileRequest>> pending_;  // by header offset
  std::deque<Kept> kept_;
  RecentContents recent_{4 << 20};
  std::uint64_t kept_bytes_ = 0;
  std::uint64_t next_id_ = UINT64_MAX;  // ids for links analysed anew count down
};

}  // namespace plimsoll::image
