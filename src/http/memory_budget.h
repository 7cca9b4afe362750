// A number of bytes that many threads share: what is taken beyond it is refused, not waited for.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace weerbaar::http {

// Thread-safe; the shares of it are not. Must outlive its shares.
class MemoryBudget {
 public:
  explicit MemoryBudget(size_t bytes_max) : bytes_max_(bytes_max) {}

  [[nodiscard]] size_t used() const { return used_.load(std::memory_order_relaxed); }

  // Gives back what it took when it is destroyed.
  class Share {
   public:
    Share() = default;
    explicit Share(MemoryBudget& budget) : budget_(&budget) {}
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      if (this != &other) {
        release();
        budget_ = std::exchange(other.budget_, nullptr);
        bytes_ = std::exchange(other.bytes_, 0);
      }
      return *this;
    }
    ~Share() { release(); }

    // False, and nothing is taken, when the budget has no more.
    [[nodiscard]] bool take(size_t bytes) {
      if (budget_ == nullptr || !budget_->take(bytes)) return false;
      bytes_ += bytes;
      return true;
    }
    [[nodiscard]] size_t bytes() const { return bytes_; }
    void release() {
      if (budget_ != nullptr) budget_->used_.fetch_sub(std::exchange(bytes_, 0), std::memory_order_relaxed);
    }

   private:
    MemoryBudget* budget_ = nullptr;
    size_t bytes_ = 0;
  };

 private:
  bool take(size_t bytes) {
    size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > bytes_max_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }

  const size_t bytes_max_;
  std::atomic<size_t> used_ = 0;
};

}  // namespace weerbaar::http
