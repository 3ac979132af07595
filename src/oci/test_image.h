// For tests: an image made in memory, its blobs by digest, and folders that end with the test.
#pragma once
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "model/digest.h"
#include "oci/manifest.h"

namespace plimsoll::oci {

struct TestImage {
  std::map<std::string, std::string> blobs;  // digest text -> bytes
  std::string manifest, config;              // JSON
  std::vector<std::string> layers;           // bytes as stored, uncompressed

  static std::string descriptor(std::string_view media_type, std::string_view bytes, std::string_view more = "") {
    return cat(R"({"mediaType":")", media_type, R"(","digest":")", Digest::of(as_bytes(bytes)).text(), R"(","size":)",
               bytes.size(), more, "}");
  }
  // An image of one layer per text; the texts stand for tar streams, which this folder never looks into.
  static TestImage of(std::vector<std::string> layers, std::string_view architecture = "amd64") {
    TestImage out;
    out.layers = std::move(layers);
    std::string diff_ids, history, descriptors;
    for (const std::string& layer : out.layers) {
      const char* comma = diff_ids.empty() ? "" : ",";
      const std::string digest = Digest::of(as_bytes(layer)).text();
      out.blobs[digest] = layer;
      diff_ids += cat(comma, "\"", digest, "\"");
      history +=
          cat(comma, R"({"created_by":"COPY )", layer.substr(0, 8), R"("},{"created_by":"ENV","empty_layer":true})");
      descriptors += cat(comma, descriptor("application/vnd.oci.image.layer.v1.tar", layer));
    }
    out.config = cat(R"({"os":"linux","architecture":")", architecture, R"(","config":{"Labels":{"team":"quay"}},)",
                     R"("rootfs":{"type":"layers","diff_ids":[)", diff_ids, R"(]},"history":[)", history, "]}");
    out.manifest =
        cat(R"({"schemaVersion":2,"mediaType":")", kOciManifest, R"(","config":)", descriptor(kOciConfig, out.config),
            R"(,"layers":[)", descriptors, R"(],"annotations":{"org.opencontainers.image.base.name":"debian:12"}})");
    out.blobs[Digest::of(as_bytes(out.config)).text()] = out.config;
    out.blobs[Digest::of(as_bytes(out.manifest)).text()] = out.manifest;
    return out;
  }
  Digest digest() const { return Digest::of(as_bytes(manifest)); }
  std::string index(std::string_view tag) const {
    return cat(
        R"({"schemaVersion":2,"manifests":[)",
        descriptor(kOciManifest, manifest, cat(R"(,"annotations":{"org.opencontainers.image.ref.name":")", tag, "\"}")),
        "]}");
  }
};

// A tar file of these members.
struct Part {
  std::string name, content;
  char type = '0';  // of a link, content is the target
};
inline std::string tar_of(const std::vector<Part>& parts) {
  std::string out;
  for (const Part& part : parts) {
    std::string header(512, '\0');
    const bool link = part.type != '0';
    header.replace(0, part.name.size(), part.name);
    header.replace(100, 7, "0000644");
    char size[12];
    std::snprintf(size, sizeof size, "%011zo", link ? 0 : part.content.size());
    header.replace(124, 11, size);
    header[156] = part.type;
    if (link) header.replace(157, part.content.size(), part.content);
    header.replace(257, 8, std::string("ustar\00000", 8));
    header.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    char checksum[8];
    std::snprintf(checksum, sizeof checksum, "%06o", sum);
    header.replace(148, 7, checksum, 7);
    out += header;
    if (!link) out += part.content + std::string((512 - part.content.size() % 512) % 512, '\0');
  }
  return out + std::string(1024, '\0');
}

// `docker save` as skopeo writes it: layers by diff_id, a link for old readers, manifest.json at the end.
inline std::vector<Part> saved(const TestImage& image, std::string_view tag = "app:1") {
  std::vector<Part> parts;
  std::string names;
  for (const std::string& layer : image.layers) {
    const std::string name = cat(Digest::of(as_bytes(layer)).hex(), ".tar");
    parts.push_back({name, layer});
    parts.push_back({cat("old", parts.size(), "/layer.tar"), "../" + name, '2'});
    names += cat(names.empty() ? "" : ",", "\"old", parts.size() - 1, "/layer.tar\"");
  }
  const std::string config = cat(Digest::of(as_bytes(image.config)).hex(), ".json");
  parts.push_back({config, image.config});
  parts.push_back(
      {"manifest.json", cat(R"([{"Config":")", config, R"(","RepoTags":[")", tag, R"("],"Layers":[)", names, "]}]")});
  return parts;
}

class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "plimsoll-test-XXXXXX").string();
    PLIM_ASSERT(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string write(const std::string& name, std::string_view bytes) const {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    PLIM_ASSERT(replace_file(file.string(), as_bytes(bytes)).has_value());
    return file.string();
  }
  void write_layout(const TestImage& image, const std::string& index) const {
    write("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    write("index.json", index);
    for (const auto& [digest, bytes] : image.blobs) write("blobs/sha256/" + digest.substr(7), bytes);
  }

 private:
  std::string path_;
};

}  // namespace plimsoll::oci
