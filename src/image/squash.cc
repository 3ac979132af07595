#include "image/squash.h"

#include <algorithm>
#include <cstring>

#include "base/path.h"
#include "base/text.h"

namespace plimsoll::image {
namespace {
constexpr int kMaxHops = 40;
constexpr std::size_t kArenaBlock = 256 << 10;
}  // namespace

Squash::Squash(std::vector<const LayerRecord*> layers) : layers_(std::move(layers)) {
  place_facts();
  place_lower_links();
}
Squash::~Squash() = default;

std::string_view Squash::keep(std::string_view text) {
  if (text.size() > arena_left_) {
    const std::size_t size = std::max(kArenaBlock, text.size());
    arena_.emplace_back(new char[size]);
    arena_at_ = arena_.back().get();
    arena_left_ = size;
  }
  std::memcpy(arena_at_, text.data(), text.size());
  const std::string_view kept(arena_at_, text.size());
  arena_at_ += text.size();
  arena_left_ -= text.size();
  return kept;
}

Squash::Directory Squash::root(std::size_t top) const {
  Directory out{.nodes = std::vector<std::uint32_t>(layers_.size(), kNoNode)};
  for (std::size_t layer = top; layer-- > 0;) {
    out.nodes[layer] = 0;
    if (layers_[layer]->node(0).flags & kOpaque) {
      out.floor = static_cast<std::uint32_t>(layer);
      break;
    }
  }
  return out;
}

Squash::Place Squash::step(const Directory& directory, std::string_view name, Directory& into) const {
  Place place;
  const std::uint32_t floor = directory.floor;
  const std::size_t count = directory.nodes.size();
  into.nodes.resize(count);
  std::uint32_t new_floor = floor;
  bool ended = false;
  for (std::size_t layer = count; layer-- > 0;) {
    const std::uint32_t parent = directory.nodes[layer];
    const std::uint32_t node = ended || layer < floor || parent == kNoNode ? kNoNode : layers_[layer]->find(parent, name);
    into.nodes[layer] = kNoNode;
    if (node == kNoNode) continue;
    const Node& n = layers_[layer]->node(node);
    if (n.kind == NodeKind::Nothing) {
      ended = true;  // a whiteout: nothing of it in this layer or below
      new_floor = static_cast<std::uint32_t>(layer) + 1;
    } else if (is_folder(n.kind)) {
      into.nodes[layer] = node;
      if (place.kind == NodeKind::Nothing) place = {n.kind, static_cast<std::uint32_t>(layer), node};
      if (is_folder(place.kind) && place.entry_node == kNoNode && n.kind == NodeKind::Directory) {
        place.entry_layer = static_cast<std::uint32_t>(layer);
        place.entry_node = node;
      }
      if (n.flags & (kWhiteout | kOpaque)) {
        ended = true;
        new_floor = static_cast<std::uint32_t>(layer);
      }
    } else {
      // A file: it is the place itself, or it ends what lower layers show of a directory of that name.
      if (place.kind == NodeKind::Nothing) place = {n.kind, static_cast<std::uint32_t>(layer), node};
      ended = true;
      new_floor = static_cast<std::uint32_t>(layer) + 1;
    }
  }
  into.floor = new_floor;
  return place;
}

Squash::Place Squash::find(std::string_view path, std::size_t top) const {
  Directory at = root(top), next;
  Place place{NodeKind::Directory, 0, 0};
  while (!path.empty()) {
    if (!is_folder(place.kind)) return {};
    const auto [first, rest] = cut(path, '/');
    place = step(at, first, next);
    std::swap(at, next);
    path = rest;
  }
  return place;
}

bool Squash::follow(std::string_view wanted, bool last, std::string& end) const {
  std::string path = normalise_path(wanted);
  for (int hops = 0; hops <= kMaxHops; ++hops) {
    Directory at = root(layers_.size()), next;
    std::size_t start = 0;
    while (true) {
      if (start >= path.size()) {
        end = std::move(path);
        return true;
      }
      const std::size_t stop = std::min(path.find('/', start), path.size());
      const Place place = step(at, std::string_view(path).substr(start, stop - start), next);
      if (place.kind == NodeKind::Nothing) return false;
      const bool at_end = stop == path.size();
      if (place.kind == NodeKind::SymbolicLink && (last || !at_end)) {
        const std::string_view target = layers_[place.layer]->link_target(place.node);
        const std::string_view rest = at_end ? std::string_view() : std::string_view(path).substr(stop + 1);
        path = normalise_path(cat(resolve_link(std::string_view(path).substr(0, stop), target), "/", rest));
        break;  // from the top again
      }
      if (at_end) {
        end = std::move(path);
        return true;
      }
      if (!is_folder(place.kind)) return false;
      std::swap(at, next);
      start = stop + 1;
    }
  }
  return false;  // links in a circle
}

bool Squash::contains(std::string_view wanted) const {
  std::string end;
  return follow(wanted, false, end);
}

std::string Squash::real_path(std::string_view path) const {
  std::string end;
  return follow(path, true, end) ? end : std::string();
}

bool Squash::is_deleted(std::string_view path) const {
  if (find(path, layers_.size()).kind != NodeKind::Nothing) return false;
  return std::any_of(layers_.begin(), layers_.end(), [&](const LayerRecord* layer) {
    const std::uint32_t node = layer->find_path(path);
    return node != kNoNode && layer->node(node).kind != NodeKind::Nothing;
  });
}

void Squash::place_facts() {
  // Each layer's facts are sorted by path already: merge them.
  struct Front {
    std::span<const FactEntry> rest;
    std::string_view outer, whole;
    std::uint32_t node = kNoNode;
  };
  std::vector<Front> fronts(layers_.size());
  std::size_t total = 0;
  std::string scratch;
  const auto load = [&](std::size_t layer) {
    Front& front = fronts[layer];
    if (front.rest.empty()) return;
    const FactEntry& entry = front.rest.front();
    if (entry.node != front.node) {
      layers_[layer]->path(entry.node, scratch);
      front.outer = keep(scratch);
      front.node = entry.node;
    }
    const std::string_view inner = layers_[layer]->inner(entry);
    if (inner.empty() || entry.analyser == kLowerLink) {
      front.whole = front.outer;
    } else {
      scratch.assign(front.outer).append("!/").append(inner);
      front.whole = keep(scratch);
    }
  };
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    fronts[layer].rest = layers_[layer]->facts();
    total += fronts[layer].rest.size();
    load(layer);
  }
  facts_.reserve(total);

  // The directories from the root to the one at hand, as seen through all layers; neighbours share most of them.
  struct Step {
    std::size_t end;  // of the name in `here`
    Directory directory;
    bool there;
  };
  std::vector<Step> stack;
  stack.push_back({0, root(layers_.size()), true});
  std::string_view here;
  std::string_view last_outer;
  Place last_place;
  Directory unused;
  bool first = true;
  const auto locate = [&](std::string_view outer) {
    if (!first && outer == last_outer) return last_place;
    first = false;
    last_outer = outer;
    if (outer.empty()) return last_place = {NodeKind::Directory, 0, 0};
    const std::string_view parent = parent_path(outer);
    while (stack.size() > 1) {
      const std::string_view known = here.substr(0, stack.back().end);
      if (parent.starts_with(known) && (parent.size() == known.size() || parent[known.size()] == '/')) break;
      stack.pop_back();
    }
    std::size_t start = stack.back().end == 0 ? 0 : stack.back().end + 1;
    here = parent;
    while (start < parent.size()) {
      const std::size_t end = std::min(parent.find('/', start), parent.size());
      Step next{.end = end, .directory = {}, .there = false};
      if (stack.back().there)
        next.there = is_folder(step(stack.back().directory, parent.substr(start, end - start), next.directory).kind);
      stack.push_back(std::move(next));
      start = end + 1;
    }
    return last_place = stack.back().there ? step(stack.back().directory, base_name(outer), unused) : Place{};
  };

  while (facts_.size() < total) {
    std::size_t lowest = layers_.size();
    for (std::size_t layer = 0; layer < layers_.size(); ++layer)
      if (!fronts[layer].rest.empty() && (lowest == layers_.size() || fronts[layer].whole < fronts[lowest].whole))
        lowest = layer;
    Front& front = fronts[lowest];
    const Place place = locate(front.outer);
    // The root carries what a layer's walk says of the whole layer.
    const bool there = front.outer.empty() ||
                       (place.kind != NodeKind::Nothing && place.layer == lowest && place.node == front.node) ||
                       (is_folder(place.kind) && place.entry_layer == lowest && place.entry_node == front.node);
    const auto layer = static_cast<std::uint32_t>(lowest);
    facts_.push_back({front.whole, front.outer, layer, layer, &front.rest.front(), !there});
    front.rest = front.rest.subspan(1);
    load(lowest);
  }
}

void Squash::place_lower_links() {
  std::vector<PlacedFact> added;
  for (const PlacedFact& fact : facts_) {
    if (fact.entry->analyser != kLowerLink) continue;
    const std::string_view target = layers_[fact.layer]->inner(*fact.entry);
    const Place place = find(target, fact.layer);
    lower_links_.push_back({fact.path, target, fact.layer, place.kind != NodeKind::File});
    if (place.kind != NodeKind::File) continue;
    const LayerRecord& lower = *layers_[place.layer];
    for (const FactEntry& entry : lower.facts()) {
      if (entry.node != place.node || entry.analyser == kLowerLink) continue;
      const std::string_view inner = lower.inner(entry);
      const std::string_view path = inner.empty() ? fact.outer : keep(cat(fact.outer, "!/", inner));
      added.push_back({path, fact.outer, fact.layer, place.layer, &entry, fact.deleted});
    }
    if (added.size() > 1'000'000) break;  // links upon links: bounded, and each says that it is one
  }
  std::erase_if(facts_, [](const PlacedFact& f) { return f.entry->analyser == kLowerLink; });
  if (added.empty()) return;
  facts_.insert(facts_.end(), added.begin(), added.end());
  std::stable_sort(facts_.begin(), facts_.end(), [](const PlacedFact& a, const PlacedFact& b) {
    return std::pair(a.path, a.layer) < std::pair(b.path, b.layer);
  });
}

}  // namespace plimsoll::image
