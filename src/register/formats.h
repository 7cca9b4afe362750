// The formats of deliveries that hold facts of several tables.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "register/delivery.h"
#include "register/delivery_mapping.h"

namespace weerbaar::facts {

struct DeliveryFormat {
  std::string_view name;
  bool knows_history = false;  // false: what it delivers is always a snapshot
  // `is_snapshot` where it knows history: the delivery is to be all that there is.
  std::unique_ptr<Delivery> (*open)(std::string_view file, DeliveryMapping mapping, bool is_snapshot) = nullptr;
};

std::span<const DeliveryFormat> delivery_formats();
// Null when there is none of that name.
const DeliveryFormat* find_delivery_format(std::string_view name);

}  // namespace weerbaar::facts
