#include "image/work_pool.h"

namespace plimsoll::image {

WorkPool::WorkPool(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkPool::~WorkPool() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  there_is_work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkPool::take(std::function<void()>& job) {
  {
    std::lock_guard lock(mutex_);
    if (threads_.empty() || jobs_.size() >= threads_.size() * 4) return false;
    jobs_.push_back(std::move(job));
  }
  there_is_work_.notify_one();
  return true;
}

void WorkPool::work() {
  while (true) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      there_is_work_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace plimsoll::image
