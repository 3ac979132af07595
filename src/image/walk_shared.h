// What the layers of one walk share, and how one layer is read. Used by walk.cc and directory_walk.cc alone.
#pragma once
#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "image/cache.h"
#include "image/content.h"
#include "image/layer_record.h"
#include "image/matcher.h"
#include "image/squash.h"
#include "image/walk.h"
#include "image/work_pool.h"

namespace plimsoll::image {

// Tells the caller how far the walk is, some ten times a second. Thread-safe.
class ProgressMeter {
 public:
  ProgressMeter(const std::function<void(const WalkProgress&)>& tell, WalkProgress start) : tell_(tell), now_(start) {}
  void add(std::uint64_t bytes, std::uint64_t files);
  void layer_done();
  std::uint64_t bytes() const { return bytes_; }

 private:
  void tell(bool always);
  const std::function<void(const WalkProgress&)>& tell_;
  std::atomic<std::uint64_t> bytes_ = 0, files_ = 0;
  std::mutex mutex_;
  WalkProgress now_;
  std::chrono::steady_clock::time_point told_{};
};

struct WalkShared {
  WalkShared(const WalkOptions& options, Scope scope, WalkProgress start);
  const WalkOptions& options;
  Scope scope;
  unsigned threads;
  Matcher matcher;
  MemoryBudget budget;
  Trimmer trimmer;
  ProgressMeter progress;
  FactsCache cache;
  std::atomic<bool> stop = false;  // another layer failed
  std::mutex large_window;         // held by the one layer that may have a zstd window above format::kUsualWindow
  WorkPool pool;                   // last: its jobs use the others
};

// One layer in the finished walk: its record, in memory, in an unlinked file, or in the cache.
struct Layer {
  std::string bytes;
  Mapping mapping;
  LayerRecord record;
  bool cached = false;
  // Takes a fresh record; large ones go to an unlinked file, so that many layers do not add up in memory.
  Status take(std::string fresh, std::string_view key, std::size_t analysers);
};

struct ReadLayer {
  std::string record;
  Digest diff_id;  // computed
  std::uint64_t stored_bytes = 0, unpacked_bytes = 0;
};
// Reads, verifies, inflates and walks layer `index`. `analyse` = false: verifies the digests alone.
Result<ReadLayer> read_layer(oci::ImageSource& source, std::size_t index, WalkShared& shared, std::string_view key,
                             bool analyse);

// Walks a directory of the host as one layer (directory_walk.cc).
enum class DirectoryForm { RootFs, Source, Overlay };
Result<std::string> walk_host_directory(const std::string& path, DirectoryForm form, WalkShared& shared,
                                        std::string_view key, std::vector<std::string>& notices);

struct WalkedImage::State {
  std::span<const Analyser> analysers;
  std::deque<Layer> layers;
  std::vector<LayerInfo> infos;
  std::vector<std::string> diff_ids;
  BaseImage base;
  std::string config_json;
  Scope scope = Scope::Image;
  Gaps gaps;
  std::vector<std::string> notices;
  WalkStatistics statistics;
  std::unique_ptr<Squash> squash;
  struct PerAnalyser {
    std::once_flag once;
    std::deque<Facts> facts;
    std::vector<FileFacts> finished;
    std::vector<FileFacts> replaced, deleted;  // SquashedFacts's
    std::vector<LayerFileFacts> all;
  };
  std::vector<std::unique_ptr<PerAnalyser>> decoded;
  std::vector<std::vector<std::uint32_t>> by_analyser;  // indexes into squash->facts()

  // Squashes the layers and gathers the gaps of the walk.
  void seal(const Matcher& matcher);
  const PerAnalyser& decode(std::size_t index) const;
};

}  // namespace plimsoll::image
