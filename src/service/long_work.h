// Work of requests that takes long, or memory: a few at once, so that all others find a worker.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "http/message.h"

namespace weerbaar::service {

// Thread-safe.
class LongWork {
 public:
  static constexpr int kAtOnce = 2;
  static constexpr uint32_t kRetrySeconds = 10;

  explicit LongWork(int at_once = kAtOnce) : at_once_(at_once) {}

  // As long as it lives, its holder may work.
  class Turn {
   public:
    explicit Turn(std::atomic<int>& under_way) : under_way_(&under_way) {}
    Turn(Turn&& other) noexcept : under_way_(std::exchange(other.under_way_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (under_way_ != nullptr) --*under_way_;
    }

   private:
    std::atomic<int>* under_way_;
  };

  // Nothing when as many are at work already. It must outlive the turn.
  std::optional<Turn> begin() {
    if (++under_way_ > at_once_) {
      --under_way_;
      return std::nullopt;
    }
    return Turn(under_way_);
  }
  // What who finds no turn is told: 503, and when to come back.
  static http::Response come_back() {
    return http::problem_retry(503, "others have such work done now: ask again later", kRetrySeconds);
  }

 private:
  const int at_once_;
  std::atomic<int> under_way_ = 0;
};

}  // namespace weerbaar::service
