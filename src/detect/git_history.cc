#include "detect/git_history.h"

#include <dlfcn.h>
#include <git2.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <random>
#include <unordered_map>

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll::detect {
namespace {

#define PLIM_GIT_FUNCTIONS(F)                                                                                              \
  F(git_libgit2_init) F(git_libgit2_opts) F(git_error_last) F(git_repository_open_ext) F(git_repository_free)              \
  F(git_repository_is_shallow) F(git_repository_odb) F(git_odb_free) F(git_odb_read_header) F(git_revwalk_new)             \
  F(git_revwalk_free) F(git_revwalk_sorting) F(git_revwalk_push_glob) F(git_revwalk_push_head) F(git_revwalk_hide)         \
  F(git_revwalk_next) F(git_revparse_single) F(git_object_peel) F(git_object_id) F(git_object_free) F(git_commit_lookup)   \
  F(git_commit_free) F(git_commit_tree_id) F(git_commit_author) F(git_tree_lookup) F(git_tree_free)                        \
  F(git_tree_entrycount) F(git_tree_entry_byindex) F(git_tree_entry_type) F(git_tree_entry_name) F(git_tree_entry_id)      \
  F(git_tree_entry_filemode) F(git_blob_lookup) F(git_blob_free) F(git_blob_rawcontent) F(git_blob_rawsize)                \
  F(git_reference_name_to_id) F(git_oid_tostr)

struct Git {
#define PLIM_GIT_MEMBER(name) decltype(&::name) name = nullptr;
  PLIM_GIT_FUNCTIONS(PLIM_GIT_MEMBER)
  std::string missing;

  static const Git& get() {
    static const Git library = [] {
      Git g;
      void* handle = nullptr;
      for (const char* name : {"libgit2.so.1.5", "libgit2.so.1.6", "libgit2.so.1.7"})
        if ((handle = dlopen(name, RTLD_NOW | RTLD_LOCAL))) break;
      if (!handle) {
        g.missing = "libgit2 is not installed (Debian: libgit2-1.5)";
        return g;
      }
#define PLIM_GIT_LOAD(name)                                                   \
  g.name = reinterpret_cast<decltype(g.name)>(dlsym(handle, #name));          \
  if (!g.name && g.missing.empty()) g.missing = "libgit2 lacks " #name;
      PLIM_GIT_FUNCTIONS(PLIM_GIT_LOAD)
      if (!g.missing.empty()) return g;
      g.git_libgit2_init();
      // Somebody else's repository is what we are here to read; nothing in it is ever run.
      g.git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
      for (const int level : {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_PROGRAMDATA}) g.git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
      g.git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, static_cast<std::size_t>(256) << 20);
      g.git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, static_cast<ssize_t>(32) << 20);
      return g;
    }();
    return library;
  }
  std::string error() const {
    const git_error* e = git_error_last();
    return e && e->message ? to_utf8(e->message) : "unknown error";
  }
};

template <class T, void (*Git::*Free)(T*)>
struct Deleter {
  void operator()(T* object) const { (Git::get().*Free)(object); }
};
using Repository = std::unique_ptr<git_repository, Deleter<git_repository, &Git::git_repository_free>>;
using Odb = std::unique_ptr<git_odb, Deleter<git_odb, &Git::git_odb_free>>;
using Walk = std::unique_ptr<git_revwalk, Deleter<git_revwalk, &Git::git_revwalk_free>>;
using Object = std::unique_ptr<git_object, Deleter<git_object, &Git::git_object_free>>;
using Commit = std::unique_ptr<git_commit, Deleter<git_commit, &Git::git_commit_free>>;
using Tree = std::unique_ptr<git_tree, Deleter<git_tree, &Git::git_tree_free>>;
using Blob = std::unique_ptr<git_blob, Deleter<git_blob, &Git::git_blob_free>>;

// Object ids seen, as 64-bit hashes under a seed of this run: nobody can make two ids meet, and thirty million of them by
// chance do once in a hundred thousand runs. Open addressing, at most half full.
class Seen {
 public:
  Seen() : seed_(std::random_device{}() * 0x9e3779b97f4a7c15ull + std::random_device{}()), slots_(1 << 12, 0) {}
  bool contains(const git_oid& id) const { return slots_[place(key(id))] != 0; }
  // true when it is new.
  bool add(const git_oid& id) {
    const std::uint64_t k = key(id);
    std::size_t at = place(k);
    if (slots_[at]) return false;
    slots_[at] = k;
    if (++size_ * 2 > slots_.size()) grow();
    return true;
  }
  std::size_t size() const { return size_; }

 private:
  std::uint64_t key(const git_oid& id) const {
    const std::uint64_t k = hash64({reinterpret_cast<const char*>(id.id), GIT_OID_RAWSZ}, seed_);
    return k ? k : 1;
  }
  std::size_t place(std::uint64_t k) const {
    std::size_t at = k & (slots_.size() - 1);
    while (slots_[at] && slots_[at] != k) at = (at + 1) & (slots_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<std::uint64_t> old(slots_.size() * 2, 0);
    old.swap(slots_);
    for (const std::uint64_t k : old)
      if (k) slots_[place(k)] = k;
  }
  std::uint64_t seed_;
  std::vector<std::uint64_t> slots_;
  std::size_t size_ = 0;
};

std::string date_text(const git_time& when) {
  const std::time_t seconds = static_cast<std::time_t>(when.time);
  std::tm parts{};
  char text[40] = {};
  if (!gmtime_r(&seconds, &parts) || std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) return {};
  return text;
}
std::string oid_text(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1] = {};
  Git::get().git_oid_tostr(text, sizeof text, &id);
  return text;
}

class History {
 public:
  History(const Secrets& secrets, const GitHistoryOptions& options, GitHistory& out) : git_(Git::get()), secrets_(secrets), options_(options), out_(out) {}

  Status run(const std::string& directory) {
    git_repository* repository = nullptr;
    if (git_.git_repository_open_ext(&repository, directory.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr) < 0) return not_found(cat("git repository ", directory, ": ", git_.error()));
    repository_.reset(repository);
    git_odb* odb = nullptr;
    if (git_.git_repository_odb(&odb, repository) < 0) return malformed(cat("git repository ", directory, ": ", git_.error()));
    odb_.reset(odb);
    if (git_.git_repository_is_shallow(repository) == 1) gap(directory, "a shallow clone: commits before its border are not here");
    git_revwalk* walk = nullptr;
    if (git_.git_revwalk_new(&walk, repository) < 0) return io_error(cat("git: ", git_.error()));
    walk_.reset(walk);
    git_.git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE);
    const bool references = git_.git_revwalk_push_glob(walk, "refs/*") == 0;
    if (!references) gap(directory, cat("references: ", git_.error()));
    // An empty repository has no HEAD, which is no fault.
    static_cast<void>(git_.git_revwalk_push_head(walk));
    PLIM_CHECK(hide_since());
    head();
    commits(directory);
    if (hidden_gaps_) out_.gaps.push_back({"git", directory, cat(hidden_gaps_, " more objects could not be read")});
    return Ok{};
  }

 private:
  Status hide_since() {
    if (options_.since.empty()) return Ok{};
    git_object* found = nullptr;
    if (git_.git_revparse_single(&found, repository_.get(), options_.since.c_str()) < 0) return not_found(cat("revision ", options_.since, ": ", git_.error()));
    const Object object(found);
    git_object* peeled = nullptr;
    if (git_.git_object_peel(&peeled, found, GIT_OBJECT_COMMIT) < 0) return not_found(cat("revision ", options_.since, " is no commit"));
    const Object commit(peeled);
    if (git_.git_revwalk_hide(walk_.get(), git_.git_object_id(peeled)) < 0) return malformed(cat("revision ", options_.since, ": ", git_.error()));
    // What it already has is not new.
    if (const auto tree = tree_of(*git_.git_object_id(peeled))) mark(*tree, seen_, 0);
    return Ok{};
  }
  void head() {
    git_oid id;
    if (git_.git_reference_name_to_id(&id, repository_.get(), "HEAD") < 0) return;
    if (const auto tree = tree_of(id)) mark(*tree, in_head_, 0);
  }
  std::optional<git_oid> tree_of(const git_oid& commit_id) {
    git_commit* commit = nullptr;
    if (git_.git_commit_lookup(&commit, repository_.get(), &commit_id) < 0) return std::nullopt;
    const Commit owner(commit);
    return *git_.git_commit_tree_id(commit);
  }
  // Puts everything below a tree into `set`; broken parts are met again, and named, by the walk itself.
  void mark(const git_oid& id, Seen& set, std::uint32_t depth) {
    if (depth > GitHistoryOptions::kMostDepth || set.size() > options_.most_objects || !set.add(id)) return;
    git_tree* tree = nullptr;
    if (git_.git_tree_lookup(&tree, repository_.get(), &id) < 0) return;
    const Tree owner(tree);
    for (std::size_t i = 0, n = git_.git_tree_entrycount(tree); i < n; ++i) {
      const git_tree_entry* entry = git_.git_tree_entry_byindex(tree, i);
      if (git_.git_tree_entry_type(entry) == GIT_OBJECT_TREE) mark(*git_.git_tree_entry_id(entry), set, depth + 1);
      else if (git_.git_tree_entry_type(entry) == GIT_OBJECT_BLOB) set.add(*git_.git_tree_entry_id(entry));
    }
  }

  void commits(const std::string& directory) {
    git_oid id;
    int result = 0;
    std::vector<git_oid> ids;
    bool more = false;
    while ((result = git_.git_revwalk_next(&id, walk_.get())) == 0) {
      // Walked to its end all the same: libgit2 1.5 leaks the rest of a reversed walk that stops early.
      if (ids.size() < options_.most_commits) ids.push_back(id);
      else more = true;
    }
    if (more) gap(directory, cat("more than ", options_.most_commits, " commits: the later ones were not searched"));
    if (result < 0 && result != GIT_ITEROVER) gap(directory, cat("the list of commits is cut short: ", git_.error()));
    for (const git_oid& commit_id : ids) {
      if (options_.progress && out_.commits % 1000 == 0) options_.progress(out_.commits, ids.size());
      ++out_.commits;
      git_commit* commit = nullptr;
      if (git_.git_commit_lookup(&commit, repository_.get(), &commit_id) < 0) {
        broken("commit", commit_id);
        continue;
      }
      const Commit owner(commit);
      commit_ = commit;
      commit_id_ = oid_text(commit_id);
      path_.clear();
      tree(*git_.git_commit_tree_id(commit), 0);
      if (seen_.size() > options_.most_objects) {
        gap(directory, cat("more than ", options_.most_objects, " objects: the rest was not searched"));
        return;
      }
    }
  }

  void tree(const git_oid& id, std::uint32_t depth) {
    if (seen_.size() > options_.most_objects || !seen_.add(id)) return;
    if (depth > GitHistoryOptions::kMostDepth) return gap(path_, cat("folders nest deeper than ", GitHistoryOptions::kMostDepth));
    git_tree* found = nullptr;
    if (git_.git_tree_lookup(&found, repository_.get(), &id) < 0) return broken("tree", id);
    const Tree owner(found);
    const std::size_t length = path_.size();
    for (std::size_t i = 0, n = git_.git_tree_entrycount(found); i < n; ++i) {
      const git_tree_entry* entry = git_.git_tree_entry_byindex(found, i);
      const git_oid& child = *git_.git_tree_entry_id(entry);
      const git_object_t type = git_.git_tree_entry_type(entry);
      if (type != GIT_OBJECT_TREE && type != GIT_OBJECT_BLOB) continue;  // a submodule's commit
      path_.append(length ? "/" : "").append(git_.git_tree_entry_name(entry));
      if (type == GIT_OBJECT_TREE) tree(child, depth + 1);
      else if (git_.git_tree_entry_filemode(entry) != GIT_FILEMODE_LINK && seen_.add(child)) blob(child);
      path_.resize(length);
    }
  }

  void blob(const git_oid& id) {
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (git_.git_odb_read_header(&size, &type, odb_.get(), &id) < 0 || type != GIT_OBJECT_BLOB) return broken("blob", id);
    if (size > options_.limits.file_bytes) return gap(path_, cat("blob ", oid_text(id), " has ", size, " bytes, more than ", options_.limits.file_bytes));
    git_blob* found = nullptr;
    if (git_.git_blob_lookup(&found, repository_.get(), &id) < 0) return broken("blob", id);
    const Blob owner(found);
    const auto* content = static_cast<const char*>(git_.git_blob_rawcontent(found));
    ++out_.blobs;
    out_.bytes += size;
    Facts facts = secrets_.examine({.path = path_, .text = std::string_view(content, static_cast<std::size_t>(git_.git_blob_rawsize(found))), .commit = commit_id_});
    for (Gap& g : facts.gaps) out_.gaps.push_back(std::move(g));
    for (Finding& finding : facts.findings) keep(std::move(finding), id);
  }

  void keep(Finding finding, const git_oid& id) {
    const bool in_head = in_head_.contains(id);
    const auto [at, fresh] = by_key_.try_emplace(finding.key, out_.findings.size());
    if (!fresh) {
      // A later state of the same file: the secret came in earlier; only whether it is still there can change.
      if (in_head)
        for (auto& [name, value] : out_.findings[at->second].evidence)
          if (name == "state") value = "still in HEAD";
      return;
    }
    const git_signature* author = git_.git_commit_author(commit_);
    finding.evidence.emplace_back("commit", commit_id_);
    if (author) {
      finding.evidence.emplace_back("author", to_utf8(cat(author->name ? author->name : "", " <", author->email ? author->email : "", ">")));
      finding.evidence.emplace_back("date", date_text(author->when));
    }
    finding.evidence.emplace_back("blob", oid_text(id));
    finding.evidence.emplace_back("state", in_head ? "still in HEAD" : "only in history");
    out_.findings.push_back(std::move(finding));
  }

  void broken(std::string_view what, const git_oid& id) { gap(path_.empty() ? oid_text(id) : path_, cat(what, " ", oid_text(id), ": ", git_.error())); }
  void gap(const std::string& where, std::string why) {
    constexpr std::size_t kMostGaps = 200;
    if (out_.gaps.size() < kMostGaps) out_.gaps.push_back({"git", where, std::move(why)});
    else ++hidden_gaps_;
  }

  const Git& git_;
  const Secrets& secrets_;
  const GitHistoryOptions& options_;
  GitHistory& out_;
  Repository repository_;
  Odb odb_;
  Walk walk_;
  Seen seen_, in_head_;
  git_commit* commit_ = nullptr;
  std::string commit_id_, path_;
  std::unordered_map<std::string, std::size_t> by_key_;
  std::uint64_t hidden_gaps_ = 0;
};

}  // namespace

Result<GitHistory> scan_git_history(const std::string& directory, const Secrets& secrets, const GitHistoryOptions& options) {
  if (!Git::get().missing.empty()) return unsupported(Git::get().missing);
  GitHistory out;
  PLIM_CHECK(History(secrets, options, out).run(directory));
  return out;
}

}  // namespace plimsoll::detect
