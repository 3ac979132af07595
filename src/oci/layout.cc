#include "oci/layout.h"

#include <algorithm>

#include "base/text.h"

namespace plimsoll::oci {
namespace {

constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";

class LayoutStore : public ContentStore {
 public:
  LayoutStore(std::string directory, std::vector<Descriptor> referrers) : directory_(std::move(directory)), referrers_(std::move(referrers)) {}

  Result<std::unique_ptr<ByteSource>> open_blob(const Descriptor& blob) override {
    const std::string_view algorithm = blob.digest.kind() == HashKind::Sha512 ? "sha512" : "sha256";
    return file_source(cat(directory_, "/blobs/", algorithm, "/", blob.digest.hex()));
  }
  Result<std::vector<Descriptor>> referrers(const Digest&) override { return referrers_; }

 private:
  std::string directory_;
  std::vector<Descriptor> referrers_;
};

// What stands beside images: BuildKit's attestations and artefacts.
bool is_artefact(const Descriptor& entry) { return !entry.artifact_type.empty() || !entry.annotation("vnd.docker.reference.type").empty(); }

// containerd writes the full name in its own annotation and only the tag in the standard one.
bool is_named(const Descriptor& entry, std::string_view tag) {
  return entry.annotation(kRefName) == tag || entry.annotation("io.containerd.image.name") == tag ||
         entry.digest.text() == tag;
}

}  // namespace

Result<Descriptor> choose_entry(std::string_view index_json, std::string_view tag, const Choice& choice,
                                const Limits& limits) {
  PLIM_TRY(const Manifest index, parse_manifest(index_json, limits).context("index.json"));
  if (!index.is_index) return malformed("index.json is not an index");
  std::vector<Descriptor> entries;
  std::vector<std::string> names;
  const bool only_artefacts = std::all_of(index.manifests.begin(), index.manifests.end(), is_artefact);
  for (const Descriptor& entry : index.manifests) {
    const std::string name = entry.annotation(kRefName);
    if (tag.empty() ? only_artefacts || !is_artefact(entry) : is_named(entry, tag)) {
      entries.push_back(entry);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  if (entries.size() == 1) return entries[0];
  if (entries.empty() && tag.empty()) return not_found("the layout holds no image");
  if (entries.empty() || names.size() > 1) {
    std::string known;
    for (const Descriptor& entry : index.manifests) {
      const std::string name = entry.annotation(kRefName);
      if (known.size() < 400)
        known += cat(known.empty() ? "" : ", ", name.empty() ? entry.digest.text() : to_utf8(name));
    }
    if (!entries.empty()) return not_found(cat("the layout holds several images, name one of them: ", known));
    return not_found(cat("no image named ", to_utf8(tag), " in the layout; there is ", known));
  }
  return choose_platform(entries, choice.platform, choice.by_default);
}

std::vector<Descriptor> layout_artefacts(std::string_view index_json, const Limits& limits) {
  constexpr std::size_t kMost = 64;
  std::vector<Descriptor> out;
  const auto index = parse_manifest(index_json, limits);
  if (!index) return out;
  for (const Descriptor& entry : index->manifests)
    if (is_artefact(entry) && out.size() < kMost) out.push_back(entry);
  return out;
}

Result<std::unique_ptr<ImageSource>> open_layout(const std::string& directory, std::string_view tag,
                                                 const Choice& choice, std::string reference, const Limits& limits) {
  PLIM_TRY(const std::string index_json,
           read_file(cat(directory, "/index.json"), limits.metadata_bytes).context("OCI layout", directory));
  PLIM_TRY(const Descriptor root, choose_entry(index_json, tag, choice, limits).context("OCI layout", directory));
  return load_image(std::make_unique<LayoutStore>(directory, layout_artefacts(index_json, limits)), root, choice, std::move(reference), limits)
      .context("OCI layout", directory);
}

}  // namespace plimsoll::oci
