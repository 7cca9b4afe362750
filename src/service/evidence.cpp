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

Result<people::Deed> new_deed(const Visitor& visitor, Action action, std::string component) {
  WEERBAAR_ASSIGN(people::Deed deed, people::new_deed(visitor.account.employee, action, std::move(component)));
  deed.ip = visitor.address;
  return deed;
}

}  // namespace weerbaar::service
