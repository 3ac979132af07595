#include "scan/detect.h"

#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "build_info.h"
#include "detect/git_history.h"
#include "image/content.h"
#include "image/walk.h"
#include "report/stored.h"
#include "scan/describe.h"
#include "scan/detection.h"

namespace plimsoll::scan {
namespace {

constexpr std::uint64_t kInMemory = 64ull << 20;

// The paths of a history's commits: no links among them.
class FlatTree : public Tree {
 public:
  bool contains(std::string_view) const override { return true; }
};

class Detector {
 public:
  Detector(const Request& request, const Detection& detection, const std::string& since, bool describes, Report& report)
      : request_(request), detection_(detection), since_(since), analysers_(detection.analysers()), report_(report), limits_(request.limits) {
    if (describes) analysers_.push_back(binary_facts());  // behind the detection's own
    options_ = {.limits = request.limits, .threads = request.threads, .analysers = analysers_, .log = request.log};
  }

  Status look_at(const DetectTarget& target) {
    if (target.path.starts_with("git:")) return history(target.path.substr(4));
    if (target.path == "-") return content("-", 0, as_bytes(target.content));
    if (is_directory(target.path)) {
      PLIM_TRY(const image::WalkedImage walked, image::walk_folder(target.path, options_).context("folder", target.path));
      std::string prefix = target.path;
      while (prefix.size() > 1 && prefix.ends_with('/')) prefix.pop_back();
      return add(walked, [&](std::string_view path) { return prefix.ends_with('/') ? cat(prefix, path) : cat(prefix, "/", path); });
    }
    return file(target.path);
  }

 private:
  Status history(const std::string& directory) {
    if (!request_.parts.contains(Part::Secrets)) return unsupported(cat("git:", directory, ": only secrets are looked for in a repository's history"));
    if (!secrets_) {
      detect::EngineOptions options{.only_user_rules = request_.only_user_rules, .fingerprint_key = request_.fingerprint_key, .scope = Scope::Directory, .limits = request_.limits};
      for (const detect::RuleFile& file : request_.rules) {
        PLIM_TRY(const std::string engine, detect::engine_of(file));
        if (engine == "secrets") options.rules.push_back(file);
      }
      PLIM_TRY(detect::Secrets loaded, detect::Secrets::load(options));
      secrets_.emplace(std::move(loaded));
    }
    PLIM_TRY(detect::GitHistory found, detect::scan_git_history(directory, *secrets_, {.since = since_, .limits = limits_}));
    const FlatTree tree;
    std::string prefix = directory;
    while (prefix.size() > 1 && prefix.ends_with('/')) prefix.pop_back();
    for (Finding& finding : found.findings) {
      finish_finding(finding, {}, tree);
      for (Location& location : finding.locations) location.path = cat(prefix, "/", location.path);
      report_.findings.push_back(std::move(finding));
    }
    std::move(found.gaps.begin(), found.gaps.end(), std::back_inserter(report_.gaps));
    return Ok{};
  }

  // Copied, never mapped where it lies: a file that is cut short while it is read must not kill the process.
  Status file(const std::string& path) {
    PLIM_TRY(const Fd fd, open_file(path));
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return errno_error(path);
    if (!S_ISREG(info.st_mode)) {
      PLIM_TRY(const std::string piped, read_file(path, kInMemory));
      return content(path, 0, as_bytes(piped));
    }
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size > limits_.spilled_file_bytes) return limit_reached(cat(path, ": file of ", size, " bytes is longer than ", limits_.spilled_file_bytes));
    image::MemoryBudget budget(kInMemory);
    PLIM_TRY(image::Content copy, image::Content::make(size, limits_.file_bytes, budget));
    std::vector<std::uint8_t> chunk(std::min<std::uint64_t>(size, 1 << 20));
    for (std::uint64_t at = 0; at < size;) {
      PLIM_TRY(const std::size_t got, read_at(fd, at, chunk.data(), std::min<std::uint64_t>(chunk.size(), size - at)));
      if (got == 0) return io_error(cat(path, ": became shorter while it was read"));
      PLIM_CHECK(copy.write(at, {chunk.data(), got}));
      at += got;
    }
    PLIM_TRY(const Bytes bytes, copy.bytes());
    return content(path, static_cast<std::uint32_t>(info.st_mode & 07777), bytes);
  }

  Status content(const std::string& path, std::uint32_t mode, Bytes bytes) {
    std::string inside = normalise_path(path);
    if (inside.empty()) inside = "-";
    PLIM_TRY(const image::WalkedImage walked, image::walk_content(inside, mode, bytes, options_));
    return add(walked, [&](std::string_view found) { return found.starts_with(inside) ? cat(path, found.substr(inside.size())) : std::string(found); });
  }

  template <class AsGiven>
  Status add(const image::WalkedImage& walked, const AsGiven& as_given) {
    const Distribution none;
    const std::size_t first = report_.findings.size();
    Gaps gaps = walked.gaps();
    for (std::size_t i = 0; i < detection_.analysers().size(); ++i)
      for (const FileFacts& facts : walked.squashed(i).files) {
        gaps.insert(gaps.end(), facts.facts->gaps.begin(), facts.facts->gaps.end());
        // Asked about these very files, what was not followed to its end is no clean answer.
        for (const auto& [key, why] : facts.facts->notes)
          if (key == kEffortBound) gaps.push_back({detection_.analysers()[i].name, std::string(facts.path), why});
      }
    if (analysers_.size() > detection_.analysers().size())
      for (const FileFacts& file : walked.squashed(analysers_.size() - 1).files)
        if (!file.facts->notes.empty()) report_.binaries.push_back({.path = as_given(file.path), .facts = file.facts->notes});
    PLIM_CHECK(detection_.resolve(walked, 0, none, report_.findings, gaps));
    for (std::size_t i = first; i < report_.findings.size(); ++i)
      for (Location& location : report_.findings[i].locations) location.path = as_given(location.path);
    for (Gap& gap : gaps) gap.where = as_given(gap.where);
    std::move(gaps.begin(), gaps.end(), std::back_inserter(report_.gaps));
    for (const std::string& notice : walked.notices()) report_.notices.push_back({"left out", as_given(cut(notice, ':').first), notice});
    return Ok{};
  }

  const Request& request_;
  const Detection& detection_;
  const std::string& since_;
  std::vector<Analyser> analysers_;
  std::optional<detect::Secrets> secrets_;  // for histories
  Report& report_;
  Limits limits_;
  image::WalkOptions options_;
};

}  // namespace

Result<Report> detect(const Request& request, const std::string& engine, const std::vector<DetectTarget>& targets, const std::string& since) {
  const auto started = std::chrono::steady_clock::now();
  Report report;
  report.tool = {.version = PLIMSOLL_VERSION, .at = format_time(request.at), .started_at = format_time(system_now())};
  // What an executable is, beside what is wrong with it.
  const bool describes = engine == "binary";
  PLIM_TRY(const Detection detection, Detection::load(request, Scope::Directory, describes ? "malware" : engine));
  if (detection.analysers().empty()) return unsupported("no engine of this build looks for that");
  report.tool.rules = detection.rules();
  report.notices = detection.notices();
  Detector detector(request, detection, since, describes, report);
  for (const DetectTarget& target : targets) PLIM_CHECK(detector.look_at(target));
  add_owners(report.binaries);
  if (std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) { return finding.klass == FindingClass::Secret; }))
    report.tool.fingerprints = request.fingerprint_shared ? "shared" : request.fingerprint_for_run ? "run" : "installation";
  std::sort(report.gaps.begin(), report.gaps.end());
  report.gaps.erase(std::unique(report.gaps.begin(), report.gaps.end()), report.gaps.end());
  report::sort_report(report);
  report.tool.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
  return report;
}

}  // namespace plimsoll::scan
