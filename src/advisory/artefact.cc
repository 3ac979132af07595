#include "advisory/artefact.h"

#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "advisory/chunks.h"
#include "advisory/database.h"
#include "advisory/layout.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "oci/manifest.h"

namespace plimsoll::advisory {
namespace {

constexpr int kCompression = 12;  // about what level 19 gives on such data, at a tenth of its time
constexpr std::size_t kMostChunks = kMaxFileBytes / kLeastChunkBytes;

Result<std::string> compress(Bytes chunk) {
  std::string out(ZSTD_compressBound(chunk.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), chunk.data(), chunk.size(), kCompression);
  if (ZSTD_isError(size)) return io_error(cat("zstd: ", ZSTD_getErrorName(size)));
  out.resize(size);
  return out;
}

// One frame that holds exactly `bytes`.
Result<std::string> expand(std::string_view packed, std::uint64_t bytes) {
  std::string out(bytes, '\0');
  const std::size_t size = ZSTD_decompress(out.data(), out.size(), packed.data(), packed.size());
  if (ZSTD_isError(size)) return malformed(cat("zstd: ", ZSTD_getErrorName(size)));
  if (size != bytes) return malformed(cat("a chunk of ", size, " bytes, not ", bytes));
  return out;
}

void descriptor(JsonWriter& w, std::string_view media_type, const Digest& digest, std::uint64_t bytes) {
  w.begin_object().member("mediaType", media_type).member("digest", digest.text()).member("size", bytes).end_object();
}

std::string config_of(const DatabaseInfo& info, std::uint64_t bytes, const std::vector<Chunk>& chunks) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().member("format", std::uint64_t{kFormatVersion}).member("digest", info.digest).member("builtAt", info.built_at).member("bytes", bytes);
  w.key("chunks").begin_array();
  for (const Chunk& chunk : chunks) w.begin_object().member("digest", chunk.digest.text()).member("bytes", chunk.bytes).end_object();
  w.end_array().end_object();
  return out;
}

std::string manifest_of(const DatabaseInfo& info, const std::string& config, const std::vector<oci::Descriptor>& layers) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().member("schemaVersion", std::uint64_t{2}).member("mediaType", oci::kOciManifest).member("artifactType", kArtefactType);
  w.key("config");
  descriptor(w, kArtefactConfig, Digest::of(as_bytes(config)), config.size());
  w.key("layers").begin_array();
  for (const oci::Descriptor& layer : layers) descriptor(w, kArtefactChunk, layer.digest, layer.size_bytes);
  w.end_array();
  w.key("annotations").begin_object().member("org.opencontainers.image.created", info.built_at).member("org.opencontainers.image.title", "plimsoll advisory database").end_object();
  w.end_object();
  return out;
}

// Only an organisation's own records: such a file never leaves by a push.
bool is_overlay(const std::string& path) { return path.find(".overlays/") != std::string::npos; }

// What the config promises.
struct Plan {
  std::string database;
  std::uint64_t bytes = 0;
  std::vector<Chunk> chunks;
};

Result<Plan> read_plan(std::string_view json, const oci::Manifest& manifest) {
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(json).context("config of the artefact", manifest.config.digest.text()));
  const JsonValue root = document.root();
  Plan plan{.database = std::string(root["digest"].text()), .chunks = {}};
  if (const auto format = root["format"].integer(); format != std::int64_t{kFormatVersion})
    return unsupported(cat("the artefact holds a database of format ", format.value_or(0), "; this plimsoll reads format ", kFormatVersion));
  plan.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(root["bytes"].integer().value_or(0), 0));
  if (plan.bytes == 0 || plan.bytes > kMaxFileBytes) return malformed("the artefact's config names no size within reason");
  std::uint64_t at = 0;
  for (const JsonValue item : root["chunks"].items()) {
    PLIM_TRY(Digest digest, Digest::parse(item["digest"].text()).context("config of the artefact", manifest.config.digest.text()));
    const auto bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(item["bytes"].integer().value_or(0), 0));
    if (bytes == 0 || bytes > kMostChunkBytes || plan.chunks.size() >= kMostChunks) return malformed("the artefact's config lists a chunk beyond the limits");
    plan.chunks.push_back({std::move(digest), at, bytes});
    at += bytes;
  }
  if (at != plan.bytes || plan.chunks.size() != manifest.layers.size()) return malformed("the artefact's chunks and layers do not make up its size");
  return plan;
}

Result<Mapping> map_file(const std::string& path) {
  PLIM_TRY(const Fd fd, open_file(path));
  PLIM_TRY(const std::uint64_t size, file_size(fd));
  if (size > kMaxFileBytes) return limit_reached(cat(path, " is larger than ", kMaxFileBytes, " bytes"));
  return Mapping::map(fd, size);
}

// The pieces that the file at hand already has; none when it is not there or is no database.
class LocalChunks {
 public:
  explicit LocalChunks(const std::string& path) {
    auto mapping = map_file(path);
    if (!mapping) return;
    mapping_ = std::move(*mapping);
    for (const Chunk& chunk : cut_into_chunks(mapping_.bytes())) places_.emplace(chunk.digest.text(), chunk);
  }
  // Empty when it has none of that digest.
  Bytes find(const Digest& digest) const {
    const auto at = places_.find(digest.text());
    return at == places_.end() ? Bytes() : mapping_.bytes().subspan(at->second.offset, at->second.bytes);
  }

 private:
  Mapping mapping_;
  std::map<std::string, Chunk> places_;
};

Result<std::string> fetch_chunk(oci::Registry& registry, const oci::Reference& reference, const oci::Descriptor& layer, const Chunk& chunk) {
  if (layer.size_bytes > 2 * kMostChunkBytes) return malformed(cat("layer ", layer.digest.text(), " is larger than any chunk"));
  PLIM_TRY(const auto source, registry.open_blob(reference, layer));
  PLIM_TRY(const std::string packed, read_all(*source, layer.size_bytes + 1).context("layer", layer.digest.text()));
  PLIM_CHECK(oci::verify_content(layer.digest, layer.size_bytes, packed).context("layer", layer.digest.text()));
  PLIM_TRY(std::string plain, expand(packed, chunk.bytes).context("layer", layer.digest.text()));
  PLIM_CHECK(oci::verify_content(chunk.digest, chunk.bytes, plain).context("chunk of layer", layer.digest.text()));
  return plain;
}

// The new file beside `path`, whole and verified.
Status assemble(oci::Registry& registry, const oci::Reference& reference, const oci::Manifest& manifest, const Plan& plan, const std::string& path, const std::string& next,
                const PullOptions& options, PullSummary& summary) {
  const LocalChunks local(path);
  std::string bytes;
  bytes.reserve(plan.bytes);
  for (std::size_t i = 0; i < plan.chunks.size(); ++i) {
    if (const Bytes have = local.find(plan.chunks[i].digest); !have.empty()) {
      bytes.append(as_text(have));
      continue;
    }
    PLIM_TRY(const std::string plain, fetch_chunk(registry, reference, manifest.layers[i], plan.chunks[i]));
    bytes.append(plain);
    ++summary.fetched_chunks;
    summary.fetched_bytes += manifest.layers[i].size_bytes;
  }
  PLIM_CHECK(replace_file(next, as_bytes(bytes)).context("writing", next));
  PLIM_TRY(const Database database, Database::open(next));
  if (database.info().digest != plan.database) return malformed(cat("the artefact holds database ", database.info().digest, ", not ", plan.database, " as it says"));
  if (auto checked = database.verify(options.public_key); !checked) return std::move(checked).error();
  return Ok{};
}

}  // namespace

Result<PushSummary> push_database(oci::Registry& registry, const oci::Reference& reference, const std::string& path) {
  if (is_overlay(path)) return denied(cat(path, " is an overlay: an organisation's own records are not pushed"));
  PLIM_TRY(const Database database, Database::open(path));
  if (auto checked = database.verify(); !checked) return std::move(checked).error();  // what is torn here must not become everybody's
  PLIM_TRY(const Mapping file, map_file(path));
  const DatabaseInfo info = database.info();
  const std::vector<Chunk> chunks = cut_into_chunks(file.bytes());
  PushSummary summary{.manifest = {}, .chunks = chunks.size()};
  std::vector<oci::Descriptor> layers;
  for (const Chunk& chunk : chunks) {
    PLIM_TRY(const std::string packed, compress(file.bytes().subspan(chunk.offset, chunk.bytes)));
    oci::Descriptor layer;
    layer.digest = Digest::of(as_bytes(packed));
    layer.size_bytes = packed.size();
    PLIM_TRY(const bool there, registry.has_blob(reference, layer.digest));
    if (!there) {
      PLIM_CHECK(registry.push_blob(reference, layer.digest, packed));
      ++summary.sent_chunks;
      summary.sent_bytes += packed.size();
    }
    layers.push_back(std::move(layer));
  }
  const std::string config = config_of(info, file.bytes().size(), chunks);
  PLIM_CHECK(registry.push_blob(reference, Digest::of(as_bytes(config)), config));
  PLIM_TRY(summary.manifest, registry.push_manifest(reference, manifest_of(info, config, layers), oci::kOciManifest));
  return summary;
}

Result<PullSummary> pull_database(oci::Registry& registry, const oci::Reference& reference, const std::string& path, const PullOptions& options) {
  PLIM_TRY(const oci::FetchedManifest fetched, registry.get_manifest(reference));
  PLIM_TRY(const oci::Manifest manifest, oci::parse_manifest(fetched.bytes, options.limits));
  if (manifest.is_index || manifest.config.media_type != kArtefactConfig) return malformed(cat(reference.text(), " is no advisory database"));
  PLIM_TRY(const auto source, registry.open_blob(reference, manifest.config));
  PLIM_TRY(const std::string config, read_all(*source, options.limits.metadata_bytes));
  PLIM_CHECK(oci::verify_content(manifest.config.digest, manifest.config.size_bytes, config).context("config of", reference.text()));
  PLIM_TRY(const Plan plan, read_plan(config, manifest));
  PullSummary summary{.manifest = fetched.digest, .database = plan.database, .chunks = plan.chunks.size()};
  if (const auto at_hand = Database::open(path); at_hand && at_hand->info().digest == plan.database && at_hand->verify(options.public_key)) {
    summary.unchanged = true;
    return summary;
  }
  const std::string next = cat(path, ".next");
  if (Status made = assemble(registry, reference, manifest, plan, path, next, options, summary); !made) {
    ::unlink(next.c_str());
    return std::move(made).error();
  }
  if (::rename(next.c_str(), path.c_str()) != 0) return errno_error(cat("replacing ", path));
  return summary;
}

}  // namespace plimsoll::advisory
