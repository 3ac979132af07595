// For tests: images made of tars in memory, and analysers that tell what they were shown.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "format/test_archives.h"
#include "image/walk.h"

namespace plimsoll::image {

class FakeSource : public oci::ImageSource {
 public:
  // Each layer as stored and the tar it unpacks to.
  void add(const std::string& stored, const std::string& tar) {
    stored_.push_back(stored);
    config_.layers.push_back({.digest = Digest::of(as_bytes(stored)),
                              .diff_id = Digest::of(as_bytes(tar)),
                              .size_bytes = stored.size()});
  }
  void add_tar(const format::TestTar& tar) { add(format::gzip(tar.end()), tar.end()); }
  const ImageConfig& config() const override { return config_; }
  ImageConfig& config() { return config_; }
  Result<std::unique_ptr<ByteSource>> open_layer(std::size_t index) override {
    ++opened;
    return std::unique_ptr<ByteSource>(std::make_unique<format::TestChunks>(stored_[index], piece));
  }
  std::vector<std::string> stored_;
  std::size_t piece = 1 << 16;
  int opened = 0;

 private:
  ImageConfig config_;
};

// Notes what it saw: {"saw", "PATH=CONTENT"}; its findings in a test are thus the walk's own doing.
inline Analyser watcher(std::string name, std::vector<std::string> paths) {
  Analyser out;
  out.name = std::move(name);
  out.paths = std::move(paths);
  out.extract = [](const FileView& file, const Limits&) -> Result<Facts> {
    if (as_text(file.content) == "fail") return malformed("told to fail");
    Facts facts;
    facts.notes.emplace_back("saw", cat(file.path, "=", as_text(file.content.first(std::min<std::size_t>(file.content.size(), 40)))));
    return facts;
  };
  return out;
}

inline std::vector<std::string> seen(const WalkedImage& image, std::size_t analyser = 0) {
  std::vector<std::string> out;
  for (const FileFacts& file : image.squashed(analyser).files)
    out.push_back(cat(file.path, "@", file.layer, " ", file.facts->note("saw")));
  return out;
}

}  // namespace plimsoll::image
