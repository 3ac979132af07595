// How long the one pass takes: plimsoll_walk_bench TARGET [--cache DIR] [--threads N] [--bare] [--none] [--repeat N]
//
// --bare   no walk: only stored bytes -> SHA-256, inflation -> SHA-256, layers in parallel: the limit to compare with
// --none   the walk without analysers
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "format/inflate.h"
#include "image/walk.h"
#include "inventory/cataloguer.h"
#include "oci/open.h"

namespace {

using namespace plimsoll;

class Hashed : public ByteSource {
 public:
  explicit Hashed(std::unique_ptr<ByteSource> inner) : inner_(std::move(inner)) {}
  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    PLIM_TRY(const std::size_t got, inner_->read(into, size));
    hasher_.update({into, got});
    return got;
  }

 private:
  std::unique_ptr<ByteSource> inner_;
  Hasher hasher_{HashKind::Sha256};
};

void bare(oci::ImageSource& source) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < source.config().layers.size(); ++i)
    threads.emplace_back([&source, i] {
      auto stored = source.open_layer(i);
      auto unpacked = format::decompress(std::make_unique<Hashed>(std::move(stored).value()), Limits{});
      Hasher hasher(HashKind::Sha256);
      std::vector<std::uint8_t> chunk(256 << 10);
      while (true) {
        auto got = (*unpacked)->read(chunk.data(), chunk.size());
        if (!got || *got == 0) break;
        hasher.update({chunk.data(), *got});
      }
      hasher.finish();
    });
  for (std::thread& thread : threads) thread.join();
}

int run(int argc, char** argv) {
  std::string target, cache;
  unsigned threads = 0;
  int repeat = 1;
  bool only_bare = false, none = false, resolve = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--cache" && i + 1 < argc) cache = argv[++i];
    else if (arg == "--threads" && i + 1 < argc) threads = static_cast<unsigned>(std::atoi(argv[++i]));
    else if (arg == "--repeat" && i + 1 < argc) repeat = std::atoi(argv[++i]);
    else if (arg == "--bare") only_bare = true;
    else if (arg == "--none") none = true;
    else if (arg == "--resolve") resolve = true;
    else target = arg;
  }
  for (int round = 0; round < repeat; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const auto milliseconds = [&] {
      return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    };
    image::WalkOptions options{.threads = threads, .cache_directory = cache};
    if (!none) options.analysers = inventory::cataloguers();
    options.log = [](std::string_view text) { std::fprintf(stderr, "log: %.*s\n", static_cast<int>(text.size()), text.data()); };
    const auto finish = [&](Result<image::WalkedImage> walked) {
      if (!walked) {
        std::fprintf(stderr, "%s\n", walked.error().message().c_str());
        return 1;
      }
      const double walked_ms = milliseconds();
      std::size_t facts = 0, packages = 0;
      for (std::size_t i = 0; i < options.analysers.size(); ++i) facts += walked->squashed(i).files.size();
      const double decoded_ms = milliseconds();
      if (resolve)
        for (std::size_t i = 0; i < options.analysers.size(); ++i) {
          const auto catalogue = options.analysers[i].resolve(walked->squashed(i));
          if (catalogue && !catalogue->packages.empty()) std::printf("%s %zu, ", options.analysers[i].name.c_str(), catalogue->packages.size());
          if (catalogue) packages += catalogue->packages.size();
        }
      const image::WalkStatistics& s = walked->statistics();
      std::printf("walk %.1f ms, decoded %.1f ms, all %.1f ms; stored %llu, unpacked %llu, files %llu, analysed %llu, cached %u of %u, "
                  "facts %zu, packages %zu, gaps %zu\n",
                  walked_ms, decoded_ms, milliseconds(), static_cast<unsigned long long>(s.stored_bytes),
                  static_cast<unsigned long long>(s.unpacked_bytes), static_cast<unsigned long long>(s.files),
                  static_cast<unsigned long long>(s.analysed), s.layers_cached, s.layers, facts, packages, walked->gaps().size());
      for (std::size_t i = 0; i < walked->gaps().size() && i < 5; ++i)
        std::printf("  gap %s %s: %s\n", walked->gaps()[i].part.c_str(), walked->gaps()[i].where.c_str(), walked->gaps()[i].why.c_str());
      return 0;
    };
    if (target.starts_with("dir:")) {
      if (finish(image::walk_directory(target.substr(4), options)) != 0) return 1;
    } else if (target.starts_with("rootfs:")) {
      if (finish(image::walk_rootfs(target.substr(7), options)) != 0) return 1;
    } else {
      auto source = oci::open_image({.target = target});
      if (!source) {
        std::fprintf(stderr, "%s\n", source.error().message().c_str());
        return 1;
      }
      if (only_bare) {
        bare(**source);
        std::printf("bare %.1f ms\n", milliseconds());
      } else if (finish(image::walk_image(**source, options)) != 0) {
        return 1;
      }
    }
  }
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak %ld MiB, cpu %.2f s user %.2f s system\n", usage.ru_maxrss / 1024,
              static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) / 1e6,
              static_cast<double>(usage.ru_stime.tv_sec) + static_cast<double>(usage.ru_stime.tv_usec) / 1e6);
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
