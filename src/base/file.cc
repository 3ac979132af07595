#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/text.h"

namespace plimsoll {
namespace {

// Flushes a directory, so that a rename in it survives a power cut. Some file systems refuse; that is no error.
void sync_directory(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.open()) ::fsync(fd.get());
}

std::string parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<Fd> open_file(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open()) return errno_error(cat("cannot open ", path));
  return fd;
}

Result<std::uint64_t> file_size(const Fd& fd) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errno_error("cannot stat file");
  if (!S_ISREG(info.st_mode)) return malformed("not a regular file");
  return static_cast<std::uint64_t>(info.st_size);
}

Result<std::size_t> read_some(const Fd& fd, std::uint8_t* into, std::size_t size) {
  for (;;) {
    const ssize_t count = ::read(fd.get(), into, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return errno_error("cannot read");
  }
}

Result<std::size_t> read_at(const Fd& fd, std::uint64_t offset, std::uint8_t* into, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::pread(fd.get(), into + done, size - done, static_cast<off_t>(offset + done));
    if (count == 0) break;
    if (count > 0) done += static_cast<std::size_t>(count);
    else if (errno != EINTR) return errno_error("cannot read");
  }
  return done;
}

Status write_all(const Fd& fd, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd.get(), bytes.data(), bytes.size());
    if (count >= 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
    else if (errno != EINTR) return errno_error("cannot write");
  }
  return Ok{};
}

Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes) {
  std::string out;
  PLIM_TRY(const std::string_view read, read_file(path, max_bytes, out));
  out.resize(read.size());
  return out;
}

Result<std::string_view> read_file(const std::string& path, std::uint64_t max_bytes, std::string& buffer) {
  constexpr std::size_t kStep = 65536;
  const auto too_long = [&] { return limit_reached(cat(path, " is longer than ", max_bytes, " bytes")); };
  PLIM_TRY(const Fd fd, open_file(path));
  struct stat info {};
  if (::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode)) {
    const auto stated = static_cast<std::uint64_t>(info.st_size);
    if (stated > max_bytes) return too_long();
    if (buffer.size() <= stated) buffer.resize(stated + 1);  // one byte more than it has: the end is then seen without growing
  }
  for (std::size_t size = 0;;) {
    if (size == buffer.size()) buffer.resize(size + std::max(kStep, size));
    PLIM_TRY(const std::size_t count, read_some(fd, reinterpret_cast<std::uint8_t*>(buffer.data()) + size, buffer.size() - size).context("file", path));
    if (count == 0) return std::string_view(buffer).substr(0, size);
    size += count;
    if (size > max_bytes) return too_long();
  }
}

namespace {

Status put_in_place(const std::string& path, Bytes bytes, unsigned mode, bool flush) {
  std::string temporary = cat(path, ".XXXXXX");
  Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.open()) return errno_error(cat("cannot create a file beside ", path));
  // Blocks that are there before the bytes need not be found in the middle of the rename (ext4 would).
  if (!flush && !bytes.empty()) static_cast<void>(::fallocate(fd.get(), 0, 0, static_cast<off_t>(bytes.size())));
  Status status = write_all(fd, bytes);
  if (status && ::fchmod(fd.get(), mode) != 0) status = errno_error("cannot set the mode");
  if (status && flush && ::fsync(fd.get()) != 0) status = errno_error("cannot flush");
  if (status && ::rename(temporary.c_str(), path.c_str()) != 0) status = errno_error("cannot rename");
  if (!status) {
    ::unlink(temporary.c_str());
    return std::move(status).context("file", path);
  }
  if (flush) sync_directory(parent(path));
  return Ok{};
}

}  // namespace

Status replace_file(const std::string& path, Bytes bytes, unsigned mode) { return put_in_place(path, bytes, mode, true); }

Status write_result_file(const std::string& path, Bytes bytes) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode)) return put_in_place(path, bytes, 0644, false);
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.open()) return errno_error(path);
  return write_all(fd, bytes).context("file", path);
}

Status make_directories(const std::string& path, unsigned mode) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (::mkdir(part.c_str(), mode) != 0 && errno != EEXIST) return errno_error(cat("cannot make directory ", part));
    if (slash == std::string::npos) return Ok{};
  }
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

bool is_directory(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (!directory) return errno_error(cat("cannot list ", path));
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const int failed = errno;
  ::closedir(directory);
  errno = failed;
  if (failed != 0) return errno_error(cat("cannot list ", path));
  std::sort(names.begin(), names.end());
  return names;
}

Result<Fd> unlinked_temporary_file() {
  const std::string folder = environment("TMPDIR").value_or("/tmp");
  Fd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600));
  if (fd.open()) return fd;
  std::string name = cat(folder, "/plimsoll.XXXXXX");
  Fd named(::mkostemp(name.data(), O_CLOEXEC));
  if (!named.open()) return errno_error(cat("cannot create a temporary file in ", folder));
  ::unlink(name.c_str());
  return named;
}

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (!value || !*value) return std::nullopt;
  return std::string(value);
}

Result<Mapping> Mapping::map(const Fd& fd, std::uint64_t size) {
  Mapping mapping;
  if (size == 0) return mapping;
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (data == MAP_FAILED) return errno_error("cannot map file");
  mapping.data_ = data;
  mapping.size_ = size;
  return mapping;
}

Mapping::~Mapping() {
  if (data_) ::munmap(data_, size_);
}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  if (this != &other) {
    if (data_) ::munmap(data_, size_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

}  // namespace plimsoll
