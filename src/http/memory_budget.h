// A number of bytes that many threads share: what is taken beyond it is refused, not waited for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace weerbaar::http {

// Thread-safe; the shares of it are not. Must outlive its shares.
class MemoryBudget {
 public:
  // Of one holder at most `bytes_a_holder_max`, so that what is held without end by one leaves room for others.
  explicit MemoryBudget(size_t bytes_max, size_t bytes_a_holder_max = SIZE_MAX)
      : bytes_max_(bytes_max), bytes_a_holder_max_(bytes_a_holder_max) {}

  [[nodiscard]] size_t used() const {
    const std::lock_guard lock(mutex_);
    return used_;
  }

  // Gives back what it took when it is destroyed.
  class Share {
   public:
    Share() = default;
    // Without a holder the whole of the budget is its only limit.
    explicit Share(MemoryBudget& budget, std::optional<uint64_t> holder = std::nullopt)
        : budget_(&budget), holder_(holder) {}
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)),
          holder_(other.holder_),
          bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      if (this != &other) {
        release();
        budget_ = std::exchange(other.budget_, nullptr);
        holder_ = other.holder_;
        bytes_ = std::exchange(other.bytes_, 0);
      }
      return *this;
    }
    ~Share() { release(); }

    // False, and nothing is taken, when the budget or its holder has no more.
    [[nodiscard]] bool take(size_t bytes) {
      if (budget_ == nullptr || !budget_->take(bytes, holder_)) return false;
      bytes_ += bytes;
      return true;
    }
    [[nodiscard]] size_t bytes() const { return bytes_; }
    void release() {
      if (budget_ != nullptr && bytes_ > 0) budget_->give_back(std::exchange(bytes_, 0), holder_);
    }

   private:
    MemoryBudget* budget_ = nullptr;
    std::optional<uint64_t> holder_;
    size_t bytes_ = 0;
  };

 private:
  bool take(size_t bytes, const std::optional<uint64_t>& holder) {
    const std::lock_guard lock(mutex_);
    if (bytes > bytes_max_ - used_) return false;
    if (bytes == 0) return true;
    if (holder) {
      const auto known = held_.find(*holder);
      if (bytes > bytes_a_holder_max_ - (known == held_.end() ? 0 : known->second)) return false;
      held_[*holder] += bytes;
    }
    used_ += bytes;
    return true;
  }
  void give_back(size_t bytes, const std::optional<uint64_t>& holder) {
    const std::lock_guard lock(mutex_);
    used_ -= bytes;
    if (!holder) return;
    const auto known = held_.find(*holder);
    known->second -= bytes;
    if (known->second == 0) held_.erase(known);
  }

  const size_t bytes_max_;
  const size_t bytes_a_holder_max_;
  mutable std::mutex mutex_;
  size_t used_ = 0;
  std::unordered_map<uint64_t, size_t> held_;  // by those who hold something
};

}  // namespace weerbaar::http
