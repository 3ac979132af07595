// Files of the host: our own state, and images given as paths. Never used on a path that came out of an image.
#pragma once
#include <cstdint>
#include <optional>
#include <utility>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace plimsoll {

// An owned file descriptor.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_;
};

Result<Fd> open_file(const std::string& path);  // read-only, close-on-exec
Result<std::uint64_t> file_size(const Fd& fd);
// Reads at most `size` bytes at the current position; 0 at the end. Retries EINTR.
Result<std::size_t> read_some(const Fd& fd, std::uint8_t* into, std::size_t size);
Result<std::size_t> read_at(const Fd& fd, std::uint64_t offset, std::uint8_t* into, std::size_t size);
Status write_all(const Fd& fd, Bytes bytes);

// The whole file. Errors: NotFound, Denied, Io, Limit when longer than max_bytes.
Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes = Limits{}.metadata_bytes);
// The same into a buffer that is used again, which grows as needed: for who reads many. The view is into it.
Result<std::string_view> read_file(const std::string& path, std::uint64_t max_bytes, std::string& buffer);
// Writes beside `path`, flushes to disk, renames over it: a reader sees the old file or the new one, never a part.
Status replace_file(const std::string& path, Bytes bytes, unsigned mode = 0644);
// The same without waiting for the disk, for what can be made again. A device or a pipe is written to as it stands.
Status write_result_file(const std::string& path, Bytes bytes);
Status make_directories(const std::string& path, unsigned mode = 0755);
bool exists(const std::string& path);
bool is_directory(const std::string& path);
// Names in a directory, sorted, without "." and "..".
Result<std::vector<std::string>> list_directory(const std::string& path);
// A temporary file that no other process can name (O_TMPFILE, or created and unlinked); in $TMPDIR or /tmp.
Result<Fd> unlinked_temporary_file();
std::optional<std::string> environment(const char* name);  // nullopt when unset or empty

// A read-only private mapping of a file.
class Mapping {
 public:
  static Result<Mapping> map(const Fd& fd, std::uint64_t size);
  Mapping() = default;
  ~Mapping();
  Mapping(Mapping&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept;
  // Valid while the Mapping lives; faults (SIGBUS) if another process truncates the file, so only for files that are
  // replaced by rename, as ours are, or that we alone hold.
  Bytes bytes() const { return {static_cast<const std::uint8_t*>(data_), size_}; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace plimsoll
