// One layer's pipeline: stored bytes -> SHA-256 and inflation in one thread, SHA-256 of the tar and its walk in another.
#include <thread>

#include "base/hash.h"
#include "base/text.h"
#include "format/inflate.h"
#include "image/ring.h"
#include "image/tar_walk.h"
#include "image/walk_shared.h"

namespace plimsoll::image {
namespace {

// Hashes what passes, and stops the layer when another one has failed.
class Meter : public ByteSource {
 public:
  Meter(std::unique_ptr<ByteSource> inner, HashKind kind, WalkShared& shared)
      : inner_(std::move(inner)), hasher_(kind), shared_(shared) {}
  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    if (shared_.stop) return io_error("stopped");
    PLIM_TRY(const std::size_t got, inner_->read(into, size));
    if (hashing_) hasher_.update({into, got});
    bytes_ += got;
    shared_.progress.add(got, 0);
    return got;
  }
  void stop_hashing() { hashing_ = false; }
  std::string digest() { return hasher_.finish(); }
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::unique_ptr<ByteSource> inner_;
  Hasher hasher_;
  WalkShared& shared_;
  std::uint64_t bytes_ = 0;
  bool hashing_ = true;
};

// Lends a source that is owned elsewhere.
class Lent : public ByteSource {
 public:
  explicit Lent(ByteSource& source) : source_(source) {}
  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override { return source_.read(into, size); }

 private:
  ByteSource& source_;
};

class HashedChunks : public format::ChunkSource {
 public:
  HashedChunks(Ring& ring, HashKind kind) : ring_(ring), hasher_(kind) {}
  Result<Bytes> next_chunk() override {
    PLIM_TRY(const Bytes chunk, ring_.next_chunk());
    hasher_.update(chunk);
    bytes_ += chunk.size();
    return chunk;
  }
  std::string digest() { return hasher_.finish(); }
  std::uint64_t bytes() const { return bytes_; }

 private:
  Ring& ring_;
  Hasher hasher_;
  std::uint64_t bytes_ = 0;
};

Status drain(format::ChunkSource& source) {
  while (true) {
    PLIM_TRY(const Bytes chunk, source.next_chunk());
    if (chunk.empty()) return Ok{};
  }
}

Status verify(std::string_view what, const Digest& claimed, const std::string& raw) {
  if (claimed.empty() || from_hex(claimed.hex()) == raw) return Ok{};
  return denied(cat(what, " does not match: the bytes have ", claimed.text().substr(0, claimed.text().find(':')), ":", to_hex(raw)));
}

// One pass of `walk` over the layer's bytes.
struct Pass {
  std::string stored, unpacked;  // digests
  std::uint64_t stored_bytes = 0, unpacked_bytes = 0;
  format::Compression compression = format::Compression::None;
};
Result<Pass> one_pass(oci::ImageSource& source, std::size_t index, WalkShared& shared,
                      const std::function<Status(format::ChunkSource&)>& walk) {
  const LayerDescriptor& layer = source.config().layers[index];
  PLIM_TRY(std::unique_ptr<ByteSource> stored, source.open_layer(index));
  Meter meter(std::move(stored), layer.digest.kind(), shared);
  Pass pass;
  std::unique_lock<std::mutex> turn(shared.large_window, std::defer_lock);  // until the stream is gone
  PLIM_TRY(const std::unique_ptr<ByteSource> unpacked,
           format::decompress(std::make_unique<Lent>(meter), shared.options.limits, &pass.compression, &turn));
  // An uncompressed layer has one digest, not two to compute.
  const bool same = pass.compression == format::Compression::None &&
                    (layer.digest.empty() || layer.digest.kind() == layer.diff_id.kind());
  if (same) meter.stop_hashing();
  Ring ring;
  std::thread inflate([&] { ring.fill_from(*unpacked); });
  HashedChunks chunks(ring, layer.diff_id.kind());
  const Status status = walk(chunks);
  ring.leave();
  inflate.join();
  PLIM_CHECK(status);
  pass.unpacked = chunks.digest();
  pass.stored = same ? pass.unpacked : meter.digest();
  pass.stored_bytes = meter.bytes();
  pass.unpacked_bytes = chunks.bytes();
  PLIM_CHECK(verify("digest of the blob", layer.digest, pass.stored));
  PLIM_CHECK(verify("diffID", layer.diff_id, pass.unpacked));
  return pass;
}

}  // namespace

Result<ReadLayer> read_layer(oci::ImageSource& source, std::size_t index, WalkShared& shared, std::string_view key,
                             bool analyse) {
  const WalkOptions& options = shared.options;
  Extractor extractor(options.analysers, shared.matcher, options.limits, shared.budget, shared.trimmer);
  FileJobs jobs(extractor, shared.pool);
  TarWalk walk(shared.matcher, options.limits, shared.budget, jobs);
  PLIM_TRY(const Pass pass, one_pass(source, index, shared, [&](format::ChunkSource& chunks) {
             return analyse ? walk.run(chunks) : drain(chunks);
           }));
  if (walk.needs_second_pass())
    PLIM_CHECK(one_pass(source, index, shared, [&](format::ChunkSource& chunks) { return walk.run_again(chunks); }));
  ReadLayer out{.stored_bytes = pass.stored_bytes, .unpacked_bytes = pass.unpacked_bytes};
  out.diff_id = source.config().layers[index].diff_id;
  if (out.diff_id.empty()) out.diff_id = Digest::from_raw(pass.unpacked);
  if (analyse) {
    jobs.wait();
    out.record = walk.finish(key, pass.unpacked_bytes, extractor.analysed());
  }
  return out;
}

}  // namespace plimsoll::image
