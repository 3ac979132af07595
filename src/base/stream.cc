#include "base/stream.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace plimsoll {
namespace {

class FileRange : public ByteSource {
 public:
  FileRange(std::shared_ptr<const Fd> file, std::uint64_t offset, std::uint64_t size)
      : file_(std::move(file)), offset_(offset), left_(size) {}

  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
    if (wanted == 0) return std::size_t{0};
    PLIM_TRY(const std::size_t count, read_at(*file_, offset_, into, wanted));
    if (count == 0) return malformed(cat("file ends ", left_, " bytes early"));
    offset_ += count;
    left_ -= count;
    return count;
  }

 private:
  std::shared_ptr<const Fd> file_;
  std::uint64_t offset_, left_;
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}

  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    const std::size_t count = std::min(size, bytes_.size() - done_);
    if (count > 0) std::memcpy(into, bytes_.data() + done_, count);
    done_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t done_ = 0;
};

}  // namespace

Result<std::string> read_all(ByteSource& source, std::uint64_t max_bytes) {
  std::string out;
  for (;;) {
    const std::size_t old = out.size();
    const std::size_t room =
        static_cast<std::size_t>(std::min<std::uint64_t>(std::max<std::uint64_t>(old, 16384), max_bytes - old + 1));
    out.resize(old + room);
    PLIM_TRY(const std::size_t count, source.read(reinterpret_cast<std::uint8_t*>(out.data()) + old, room));
    out.resize(old + count);
    if (count == 0) return out;
    if (out.size() > max_bytes) return limit_reached(cat("longer than ", max_bytes, " bytes"));
  }
}

std::unique_ptr<ByteSource> file_range(std::shared_ptr<const Fd> file, std::uint64_t offset, std::uint64_t size) {
  return std::make_unique<FileRange>(std::move(file), offset, size);
}

Result<std::unique_ptr<ByteSource>> file_source(const std::string& path) {
  PLIM_TRY(Fd fd, open_file(path));
  auto size = file_size(fd);
  if (!size) return std::move(size).error().with_context("file", path);
  return file_range(std::make_shared<const Fd>(std::move(fd)), 0, *size);
}

std::unique_ptr<ByteSource> memory_source(std::string bytes) {
  return std::make_unique<MemorySource>(std::move(bytes));
}

}  // namespace plimsoll
