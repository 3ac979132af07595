#include "image/tar_walk.h"

#include <algorithm>
#include <cstring>

#include "base/path.h"
#include "base/text.h"

namespace plimsoll::image {
namespace {

using format::TarEntry;
using format::TarKind;
using format::TarReader;

constexpr std::uint64_t kHeavyFile = 128 << 10;      // from here on a file is worth a trip to the pool
constexpr std::uint64_t kKeptFile = 4ull << 20;      // contents kept for hard links: one, and all together
constexpr std::uint64_t kKeptTotal = 8ull << 20;
constexpr std::string_view kWhiteoutPrefix = ".wh.", kMetaPrefix = ".wh..wh.", kOpaqueName = ".wh..wh..opq";

NodeKind node_kind(TarKind kind) {
  switch (kind) {
    case TarKind::File: case TarKind::HardLink: return NodeKind::File;
    case TarKind::SymbolicLink: return NodeKind::SymbolicLink;
    case TarKind::Directory: return NodeKind::Directory;
    default: return NodeKind::Other;
  }
}

std::string_view capabilities_of(const TarEntry& entry) {
  for (const auto& [name, value] : entry.xattrs)
    if (name == "security.capability") return value;
  return {};
}

bool contains(const std::vector<std::uint16_t>& list, std::uint16_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

std::uint32_t TarWalk::node_for(std::uint64_t id) const {
  if (const auto seen = seen_.find(id); seen != seen_.end()) return seen->second.node;
  return node_of_.at(id);
}

void RecentContents::keep(std::uint64_t id, Bytes content) {
  if (content.empty() || content.size() > size_) return;
  if (!memory_) memory_ = std::make_unique_for_overwrite<std::uint8_t[]>(size_);
  if (next_ + content.size() > size_) {
    // Round again: what the last round left beyond this point goes first, being the oldest.
    while (!entries_.empty() && entries_.front().offset >= next_) entries_.pop_front();
    next_ = 0;
  }
  const std::size_t end = next_ + content.size();
  while (!entries_.empty() && entries_.front().offset < end && entries_.front().offset + entries_.front().size > next_) entries_.pop_front();
  std::memcpy(memory_.get() + next_, content.data(), content.size());
  entries_.push_back({id, next_, content.size()});
  next_ = end;
}

Bytes RecentContents::find(std::uint64_t id) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry)
    if (entry->id == id) return {memory_.get() + entry->offset, entry->size};
  return {};
}

void TarWalk::gap(std::uint32_t node, std::string_view where, std::string why) {
  builder_.add_gap(node, {"tar", std::string(where), std::move(why)});
}

Status TarWalk::run(format::ChunkSource& source) {
  TarReader reader(source, limits_);
  TarEntry next;
  while (true) {
    PLIM_TRY(const bool more, reader.next(next));
    if (!more) break;
    ++builder_.counts.files;
    PLIM_CHECK(entry(reader, next));
    if (builder_.full()) return limit_reached(cat("tar: the names of its files take more than ", kMostTreeBytes, " bytes"));
  }
  PLIM_TRY(const bool garbage, reader.after_end());
  if (garbage) gap(0, "", "bytes after the end of the archive are not read, as no runtime does");
  return Ok{};
}

Status TarWalk::run_again(format::ChunkSource& source) {
  TarReader reader(source, limits_);
  TarEntry next;
  while (true) {
    PLIM_TRY(const bool more, reader.next(next));
    if (!more) break;
    const auto found = pending_.find(next.offset);
    if (found == pending_.end() || next.kind != TarKind::File) continue;
    // All of them see the same bytes: collected once, kept, then shown to each.
    std::vector<FileRequest> requests = std::move(found->second);
    pending_.erase(found);
    std::shared_ptr<Content> content;
    std::string why;
    PLIM_CHECK(collect_again(reader, next, content, why));
    for (FileRequest& request : requests) {
      if (content) jobs_.run_later(std::move(request), content);
      else gap(node_for(request.id), request.path, why);
    }
  }
  PLIM_CHECK(reader.after_end());
  return Ok{};
}

// As file() takes a content the first time: what cannot be kept is a gap (`why`), only a broken stream fails the layer.
Status TarWalk::collect_again(TarReader& reader, const TarEntry& entry, std::shared_ptr<Content>& content, std::string& why) {
  const std::uint64_t size = entry.sparse ? entry.real_size : entry.size;
  if (size > limits_.spilled_file_bytes || entry.size > limits_.spilled_file_bytes) {
    why = cat("file of ", size, " bytes is not analysed");
    return Ok{};
  }
  if (entry.sparse && entry.size > limits_.file_bytes) {
    why = cat("sparse file with ", entry.size, " bytes of data is not analysed");
    return Ok{};
  }
  std::string packed;
  Result<Content> made = entry.sparse ? Content() : Content::make(entry.size, limits_.file_bytes, budget_);
  Status status = made ? Status(Ok{}) : Status(made.error());
  for (std::uint64_t at = 0; at < entry.size && status;) {
    PLIM_TRY(const Bytes part, reader.content());
    if (entry.sparse) packed.append(as_text(part));
    else status = made->write(at, part);
    at += part.size();
  }
  if (status) {
    auto whole = entry.sparse ? unpack_sparse(entry, as_bytes(packed)) : seal(std::move(made).value());
    if (whole) content = std::move(whole).value();
    else status = whole.error();
  }
  if (!status) why = status.error().message();
  return Ok{};
}

Status TarWalk::entry(TarReader& reader, const TarEntry& entry) {
  if (entry.name_too_long) {
    gap(0, entry.name.substr(0, 120), cat("name longer than ", limits_.path_bytes, " bytes"));
    return Ok{};
  }
  std::string path = normalise_path(entry.name);
  const std::string_view name = base_name(path);
  if (name.starts_with(kWhiteoutPrefix)) {
    whiteout(parent_path(path), name);
    return Ok{};
  }
  if (entry.kind == TarKind::HardLink) {
    hard_link(entry, path);
    return Ok{};
  }
  if (path.empty()) return Ok{};  // "./": the root itself
  const std::uint32_t node = builder_.add(path, node_kind(entry.kind));
  if (node == kNoNode) {
    gap(0, path, "its directory is a symbolic link in a circle");
    return Ok{};
  }
  if (builder_.aliased()) builder_.path(node, path);
  switch (entry.kind) {
    case TarKind::SymbolicLink:
      builder_.set_link(node, std::string_view(entry.link).substr(0, limits_.path_bytes));
      return Ok{};
    case TarKind::File: return file(reader, entry, node, std::move(path));
    case TarKind::Directory: directory(entry, node, std::move(path)); return Ok{};
    case TarKind::Other: gap(node, path, "tar entry of an unknown type"); return Ok{};
    default: return Ok{};
  }
}

void TarWalk::whiteout(std::string_view directory, std::string_view name) {
  if (name == kOpaqueName) {
    const std::uint32_t node = builder_.add(directory, NodeKind::Implied);
    if (node != kNoNode) builder_.add_flags(node, kOpaque);
    return;
  }
  if (name.starts_with(kMetaPrefix)) return;
  const std::string_view hidden = name.substr(kWhiteoutPrefix.size());
  if (hidden.empty() || hidden == "." || hidden == "..") {
    gap(0, cat(directory, "/", name), "a whiteout that names no file hides nothing");
    return;
  }
  const std::uint32_t node = builder_.add(directory.empty() ? std::string(hidden) : cat(directory, "/", hidden), NodeKind::Nothing);
  if (node != kNoNode) builder_.add_flags(node, kWhiteout);
}

void TarWalk::place(std::uint32_t node, std::uint64_t id) {
  if (origin_.size() <= node) origin_.resize(std::max<std::size_t>(node + 1, origin_.size() * 3 / 2), 0);
  origin_[node] = id + 1;
}

void TarWalk::directory(const TarEntry& entry, std::uint32_t node, std::string path) {
  wanted_.clear();
  matcher_.by_attributes(entry.mode, !capabilities_of(entry).empty(), true, wanted_);
  if (wanted_.empty()) return;
  node_of_[entry.offset] = node;
  jobs_.run_now({.id = entry.offset,
                 .path = std::move(path),
                 .mode = entry.mode,
                 .uid = entry.uid,
                 .gid = entry.gid,
                 .wanted = {wanted_.list().begin(), wanted_.list().end()},
                 .directory = true},
                {});
}

Status TarWalk::file(TarReader& reader, const TarEntry& entry, std::uint32_t node, std::string path) {
  place(node, entry.offset);
  const std::string_view capabilities = capabilities_of(entry);
  wanted_.clear();
  matcher_.by_path(path, wanted_);
  const std::size_t by_path = wanted_.list().size();
  matcher_.by_any(path, wanted_);
  matcher_.by_mode(entry.mode, false, wanted_);
  matcher_.by_attributes(entry.mode, !capabilities.empty(), false, wanted_);
  // The first bytes tell the rest; they may lie over the border of two chunks.
  const std::size_t need = std::min<std::uint64_t>(entry.size, std::max<std::size_t>(matcher_.magic_bytes(), 4));
  PLIM_TRY(Bytes rest, reader.content());
  std::string head;
  if (rest.size() < need) {
    while (head.size() < need) {
      head.append(as_text(rest));
      if (head.size() >= need) break;
      PLIM_TRY(rest, reader.content());
    }
    rest = {};
  }
  const Bytes front = head.empty() ? rest : as_bytes(head);
  matcher_.by_magic(front, false, wanted_);
  const bool archive = matcher_.wants_nested() && entry.size > 0 && may_be_archive(path, front);
  if (wanted_.empty() && !archive) return Ok{};

  SeenFile& seen = seen_[entry.offset];
  const auto list = wanted_.list();
  seen.node = node;
  seen.by_path = sets_.number_of(std::vector<std::uint16_t>(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(by_path)));
  seen.by_content = sets_.number_of(std::vector<std::uint16_t>(list.begin() + static_cast<std::ptrdiff_t>(by_path), list.end()));
  seen.opened = archive;
  seen.mode = entry.mode;
  seen.uid = entry.uid;
  seen.gid = entry.gid;
  seen.capabilities = capabilities_.number_of(std::string(capabilities));
  FileRequest request{.id = entry.offset,
                      .path = std::move(path),
                      .mode = entry.mode,
                      .uid = entry.uid,
                      .gid = entry.gid,
                      .wanted = {list.begin(), list.end()},
                      .open_archive = archive,
                      .capabilities = std::string(capabilities)};
  const std::uint64_t size = entry.sparse ? entry.real_size : entry.size;
  if (size > limits_.spilled_file_bytes || entry.size > limits_.spilled_file_bytes) {
    gap(node, request.path, cat("file of ", size, " bytes is not analysed"));
    return Ok{};
  }
  if (entry.sparse) return collect_sparse(reader, entry, std::move(request), std::move(head), rest);
  return collect(reader, entry, std::move(request), std::move(head), rest);
}

void TarWalk::keep(std::uint64_t id, std::shared_ptr<Content> content) {
  const Result<Bytes> bytes = content->bytes();
  if (!bytes || bytes->size() > kKeptFile) return;
  kept_bytes_ += bytes->size();
  kept_.push_back({id, std::move(content)});
  while (kept_bytes_ > kKeptTotal || kept_.size() > 4096) {
    kept_bytes_ -= kept_.front().content->bytes()->size();
    kept_.pop_front();
  }
}

Status TarWalk::collect(TarReader& reader, const TarEntry& entry, FileRequest request, std::string head, Bytes rest) {
  if (head.empty() && rest.size() == entry.size && entry.size < kHeavyFile) {
    jobs_.run_now(request, rest);
    recent_.keep(entry.offset, rest);
    return Ok{};
  }
  Result<Content> made = Content::make(entry.size, limits_.file_bytes, budget_);
  if (!made) {
    gap(node_for(entry.offset), request.path, made.error().message());
    return Ok{};
  }
  auto content = std::make_shared<Content>(std::move(made).value());
  Status status = content->write(0, as_bytes(head));
  std::uint64_t at = head.size();
  while (status) {
    status = content->write(at, rest);
    at += rest.size();
    if (at == entry.size) break;
    PLIM_TRY(rest, reader.content());
  }
  if (status) {
    const Result<Bytes> mapped = content->bytes();
    if (!mapped) status = mapped.error();
  }
  if (!status) {  // no room for it: the layer goes on
    gap(node_for(entry.offset), request.path, status.error().message());
    return Ok{};
  }
  keep(entry.offset, content);
  if (entry.size < kHeavyFile) {
    jobs_.run_now(request, *content->bytes());
  } else {
    jobs_.run_later(std::move(request), std::move(content));
  }
  return Ok{};
}

Status TarWalk::collect_sparse(TarReader& reader, const TarEntry& entry, FileRequest request, std::string head,
                               Bytes rest) {
  const std::uint32_t node = node_for(entry.offset);
  if (entry.size > limits_.file_bytes) {
    gap(node, request.path, cat("sparse file with ", entry.size, " bytes of data is not analysed"));
    return Ok{};
  }
  std::string packed = std::move(head);
  packed.append(as_text(rest));
  while (packed.size() < entry.size) {
    PLIM_TRY(const Bytes part, reader.content());
    packed.append(as_text(part));
  }
  auto whole = unpack_sparse(entry, as_bytes(packed));
  if (!whole) {
    gap(node, request.path, whole.error().message());
    return Ok{};
  }
  std::shared_ptr<Content> content = std::move(whole).value();
  // What the magics and archive marks were looked for in was the packed form; the true front may say more.
  wanted_.clear();
  for (const std::uint16_t index : request.wanted) wanted_.add(index);
  const Bytes front = *content->bytes();
  matcher_.by_magic(front.first(std::min<std::size_t>(front.size(), 64)), false, wanted_);
  request.wanted.assign(wanted_.list().begin(), wanted_.list().end());
  jobs_.run_later(std::move(request), std::move(content));
  return Ok{};
}

Result<std::shared_ptr<Content>> TarWalk::seal(Content made) {
  auto content = std::make_shared<Content>(std::move(made));
  PLIM_CHECK(content->bytes());
  return content;
}

Result<std::shared_ptr<Content>> TarWalk::unpack_sparse(const TarEntry& entry, Bytes packed) {
  auto extents = entry.extents;
  std::size_t at = 0;
  if (entry.extents_in_content) {
    PLIM_TRY(extents, format::parse_sparse_map(packed, at));
  }
  PLIM_TRY(Content made, Content::make(entry.real_size, limits_.file_bytes, budget_));
  for (const auto& [offset, length] : extents) {
    if (offset > entry.real_size || length > entry.real_size - offset || length > packed.size() - at)
      return malformed("sparse map leads outside the file");
    PLIM_CHECK(made.write(offset, packed.subspan(at, length)));
    at += length;
  }
  return seal(std::move(made));
}

void TarWalk::hard_link(const TarEntry& entry, const std::string& written) {
  const std::string target_path = normalise_path(entry.link);
  const std::uint32_t target = builder_.find(target_path);
  if (written.empty()) return;
  if (target != kNoNode && builder_.node(target).kind != NodeKind::File) {
    const NodeKind kind = builder_.node(target).kind;
    if (is_folder(kind)) {
      gap(0, written, "a hard link to a directory");
      return;
    }
    const std::string to(builder_.link_target(target));
    const std::uint32_t same = builder_.add(written, kind);
    if (same != kNoNode && kind == NodeKind::SymbolicLink) builder_.set_link(same, to);
    return;
  }
  const std::uint64_t origin = target != kNoNode && target < origin_.size() ? origin_[target] : 0;
  if (target != kNoNode) {
    // A link to itself is the file that is there already.
    std::string canonical;
    builder_.path(target, canonical);
    if (canonical == written) return;
  }
  const std::uint32_t node = builder_.add(written, NodeKind::File);
  if (node == kNoNode) {
    gap(0, written, "its directory is a symbolic link in a circle");
    return;
  }
  std::string path = written;
  if (builder_.aliased()) builder_.path(node, path);
  if (target == kNoNode) {
    builder_.add_fact(node, kLowerLink, target_path, 0, 0);
    return;
  }
  if (origin == 0) return;  // itself a link to a lower layer's file: its own entry says so
  const std::uint64_t id = origin - 1;
  place(node, id);

  const auto found = seen_.find(id);
  const SeenFile none;
  const SeenFile& seen = found == seen_.end() ? none : found->second;
  wanted_.clear();
  matcher_.by_path(path, wanted_);
  const bool archive = matcher_.wants_nested() && may_be_archive(path, {});
  const auto kept = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& k) { return k.id == id; });
  const Bytes content = kept != kept_.end() ? *kept->content->bytes() : recent_.find(id);
  const bool at_hand = kept != kept_.end() || !content.empty();

  FileRequest request{.path = path, .mode = seen.mode, .uid = seen.uid, .gid = seen.gid, .capabilities = capabilities_[seen.capabilities]};
  Placement placement{.node = node, .id = id, .with_inner = seen.opened};
  for (const std::uint16_t index : sets_[seen.by_content])
    if (!wanted_.has(index)) placement.analysers.push_back(index);
  for (const std::uint16_t index : wanted_.list()) {
    const bool ran = contains(sets_[seen.by_path], index) || contains(sets_[seen.by_content], index);
    // Facts may depend on the name; where the content is at hand or was never looked at, it is looked at by this name.
    (at_hand || !ran ? request.wanted : placement.analysers).push_back(index);
  }
  request.open_archive = archive && !seen.opened;
  if (!placement.analysers.empty() || placement.with_inner) placements_.push_back(std::move(placement));
  if (request.wanted.empty() && !request.open_archive) return;
  request.id = next_id_--;
  node_of_[request.id] = node;
  if (at_hand) {
    jobs_.run_now(request, content);
  } else {
    pending_[id].push_back(std::move(request));
  }
}

std::string TarWalk::finish(std::string_view key, std::uint64_t unpacked_bytes, std::uint64_t analysed) {
  kept_.clear();
  recent_.clear();
  const auto found = jobs_.take();
  // In the order of the tar, so that one layer always gives one record.
  std::vector<std::uint64_t> ids;
  ids.reserve(found.size());
  for (const auto& [id, facts] : found) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> blobs;  // of files with links
  for (const Placement& placement : placements_) blobs[placement.id];
  for (const std::uint64_t id : ids) {
    const auto with_links = blobs.find(id);
    for (const FoundFacts& facts : found.at(id)) {
      const std::uint64_t blob = builder_.add_blob(facts.blob);
      if (with_links != blobs.end()) with_links->second.push_back(blob);
      builder_.add_fact(node_for(id), facts.analyser, facts.inner, blob, static_cast<std::uint32_t>(facts.blob.size()));
    }
  }
  for (const Placement& placement : placements_) {
    const auto facts = found.find(placement.id);
    if (facts == found.end()) continue;
    const std::vector<std::uint64_t>& at = blobs.at(placement.id);
    for (std::size_t i = 0; i < facts->second.size(); ++i) {
      const FoundFacts& fact = facts->second[i];
      const bool holds = fact.inner.empty() ? contains(placement.analysers, fact.analyser) : placement.with_inner;
      if (holds)
        builder_.add_fact(placement.node, fact.analyser, fact.inner, at[i], static_cast<std::uint32_t>(fact.blob.size()));
    }
  }
  builder_.counts.unpacked_bytes = unpacked_bytes;
  builder_.counts.analysed = analysed;
  return builder_.finish(key);
}

}  // namespace plimsoll::image
