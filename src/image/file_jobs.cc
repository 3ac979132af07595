#include "image/file_jobs.h"

#include <iterator>

namespace plimsoll::image {

void FileJobs::add(std::uint64_t id, std::vector<FoundFacts> facts) {
  if (facts.empty()) return;
  std::lock_guard lock(mutex_);
  std::vector<FoundFacts>& all = found_[id];
  std::move(facts.begin(), facts.end(), std::back_inserter(all));
}

void FileJobs::run_now(const FileRequest& request, Bytes content) {
  std::vector<FoundFacts> facts;
  extractor_.run({.path = request.path, .content = content, .mode = request.mode, .uid = request.uid, .gid = request.gid,
                  .capabilities = request.capabilities, .directory = request.directory},
                 request.wanted, request.open_archive, facts);
  add(request.id, std::move(facts));
}

void FileJobs::run_later(FileRequest request, std::shared_ptr<Content> content) {
  run_later([this, request = std::move(request), content = std::move(content)] {
    const Result<Bytes> bytes = content->bytes();
    if (bytes) {
      const Trimmer::Watch watch(extractor_.trimmer(), *content);
      run_now(request, *bytes);
    } else {
      add(request.id, {found_gap({}, {"walk", request.path, bytes.error().message()})});
    }
  });
}

void FileJobs::run_later(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    ++running_;
  }
  std::function<void()> job = [this, work = std::move(work)]() mutable {
    work();
    work = nullptr;  // its content goes before the layer is told that all is done
    std::lock_guard lock(mutex_);
    if (--running_ == 0) done_.notify_all();
  };
  if (!pool_.take(job)) job();
}

void FileJobs::wait() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return running_ == 0; });
}

std::unordered_map<std::uint64_t, std::vector<FoundFacts>> FileJobs::take() {
  wait();
  std::lock_guard lock(mutex_);
  return std::move(found_);
}

}  // namespace plimsoll::image
