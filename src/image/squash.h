// The finished tree of an image, told from its layers' records without building it.
//
// A directory is followed through all layers at once: its node in each layer, and the lowest layer that still shows
// through (whiteouts, opaque directories and files that took a directory's place end those below). Only the paths that
// carry facts are looked up, so that an image of a million files costs what its facts cost.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/layer_record.h"
#include "model/facts.h"

namespace plimsoll::image {

// One fact of one layer, its path whole ("a.jar!/b").
struct PlacedFact {
  std::string_view path;
  std::string_view outer;  // the file in the tree: "a.jar"
  std::uint32_t layer = 0;       // whose file it is
  std::uint32_t blob_layer = 0;  // whose record holds the facts (another one for links to lower layers)
  const FactEntry* entry = nullptr;
  bool deleted = false;  // not in the finished tree
};

class Squash : public Tree {
 public:
  // The records must outlive this; lowest layer first.
  explicit Squash(std::vector<const LayerRecord*> layers);
  ~Squash() override;

  // Links among the parents are followed inside the root, at most 40; a link itself counts, whatever it points to.
  bool contains(std::string_view path) const override;
  std::string real_path(std::string_view path) const override;
  // Some layer has an entry at `path` (no links followed), but the finished tree does not.
  bool is_deleted(std::string_view path) const;

  struct Place {
    NodeKind kind = NodeKind::Nothing;  // Nothing: not there
    std::uint32_t layer = 0, node = 0;  // the topmost layer that has it
    // Of a directory: the topmost layer that has an entry for it, whose mode it has; not one with only files inside it.
    std::uint32_t entry_layer = 0, entry_node = kNoNode;
  };
  // Of the tree made by the layers below `top` alone (top = number of layers: the finished one). No links followed.
  Place find(std::string_view path, std::size_t top) const;

  // All facts of all layers, sorted by path, then layer. Hard links to files of lower layers carry those files' facts.
  const std::vector<PlacedFact>& facts() const { return facts_; }
  struct LostLink {
    std::string_view path, target;
    std::uint32_t layer = 0;
    bool missing = false;  // no lower layer has the target
  };
  const std::vector<LostLink>& lower_links() const { return lower_links_; }

 private:
  struct Directory {  // as seen through all layers
    std::vector<std::uint32_t> nodes;  // kNoNode where a layer has nothing of it
    std::uint32_t floor = 0;           // layers below do not show through
  };
  Directory root(std::size_t top) const;
  // Follows `wanted` in the finished tree. True when it is there; `end` becomes its place without links among its
  // parents, or, with `last`, without any link.
  bool follow(std::string_view wanted, bool last, std::string& end) const;
  // The child `name` of `directory`; when it is a directory, `into` becomes it (may be the same object).
  Place step(const Directory& directory, std::string_view name, Directory& into) const;
  void place_facts();
  void place_lower_links();
  std::string_view keep(std::string_view text);

  std::vector<const LayerRecord*> layers_;
  std::vector<PlacedFact> facts_;
  std::vector<LostLink> lower_links_;
  std::vector<std::unique_ptr<char[]>> arena_;
  std::size_t arena_left_ = 0;
  char* arena_at_ = nullptr;
};

}  // namespace plimsoll::image
