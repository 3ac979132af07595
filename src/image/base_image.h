// Where an image's base ends: which of its lowest layers came with the image it was built on.
//
// Sources of the answer, the strongest first:
//   1. a base known by its layers: the longest known image whose diffIDs are the lowest of this one. Known are images
//      that list files name, and every image that was walked with this cache before;
//   2. the annotations org.opencontainers.image.base.name and .digest (image-spec annotations.md): they give the name,
//      and the border where that digest is known by 1;
//   3. the history in the config: a CMD or ENTRYPOINT ends a build, so layers behind one are another build's.
//
// A list file has one base a line: NAME MANIFEST-DIGEST|- DIFFID...; '#' begins a comment. A bad line is told to the log.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/cache.h"
#include "image/walk.h"
#include "model/image_config.h"

namespace plimsoll::image {

struct KnownBase {
  std::string name, digest;
  std::vector<std::string> diff_ids;
};
// Errors: NotFound, Io, Limit. Lines that make no sense are left out and told to `log`.
Result<std::vector<KnownBase>> read_base_lists(const std::vector<std::string>& paths, const FactsCache::Log& log);

// `diff_ids`: those that the walk verified, lowest first.
BaseImage find_base(const ImageConfig& config, const std::vector<std::string>& diff_ids,
                    const std::vector<KnownBase>& listed, const FactsCache& cache);
// Remembers an image, so that those built on it are told apart later.
void learn_base(const ImageConfig& config, const std::vector<std::string>& diff_ids, FactsCache& cache);

// The border that the history tells: layers that belong to the base, 0 when it tells nothing.
std::uint32_t base_layers_by_history(std::string_view config_json, std::size_t layers);

}  // namespace plimsoll::image
