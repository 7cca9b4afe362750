#include "domain/identifiers.h"

#include <cstddef>

namespace weerbaar {

bool is_bsn(std::string_view id) {
  if (id.size() != 9) return false;
  int sum = 0;
  bool all_zero = true;
  for (size_t i = 0; i < id.size(); ++i) {
    if (id[i] < '0' || id[i] > '9') return false;
    const int weight = i == 8 ? -1 : 9 - static_cast<int>(i);
    sum += weight * (id[i] - '0');
    all_zero = all_zero && id[i] == '0';
  }
  return !all_zero && sum % 11 == 0;
}

}  // namespace weerbaar
