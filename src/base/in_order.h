// Work spread over threads, whose results are taken in their order while more is worked on.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"

namespace weerbaar {

// Where a piece of work is done.
struct WorkPlace {
  size_t thread = 0;  // below the number of threads
  size_t slot = 0;    // below the number of slots: holds its result until that is taken
};

// Calls work(i, place) once for every i < count, on `threads` threads, of which the caller is one, and take(i, slot) on
// the caller's, i ascending. At most `slots` pieces are worked on or wait to be taken; both numbers are at least 1. The
// first error that take() returns ends all, and is returned once no thread works any more.
template <class Work, class Take>
class InOrder {
 public:
  InOrder(size_t threads, size_t slots, size_t count, const Work& work, const Take& take)
      : threads_(threads), count_(count), work_(work), take_(take), is_done_(slots) {}

  Status run() {
    std::vector<std::jthread> others;
    for (size_t thread = 1; thread < std::min(threads_, count_); ++thread) {
      others.emplace_back([this, thread] { help(thread); });
    }
    return lead();
  }

 private:
  using Guard = std::unique_lock<std::mutex>;

  [[nodiscard]] bool may_begin() const { return begun_ < count_ && begun_ < taken_ + is_done_.size(); }
  void work_one(size_t thread, Guard& guard) {
    const size_t i = begun_++;
    const size_t slot = i % is_done_.size();
    guard.unlock();
    work_(i, WorkPlace{thread, slot});
    guard.lock();
    is_done_[slot] = true;
    changed_.notify_all();
  }
  void help(size_t thread) {
    Guard guard(mutex_);
    for (;;) {
      changed_.wait(guard, [this] { return is_over_ || begun_ == count_ || may_begin(); });
      if (is_over_ || begun_ == count_) return;
      work_one(thread, guard);
    }
  }
  Status lead() {
    Guard guard(mutex_);
    while (taken_ < count_) {
      const size_t slot = taken_ % is_done_.size();
      if (is_done_[slot]) {
        guard.unlock();
        Status status = take_(taken_, slot);
        guard.lock();
        is_done_[slot] = false;
        ++taken_;
        is_over_ = !status;
        changed_.notify_all();
        if (!status) return status;
      } else if (may_begin()) {
        work_one(0, guard);
      } else {
        changed_.wait(guard);
      }
    }
    return {};
  }

  const size_t threads_;
  const size_t count_;
  const Work& work_;
  const Take& take_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t begun_ = 0;
  size_t taken_ = 0;  // written by the caller's thread only
  bool is_over_ = false;
  std::vector<bool> is_done_;  // by slot: worked on, and not taken yet
};

template <class Work, class Take>
Status work_in_order(size_t threads, size_t slots, size_t count, const Work& work, const Take& take) {
  return InOrder(threads, slots, count, work, take).run();
}

}  // namespace weerbaar
