#include "image/base_image.h"

#include <algorithm>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

namespace plimsoll::image {
namespace {

constexpr std::string_view kKind = "bases";
constexpr std::size_t kMostLayers = 512;  // beyond, only the whole is not looked up layer by layer

// What a chain of layers is called in the store: each name builds on the one below, as the image-spec's chain IDs do.
std::vector<std::string> chain_names(const std::vector<std::string>& diff_ids) {
  std::vector<std::string> out;
  std::string chain;
  for (const std::string& diff_id : diff_ids) {
    chain = hash_hex(HashKind::Sha256, as_bytes(cat(chain, " ", diff_id)));
    out.push_back(chain);
  }
  return out;
}
std::string digest_name(std::string_view digest) { return cat("manifest-", hash_hex(HashKind::Sha256, as_bytes(digest))); }

std::string annotation(const ImageConfig& config, std::string_view name) {
  for (const auto& [key, value] : config.annotations)
    if (key == name) return value;
  return {};
}

// A note of the store: "NAME\nDIGEST\nLAYERS".
struct Learned {
  std::string name, digest;
  std::uint32_t layers = 0;
};
std::optional<Learned> read_learned(const FactsCache& cache, const std::string& name) {
  const std::optional<std::string> note = cache.read_note(kKind, name);
  if (!note) return std::nullopt;
  const auto parts = split(*note, '\n');
  const auto layers = parts.size() == 3 ? parse_u64(parts[2]) : std::nullopt;
  if (!layers || *layers > UINT32_MAX) return std::nullopt;
  return Learned{std::string(parts[0]), std::string(parts[1]), static_cast<std::uint32_t>(*layers)};
}

}  // namespace

namespace {

Status read_base_list(const std::string& path, const FactsCache::Log& log, std::vector<KnownBase>& out) {
  PLIM_TRY(const std::string text, read_file(path));
  std::string_view rest = text, line;
  for (std::size_t number = 1; next_line(rest, line); ++number) {
    line = trim(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    std::vector<std::string_view> words;
    for (std::string_view word : split(line, ' '))
      if (!trim(word).empty()) words.push_back(trim(word));
    KnownBase base;
    bool good = words.size() >= 3 && (words[1] == "-" || Digest::parse(words[1]));
    for (std::size_t i = 2; i < words.size(); ++i) {
      good = good && Digest::parse(words[i]);
      base.diff_ids.emplace_back(words[i]);
    }
    if (!good) {
      if (log) log(cat(path, ":", number, ": not a base image: ", to_utf8(line.substr(0, 60))));
      continue;
    }
    base.name = words[0];
    if (words[1] != "-") base.digest = words[1];
    out.push_back(std::move(base));
  }
  return Ok{};
}

}  // namespace

Result<std::vector<KnownBase>> read_base_lists(const std::vector<std::string>& paths, const FactsCache::Log& log) {
  std::vector<KnownBase> out;
  for (const std::string& path : paths) PLIM_CHECK(read_base_list(path, log, out));
  return out;
}

std::uint32_t base_layers_by_history(std::string_view config_json, std::size_t layers) {
  const Result<JsonDocument> document = JsonDocument::parse(as_bytes(config_json), Limits{});
  if (!document) return 0;
  std::uint32_t below = 0, border = 0, since_end = 0;
  bool ended = false;
  for (const JsonValue entry : document->root()["history"].items()) {
    if (!entry["empty_layer"].boolean().value_or(false)) {
      if (ended && ++since_end == 1) border = below;
      ++below;
      continue;
    }
    // "/bin/sh -c #(nop)  CMD [...]" of the classic builder, "CMD [...]" of BuildKit.
    std::string_view by = trim(entry["created_by"].text());
    if (const std::size_t mark = by.find("#(nop)"); mark != std::string_view::npos) by = trim(by.substr(mark + 6));
    if (by.starts_with("CMD ") || by.starts_with("ENTRYPOINT ")) {
      ended = true;
      since_end = 0;
    }
  }
  // History that does not tell of as many layers as there are (squashed, flattened) tells nothing.
  return below == layers ? border : 0;
}

BaseImage find_base(const ImageConfig& config, const std::vector<std::string>& diff_ids,
                    const std::vector<KnownBase>& listed, const FactsCache& cache) {
  const std::string stated_name = annotation(config, "org.opencontainers.image.base.name");
  const std::string stated_digest = annotation(config, "org.opencontainers.image.base.digest");
  BaseImage out;
  for (const KnownBase& base : listed) {
    if (base.diff_ids.size() >= diff_ids.size() || base.diff_ids.size() <= out.layers) continue;
    if (!std::equal(base.diff_ids.begin(), base.diff_ids.end(), diff_ids.begin())) continue;
    out = {base.name, base.digest, static_cast<std::uint32_t>(base.diff_ids.size()), "its layers are those of a listed base image"};
  }
  if (cache.enabled() && diff_ids.size() <= kMostLayers) {
    const std::vector<std::string> names = chain_names(diff_ids);
    for (std::size_t layers = diff_ids.size() - std::min<std::size_t>(1, diff_ids.size()); layers > out.layers; --layers) {
      const auto learned = read_learned(cache, names[layers - 1]);
      if (!learned || learned->layers != layers) continue;
      out = {learned->name, learned->digest, learned->layers, "its layers are those of an image scanned before"};
      break;
    }
  }
  if (out.layers == 0 && !stated_digest.empty()) {
    const auto learned = read_learned(cache, digest_name(stated_digest));
    if (learned && learned->layers < diff_ids.size())
      out = {stated_name, stated_digest, learned->layers, "its annotation names an image scanned before"};
  }
  if (out.layers == 0) {
    out.layers = base_layers_by_history(config.config_json, diff_ids.size());
    if (out.layers != 0) out.evidence = "its history has a command that ended the build of the base";
  }
  if (out.name.empty() && !stated_name.empty()) {
    out.name = stated_name;
    out.digest = stated_digest;
    if (out.evidence.empty()) out.evidence = "its annotation names the base";
  }
  return out;
}

void learn_base(const ImageConfig& config, const std::vector<std::string>& diff_ids, FactsCache& cache) {
  if (!cache.enabled() || diff_ids.empty() || diff_ids.size() > kMostLayers) return;
  if (std::find(diff_ids.begin(), diff_ids.end(), std::string()) != diff_ids.end()) return;
  const std::string& digest = config.manifest_digest.text();
  std::string reference = config.reference;
  std::replace(reference.begin(), reference.end(), '\n', ' ');
  const std::string note = cat(reference, "\n", digest, "\n", diff_ids.size());
  // The first name stays: a base is seldom better known by a later tag.
  const std::string name = chain_names(diff_ids).back();
  if (!cache.read_note(kKind, name)) cache.write_note(kKind, name, note);
  if (!digest.empty() && !cache.read_note(kKind, digest_name(digest))) cache.write_note(kKind, digest_name(digest), note);
}

}  // namespace plimsoll::image
