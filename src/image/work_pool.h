// A few threads for the heavy files of all layers, so that one big file does not hold up the layer it lies in.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace plimsoll::image {

class WorkPool {
 public:
  // No threads: every job is refused, and so done by who brought it.
  explicit WorkPool(unsigned threads);
  ~WorkPool();  // finishes what was taken
  // Takes `job`, or refuses it (false, `job` untouched) when enough is waiting: then do it yourself.
  bool take(std::function<void()>& job);

 private:
  void work();
  std::mutex mutex_;
  std::condition_variable there_is_work_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
  bool closing_ = false;
};

}  // namespace plimsoll::image
