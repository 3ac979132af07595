// A whole layer: the bytes as stored, of any compression, walked with analysers that want texts, magics and archives.
#include "image/test_walk.h"

namespace {

using namespace plimsoll;

class OneLayer : public oci::ImageSource {
 public:
  explicit OneLayer(Bytes bytes) : bytes_(as_text(bytes)) {
    config_.layers.resize(2);  // the same layer twice: whiteouts of one act on the other
  }
  const ImageConfig& config() const override { return config_; }
  Result<std::unique_ptr<ByteSource>> open_layer(std::size_t) override {
    return std::unique_ptr<ByteSource>(std::make_unique<format::TestChunks>(bytes_, 4096));
  }

 private:
  std::string bytes_;
  ImageConfig config_;
};

}  // namespace

void fuzz_image_walk(Bytes input);
void fuzz_image_walk(Bytes input) {
  static const std::vector<Analyser> analysers = [] {
    std::vector<Analyser> out = {image::watcher("texts", {"**/*.txt", "a", "etc/**"}), image::watcher("elf", {})};
    out[1].magics = {"\x7f" "ELF"};
    return out;
  }();
  OneLayer source(input);
  image::WalkOptions options{.threads = 1, .analysers = analysers};
  options.limits.layer_bytes = 8 << 20;
  options.limits.layer_entries = 5000;
  options.limits.file_bytes = 1 << 20;
  options.limits.spilled_file_bytes = 4 << 20;
  options.limits.archive_bytes = 4 << 20;
  const auto walked = image::walk_image(source, options);
  if (!walked) return;
  for (std::size_t i = 0; i < analysers.size(); ++i) {
    const SquashedFacts facts = walked->squashed(i);
    // What survives is there, and sorted.
    for (std::size_t f = 0; f < facts.files.size(); ++f) {
      const std::string_view path = facts.files[f].path;
      PLIM_ASSERT(f == 0 || facts.files[f - 1].path <= path);
      (void)walked->tree().contains(path.substr(0, path.find("!/")));
      (void)walked->is_deleted(path);
    }
    (void)walked->all_layers(i);
  }
}
