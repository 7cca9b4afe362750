#include "service/evidence.h"

namespace weerbaar::service {

people::Record record_in(EventWriter& writer) {
  return [&writer](const people::Deed& deed) {
    return people::hand_over(deed, [&writer](const AccessEvent& event) -> Status {
      WEERBAAR_ASSIGN(const std::vector<trail::Refused> refused, writer.append({&event, 1}));
      if (!refused.empty()) return std::unexpected(refused[0].error);
      return {};
    });
  };
}

}  // namespace weerbaar::service
