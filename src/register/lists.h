// Whether a snapshot in JSON holds all of its lists, so that what is missing in it is so no more.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "register/delivery_mapping.h"
#include "register/json_items.h"

namespace weerbaar::facts {

// A page tells how many items its list has; this tells of lists that lack some, of items in no list, and of a list that
// is not there: each kind of thing must stand in one list, unless the mapping says how many lists there are.
class Lists {
 public:
  explicit Lists(const DeliveryMapping& mapping) : mapping_(mapping) {}

  // kInvalid for an item in no list. `kind` is a bit.
  Status take(const JsonItem& item, unsigned kind);
  // Behind the last item of a page. `total`: the items of the whole list, where the page says it; the last one counts.
  // kInvalid when the list before it lacks items, or when a second list holds things of the same kind.
  Status end_page(uint64_t items, bool begins_list, std::optional<uint64_t> total);
  // Behind everything. kInvalid when the last list lacks items, when there is no list, or another number of them than
  // the mapping says.
  [[nodiscard]] Status end() const;
  // That came of the list at hand.
  [[nodiscard]] uint64_t items() const { return items_; }

 private:
  [[nodiscard]] Status end_list() const;

  const DeliveryMapping& mapping_;
  uint64_t lists_ = 0;
  uint64_t items_ = 0;
  uint64_t total_ = 0;
  unsigned of_page_ = 0;  // kinds
  unsigned of_list_ = 0;
  unsigned of_earlier_lists_ = 0;
};

}  // namespace weerbaar::facts
