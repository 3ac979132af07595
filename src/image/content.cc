#include "image/content.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace plimsoll::image {
namespace {
// Freed blocks beyond this go straight back to the kernel; malloc would keep them and the process would swell.
constexpr std::uint64_t kMapped = 1 << 20;
constexpr std::uint64_t kHuge = 4 << 20;
constexpr std::uint64_t kWatched = 32ull << 20;  // smaller mappings are left alone
constexpr std::chrono::milliseconds kTrimEvery{10};
}  // namespace

Result<Content> Content::make(std::uint64_t size, std::uint64_t in_memory, MemoryBudget& budget) {
  Content out;
  out.size_ = size;
  if (size == 0) return out;
  if (size <= in_memory && budget.take(size)) {
    out.budget_ = &budget;
    // Every page will be written: taken at once, or as huge pages, they cost a third of what faults one by one do.
    const int populate = size < kHuge ? MAP_POPULATE : 0;
    void* memory = size < kMapped
                       ? std::calloc(1, size)
                       : ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | populate, -1, 0);
    if (memory == MAP_FAILED) memory = nullptr;
    if (memory != nullptr && size >= kHuge) ::madvise(memory, size, MADV_HUGEPAGE);
    out.memory_ = static_cast<std::uint8_t*>(memory);
    if (memory == nullptr) {
      budget.give_back(size);
      out.budget_ = nullptr;
      return io_error("no memory for a file's content");
    }
    return out;
  }
  PLIM_TRY(out.file_, unlinked_temporary_file());
  if (::ftruncate(out.file_.get(), static_cast<off_t>(size)) != 0) return errno_error("temporary file");
  return out;
}

Content::~Content() { release(); }

void Content::release() {
  if (memory_ != nullptr) {
    if (size_ < kMapped) {
      std::free(memory_);
    } else {
      ::munmap(memory_, size_);
    }
    budget_->give_back(size_);
  }
  memory_ = nullptr;
}

Content::Content(Content&& other) noexcept { *this = std::move(other); }

Content& Content::operator=(Content&& other) noexcept {
  if (this == &other) return *this;
  release();
  memory_ = std::exchange(other.memory_, nullptr);
  size_ = std::exchange(other.size_, 0);
  budget_ = std::exchange(other.budget_, nullptr);
  file_ = std::move(other.file_);
  mapping_ = std::move(other.mapping_);
  return *this;
}

Status Content::write(std::uint64_t offset, Bytes bytes) {
  PLIM_ASSERT(offset <= size_ && bytes.size() <= size_ - offset);
  if (memory_ != nullptr) {
    std::memcpy(memory_ + offset, bytes.data(), bytes.size());
    return Ok{};
  }
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return errno_error("temporary file");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return Ok{};
}

Result<Bytes> Content::bytes() {
  if (memory_ != nullptr) return Bytes(memory_, size_);
  if (size_ == 0) return Bytes{};
  if (mapping_.bytes().empty()) {
    PLIM_TRY(mapping_, Mapping::map(file_, size_));
  }
  return mapping_.bytes();
}

void Content::trim() const {
  const Bytes mapped = mapping_.bytes();
  if (!mapped.empty()) ::madvise(const_cast<std::uint8_t*>(mapped.data()), mapped.size(), MADV_DONTNEED);
}

Trimmer::~Trimmer() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Trimmer::run() {
  std::unique_lock lock(mutex_);
  while (!closing_) {
    if (watched_.empty()) {
      changed_.wait(lock);
      continue;
    }
    for (const Content* content : watched_) content->trim();
    changed_.wait_for(lock, kTrimEvery);
  }
}

Trimmer::Watch::Watch(Trimmer& trimmer, const Content& content) : trimmer_(trimmer), content_(nullptr) {
  if (!content.spilled() || content.size() < kWatched) return;
  content_ = &content;
  std::lock_guard lock(trimmer.mutex_);
  trimmer.watched_.push_back(content_);
  if (!trimmer.thread_.joinable()) trimmer.thread_ = std::thread([&trimmer] { trimmer.run(); });
  trimmer.changed_.notify_all();
}

Trimmer::Watch::~Watch() {
  if (content_ == nullptr) return;
  std::lock_guard lock(trimmer_.mutex_);
  std::erase(trimmer_.watched_, content_);
}

}  // namespace plimsoll::image
