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

Status check_number(SubjectType type, std::string_view id) {
  if (type == SubjectType::kBsn && id.size() != 9) {
    return fail(Code::kInvalid, "a bsn has nine digits: write its leading zero too");
  }
  if (type == SubjectType::kBsn && !is_bsn(id)) {
    return fail(Code::kInvalid,
                "the bsn does not pass the 11-test: a digit is wrong (a wrong number that a source "
                "delivered is found as other:…)");
  }
  if (type == SubjectType::kRsin && !is_bsn(id)) {
    return fail(Code::kInvalid,
                "an rsin has nine digits and passes the 11-test: a digit is wrong or missing (a wrong "
                "number that a source delivered is found as other:…)");
  }
  return {};
}

}  // namespace weerbaar
