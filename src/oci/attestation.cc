#include "oci/attestation.h"

#include <algorithm>
#include <tuple>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

namespace plimsoll::oci {
namespace {

constexpr std::uint64_t kStatementBytes = 8u << 20;
constexpr std::size_t kMostBlobs = 32, kMostText = 2048, kMostNotes = 16;
constexpr std::string_view kProvenance = "https://slsa.dev/provenance/";
constexpr std::string_view kInToto = "application/vnd.in-toto+json";

std::string text(const JsonValue& value) { return to_utf8(value.text().substr(0, kMostText)); }
std::string first_of(std::initializer_list<JsonValue> values) {
  for (const JsonValue& value : values)
    if (!value.text().empty()) return text(value);
  return {};
}

bool is_git(std::string_view uri) { return uri.starts_with("git+") || uri.starts_with("git:") || uri.starts_with("git@") || cut(cut(uri, '#').first, '?').first.ends_with(".git"); }

// A commit is a sha1, or gitCommit, of what was fetched.
std::string revision_of(const JsonValue& digest) { return first_of({digest["gitCommit"], digest["sha1"]}); }

void read_v0_2(const JsonValue& predicate, ProvenanceStatement& out) {
  const JsonValue metadata = predicate["metadata"], vcs = metadata["https://mobyproject.org/buildkit@v1#metadata"]["vcs"];
  const JsonValue config = predicate["invocation"]["configSource"];
  out.builder = text(predicate["builder"]["id"]);
  out.source = first_of({vcs["source"], config["uri"]});
  out.revision = vcs["revision"].text().empty() ? revision_of(config["digest"]) : text(vcs["revision"]);
  out.created = text(metadata["buildFinishedOn"]);
}

void read_v1(const JsonValue& predicate, ProvenanceStatement& out) {
  const JsonValue build = predicate["buildDefinition"], run = predicate["runDetails"];
  const JsonValue parameters = build["externalParameters"], vcs = run["metadata"]["buildkit_metadata"]["vcs"];
  out.builder = text(run["builder"]["id"]);
  out.source = first_of({vcs["source"], parameters["workflow"]["repository"], parameters["configSource"]["uri"], parameters["source"]["uri"], parameters["source"]});
  out.revision = vcs["revision"].text().empty() ? revision_of(parameters["configSource"]["digest"]) : text(vcs["revision"]);
  for (const JsonValue& fetched : build["resolvedDependencies"].items()) {
    if (!out.source.empty() && !out.revision.empty()) break;
    if (!is_git(fetched["uri"].text())) continue;
    // A revision only of the repository that is named.
    if (out.source.empty()) out.source = text(fetched["uri"]);
    else if (fetched["uri"].text().find(cut(out.source, '#').first) == std::string_view::npos) continue;
    if (out.revision.empty()) out.revision = revision_of(fetched["digest"]);
  }
  out.created = text(run["metadata"]["finishedOn"]);
}

Status check_subject(const JsonValue& statement, const Digest& image) {
  const std::string_view algorithm = image.kind() == HashKind::Sha512 ? "sha512" : "sha256";
  std::string first;
  for (const JsonValue& subject : statement["subject"].items()) {
    const std::string_view hex = subject["digest"][algorithm].text();
    if (hex == image.hex()) return Ok{};
    if (first.empty()) first = to_utf8(hex.substr(0, 128));
  }
  return not_found(first.empty() ? std::string("it names no image") : cat("it is of another image, ", algorithm, ":", first));
}

// The image's own statements, and what of those beside it is not used.
class Finder {
 public:
  Finder(ContentStore& store, ImageConfig& image, const Limits& limits) : store_(store), image_(image), limits_(limits) {}

  void note(std::string_view where, std::string_view what) {
    if (image_.provenance_notes.size() < kMostNotes) image_.provenance_notes.push_back(cat(where, ": ", what));
  }
  // The statements in the layers of one artefact.
  void read_artefact(const Descriptor& artefact, std::string_view found_in, bool subject_known) {
    const std::string name = artefact.digest.text();
    if (const Status read = try_artefact(artefact, found_in, subject_known); !read) note(name, read.error().message());
  }
  bool full() const { return blobs_ >= kMostBlobs; }

 private:
  Status try_artefact(const Descriptor& artefact, std::string_view found_in, bool subject_known) {
    // BuildKit's are both an entry of the index and, lately, a referrer.
    if (std::find(seen_.begin(), seen_.end(), artefact.digest) != seen_.end()) return Ok{};
    seen_.push_back(artefact.digest);
    if (++blobs_ > kMostBlobs) return Ok{};  // said once, by find_provenance
    PLIM_TRY(const std::string json, store_.read_manifest(artefact));
    PLIM_CHECK(verify_content(artefact.digest, artefact.size_bytes, json));
    PLIM_TRY(const Manifest manifest, parse_manifest(json, limits_));
    if (!subject_known && (!manifest.subject || manifest.subject->digest != image_.manifest_digest)) return Ok{};
    for (const Descriptor& layer : manifest.layers) {
      const std::string_view type = layer.media_type;
      if (type.find("in-toto") == std::string_view::npos && type.find("dsse") == std::string_view::npos && type.find("sigstore.bundle") == std::string_view::npos) continue;
      const std::string predicate = layer.annotation("in-toto.io/predicate-type");
      if (!predicate.empty() && !predicate.starts_with(kProvenance)) continue;
      if (++blobs_ > kMostBlobs) return Ok{};
      PLIM_TRY(const std::string bytes, read_verified(store_, layer, kStatementBytes).context("statement", layer.digest.text()));
      auto statement = read_statement(bytes, image_.manifest_digest, limits_);
      if (!statement && statement.error().kind() == ErrorKind::Unsupported) continue;
      if (!statement) {
        note(layer.digest.text(), statement.error().message());
        continue;
      }
      statement->found_in = found_in;
      statement->digest = layer.digest.text();
      image_.provenance.push_back(std::move(*statement));
    }
    return Ok{};
  }

  ContentStore& store_;
  ImageConfig& image_;
  const Limits& limits_;
  std::size_t blobs_ = 0;
  std::vector<Digest> seen_;
};

std::string annotation(const ImageConfig& image, std::string_view name) {
  for (const auto& [key, value] : image.annotations)
    if (key == name && !value.empty()) return to_utf8(std::string_view(value).substr(0, kMostText));
  return {};
}

Result<ProvenanceStatement> read_bare(const JsonValue& statement, const Digest& image) {
  const std::string_view type = statement["_type"].text();
  if (!type.starts_with("https://in-toto.io/Statement/v")) return malformed("it is no in-toto statement");
  const std::string_view predicate_type = statement["predicateType"].text();
  const JsonValue predicate = statement["predicate"];
  if (!predicate_type.starts_with(kProvenance)) return unsupported(cat("a statement of type ", to_utf8(predicate_type.substr(0, 200)), ", not provenance"));
  PLIM_CHECK(check_subject(statement, image));
  if (!predicate.is_object()) return malformed("it has no predicate");
  ProvenanceStatement out;
  out.predicate_type = to_utf8(predicate_type.substr(0, kMostText));
  const std::string_view version = predicate_type.substr(kProvenance.size());
  if (version == "v0.2") read_v0_2(predicate, out);
  else if (version == "v1" || version.starts_with("v1.")) read_v1(predicate, out);
  else return malformed(cat("provenance of version ", to_utf8(version.substr(0, 40)), " is not known; v0.2 and v1 are"));
  return out;
}

}  // namespace

Result<ProvenanceStatement> read_statement(std::string_view json, const Digest& subject, const Limits& limits) {
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(json, limits));
  JsonValue envelope = document.root();
  if (envelope["dsseEnvelope"].exists()) envelope = envelope["dsseEnvelope"];
  if (!envelope["payload"].exists()) return read_bare(envelope, subject);
  if (envelope["payloadType"].text() != kInToto) return unsupported(cat("an envelope of ", to_utf8(envelope["payloadType"].text().substr(0, 200))));
  std::string payload;
  if (!from_base64(envelope["payload"].text(), payload)) return malformed("its payload is not base64");
  PLIM_TRY(const JsonDocument inner, JsonDocument::parse(payload, limits).context("payload"));
  return read_bare(inner.root(), subject);
}

void find_provenance(ContentStore& store, std::span<const Descriptor> siblings, ImageConfig& image, const Limits& limits) {
  Finder finder(store, image, limits);
  const std::string digest = image.manifest_digest.text();
  const auto of_buildkit = [](const Descriptor& entry) { return entry.annotation("vnd.docker.reference.type") == "attestation-manifest"; };
  const auto read_buildkit = [&](const Descriptor& entry) {
    if (entry.annotation("vnd.docker.reference.digest") == digest) finder.read_artefact(entry, "attestation-manifest", true);
  };
  for (const Descriptor& entry : siblings)
    if (of_buildkit(entry)) read_buildkit(entry);
  if (const auto referrers = store.referrers(image.manifest_digest); !referrers) {
    finder.note("referrers", referrers.error().message());
  } else {
    for (const Descriptor& entry : *referrers) {
      if (of_buildkit(entry)) read_buildkit(entry);
      else finder.read_artefact(entry, "referrer", false);
    }
  }
  if (finder.full()) finder.note(digest, cat("more than ", kMostBlobs, " artefacts beside the image: the rest was not read"));

  ProvenanceStatement own{.found_in = "annotations"};
  own.source = annotation(image, "org.opencontainers.image.source");
  own.revision = annotation(image, "org.opencontainers.image.revision");
  own.created = annotation(image, "org.opencontainers.image.created");
  if (!own.source.empty() || !own.revision.empty()) image.provenance.push_back(std::move(own));
  // The order of a registry's answer is no part of what it says.
  std::stable_sort(image.provenance.begin(), image.provenance.end(), [](const ProvenanceStatement& a, const ProvenanceStatement& b) { return std::tie(a.found_in, a.digest) < std::tie(b.found_in, b.digest); });
}

}  // namespace plimsoll::oci
