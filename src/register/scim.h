// Users and groups as SCIM 2.0 delivers them (RFC 7643, RFC 7644): pages of lists, an array, or JSON Lines.
#pragma once

#include <memory>
#include <string_view>

#include "register/delivery.h"
#include "register/delivery_mapping.h"

namespace weerbaar::facts {

// A snapshot: it must be whole, so a list of which a page is missing is an error. The file must outlive it.
std::unique_ptr<Delivery> open_scim(std::string_view file, DeliveryMapping mapping);

}  // namespace weerbaar::facts
