// The record of one layer: its paths and the facts of its files, as one block of bytes.
//
// A walk writes it (LayerBuilder), the cache keeps it as a file and maps it, the squash reads it (LayerRecord); fresh
// and cached layers are the same thing. It is laid out to be used without being parsed:
//
//   header    magic, format, key, counts, offsets of the sections, checksum over all that follows it
//   nodes     12 bytes a path: parent node, name, kind, flags; node 0 is the root
//   index     open-addressing table of node numbers by (parent, name)
//   links     node -> target of a symbolic link, sorted by node
//   facts     node, analyser, inner path, place of the serialised Facts; sorted by path
//   text      names, link targets, inner paths
//   blobs     serialised Facts (model/facts.h)
//
// Numbers are little-endian and read in place. Input may be damaged (a cache on disk): open() checks the checksum, the
// sizes and every offset before anything is used.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/facts.h"

namespace plimsoll::image {

enum class NodeKind : std::uint8_t {
  Nothing,    // only a whiteout stands here
  Implied,    // a directory that no entry names, but some entry lies in
  Directory,
  File,
  SymbolicLink,
  Other,      // device, fifo, socket
};
inline bool is_folder(NodeKind kind) { return kind == NodeKind::Implied || kind == NodeKind::Directory; }

struct Node {
  std::uint32_t parent = 0;
  std::uint32_t name = 0;  // offset in text
  std::uint16_t name_size = 0;
  NodeKind kind = NodeKind::Nothing;
  std::uint8_t flags = 0;
};
inline constexpr std::uint8_t kWhiteout = 1;  // hides this path in lower layers
inline constexpr std::uint8_t kOpaque = 2;    // hides what lower layers hold in this directory
inline constexpr std::uint8_t kDead = 4;      // replaced by a later entry of the same layer
inline constexpr std::uint32_t kNoNode = UINT32_MAX;
inline constexpr std::size_t kMostTreeBytes = 100 << 20;  // of one layer: names and kNodeCost a path
inline constexpr std::size_t kNodeCost = 28;              // bytes: the node, its place in the index and in the walk's table
inline constexpr std::uint16_t kWalkItself = UINT16_MAX;  // "analyser" of the gaps that the walk found
inline constexpr std::uint16_t kLowerLink = UINT16_MAX - 1;  // a hard link to a file of a lower layer; inner = its path

struct FactEntry {
  std::uint32_t node = 0;
  std::uint16_t analyser = 0;
  std::uint16_t reserved = 0;
  std::uint32_t inner = 0, inner_size = 0;  // path behind the first "!/" of a nested file; in text
  std::uint64_t blob = 0;                   // offset in blobs
  std::uint32_t blob_size = 0;
  std::uint32_t reserved2 = 0;
};

struct LayerCounts {
  std::uint64_t files = 0;           // entries
  std::uint64_t unpacked_bytes = 0;
  std::uint64_t analysed = 0;
};

// A view of a record; the bytes must outlive it.
class LayerRecord {
 public:
  LayerRecord() = default;
  // `key`: the 32 bytes it must have been made for. Errors: Malformed.
  static Result<LayerRecord> open(Bytes bytes, std::string_view key, std::size_t analysers);

  std::uint32_t find(std::uint32_t parent, std::string_view name) const;  // kNoNode when absent
  std::uint32_t find_path(std::string_view path) const;                   // no links followed
  const Node& node(std::uint32_t index) const { return nodes_[index]; }
  std::size_t nodes() const { return nodes_.size(); }
  std::string_view name(std::uint32_t index) const { return text({nodes_[index].name, nodes_[index].name_size}); }
  void path(std::uint32_t index, std::string& out) const;  // replaces `out`
  bool dead(std::uint32_t index) const;  // this node or a directory above was replaced in its own layer
  std::string_view link_target(std::uint32_t index) const;
  std::span<const FactEntry> facts() const { return facts_; }
  std::string_view inner(const FactEntry& entry) const { return text({entry.inner, entry.inner_size}); }
  Bytes blob(const FactEntry& entry) const { return blobs_.subspan(entry.blob, entry.blob_size); }
  const LayerCounts& counts() const { return counts_; }

 private:
  struct Span {
    std::uint64_t offset, size;
  };
  struct Link {
    std::uint32_t node, target, target_size;
  };
  friend class LayerBuilder;
  std::string_view text(Span s) const { return as_text(text_.subspan(s.offset, s.size)); }
  Status check(std::size_t analysers) const;

  std::span<const Node> nodes_;
  std::span<const std::uint32_t> index_;
  std::span<const Link> links_;
  std::span<const FactEntry> facts_;
  Bytes text_, blobs_;
  LayerCounts counts_;
};

// Grows the tree of one layer, entry by entry, and writes the record. Not thread-safe.
class LayerBuilder {
 public:
  LayerBuilder();
  // The node of `path` (normalised), its parents made where they are missing; a link of this layer among the parents is
  // followed, as every runtime does. A later entry replaces an earlier one (the old node dies), but a directory stays
  // what it was. kNoNode: the parents are links in a circle.
  std::uint32_t add(std::string_view path, NodeKind kind);
  // Whether the path last added lies elsewhere than it says, behind a link among its parents.
  bool aliased() const { return aliased_; }
  void add_flags(std::uint32_t node, std::uint8_t flags) { nodes_[node].flags |= flags; }
  void set_link(std::uint32_t node, std::string_view target);
  std::string_view link_target(std::uint32_t node) const;
  // The live node at `path`, or kNoNode; links among the parents are followed.
  std::uint32_t find(std::string_view path);
  const Node& node(std::uint32_t index) const { return nodes_[index]; }
  void path(std::uint32_t index, std::string& out) const;

  // The facts of one file: `blob` is shared by links to one file when the same value is passed again.
  std::uint64_t add_blob(std::string_view facts);
  void add_fact(std::uint32_t node, std::uint16_t analyser, std::string_view inner, std::uint64_t blob,
                std::uint32_t blob_size);
  void add_gap(std::uint32_t node, Gap gap);
  // More names than a walk may keep in memory (kMostTreeBytes; some two million files): it gives up with Limit.
  bool full() const { return text_.size() + nodes_.size() * kNodeCost > kMostTreeBytes; }
  LayerCounts counts;

  // The finished record. The builder is empty afterwards.
  std::string finish(std::string_view key);

 private:
  std::uint32_t child(std::uint32_t parent, std::string_view name) const;
  std::uint32_t replace(std::uint32_t existing, NodeKind kind);
  std::uint32_t append(std::uint32_t parent, std::string_view name, NodeKind kind);
  void put(std::uint32_t node, std::uint32_t replaced);
  void grow();
  // The directory that the parents of a path lead to; kNoNode when they circle. `make`: create what is missing.
  std::uint32_t directory(std::string_view path, bool make, int& hops);
  std::uint32_t add_text(std::string_view text);

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> index_;  // node + 1, 0 = free
  std::size_t live_ = 0;
  std::vector<LayerRecord::Link> links_;
  std::unordered_map<std::uint32_t, std::uint32_t> link_of_;  // node -> index in links_
  std::vector<FactEntry> facts_;
  std::string text_, blobs_;
  std::string last_directory_;  // most entries share the directory of the one before
  std::uint32_t last_node_ = kNoNode;
  bool aliased_ = false;
};

}  // namespace plimsoll::image
