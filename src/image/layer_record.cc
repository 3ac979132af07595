#include "image/layer_record.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"

namespace plimsoll::image {
namespace {

constexpr char kMagic[8] = {'P', 'L', 'I', 'M', 'L', 'Y', 'R', '\0'};
constexpr std::uint32_t kFormat = 1;
constexpr int kMaxHops = 40;  // as Linux's ELOOP bound

struct Header {
  char magic[8];
  std::uint32_t format, reserved;
  char key[32];
  std::uint64_t checksum;  // of everything behind this field
  std::uint64_t total;
  std::uint64_t nodes, index, links, facts;  // counts
  std::uint64_t text, blobs;                 // bytes
  LayerCounts counts;
};
constexpr std::size_t kChecked = offsetof(Header, total);

std::uint64_t node_hash(std::uint32_t parent, std::string_view name) {
  return hash64(name, (std::uint64_t{parent} + 1) * 0x9E3779B97F4A7C15ull);
}

std::size_t round8(std::size_t n) { return (n + 7) & ~std::size_t{7}; }

template <class T>
void append_section(std::string& out, const std::vector<T>& items) {
  out.append(reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T));
  out.resize(round8(out.size()));
}

}  // namespace

// ---- reading

Result<LayerRecord> LayerRecord::open(Bytes bytes, std::string_view key, std::size_t analysers) {
  Header header;
  if (bytes.size() < sizeof header) return malformed("layer record: too short");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) return malformed("layer record: not one");
  if (header.format != kFormat) return malformed(cat("layer record: format ", header.format, ", expected ", kFormat));
  if (header.total != bytes.size()) return malformed("layer record: wrong length");
  if (key != std::string_view(header.key, sizeof header.key)) return malformed("layer record: made for another layer");
  if (hash64(as_text(bytes.subspan(kChecked))) != header.checksum) return malformed("layer record: wrong checksum");

  LayerRecord record;
  std::size_t at = round8(sizeof header);
  const auto section = [&]<class T>(std::uint64_t count, std::span<const T>& into) {
    if (at > bytes.size() || count > (bytes.size() - at) / sizeof(T)) return false;
    into = {reinterpret_cast<const T*>(bytes.data() + at), static_cast<std::size_t>(count)};
    at = round8(at + count * sizeof(T));
    return true;
  };
  if (!section(header.nodes, record.nodes_) || !section(header.index, record.index_) ||
      !section(header.links, record.links_) || !section(header.facts, record.facts_) ||
      !section(header.text, record.text_) || !section(header.blobs, record.blobs_))
    return malformed("layer record: sections beyond its end");
  record.counts_ = header.counts;
  PLIM_CHECK(record.check(analysers));
  return record;
}

// A right checksum says that the bytes are those once written, not that a friend wrote them: nothing may lead outside.
Status LayerRecord::check(std::size_t analysers) const {
  if (nodes_.empty() || nodes_.size() >= kNoNode || index_.empty() || (index_.size() & (index_.size() - 1)) != 0)
    return malformed("layer record: bad tables");
  std::uint64_t bad = nodes_[0].parent != 0 || nodes_[0].kind != NodeKind::Directory;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& n = nodes_[i];
    // A parent stands before its child, so that every walk upwards ends.
    bad |= (i > 0 && n.parent >= i) | (n.kind > NodeKind::Other) | (std::uint64_t{n.name} + n.name_size > text_.size());
  }
  std::uint64_t used = 0;
  for (std::uint32_t slot : index_) {
    bad |= slot > nodes_.size();
    used += slot != 0;
  }
  bad |= used >= index_.size();  // a free slot ends every search
  for (const Link& l : links_)
    bad |= (l.node >= nodes_.size()) | (std::uint64_t{l.target} + l.target_size > text_.size());
  for (const FactEntry& f : facts_)
    bad |= (f.node >= nodes_.size()) | (f.analyser >= analysers && f.analyser < kLowerLink) |
           (std::uint64_t{f.inner} + f.inner_size > text_.size()) | (f.blob > blobs_.size()) |
           (f.blob_size > blobs_.size() - std::min<std::uint64_t>(f.blob, blobs_.size()));
  if (bad != 0) return malformed("layer record: offsets beyond its end");
  return Ok{};
}

std::uint32_t LayerRecord::find(std::uint32_t parent, std::string_view wanted) const {
  const std::size_t mask = index_.size() - 1;
  for (std::size_t at = node_hash(parent, wanted) & mask; index_[at] != 0; at = (at + 1) & mask) {
    const std::uint32_t found = index_[at] - 1;
    if (nodes_[found].parent == parent && found != 0 && name(found) == wanted) return found;
  }
  return kNoNode;
}

std::uint32_t LayerRecord::find_path(std::string_view path) const {
  std::uint32_t at = 0;
  while (!path.empty() && at != kNoNode) {
    const auto [first, rest] = cut(path, '/');
    at = find(at, first);
    path = rest;
  }
  return at;
}

bool LayerRecord::dead(std::uint32_t index) const {
  for (; index != 0; index = nodes_[index].parent)
    if (nodes_[index].flags & kDead) return true;
  return false;
}

namespace {
// Names joined from the root down, for a tree given by `nodes` and `text`.
template <class Nodes, class NameOf>
void join_path(const Nodes& nodes, NameOf name_of, std::uint32_t index, std::string& out) {
  std::size_t size = 0;
  for (std::uint32_t n = index; n != 0; n = nodes[n].parent) size += nodes[n].name_size + 1u;
  out.resize(size == 0 ? 0 : size - 1);
  std::size_t end = out.size();
  for (std::uint32_t n = index; n != 0; n = nodes[n].parent) {
    const std::string_view part = name_of(n);
    end -= part.size();
    std::memcpy(out.data() + end, part.data(), part.size());
    if (end > 0) out[--end] = '/';
  }
}
}  // namespace

void LayerRecord::path(std::uint32_t index, std::string& out) const {
  join_path(nodes_, [this](std::uint32_t n) { return name(n); }, index, out);
}

std::string_view LayerRecord::link_target(std::uint32_t index) const {
  const auto found =
      std::lower_bound(links_.begin(), links_.end(), index, [](const Link& l, std::uint32_t n) { return l.node < n; });
  if (found == links_.end() || found->node != index) return {};
  return text({found->target, found->target_size});
}

// ---- writing

LayerBuilder::LayerBuilder() : nodes_(1), index_(1024) { nodes_[0].kind = NodeKind::Directory; }

void LayerBuilder::path(std::uint32_t index, std::string& out) const {
  join_path(
      nodes_, [this](std::uint32_t n) { return std::string_view(text_).substr(nodes_[n].name, nodes_[n].name_size); },
      index, out);
}

std::uint32_t LayerBuilder::child(std::uint32_t parent, std::string_view name) const {
  const std::size_t mask = index_.size() - 1;
  for (std::size_t at = node_hash(parent, name) & mask; index_[at] != 0; at = (at + 1) & mask) {
    const std::uint32_t found = index_[at] - 1;
    if (nodes_[found].parent == parent &&
        std::string_view(text_).substr(nodes_[found].name, nodes_[found].name_size) == name)
      return found;
  }
  return kNoNode;
}

void LayerBuilder::grow() {
  std::vector<std::uint32_t> old = std::move(index_);
  index_.assign(old.size() * 2, 0);
  const std::size_t mask = index_.size() - 1;
  for (std::uint32_t slot : old) {
    if (slot == 0) continue;
    const Node& n = nodes_[slot - 1];
    std::size_t at = node_hash(n.parent, std::string_view(text_).substr(n.name, n.name_size)) & mask;
    while (index_[at] != 0) at = (at + 1) & mask;
    index_[at] = slot;
  }
}

std::uint32_t LayerBuilder::add_text(std::string_view text) {
  const std::uint32_t offset = static_cast<std::uint32_t>(text_.size());
  text_.append(text);
  return offset;
}

void LayerBuilder::put(std::uint32_t node, std::uint32_t replaced) {
  const std::size_t mask = index_.size() - 1;
  const std::string_view name = std::string_view(text_).substr(nodes_[node].name, nodes_[node].name_size);
  std::size_t at = node_hash(nodes_[node].parent, name) & mask;
  while (index_[at] != 0 && index_[at] - 1 != replaced) at = (at + 1) & mask;
  index_[at] = node + 1;
}

std::uint32_t LayerBuilder::append(std::uint32_t parent, std::string_view name, NodeKind kind) {
  if ((++live_) * 2 > index_.size()) grow();
  const std::uint32_t index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({parent, add_text(name), static_cast<std::uint16_t>(name.size()), kind, 0});
  put(index, kNoNode);
  return index;
}

std::uint32_t LayerBuilder::directory(std::string_view path, bool make, int& hops) {
  std::uint32_t at = 0;
  while (!path.empty()) {
    const auto [first, rest] = cut(path, '/');
    std::uint32_t next = child(at, first);
    if (next == kNoNode || nodes_[next].kind == NodeKind::Nothing) {
      if (!make) return kNoNode;
      if (next == kNoNode) next = append(at, first, NodeKind::Implied);
      nodes_[next].kind = NodeKind::Implied;
    } else if (nodes_[next].kind == NodeKind::SymbolicLink) {
      if (++hops > kMaxHops) return kNoNode;
      std::string here;
      this->path(next, here);
      const std::string resolved = resolve_link(here, link_target(next));
      next = directory(resolved, make, hops);
      if (next == kNoNode) return kNoNode;
    } else if (!is_folder(nodes_[next].kind)) {
      if (!make) return kNoNode;
      next = replace(next, NodeKind::Implied);
    }
    at = next;
    path = rest;
  }
  return at;
}

std::uint32_t LayerBuilder::find(std::string_view path) {
  if (path.empty()) return 0;
  int hops = 0;
  const std::uint32_t parent = directory(parent_path(path), false, hops);
  if (parent == kNoNode) return kNoNode;
  const std::uint32_t found = child(parent, base_name(path));
  return found == kNoNode || nodes_[found].kind == NodeKind::Nothing ? kNoNode : found;
}

std::uint32_t LayerBuilder::add(std::string_view path, NodeKind kind) {
  if (path.empty()) return 0;
  const std::string_view above = parent_path(path);
  if (above != last_directory_ || last_node_ == kNoNode) {
    int hops = 0;
    const std::uint32_t found = directory(above, true, hops);
    if (found == kNoNode) return kNoNode;
    last_directory_ = above;
    last_node_ = found;
    aliased_ = hops > 0;
  }
  const std::string_view name = base_name(path);
  const std::uint32_t existing = child(last_node_, name);
  if (existing == kNoNode) return append(last_node_, name, kind);
  Node& old = nodes_[existing];
  if (kind == NodeKind::Nothing) return existing;
  if (old.kind == NodeKind::Nothing || (is_folder(old.kind) && is_folder(kind))) {
    old.kind = kind == NodeKind::Implied && old.kind == NodeKind::Directory ? NodeKind::Directory : kind;
    return existing;
  }
  return replace(existing, kind);
}

std::uint32_t LayerBuilder::replace(std::uint32_t existing, NodeKind kind) {
  Node fresh = nodes_[existing];
  nodes_[existing].flags |= kDead;  // and with it all that lies below: it is no longer reached by name
  fresh.kind = kind;
  fresh.flags &= kWhiteout;
  nodes_.push_back(fresh);
  const std::uint32_t index = static_cast<std::uint32_t>(nodes_.size() - 1);
  put(index, existing);
  last_node_ = kNoNode;
  return index;
}

void LayerBuilder::set_link(std::uint32_t node, std::string_view target) {
  link_of_[node] = static_cast<std::uint32_t>(links_.size());
  links_.push_back({node, add_text(target), static_cast<std::uint32_t>(target.size())});
}

std::string_view LayerBuilder::link_target(std::uint32_t node) const {
  const auto link = link_of_.find(node);
  if (link == link_of_.end()) return {};
  return std::string_view(text_).substr(links_[link->second].target, links_[link->second].target_size);
}

std::uint64_t LayerBuilder::add_blob(std::string_view facts) {
  const std::uint64_t offset = blobs_.size();
  blobs_.append(facts);
  return offset;
}

void LayerBuilder::add_fact(std::uint32_t node, std::uint16_t analyser, std::string_view inner, std::uint64_t blob,
                            std::uint32_t blob_size) {
  FactEntry entry{.node = node, .analyser = analyser, .blob = blob, .blob_size = blob_size};
  entry.inner = add_text(inner);
  entry.inner_size = static_cast<std::uint32_t>(inner.size());
  facts_.push_back(entry);
}

void LayerBuilder::add_gap(std::uint32_t node, Gap gap) {
  Facts facts;
  facts.gaps.push_back(std::move(gap));
  std::string bytes;
  write_facts(bytes, facts);
  add_fact(node, kWalkItself, {}, add_blob(bytes), static_cast<std::uint32_t>(bytes.size()));
}

std::string LayerBuilder::finish(std::string_view key) {
  // Sorted by whole path, so that a squash merges layers instead of sorting them.
  std::vector<std::string> paths(facts_.size());
  for (std::size_t i = 0; i < facts_.size(); ++i) {
    path(facts_[i].node, paths[i]);
    if (facts_[i].inner_size != 0)
      paths[i].append("!/").append(text_, facts_[i].inner, facts_[i].inner_size);
  }
  std::vector<std::uint32_t> order(facts_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int c = paths[a].compare(paths[b]);
    if (c != 0) return c < 0;
    return std::pair(facts_[a].node, facts_[a].analyser) < std::pair(facts_[b].node, facts_[b].analyser);
  });
  std::vector<FactEntry> sorted;
  sorted.reserve(facts_.size());
  for (std::uint32_t i : order) sorted.push_back(facts_[i]);
  paths = {};
  std::stable_sort(links_.begin(), links_.end(), [](const auto& a, const auto& b) { return a.node < b.node; });

  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.format = kFormat;
  PLIM_ASSERT(key.size() == sizeof header.key);
  std::memcpy(header.key, key.data(), key.size());
  header.nodes = nodes_.size();
  header.index = index_.size();
  header.links = links_.size();
  header.facts = sorted.size();
  header.text = text_.size();
  header.blobs = blobs_.size();
  header.counts = counts;

  std::string out;
  out.reserve(round8(sizeof header) + nodes_.size() * sizeof(Node) + index_.size() * 4 + links_.size() * 12 +
              sorted.size() * sizeof(FactEntry) + text_.size() + blobs_.size() + 64);
  out.resize(round8(sizeof header));
  append_section(out, nodes_);
  nodes_ = {};
  append_section(out, index_);
  index_ = {};
  append_section(out, links_);
  append_section(out, sorted);
  out.append(text_);
  out.resize(round8(out.size()));
  text_ = {};
  out.append(blobs_);
  blobs_ = {};
  header.total = out.size();
  std::memcpy(out.data(), &header, sizeof header);
  header.checksum = hash64(std::string_view(out).substr(kChecked));
  std::memcpy(out.data(), &header, sizeof header);
  return out;
}

}  // namespace plimsoll::image
