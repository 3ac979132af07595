// The binary profile of an image: the portrait of all that can be executed in it, which drift control holds a running
// container against. The format is docs/profile.md's.
//
// Two kinds of document, each named by the SHA-256 of its bytes. A BinaryProfilePart holds what one layer brought, whether
// or not it is still there: a base layer's part is the same for every image on it, so an agent loads it once. A
// BinaryProfile lists the parts of an image, lowest layer first, and says what of each the finished tree does not show,
// which package owns what, and where a file lies once links among its parents are followed.
// Laws     the same layers and package database give the same bytes.
// Cost     O(files); some 150 bytes a file.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "profile/executables.h"

namespace plimsoll::profile {

// One executable file of one layer, sorted by path, then layer.
struct SeenExecutable {
  std::string_view path;
  std::uint32_t layer = 0;
  const Facts* facts = nullptr;
  bool visible = true;  // in the finished tree
};

struct Document {
  std::string digest;  // "sha256:..."
  std::string text;    // JSON
};
struct BuiltProfile {
  Document profile;
  std::vector<Document> parts;    // of the layers that have any, lowest first; equal ones once
  std::uint64_t executables = 0;  // visible ones
};
// `real_path`: the path with links followed, empty when it is not known; `owner`: purl of the package, empty when none.
BuiltProfile build_profile(std::span<const SeenExecutable> files, std::span<const std::string> diff_ids,
                           const std::function<std::string(std::string_view)>& real_path, const std::function<std::string(std::string_view)>& owner);

// One visible file of a profile that was read back.
struct ProfileEntry {
  std::string path;  // real
  std::string layer;  // diffID
  std::string owner;  // purl
  ExecutableFacts facts;
};
// `part`: gives the text of a part by its digest; it is checked. Entries sorted by path.
// Errors: Malformed, with the place; Denied for a part whose bytes have another digest; Limit.
Result<std::vector<ProfileEntry>> read_profile(std::string_view text, const std::function<Result<std::string>(const std::string& digest)>& part, const Limits& limits = {});

enum class ChangeKind : std::uint8_t { Added, Removed, Content, Mode, Capabilities };
std::string_view to_string(ChangeKind kind);
struct Change {
  ChangeKind kind = ChangeKind::Added;
  std::string path;
  std::string before, after;  // digest, mode or capabilities; empty where there is none
};
// What `after` has that `before` has not, and the other way about, by path.
std::vector<Change> diff(const std::vector<ProfileEntry>& before, const std::vector<ProfileEntry>& after);

}  // namespace plimsoll::profile
