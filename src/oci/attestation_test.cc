// Statements written as the published formats have them (in-toto, SLSA, BuildKit's storage, DSSE, Sigstore bundle).
#include "oci/attestation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "oci/open.h"
#include "oci/test_image.h"

namespace plimsoll::oci {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kHex(64, 'a');
Digest subject() { return *Digest::parse("sha256:" + kHex); }

std::string statement(std::string_view type, std::string_view predicate, std::string_view hex = kHex) {
  return cat(R"({"_type":"https://in-toto.io/Statement/v0.1","predicateType":")", type, R"(","subject":[{"name":"pkg:docker/other","digest":{"sha256":")", std::string(64, '0'), R"("}},{"name":"pkg:docker/shop@1","digest":{"sha256":")", hex,
             R"("}}],"predicate":)", predicate, "}");
}
constexpr std::string_view kV02 = "https://slsa.dev/provenance/v0.2", kV1 = "https://slsa.dev/provenance/v1";
constexpr std::string_view kBuildKit02 =
    R"({"builder":{"id":"https://github.com/acme/shop/actions/runs/1"},"buildType":"https://mobyproject.org/buildkit@v1","invocation":{"configSource":{"uri":"https://github.com/acme/shop.git#refs/heads/main","digest":{"sha1":"1111"}}},
       "metadata":{"buildFinishedOn":"2026-10-01T00:00:00Z","https://mobyproject.org/buildkit@v1#metadata":{"vcs":{"source":"https://github.com/acme/shop","revision":"2222"}}}})";
constexpr std::string_view kBuildKit1 =
    R"({"buildDefinition":{"buildType":"https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md","externalParameters":{"configSource":{"path":"Dockerfile"}},"resolvedDependencies":[{"uri":"pkg:docker/debian@12","digest":{"sha256":"00"}}]},
       "runDetails":{"builder":{"id":"https://ci.example/1"},"metadata":{"finishedOn":"2026-10-02T00:00:00Z","buildkit_metadata":{"vcs":{"source":"git@git.example:shop.git","revision":"3333"}}}}})";
constexpr std::string_view kGitHub1 =
    R"({"buildDefinition":{"buildType":"https://actions.github.io/buildtypes/workflow/v1","externalParameters":{"workflow":{"ref":"refs/heads/main","repository":"https://github.com/acme/shop","path":".github/workflows/x.yml"}},
       "resolvedDependencies":[{"uri":"git+https://github.com/other/x","digest":{"gitCommit":"9999"}},{"uri":"git+https://github.com/acme/shop@refs/heads/main","digest":{"gitCommit":"4444"}}]},"runDetails":{"builder":{"id":"https://github.com/actions/runner/github-hosted"}}})";

TEST(attestation, what_builders_write) {
  const auto read = [](std::string_view type, std::string_view predicate) {
    auto out = read_statement(statement(type, predicate), subject(), {});
    EXPECT_TRUE(out) << (out ? "" : out.error().message());
    return out ? cat(out->builder, " ", out->source, " ", out->revision, " ", out->created) : std::string();
  };
  EXPECT_EQ(read(kV02, kBuildKit02), "https://github.com/acme/shop/actions/runs/1 https://github.com/acme/shop 2222 2026-10-01T00:00:00Z");
  EXPECT_EQ(read(kV1, kBuildKit1), "https://ci.example/1 git@git.example:shop.git 3333 2026-10-02T00:00:00Z");
  EXPECT_EQ(read(kV1, kGitHub1), "https://github.com/actions/runner/github-hosted https://github.com/acme/shop 4444 ");
  EXPECT_EQ(read(kV02, R"({"invocation":{"configSource":{"uri":"https://git.example/x.git","digest":{"sha1":"5"}}}})"), " https://git.example/x.git 5 ");
  EXPECT_EQ(read(kV1, R"({"buildDefinition":{"resolvedDependencies":[{"uri":"git+https://git.example/y","digest":{"sha1":"6"}}]}})"), " git+https://git.example/y 6 ");
  EXPECT_EQ(read(kV1, "{}"), "   ");
}

TEST(attestation, envelopes) {
  const std::string inner = statement(kV1, kGitHub1);
  const std::string dsse = cat(R"({"payloadType":"application/vnd.in-toto+json","payload":")", to_base64(as_bytes(inner)), R"(","signatures":[{"sig":"AAAA"}]})");
  for (const std::string& text : {inner, dsse, cat(R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{},"dsseEnvelope":)", dsse, "}")}) {
    const auto read = read_statement(text, subject(), {});
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->revision, "4444");
    EXPECT_EQ(read->predicate_type, kV1);
  }
}

TEST(attestation, what_is_refused) {
  const auto error = [](const std::string& text) {
    const auto read = read_statement(text, subject(), {});
    EXPECT_FALSE(read);
    return read ? std::string() : read.error().message();
  };
  EXPECT_THAT(error(statement(kV1, "{}", std::string(64, 'b'))), HasSubstr("of another image"));
  EXPECT_THAT(error(R"({"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1","predicate":{}})"), HasSubstr("names no image"));
  EXPECT_THAT(error(statement("https://spdx.dev/Document", "{}")), HasSubstr("not provenance"));
  EXPECT_THAT(error(statement("https://slsa.dev/provenance/v9", "{}")), HasSubstr("v9"));
  EXPECT_THAT(error(statement(kV1, "[]")), HasSubstr("no predicate"));
  EXPECT_THAT(error("{}"), HasSubstr("no in-toto statement"));
  EXPECT_THAT(error("[1]"), HasSubstr("no in-toto statement"));
  EXPECT_THAT(error(R"({"payload":"!","payloadType":"application/vnd.in-toto+json"})"), HasSubstr("base64"));
  EXPECT_THAT(error(R"({"payload":"e30=","payloadType":"text/plain"})"), HasSubstr("envelope"));
  EXPECT_FALSE(read_statement("{", subject(), {}));
  const auto longest = read_statement(statement(kV1, cat(R"({"runDetails":{"builder":{"id":")", std::string(100'000, 'x'), R"("}}})")), subject(), {});
  ASSERT_TRUE(longest);
  EXPECT_EQ(longest->builder.size(), 2048u);
}

// A layout as `docker buildx build --output type=oci` writes it: index.json names an index of image and attestation.
struct Attested {
  TestImage image = TestImage::of({"layer"});
  std::string index;
  void attest(std::string_view json, std::string_view for_digest, std::string_view type = kV02) {
    const std::string layer(json);
    image.blobs[Digest::of(as_bytes(layer)).text()] = layer;
    image.blobs[Digest::of(as_bytes("{}")).text()] = "{}";
    const std::string manifest = cat(R"({"schemaVersion":2,"mediaType":")", kOciManifest, R"(","config":)", TestImage::descriptor(kOciConfig, "{}"), R"(,"layers":[)",
                                     TestImage::descriptor("application/vnd.in-toto+json", layer, cat(R"(,"annotations":{"in-toto.io/predicate-type":")", type, "\"}")), "]}");
    image.blobs[Digest::of(as_bytes(manifest)).text()] = manifest;
    entries += cat(",", TestImage::descriptor(kOciManifest, manifest, cat(R"(,"platform":{"os":"unknown","architecture":"unknown"},"annotations":{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":")", for_digest, "\"}")));
  }
  // An artefact of its own whose subject is `of`.
  std::string refer(std::string_view json, const std::string& of, std::string_view media_type) {
    const std::string layer(json);
    image.blobs[Digest::of(as_bytes(layer)).text()] = layer;
    image.blobs[Digest::of(as_bytes("{}")).text()] = "{}";
    const std::string manifest = cat(R"({"schemaVersion":2,"mediaType":")", kOciManifest, R"(","artifactType":")", media_type, R"(","config":)", TestImage::descriptor(kOciEmpty, "{}"), R"(,"layers":[)", TestImage::descriptor(media_type, layer), R"(],"subject":)", of, "}");
    image.blobs[Digest::of(as_bytes(manifest)).text()] = manifest;
    return cat(",", TestImage::descriptor(kOciManifest, manifest, cat(R"(,"artifactType":")", media_type, "\"")));
  }
  std::unique_ptr<ImageSource> open(const TestFolder& folder, std::string_view more = "") {
    index = cat(R"({"schemaVersion":2,"mediaType":")", kOciIndex, R"(","manifests":[)", TestImage::descriptor(kOciManifest, image.manifest, R"(,"platform":{"os":"linux","architecture":"amd64"})"), entries, "]}");
    image.blobs[Digest::of(as_bytes(index)).text()] = index;
    folder.write_layout(image, cat(R"({"schemaVersion":2,"manifests":[)", TestImage::descriptor(kOciIndex, index, R"(,"annotations":{"org.opencontainers.image.ref.name":"1"})"), more, "]}"));
    auto out = open_image({.target = cat("oci:", folder.path()), .platform = "linux/amd64"});
    EXPECT_TRUE(out) << (out ? "" : out.error().message());
    return out ? std::move(*out) : nullptr;
  }
  std::string entries;
};

TEST(attestation, buildkits_layout) {
  const TestFolder folder;
  Attested attested;
  const std::string digest = attested.image.digest().text(), hex(attested.image.digest().hex());
  attested.attest(statement(kV02, kBuildKit02, hex), digest);
  attested.attest("an SBOM, which nobody parses here", digest, "https://spdx.dev/Document");
  attested.attest(statement(kV02, kBuildKit02, std::string(64, 'c')), digest);                     // another image's, moved here
  attested.attest(statement(kV1, kGitHub1, hex), cat("sha256:", std::string(64, 'd')));            // of another platform's image
  const auto source = attested.open(folder);
  ASSERT_TRUE(source);
  ASSERT_EQ(source->config().provenance.size(), 1u);
  EXPECT_EQ(source->config().provenance[0].found_in, "attestation-manifest");
  EXPECT_EQ(source->config().provenance[0].revision, "2222");
  ASSERT_EQ(source->config().provenance_notes.size(), 1u);
  EXPECT_THAT(source->config().provenance_notes[0], HasSubstr("of another image"));
}

TEST(attestation, referrers_of_a_layout) {
  const TestFolder folder;
  Attested attested;
  const std::string hex(attested.image.digest().hex());
  const std::string inner = statement(kV1, kGitHub1, hex);
  const std::string dsse = cat(R"({"payloadType":"application/vnd.in-toto+json","payload":")", to_base64(as_bytes(inner)), R"(","signatures":[]})");
  std::string more = attested.refer(dsse, TestImage::descriptor(kOciManifest, attested.image.manifest), "application/vnd.dsse.envelope.v1+json");
  more += attested.refer(statement(kV1, kBuildKit1, hex), TestImage::descriptor(kOciManifest, "of something else"), "application/vnd.in-toto+json");
  more += attested.refer("no JSON", TestImage::descriptor(kOciManifest, attested.image.manifest), "application/vnd.in-toto+json");
  const auto source = attested.open(folder, more);
  ASSERT_TRUE(source);
  ASSERT_EQ(source->config().provenance.size(), 1u);
  EXPECT_EQ(source->config().provenance[0].found_in, "referrer");
  EXPECT_EQ(source->config().provenance[0].revision, "4444");
  EXPECT_EQ(source->config().provenance_notes.size(), 1u);
}

TEST(attestation, a_blob_that_is_not_there_or_not_what_it_should_be_is_said_and_stops_nothing) {
  const TestFolder folder;
  Attested attested;
  const std::string digest = attested.image.digest().text();
  const std::string text = statement(kV02, kBuildKit02, attested.image.digest().hex());
  attested.attest(text, digest);
  attested.image.blobs[Digest::of(as_bytes(text)).text()] = text + " ";
  const auto source = attested.open(folder);
  ASSERT_TRUE(source);
  EXPECT_TRUE(source->config().provenance.empty());
  ASSERT_EQ(source->config().provenance_notes.size(), 1u);
}

TEST(attestation, at_most_so_many) {
  const TestFolder folder;
  Attested attested;
  const std::string digest = attested.image.digest().text();
  for (int i = 0; i < 40; ++i) attested.attest(statement(kV02, cat(R"({"builder":{"id":"b)", i, "\"}}"), attested.image.digest().hex()), digest);
  const auto source = attested.open(folder);
  ASSERT_TRUE(source);
  EXPECT_EQ(source->config().provenance.size(), 16u);
  EXPECT_THAT(source->config().provenance_notes.back(), HasSubstr("more than 32"));
}

}  // namespace
}  // namespace plimsoll::oci
