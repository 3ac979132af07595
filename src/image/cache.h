// The store of layer records that many processes share: one file a layer, written aside and renamed into place.
//
//   DIR/layers/KEY   a record (layer_record.h), mapped when used; KEY = hex of the key
//   DIR/pairs/HASH   one (blob digest, diffID) pair that a walk of ours computed
//   DIR/bases/HASH   an image that was walked, as a base of others (base_image.h)
//   DIR/images/HASH  what a scan made of a whole image (scan/remembered.h)
//
// A process that is killed leaves at most a file with a temporary name, which a later prune removes. Nothing is flushed
// to disk: a file that a power cut tore is found out by its checksum, told to the log, removed and made anew. A full
// disk costs the entry, never the scan. Errors are told to the log and are misses. Thread-safe.
#pragma once
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/limits.h"
#include "image/layer_record.h"
#include "model/analyser.h"
#include "model/digest.h"

namespace plimsoll::image {

// What a record depends on beside the bytes of the layer. 32 bytes.
std::string cache_key(const std::string& diff_id, std::span<const Analyser> analysers, Scope scope,
                      const std::string& rules_digest, const Limits& limits);

// The limits as part of a key: every bound, in order.
std::string limits_text(const Limits& limits);

class FactsCache {
 public:
  using Log = std::function<void(std::string_view)>;
  // An empty directory: a cache that holds nothing and keeps nothing.
  FactsCache(std::string directory, std::uint64_t max_bytes, Log log);

  bool enabled() const { return !directory_.empty(); }
  bool knows_pair(const Digest& blob, const Digest& diff_id) const;
  void add_pair(const Digest& blob, const Digest& diff_id);

  // Texts beside the records, under DIR/KIND/NAME (plain names), at most 64 MiB; nullopt when absent or damaged.
  std::optional<std::string> read_note(std::string_view kind, std::string_view name) const;
  void write_note(std::string_view kind, std::string_view name, std::string_view text) const;

  struct Hit {
    Mapping file;
    LayerRecord record;  // a view of `file`
  };
  std::optional<Hit> find(const std::string& key, std::size_t analysers) const;
  void add(const std::string& key, Bytes record);
  // Removes the least recently used records until max_bytes hold them; and temporary files left behind.
  void prune() const;

 private:
  std::string layer_file(const std::string& key) const;
  Status write(const std::string& path, Bytes bytes) const;
  void say(std::string_view text) const;

  std::string directory_;
  std::uint64_t max_bytes_;
  Log log_;
  mutable std::mutex mutex_;  // of the log
};

}  // namespace plimsoll::image
