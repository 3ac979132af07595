// What the scan makes of executables: the binary profile, and files that differ from their package.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/walk.h"
#include "model/report.h"
#include "scan/scan.h"

namespace plimsoll::scan {

// The analysers of package checksums (for integrity, secrets, sensitive files) and of executables (for profile, integrity),
// those that are asked for, added to `all`; `checksums` and `executables` become their places.
inline constexpr std::size_t kNowhere = SIZE_MAX;
void add_binary_analysers(const Request& request, std::vector<Analyser>& all, std::size_t& checksums, std::size_t& executables);
// owned_path_hash of every executable of the finished tree: whose package is asked for.
std::vector<std::uint64_t> executable_paths(const image::WalkedImage& walked, std::size_t executables);
// `owner`: purl of the package that owns a path, empty when none. `package_of`: Package::id of a package by its name.
struct BinaryQuestions {
  std::function<std::string(std::string_view path)> owner;
  std::function<std::string(std::string_view name)> package_of;
};
struct BinaryAnswers {
  std::optional<ProfileInfo> profile;
  std::vector<Finding> findings;  // finished
  Gaps gaps;
};
// Errors: Io when the profile cannot be written to the folder that was named for it.
Result<BinaryAnswers> finish_binaries(const Request& request, const image::WalkedImage& walked, std::size_t checksums, std::size_t executables, const BinaryQuestions& questions);

}  // namespace plimsoll::scan
