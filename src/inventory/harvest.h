// Harvest: what every cataloguer does alike when one file is turned into Facts.
//
// Purpose  Packages are added within bounds, doubles become one, and whatever could not be read is a Gap that names the
//          file: a list is never shorter in silence. Names and versions longer than kMaxNameBytes / kMaxVersionBytes
//          are not believed: such a package is left out with a gap (a name) or kept with its version cut (a version).
// Use      Harvest harvest(file, "npm", limits);
//          for (const auto& [name, entry] : harvest.members(root["dependencies"], "dependencies"))
//            if (Package* package = harvest.add("npm", "", name, entry["version"].text())) package->arch = "x";
//          return harvest.take();
// Threads  One file, one thread. Views given to it are borrowed for the call.
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/facts.h"

namespace plimsoll::inventory {

inline constexpr std::size_t kMaxNameBytes = 1024;
inline constexpr std::size_t kMaxVersionBytes = 1024;
inline constexpr std::size_t kMaxGapsOfAFile = 16;  // the last of them then counts the rest
// Entries of one list in one record (licences, dependencies): a real one has some hundreds.
inline constexpr std::size_t kMaxListItems = 10'000;

class Harvest {
 public:
  // `part` is what gaps call this reading: mostly the cataloguer's name. `file` must outlive the harvest.
  Harvest(const FileView& file, std::string_view part, const Limits& limits)
      : file_(file), part_(part), limits_(limits) {}

  // The new package, or the one already there with the same type, ns, name and version. Null, with a gap, when the name
  // cannot be one or limits.records is reached; null without a gap when name is empty. The pointer ends with the next
  // add.
  Package* add(std::string_view type, std::string_view ns, std::string_view name, std::string_view version);
  // As add; a double that is wanted in production once is no development dependency.
  Package* add_dev(std::string_view type, std::string_view ns, std::string_view name, std::string_view version,
                   bool dev);

  // As add_dev for an npm name in full: "@babel/types" -> ns "@babel", name "types".
  Package* add_npm(std::string_view full_name, std::string_view version, bool dev);

  void gap(std::string why);
  // Members of an object / items of an array that may be missing or null; a gap when it is anything else.
  std::vector<JsonValue::Member> members(JsonValue value, std::string_view what);
  std::vector<JsonValue> items(JsonValue value, std::string_view what);

  const std::vector<Package>& packages() const { return facts_.packages; }
  Facts& facts() { return facts_; }
  // Something only a file of this kind says was met: its list may be empty. Packages, and what members() and items()
  // find, say so by themselves.
  void recognised() { recognised_ = true; }
  Facts take();
  // As take, for lock files: one that has content (white space and lines of # or // aside) of which nothing was
  // recognised is not what its name says, an error page saved under it for one, and is a gap.
  Facts take_lock();

 private:
  const FileView& file_;
  std::string_view part_;
  Limits limits_;
  Facts facts_;
  std::unordered_map<std::string, std::size_t> index_;
  std::size_t gaps_left_out_ = 0;
  bool full_ = false, recognised_ = false;
};

// "JSON of the kind people write by hand": as JsonDocument::parse, but bytes that are not UTF-8 become U+FFFD, as the
// ecosystems' own tools do, instead of failing the file.
Result<JsonDocument> parse_json_file(const FileView& file, const Limits& limits);
Result<JsonDocument> parse_yaml_file(const FileView& file, const Limits& limits);
Result<JsonDocument> parse_toml_file(const FileView& file, const Limits& limits);
// JSON with comments and trailing commas -> JSON (bun.lock, devcontainer files).
std::string strip_json_comments(std::string_view text);

// The file's text when it is at most limits.metadata_bytes. Errors: Limit.
Result<std::string_view> text_of(const FileView& file, const Limits& limits);

// Adds one name to a list once, keeping the list within kMaxListItems.
void add_unique(std::vector<std::string>& list, std::string_view item);
// Splits at the last '/': "github.com/a/b" -> {"github.com/a", "b"}; {"", "x"} without one.
std::pair<std::string_view, std::string_view> split_last(std::string_view text, char separator);
// What follows the last "!/" of a path: its place inside the innermost archive; the whole path outside of archives.
std::string_view path_in_archive(std::string_view path);
// What stands before the last "!/": the innermost archive's own path; empty outside of archives.
std::string_view archive_of(std::string_view path);
// Whether a path lies in what a package manager unpacked (node_modules, vendor/bundle...): lock files there belong to
// the dependencies' own development and say nothing of this project.
bool is_vendored_path(std::string_view path);
// Which of `count` nodes can be reached from `roots`, by edges(node) -> nodes: what production needs of a lock's graph.
std::vector<bool> reachable(std::size_t count, std::vector<std::size_t> roots,
                            const std::vector<std::vector<std::size_t>>& edges);
// Without one pair of surrounding quotes, ' or ".
std::string_view unquote(std::string_view text);

}  // namespace plimsoll::inventory
