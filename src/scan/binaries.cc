#include "scan/binaries.h"

#include <algorithm>
#include <iterator>

#include "base/file.h"
#include "base/text.h"
#include "detect/integrity.h"
#include "profile/profile.h"
#include "scan/detection.h"

namespace plimsoll::scan {
namespace {

bool wants(const Request& request, Part part) { return request.parts.contains(part); }

profile::VerifyFiles verified(const Request& request) {
  return wants(request, Part::Integrity) ? request.verify_packages : profile::VerifyFiles::None;
}

// DIR/sha256-HEX.json, named by content: what is there already is the same.
std::string file_of(const std::string& folder, const std::string& digest) {
  std::string name = digest;
  std::replace(name.begin(), name.end(), ':', '-');
  return cat(folder, "/", name, ".json");
}

Status store(const std::string& folder, const profile::Document& document) {
  const std::string path = file_of(folder, document.digest);
  return exists(path) ? Status(Ok{}) : replace_file(path, as_bytes(document.text));
}

Result<ProfileInfo> make_profile(const Request& request, const image::WalkedImage& walked, std::size_t index, const BinaryQuestions& questions) {
  std::vector<profile::SeenExecutable> files;
  for (const image::LayerFileFacts& file : walked.all_layers(index)) files.push_back({file.path, file.layer, file.facts, !file.deleted});
  std::vector<std::string> diff_ids;
  for (const LayerInfo& layer : walked.layers()) diff_ids.push_back(layer.diff_id);
  const auto real = [&](std::string_view path) { return walked.tree().real_path(path); };
  const profile::BuiltProfile built = profile::build_profile(files, diff_ids, real, questions.owner);
  ProfileInfo out{.digest = built.profile.digest, .executables = built.executables, .reference = {}};
  if (request.profile_directory.empty()) return out;
  PLIM_CHECK(make_directories(request.profile_directory).context("profiles", request.profile_directory));
  for (const profile::Document& part : built.parts) PLIM_CHECK(store(request.profile_directory, part));
  PLIM_CHECK(store(request.profile_directory, built.profile));  // last: what it names is there
  out.reference = file_of(request.profile_directory, out.digest);
  return out;
}

}  // namespace

void add_binary_analysers(const Request& request, std::vector<Analyser>& all, std::size_t& checksums, std::size_t& executables) {
  const bool verifies = verified(request) != profile::VerifyFiles::None;
  if (verifies || wants(request, Part::Secrets) || wants(request, Part::SensitiveFiles)) {
    checksums = all.size();
    all.push_back(detect::package_checksums());
  }
  if (verifies || wants(request, Part::Profile)) {
    executables = all.size();
    all.push_back(profile::executables(verified(request)));
  }
}

std::vector<std::uint64_t> executable_paths(const image::WalkedImage& walked, std::size_t executables) {
  std::vector<std::uint64_t> out;
  for (const FileFacts& file : walked.squashed(executables).files) out.push_back(owned_path_hash(file.path));
  return out;
}

Result<BinaryAnswers> finish_binaries(const Request& request, const image::WalkedImage& walked, std::size_t checksums, std::size_t executables, const BinaryQuestions& questions) {
  BinaryAnswers out;
  if (wants(request, Part::Profile)) {
    PLIM_TRY(out.profile, make_profile(request, walked, executables, questions));
  }
  if (verified(request) == profile::VerifyFiles::None) return out;
  std::vector<profile::ExecutableFacts> kept;
  std::vector<detect::HashedFile> files;
  const SquashedFacts seen = walked.squashed(executables);
  kept.reserve(seen.files.size());
  for (const FileFacts& file : seen.files) {
    auto facts = profile::read_executable_facts(*file.facts);
    if (!facts) continue;
    const profile::ExecutableFacts& x = kept.emplace_back(std::move(*facts));
    files.push_back({.path = file.path, .layer = file.layer, .md5 = x.md5, .sha1 = x.sha1, .sha256 = x.sha256, .plain = x.kind == profile::FileKind::Plain});
  }
  detect::IntegrityResult checked = detect::check_integrity(walked.squashed(checksums), files);
  for (Finding& finding : checked.findings) {
    for (const auto& [key, value] : finding.evidence)
      if (key == "package") finding.package = questions.package_of(value);
    finish_finding(finding, walked.layers(), walked.tree());
    out.findings.push_back(std::move(finding));
  }
  out.gaps = std::move(checked.gaps);
  return out;
}

}  // namespace plimsoll::scan
