#include "image/walk.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>
#include <thread>

#include "base/file.h"
#include "base/hash.h"
#include "base/program.h"
#include "base/text.h"
#include "image/base_image.h"
#include "image/extract.h"
#include "image/walk_shared.h"

namespace plimsoll::image {
namespace {

// Contents of wanted files in memory at once, for the whole process. With the rings, the trees and the facts of a large
// image this keeps a walk well under 256 MiB.
constexpr std::uint64_t kContentBytes = 64ull << 20;
constexpr std::uint64_t kRecordInMemory = 4ull << 20;

}  // namespace

// ---- progress

void ProgressMeter::add(std::uint64_t bytes, std::uint64_t files) {
  bytes_ += bytes;
  files_ += files;
  if (tell_) tell(false);
}

void ProgressMeter::layer_done() {
  {
    std::lock_guard lock(mutex_);
    ++now_.layers_done;
  }
  if (tell_) tell(true);
}

void ProgressMeter::tell(bool always) {
  std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  const auto now = std::chrono::steady_clock::now();
  if (!always && now - told_ < std::chrono::milliseconds(100)) return;
  told_ = now;
  now_.bytes_done = bytes_;
  now_.files = files_;
  tell_(now_);
}

WalkShared::WalkShared(const WalkOptions& given, Scope walk_scope, WalkProgress start)
    : options(given),
      scope(walk_scope),
      threads(thread_count(given.threads)),
      matcher(given.analysers, walk_scope),
      budget(kContentBytes),
      progress(given.progress, start),
      cache(given.cache_directory, given.cache_bytes, given.log),
      pool(threads) {}

Status Layer::take(std::string fresh, std::string_view key, std::size_t analysers) {
  bytes = std::move(fresh);
  if (bytes.size() > kRecordInMemory) {
    Result<Fd> file = unlinked_temporary_file();
    if (file && write_all(*file, as_bytes(bytes))) {  // else it stays in memory
      PLIM_TRY(mapping, Mapping::map(*file, bytes.size()));
      bytes = {};
    }
  }
  PLIM_TRY(record, LayerRecord::open(bytes.empty() ? mapping.bytes() : as_bytes(bytes), key, analysers));
  return Ok{};
}

// ---- the finished walk

void WalkedImage::State::seal(const Matcher& matcher) {
  std::vector<const LayerRecord*> records;
  for (const Layer& layer : layers) {
    records.push_back(&layer.record);
    statistics.files += layer.record.counts().files;
    if (layer.cached) continue;
    statistics.analysed += layer.record.counts().analysed;
    statistics.unpacked_bytes += layer.record.counts().unpacked_bytes;
  }
  statistics.layers = static_cast<std::uint32_t>(layers.size());
  squash = std::make_unique<Squash>(std::move(records));
  by_analyser.resize(analysers.size());
  for (std::size_t i = 0; i < analysers.size(); ++i) decoded.push_back(std::make_unique<PerAnalyser>());
  const std::vector<PlacedFact>& all = squash->facts();
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    const PlacedFact& fact = all[i];
    if (fact.entry->analyser != kWalkItself) {
      by_analyser[fact.entry->analyser].push_back(i);
      continue;
    }
    if (fact.deleted) continue;
    Result<Facts> facts = read_facts(layers[fact.blob_layer].record.blob(*fact.entry));
    if (!facts) {
      gaps.push_back({"cache", std::string(fact.path), facts.error().message()});
      continue;
    }
    for (Gap& gap : facts->gaps) {
      if (fact.outer.empty() && layers.size() > 1) gap.where = cat(diff_ids[fact.layer], gap.where.empty() ? "" : " ", gap.where);
      gaps.push_back(std::move(gap));
    }
  }
  // A hard link across layers has its target's facts; what only its own name asks for was never looked at.
  Wanted by_name(matcher.analysers()), by_target(matcher.analysers());
  for (const Squash::LostLink& link : squash->lower_links()) {
    by_name.clear();
    by_target.clear();
    matcher.by_path(link.path, by_name);
    matcher.by_path(link.target, by_target);
    const bool more = std::any_of(by_name.list().begin(), by_name.list().end(), [&](std::uint16_t i) { return !by_target.has(i); });
    if (link.missing) {
      gaps.push_back({"tar", std::string(link.path), cat("hard link to ", link.target, ", which no layer has")});
    } else if (more) {
      gaps.push_back({"tar", std::string(link.path), cat("hard link to ", link.target, " of a lower layer, not analysed under this name")});
    }
  }
  std::sort(gaps.begin(), gaps.end());
  gaps.erase(std::unique(gaps.begin(), gaps.end()), gaps.end());
}

const WalkedImage::State::PerAnalyser& WalkedImage::State::decode(std::size_t index) const {
  PerAnalyser& out = *decoded[index];
  std::call_once(out.once, [&] {
    for (const std::uint32_t i : by_analyser[index]) {
      const PlacedFact& fact = squash->facts()[i];
      Result<Facts> facts = read_facts(layers[fact.blob_layer].record.blob(*fact.entry));
      if (!facts) {
        Facts broken;
        broken.gaps.push_back({"cache", std::string(fact.path), facts.error().message()});
        facts = std::move(broken);
      }
      out.facts.push_back(std::move(facts).value());
      out.all.push_back({fact.path, fact.layer, &out.facts.back(), fact.deleted});
      if (!fact.deleted) out.finished.push_back({fact.path, fact.layer, &out.facts.back()});
    }
    // What an upper layer wrote anew: gone, but its path is there. Both lists are sorted by path.
    auto finished = out.finished.begin();
    for (const LayerFileFacts& fact : out.all) {
      while (finished != out.finished.end() && finished->path < fact.path) ++finished;
      if (!fact.deleted) continue;
      const bool anew = finished != out.finished.end() && finished->path == fact.path;
      (anew ? out.replaced : out.deleted).push_back({fact.path, fact.layer, fact.facts});
    }
  });
  return out;
}

WalkedImage::WalkedImage(std::unique_ptr<State> state) : state_(std::move(state)) {}
WalkedImage::WalkedImage(WalkedImage&&) noexcept = default;
WalkedImage& WalkedImage::operator=(WalkedImage&&) noexcept = default;
WalkedImage::~WalkedImage() = default;
const std::vector<LayerInfo>& WalkedImage::layers() const { return state_->infos; }
const BaseImage& WalkedImage::base() const { return state_->base; }
const Gaps& WalkedImage::gaps() const { return state_->gaps; }
const std::vector<std::string>& WalkedImage::notices() const { return state_->notices; }
const WalkStatistics& WalkedImage::statistics() const { return state_->statistics; }
const Tree& WalkedImage::tree() const { return *state_->squash; }
bool WalkedImage::is_deleted(std::string_view path) const { return state_->squash->is_deleted(path); }
SquashedFacts WalkedImage::squashed(std::size_t index, const Distribution* distribution) const {
  const State::PerAnalyser& decoded = state_->decode(index);
  return {.files = decoded.finished,
          .tree = *state_->squash,
          .layers = state_->diff_ids,
          .distribution = distribution,
          .replaced = decoded.replaced,
          .deleted = decoded.deleted,
          .config_json = state_->config_json,
          .scope = state_->scope};
}
std::span<const LayerFileFacts> WalkedImage::all_layers(std::size_t index) const { return state_->decode(index).all; }

// ---- walking

namespace {

// Layers still to be read, the largest first: the last one to end decides when all are done.
class LayerQueue {
 public:
  LayerQueue(oci::ImageSource& source, WalkShared& shared, WalkedImage::State& state)
      : source_(source), shared_(shared), state_(state) {}

  void add(std::size_t index) { todo_.push_back(index); }
  Status run() {
    const auto& layers = source_.config().layers;
    std::stable_sort(todo_.begin(), todo_.end(),
                     [&](std::size_t a, std::size_t b) { return layers[a].size_bytes > layers[b].size_bytes; });
    const std::size_t workers = std::min<std::size_t>(todo_.size(), std::max(2u, shared_.threads));
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < workers; ++i) threads.emplace_back([this] { work(); });
    work();
    for (std::thread& thread : threads) thread.join();
    if (error_) return *std::move(error_);
    return Ok{};
  }

 private:
  void work() {
    while (!shared_.stop) {
      std::size_t index = 0;
      {
        std::lock_guard lock(mutex_);
        if (next_ == todo_.size()) return;
        index = todo_[next_++];
      }
      Status status = layer(index).context("layer", name(index));
      shared_.progress.layer_done();
      if (status) continue;
      std::lock_guard lock(mutex_);
      if (!shared_.stop) error_ = std::move(status).error();  // those that stop for it come later
      shared_.stop = true;
    }
  }

  std::string name(std::size_t index) const {
    const LayerDescriptor& layer = source_.config().layers[index];
    const Digest& known = layer.digest.empty() ? layer.diff_id : layer.digest;
    return known.empty() ? cat("number ", index + 1) : known.text();
  }

  Status layer(std::size_t index) {
    const LayerDescriptor& descriptor = source_.config().layers[index];
    const std::size_t analysers = shared_.options.analysers.size();
    const std::string key = cache_key(descriptor.diff_id.text(), shared_.options.analysers, shared_.scope,
                                      shared_.options.rules_digest, shared_.options.limits);
    Layer& layer = state_.layers[index];
    if (const std::string directory = source_.layer_directory(index); !directory.empty()) {
      std::vector<std::string> notices;
      PLIM_TRY(std::string record, walk_host_directory(directory, DirectoryForm::Overlay, shared_, key, notices));
      std::lock_guard lock(mutex_);
      state_.notices.insert(state_.notices.end(), notices.begin(), notices.end());
      return layer.take(std::move(record), key, analysers);
    }
    // The facts may be known while this blob is not: then its bytes are only verified.
    std::optional<FactsCache::Hit> hit;
    if (!descriptor.diff_id.empty()) hit = shared_.cache.find(key, analysers);
    PLIM_TRY(ReadLayer read, read_layer(source_, index, shared_, key, !hit));
    {
      std::lock_guard lock(mutex_);
      state_.statistics.stored_bytes += read.stored_bytes;
      state_.diff_ids[index] = read.diff_id.text();
    }
    if (hit) {
      layer.mapping = std::move(hit->file);
      layer.record = hit->record;
      layer.cached = true;
    } else {
      if (!descriptor.diff_id.empty()) shared_.cache.add(key, as_bytes(read.record));
      PLIM_CHECK(layer.take(std::move(read.record), key, analysers));
    }
    shared_.cache.add_pair(descriptor.digest, read.diff_id);
    return Ok{};
  }

  oci::ImageSource& source_;
  WalkShared& shared_;
  WalkedImage::State& state_;
  std::mutex mutex_;
  std::vector<std::size_t> todo_;
  std::size_t next_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<WalkedImage> walk_image(oci::ImageSource& source, const WalkOptions& options) {
  const ImageConfig& config = source.config();
  PLIM_TRY(const std::vector<KnownBase> listed, read_base_lists(options.known_bases, options.log));
  WalkProgress start{.layers_total = static_cast<std::uint32_t>(config.layers.size())};
  for (const LayerDescriptor& layer : config.layers) start.bytes_total += layer.size_bytes;
  WalkShared shared(options, Scope::Image, start);
  auto state = std::make_unique<WalkedImage::State>();
  state->analysers = options.analysers;
  state->config_json = config.config_json;
  state->layers.resize(config.layers.size());
  LayerQueue queue(source, shared, *state);
  bool fresh = false;
  for (std::size_t i = 0; i < config.layers.size(); ++i) {
    const LayerDescriptor& layer = config.layers[i];
    state->diff_ids.push_back(layer.diff_id.text());
    state->infos.push_back({.diff_id = layer.diff_id.text(),
                            .digest = layer.digest.text(),
                            .size_bytes = layer.size_bytes,
                            .created_by = layer.created_by});
    if (shared.cache.knows_pair(layer.digest, layer.diff_id) && source.layer_directory(i).empty()) {
      const std::string key =
          cache_key(layer.diff_id.text(), options.analysers, shared.scope, options.rules_digest, options.limits);
      if (auto hit = shared.cache.find(key, options.analysers.size())) {
        state->layers[i].mapping = std::move(hit->file);
        state->layers[i].record = hit->record;
        state->layers[i].cached = true;
        ++state->statistics.layers_cached;
        shared.progress.layer_done();
        continue;
      }
    }
    queue.add(i);
    fresh = true;
  }
  PLIM_CHECK(queue.run());
  if (fresh) shared.cache.prune();
  for (std::size_t i = 0; i < state->infos.size(); ++i) state->infos[i].diff_id = state->diff_ids[i];
  state->seal(shared.matcher);
  state->base = find_base(config, state->diff_ids, listed, shared.cache);
  for (std::size_t i = 0; state->base.layers != 0 && i < state->infos.size(); ++i)
    state->infos[i].origin = i < state->base.layers ? Origin::Base : Origin::Own;
  learn_base(config, state->diff_ids, shared.cache);
  return WalkedImage(std::move(state));
}

namespace {

Result<WalkedImage> walk_host(const std::string& path, const WalkOptions& options, DirectoryForm form, Scope scope) {
  WalkShared shared(options, scope, {.layers_total = 1});
  auto state = std::make_unique<WalkedImage::State>();
  state->analysers = options.analysers;
  state->scope = scope == Scope::Any ? Scope::Directory : scope;
  const std::string key(32, '\0');  // never cached: a directory changes under us
  PLIM_TRY(std::string record, walk_host_directory(path, form, shared, key, state->notices));
  PLIM_CHECK(state->layers.emplace_back().take(std::move(record), key, options.analysers.size()));
  state->diff_ids.emplace_back();
  state->seal(shared.matcher);
  state->diff_ids.clear();  // locations outside an image name no layer
  shared.progress.layer_done();
  return WalkedImage(std::move(state));
}

}  // namespace

Result<WalkedImage> walk_rootfs(const std::string& path, const WalkOptions& options) {
  return walk_host(path, options, DirectoryForm::RootFs, Scope::Image);
}

Result<WalkedImage> walk_directory(const std::string& path, const WalkOptions& options) {
  return walk_host(path, options, DirectoryForm::Source, Scope::Directory);
}

Result<WalkedImage> walk_folder(const std::string& path, const WalkOptions& options) {
  return walk_host(path, options, DirectoryForm::Source, Scope::Any);
}

Result<WalkedImage> walk_content(const std::string& path, std::uint32_t mode, Bytes content, const WalkOptions& options) {
  WalkShared shared(options, Scope::Any, {.layers_total = 1});
  Extractor extractor(options.analysers, shared.matcher, options.limits, shared.budget, shared.trimmer);
  std::vector<std::uint16_t> everybody(options.analysers.size());
  std::iota(everybody.begin(), everybody.end(), std::uint16_t{0});
  std::vector<FoundFacts> found;
  const bool archive = shared.matcher.wants_nested() && may_be_archive(path, content.first(std::min<std::size_t>(content.size(), 4)));
  extractor.run({.path = path, .content = content, .mode = mode}, everybody, archive, found);
  LayerBuilder builder;
  const std::uint32_t node = builder.add(path, NodeKind::File);
  for (const FoundFacts& fact : found)
    builder.add_fact(node, fact.analyser, fact.inner, builder.add_blob(fact.blob), static_cast<std::uint32_t>(fact.blob.size()));
  builder.counts = {.files = 1, .unpacked_bytes = content.size(), .analysed = extractor.analysed()};
  auto state = std::make_unique<WalkedImage::State>();
  state->analysers = options.analysers;
  state->scope = Scope::Directory;
  const std::string key(32, '\0');
  PLIM_CHECK(state->layers.emplace_back().take(builder.finish(key), key, options.analysers.size()));
  state->diff_ids.emplace_back();
  state->seal(shared.matcher);
  state->diff_ids.clear();
  return WalkedImage(std::move(state));
}

}  // namespace plimsoll::image
