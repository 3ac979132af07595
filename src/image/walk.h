// The one pass: every layer of an image is read, verified, inflated and walked once while all analysers look on.
//
//   image::WalkOptions options{.analysers = cataloguers, .cache_directory = cache};
//   PLIM_TRY(auto image, image::walk_image(source, options));
//   for (std::size_t i = 0; i < cataloguers.size(); ++i)           // "os" first: it gives the distribution
//     PLIM_TRY(auto catalogue, cataloguers[i].resolve(image.squashed(i, distribution)));
//
// Memory  bounded whatever the image: a ring of chunks a layer, contents of wanted files within one budget (bigger ones
//         in unlinked temporary files), a few dozen bytes a path. No layer is written to disk.
// Errors  a digest that does not match, a truncated or corrupt stream or tar: the whole walk is an Error naming the
//         layer. A file that could not be read or understood is a gap, and the others are kept.
// Cache   facts of a layer are kept under (diffID, analysers with their versions and what they ask to see, rules, limits) and used again only
//         when the pair (blob digest, diffID) was computed by a walk of ours. A damaged record is analysed anew.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "model/analyser.h"
#include "model/image_config.h"
#include "model/report.h"
#include "oci/image_source.h"

namespace plimsoll::image {

struct WalkProgress {
  std::uint64_t bytes_done = 0, bytes_total = 0;  // as stored; total is 0 where it is not known (directories)
  std::uint32_t layers_done = 0, layers_total = 0;
  std::uint64_t files = 0;
};

struct WalkOptions {
  Limits limits;
  unsigned threads = 0;                   // 0: one per processor
  std::span<const Analyser> analysers;    // borrowed: must outlive the WalkedImage
  std::string cache_directory;            // empty: no cache
  std::uint64_t cache_bytes = 4ull << 30; // the cache is pruned to this, least recently used first
  std::string rules_digest;               // of the rules that analysers run by; part of the cache key
  std::vector<std::string> known_bases;   // files that list base images (base_image.h), beside those learned
  // Called by one thread at a time, some ten times a second.
  std::function<void(const WalkProgress&)> progress;
  // What is worth telling but takes nothing from the result: a damaged cache record, a full disk under the cache.
  std::function<void(std::string_view)> log;
};

struct WalkStatistics {
  std::uint64_t stored_bytes = 0;    // read from the source
  std::uint64_t unpacked_bytes = 0;  // after inflation
  std::uint64_t files = 0;           // entries of all layers, cached ones too
  std::uint64_t analysed = 0;        // files (nested ones too) that some analyser saw
  std::uint32_t layers = 0, layers_cached = 0;
};

// Where the user's own layers begin (base_image.h).
struct BaseImage {
  std::string name, digest;     // empty when only the border is known
  std::uint32_t layers = 0;     // 0: no base known
  std::string evidence;         // why we think so, one sentence
};

// Facts of one file of one layer, whether or not it is still there in the finished image: what a detector needs that
// looks for secrets that were deleted by a later layer but still ship.
struct LayerFileFacts {
  std::string_view path;
  std::uint32_t layer = 0;
  const Facts* facts = nullptr;
  bool deleted = false;  // not in the finished image
};

class WalkedImage {
 public:
  WalkedImage(WalkedImage&&) noexcept;
  WalkedImage& operator=(WalkedImage&&) noexcept;
  ~WalkedImage();

  const std::vector<LayerInfo>& layers() const;   // lowest first; origin filled in where the base is known
  const BaseImage& base() const;
  const Gaps& gaps() const;                       // of the walk itself, sorted; analysers' own are in their facts
  const std::vector<std::string>& notices() const;  // what was left out on purpose: ".git: repository data"
  const WalkStatistics& statistics() const;
  const Tree& tree() const;                       // the finished tree; links are followed inside the root
  bool is_deleted(std::string_view path) const;   // some layer has it, the finished image does not

  // The facts of analyser `index` (of WalkOptions::analysers) that survive the squash, sorted by path. Views live as
  // long as this object. Decoded on first call; calls for different analysers may come from different threads.
  SquashedFacts squashed(std::size_t index, const Distribution* distribution = nullptr) const;
  // The same with everything that lower layers held and later ones deleted or replaced; sorted by path, then layer.
  std::span<const LayerFileFacts> all_layers(std::size_t index) const;

  struct State;
  explicit WalkedImage(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

// All layers of an opened image.
Result<WalkedImage> walk_image(oci::ImageSource& source, const WalkOptions& options);
// A root file system lying on the host. Stays on the file system it starts on; others are named in notices().
Result<WalkedImage> walk_rootfs(const std::string& path, const WalkOptions& options);
// A directory of source code: analysers of Scope::Directory and Any. `.git`, `.hg` and `.svn` are left out, and said.
Result<WalkedImage> walk_directory(const std::string& path, const WalkOptions& options);
// The same for whoever names a folder to be looked at: every analyser, whatever its scope.
Result<WalkedImage> walk_folder(const std::string& path, const WalkOptions& options);
// One file that somebody named, and what lies inside it: every analyser sees it, whether or not its name or first bytes
// are among those it asks for. `content` is borrowed for the call; `path` is what analysers are told.
Result<WalkedImage> walk_content(const std::string& path, std::uint32_t mode, Bytes content, const WalkOptions& options);

}  // namespace plimsoll::image
