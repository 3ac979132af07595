// Secrets in the history of a git repository: every blob that any reference reaches, each read once.
//
//   PLIM_TRY(const Secrets secrets, Secrets::load(options));
//   PLIM_TRY(const GitHistory history, scan_git_history("path/to/repo", secrets, {.since = "v1.2"}));
//
// What      commits reachable from all references and HEAD, oldest first, so that a finding names the commit and author that
//           brought the secret in; evidence has commit, author, date, blob, and `state`: still in HEAD or only in history.
//           One finding for each rule, path and secret. Paths are those inside the repository.
// Since     with `since`, only what commits not reachable from it brought in.
// Errors    NotFound: no repository there, or no such revision. Unsupported: libgit2 is not installed.
// Gaps      objects that are missing or broken, blobs over limits.file_bytes, shallow clones, bounds reached. The rest is
//           searched all the same.
// Bounds    kMostCommits, kMostObjects (8 bytes each), trees nested kMostDepth deep; one blob in memory at a time.
// Loading   libgit2 is opened by dlopen at the first call; it runs no hooks, filters or helpers, and reads no configuration
//           outside the repository.
// Threads   any number of calls at once.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "detect/secrets/secrets.h"
#include "model/finding.h"
#include "model/gap.h"

namespace plimsoll::detect {

struct GitHistoryOptions {
  static constexpr std::uint64_t kMostCommits = 5'000'000, kMostObjects = 30'000'000;
  static constexpr std::uint32_t kMostDepth = 200;
  std::string since;  // a revision as git names them; empty: everything
  Limits limits;
  std::uint64_t most_commits = kMostCommits, most_objects = kMostObjects;
  std::function<void(std::uint64_t commits_done, std::uint64_t commits)> progress;  // every thousand commits
};

struct GitHistory {
  std::vector<Finding> findings;  // in order of first appearance
  Gaps gaps;
  std::uint64_t commits = 0, blobs = 0, bytes = 0;
};

Result<GitHistory> scan_git_history(const std::string& directory, const Secrets& secrets, const GitHistoryOptions& options = {});

}  // namespace plimsoll::detect
