// A directory of the host walked as one layer: a root file system, a source tree, or an unpacked overlay layer.
//
// The tree may change while it is walked, and may be hostile: every open is relative to the root, follows no link and
// leads to a regular file or directory only. Contents are copied, never mapped where they lie: a file cut short under a
// mapping would kill the process. What cannot be opened is a gap.
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "image/file_jobs.h"
#include "image/walk_shared.h"

namespace plimsoll::image {
namespace {

constexpr std::size_t kBatch = 64;              // files per job
constexpr std::size_t kFront = 64 << 10;        // read at once; most files are smaller
constexpr std::uint64_t kChunk = 1 << 20;

Fd open_beneath(int root, const std::string& path, int flags) {
  const char* const name = path.empty() ? "." : path.c_str();
  flags |= O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  struct open_how how {};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const long fd = ::syscall(SYS_openat2, root, name, &how, sizeof how);
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return Fd(static_cast<int>(fd));
  return Fd(::openat(root, name, flags));  // kernels before 5.6, and sandboxes that do not know the call
}

struct WantedFile {
  std::uint32_t node;
  std::string path;
  std::uint32_t mode, uid, gid;
  std::uint64_t size;
};

class DirectoryWalk {
 public:
  DirectoryWalk(DirectoryForm form, WalkShared& shared, std::vector<std::string>& notices)
      : form_(form),
        shared_(shared),
        notices_(notices),
        extractor_(shared.options.analysers, shared.matcher, shared.options.limits, shared.budget, shared.trimmer),
        jobs_(extractor_, shared.pool) {}

  Result<std::string> run(const std::string& path, std::string_view key) {
    root_ = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root_.open()) return errno_error(path);
    struct stat info {};
    if (::fstat(root_.get(), &info) != 0) return errno_error(path);
    device_ = info.st_dev;
    std::vector<std::string> todo = {""};
    while (!todo.empty()) {
      const std::string directory = std::move(todo.back());
      todo.pop_back();
      PLIM_CHECK(read_directory(directory, todo));
    }
    flush();
    for (auto& [node, facts] : jobs_.take())
      for (const FoundFacts& fact : facts)
        builder_.add_fact(static_cast<std::uint32_t>(node), fact.analyser, fact.inner, builder_.add_blob(fact.blob),
                          static_cast<std::uint32_t>(fact.blob.size()));
    builder_.counts.analysed = extractor_.analysed();
    builder_.counts.unpacked_bytes = bytes_;
    return builder_.finish(key);
  }

 private:
  void gap(std::uint32_t node, const std::string& path, std::string why) {
    builder_.add_gap(node, {"directory", path, std::move(why)});
  }

  Status read_directory(const std::string& directory, std::vector<std::string>& todo) {
    const std::uint32_t node = directory.empty() ? 0 : builder_.find(directory);
    Fd fd = open_beneath(root_.get(), directory, O_DIRECTORY);
    if (!fd.open()) {
      if (directory.empty()) return errno_error("directory");
      gap(node, directory, errno_error("cannot be opened").message());
      return Ok{};
    }
    if (form_ == DirectoryForm::Overlay) overlay_marks(fd, node, directory);
    DIR* const stream = ::fdopendir(::dup(fd.get()));
    if (stream == nullptr) return errno_error(directory);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
      errno = 0;
    }
    const int failed = errno;
    ::closedir(stream);
    if (failed != 0) gap(node, directory, cat("cannot be read to its end: ", std::strerror(failed)));
    std::sort(names.begin(), names.end());
    const std::size_t first_child = todo.size();
    for (const std::string& name : names) {
      PLIM_CHECK(entry(fd, directory, name, todo));
      if (++builder_.counts.files > shared_.options.limits.layer_entries)
        return limit_reached(cat("directory: more than ", shared_.options.limits.layer_entries, " entries"));
      if (builder_.full()) return limit_reached(cat("directory: the names of its files take more than ", kMostTreeBytes, " bytes"));
    }
    std::reverse(todo.begin() + static_cast<std::ptrdiff_t>(first_child), todo.end());
    shared_.progress.add(0, names.size());
    return Ok{};
  }

  // overlayfs(5): an opaque directory hides what lies below; a redirected one shows another's content.
  void overlay_marks(const Fd& fd, std::uint32_t node, const std::string& directory) {
    std::array<char, 4> value;
    for (const char* name : {"trusted.overlay.opaque", "user.overlay.opaque"})
      if (::fgetxattr(fd.get(), name, value.data(), value.size()) == 1 && value[0] == 'y') builder_.add_flags(node, kOpaque);
    for (const char* name : {"trusted.overlay.redirect", "user.overlay.redirect"})
      if (::fgetxattr(fd.get(), name, nullptr, 0) > 0) gap(node, directory, "a redirected overlay directory is read in its place only");
  }

  Status entry(const Fd& parent, const std::string& directory, const std::string& name, std::vector<std::string>& todo) {
    std::string path = directory.empty() ? name : cat(directory, "/", name);
    struct stat info {};
    if (::fstatat(parent.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      gap(0, path, errno_error("cannot be looked at").message());
      return Ok{};
    }
    if (path.size() > shared_.options.limits.path_bytes) {
      gap(0, path.substr(0, 120), cat("path longer than ", shared_.options.limits.path_bytes, " bytes"));
      return Ok{};
    }
    if (S_ISCHR(info.st_mode) && form_ == DirectoryForm::Overlay && info.st_rdev == makedev(0, 0)) {
      builder_.add_flags(builder_.add(path, NodeKind::Nothing), kWhiteout);
      return Ok{};
    }
    const NodeKind kind = S_ISREG(info.st_mode)   ? NodeKind::File
                          : S_ISDIR(info.st_mode) ? NodeKind::Directory
                          : S_ISLNK(info.st_mode) ? NodeKind::SymbolicLink
                                                  : NodeKind::Other;
    const std::uint32_t node = builder_.add(path, kind);
    if (kind == NodeKind::Directory) {
      directory_bits(node, path, info);
      if (form_ == DirectoryForm::Source && (name == ".git" || name == ".hg" || name == ".svn")) {
        notices_.push_back(cat(path, ": data of version control, not read"));
      } else if (form_ != DirectoryForm::Source && info.st_dev != device_) {
        notices_.push_back(cat(path, ": another file system, not read"));
      } else {
        todo.push_back(std::move(path));
      }
    } else if (kind == NodeKind::SymbolicLink) {
      std::array<char, 4096> target;
      const ssize_t size = ::readlinkat(parent.get(), name.c_str(), target.data(), target.size());
      if (size > 0) builder_.set_link(node, {target.data(), static_cast<std::size_t>(size)});
    } else if (kind == NodeKind::File) {
      bytes_ += static_cast<std::uint64_t>(info.st_size);
      batch_.push_back({node, std::move(path), static_cast<std::uint32_t>(info.st_mode & 07777), info.st_uid, info.st_gid,
                        static_cast<std::uint64_t>(info.st_size)});
      if (batch_.size() >= kBatch) flush();
    }
    return Ok{};
  }

  void directory_bits(std::uint32_t node, const std::string& path, const struct stat& info) {
    Wanted wanted(shared_.matcher.analysers());
    shared_.matcher.by_attributes(info.st_mode & 07777, false, true, wanted);
    if (wanted.empty()) return;
    jobs_.run_now({.id = node,
                   .path = path,
                   .mode = static_cast<std::uint32_t>(info.st_mode & 07777),
                   .uid = info.st_uid,
                   .gid = info.st_gid,
                   .wanted = {wanted.list().begin(), wanted.list().end()},
                   .directory = true},
                  {});
  }

  void flush() {
    if (batch_.empty()) return;
    jobs_.run_later([this, files = std::move(batch_)] {
      Wanted wanted(shared_.matcher.analysers());
      std::vector<std::uint8_t> front(kFront);
      for (const WantedFile& file : files) look_at(file, wanted, front);
    });
    batch_ = {};
  }

  void fail(const WantedFile& file, std::string why) {
    jobs_.add(file.node, {found_gap({}, {"directory", file.path, std::move(why)})});
  }

  // In the pool.
  void look_at(const WantedFile& file, Wanted& wanted, std::vector<std::uint8_t>& front) {
    const Matcher& matcher = shared_.matcher;
    const Limits& limits = shared_.options.limits;
    wanted.clear();
    matcher.by_path(file.path, wanted);
    matcher.by_any(file.path, wanted);
    matcher.by_mode(file.mode, false, wanted);
    matcher.by_attributes(file.mode, false, false, wanted);
    if (wanted.empty() && matcher.magic_bytes() == 0 && !(matcher.wants_nested() && may_be_archive(file.path, {}))) return;
    const Fd fd = open_beneath(root_.get(), file.path, 0);
    if (!fd.open()) return fail(file, errno_error("cannot be opened").message());
    const Result<std::size_t> got = read_at(fd, 0, front.data(), std::min<std::uint64_t>(front.size(), file.size));
    if (!got) return fail(file, got.error().message());
    const Bytes head(front.data(), *got);
    matcher.by_magic(head, false, wanted);
    std::array<char, 64> capabilities;  // the longest form has 24 bytes
    const ssize_t granted = (file.mode & 0111) == 0 ? 0 : ::fgetxattr(fd.get(), "security.capability", capabilities.data(), capabilities.size());
    if (granted > 0) matcher.by_attributes(file.mode, true, false, wanted);
    const bool archive = matcher.wants_nested() && !head.empty() && may_be_archive(file.path, head);
    if (wanted.empty() && !archive) return;
    FileRequest request{.id = file.node,
                        .path = file.path,
                        .mode = file.mode,
                        .uid = file.uid,
                        .gid = file.gid,
                        .wanted = {wanted.list().begin(), wanted.list().end()},
                        .open_archive = archive};
    if (granted > 0) request.capabilities.assign(capabilities.data(), static_cast<std::size_t>(granted));
    if (file.size <= front.size()) {
      if (*got != file.size) return fail(file, "became shorter while it was read");
      return jobs_.run_now(request, head);
    }
    if (file.size > limits.spilled_file_bytes) return fail(file, cat("file of ", file.size, " bytes is not analysed"));
    Result<Content> content = Content::make(file.size, limits.file_bytes, shared_.budget);
    if (!content) return fail(file, content.error().message());
    Status status = content->write(0, head);
    std::vector<std::uint8_t> chunk(std::min<std::uint64_t>(kChunk, file.size));
    for (std::uint64_t at = head.size(); status && at < file.size;) {
      const Result<std::size_t> some = read_at(fd, at, chunk.data(), std::min<std::uint64_t>(chunk.size(), file.size - at));
      if (!some) return fail(file, some.error().message());
      if (*some == 0) return fail(file, "became shorter while it was read");
      status = content->write(at, {chunk.data(), *some});
      at += *some;
    }
    if (!status) return fail(file, status.error().message());
    const Result<Bytes> bytes = content->bytes();
    if (!bytes) return fail(file, bytes.error().message());
    const Trimmer::Watch watch(shared_.trimmer, *content);
    jobs_.run_now(request, *bytes);
  }

  DirectoryForm form_;
  WalkShared& shared_;
  std::vector<std::string>& notices_;
  Extractor extractor_;
  LayerBuilder builder_;
  Fd root_;
  dev_t device_ = 0;
  std::uint64_t bytes_ = 0;
  std::vector<WantedFile> batch_;
  FileJobs jobs_;  // last: its jobs use the others
};

}  // namespace

Result<std::string> walk_host_directory(const std::string& path, DirectoryForm form, WalkShared& shared,
                                        std::string_view key, std::vector<std::string>& notices) {
  return DirectoryWalk(form, shared, notices).run(path, key);
}

}  // namespace plimsoll::image
