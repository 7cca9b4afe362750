// People, groups and units as an LDAP directory exports them, Active Directory among them: LDIF (RFC 2849).
#pragma once

#include <memory>
#include <string_view>

#include "register/delivery.h"
#include "register/delivery_mapping.h"

namespace weerbaar::facts {

// A snapshot. The file must outlive it.
std::unique_ptr<Delivery> open_ldif(std::string_view file, DeliveryMapping mapping);

}  // namespace weerbaar::facts
