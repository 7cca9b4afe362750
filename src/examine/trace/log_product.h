// The logarithm of a product of many factors, with few logarithms.
#pragma once

#include <cmath>

namespace weerbaar::trace {

class LogProduct {
 public:
  // `factor` lies between 1e-100 and 1e100.
  void times(double factor) {
    product_ *= factor;
    if (product_ > 1e150 || product_ < 1e-150) fold();
  }
  double log() {
    fold();
    return sum_;
  }

 private:
  void fold() {
    sum_ += std::log(product_);
    product_ = 1;
  }

  double product_ = 1;
  double sum_ = 0;
};

}  // namespace weerbaar::trace
