// The bytes of one file while analysers look at it: in memory within one budget for the process, else in an unlinked
// temporary file that is mapped.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"

namespace plimsoll::image {

// Bytes of file contents that may lie in memory at once. Nobody waits for it: who gets nothing spills. Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t bytes) : left_(static_cast<std::int64_t>(bytes)) {}
  bool take(std::uint64_t bytes) {
    if (left_.fetch_sub(static_cast<std::int64_t>(bytes)) >= static_cast<std::int64_t>(bytes)) return true;
    left_ += static_cast<std::int64_t>(bytes);
    return false;
  }
  void give_back(std::uint64_t bytes) { left_ += static_cast<std::int64_t>(bytes); }

 private:
  std::atomic<std::int64_t> left_;
};

// A content of known size, written from any offset, then read. Unwritten parts are zero (sparse files).
class Content {
 public:
  Content() = default;
  // `in_memory`: the most that may be tried in memory. Errors: Io (no room for the temporary file).
  static Result<Content> make(std::uint64_t size, std::uint64_t in_memory, MemoryBudget& budget);
  ~Content();
  Content(Content&& other) noexcept;
  Content& operator=(Content&& other) noexcept;

  Status write(std::uint64_t offset, Bytes bytes);  // within size
  Result<Bytes> bytes();  // maps a spilled file on first call; valid while this lives
  bool spilled() const { return file_.open(); }
  // Gives the memory of a mapping back to the page cache; it is read in again when touched. Any thread, any time.
  void trim() const;
  std::uint64_t size() const { return size_; }

 private:
  void release();
  std::uint8_t* memory_ = nullptr;
  std::uint64_t size_ = 0;
  MemoryBudget* budget_ = nullptr;
  Fd file_;
  Mapping mapping_;
};

// Keeps big mapped contents from counting in full while analysers read them from end to end: a thread trims them every
// few milliseconds. Started with the first one. Thread-safe.
class Trimmer {
 public:
  ~Trimmer();
  // While it lives, `content` (its bytes() called once) is trimmed; nothing is done for small or unspilled ones.
  class Watch {
   public:
    Watch(Trimmer& trimmer, const Content& content);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    Trimmer& trimmer_;
    const Content* content_;
  };

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<const Content*> watched_;
  std::thread thread_;
  bool closing_ = false;
};

}  // namespace plimsoll::image
