// A file descriptor that is closed in the end, and system calls that a signal interrupted. For sources of this module.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace weerbaar::os {

// Repeats a system call that a signal interrupted.
template <class Call>
auto retry(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    // What close() could still report was asked of sync() by whoever cares.
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

}  // namespace weerbaar::os
