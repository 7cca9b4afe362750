// Whether a snapshot in JSON holds all of its lists, so that what is missing in it is so no more.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "register/delivery_mapping.h"
#include "register/json_items.h"

namespace weerbaar::facts {

// Within a list the format itself tells what is missing; this tells of items in none, and of a list that is not there:
// each kind of thing must stand in one list, unless the mapping says how many lists there are.
class Lists {
 public:
  explicit Lists(const DeliveryMapping& mapping) : mapping_(mapping) {}

  // kInvalid for an item in no list. `kind` is a bit.
  Status take(const JsonItem& item, unsigned kind);
  // Behind the last item of a page. kInvalid when a second list holds things of the same kind.
  Status end_page(bool begins_list);
  // Behind everything. kInvalid when there are more or fewer lists than the mapping says.
  [[nodiscard]] Status end() const;

 private:
  const DeliveryMapping& mapping_;
  uint64_t lists_ = 0;
  unsigned of_page_ = 0;  // kinds
  unsigned of_list_ = 0;
  unsigned of_earlier_lists_ = 0;
};

}  // namespace weerbaar::facts
