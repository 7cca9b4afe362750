// Cases and the roles in them as the Zaken API delivers them (VNG, "API's voor zaakgericht werken", Zaken API 1.5).
#pragma once

#include <memory>
#include <string_view>

#include "register/delivery.h"
#include "register/delivery_mapping.h"

namespace weerbaar::facts {

// Pages of `zaken` and `rollen`, arrays or JSON Lines of either, in any order; roles also where they are expanded
// within their case. `is_whole`: it is to be all that there is, so a list of which a page is missing is an error. The
// file must outlive it. Takes memory for all roles.
std::unique_ptr<Delivery> open_zgw(std::string_view file, DeliveryMapping mapping, bool is_whole);

}  // namespace weerbaar::facts
