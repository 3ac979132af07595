// Collects the facts of the files of one layer: light files at once, heavy ones in the pool, and every file's facts
// under a number of the caller's (where its header lies in the tar, or its place in a directory walk).
#pragma once
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "image/content.h"
#include "image/extract.h"
#include "image/work_pool.h"

namespace plimsoll::image {

// What is asked of one file.
struct FileRequest {
  std::uint64_t id = 0;
  std::string path;
  std::uint32_t mode = 0, uid = 0, gid = 0;
  std::vector<std::uint16_t> wanted;
  bool open_archive = false;
  std::string capabilities = {};  // FileView::capabilities
  bool directory = false;
};

class FileJobs {
 public:
  FileJobs(const Extractor& extractor, WorkPool& pool) : extractor_(extractor), pool_(pool) {}
  ~FileJobs() { wait(); }

  void run_now(const FileRequest& request, Bytes content);
  // In the pool, unless that is full. The content's bytes() were called once already.
  void run_later(FileRequest request, std::shared_ptr<Content> content);
  void add(std::uint64_t id, std::vector<FoundFacts> facts);
  // Any work of the caller's, in the pool or at once; counted by wait().
  void run_later(std::function<void()> work);
  void wait();
  // After wait(): the facts of all files by id. Empties this.
  std::unordered_map<std::uint64_t, std::vector<FoundFacts>> take();

 private:
  const Extractor& extractor_;
  WorkPool& pool_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t running_ = 0;
  std::unordered_map<std::uint64_t, std::vector<FoundFacts>> found_;
};

}  // namespace plimsoll::image
