#include "register/lists.h"

#include <fmt/format.h>

namespace weerbaar::facts {

Status Lists::take(const JsonItem& item, unsigned kind) {
  of_page_ |= kind;
  if (!item.is_loose || mapping_.may_lack_its_end) return {};
  return fail(Code::kInvalid, fmt::format("item {} stands in no list, and so nothing tells that the last one is there: "
                                          "deliver lists or an array, or say may_lack_its_end = true in the mapping",
                                          item.number));
}

Status Lists::end_page(uint64_t items, bool begins_list, std::optional<uint64_t> total) {
  if (begins_list) {
    WEERBAAR_TRY(end_list());
    ++lists_;
    items_ = 0;
    of_earlier_lists_ |= of_list_;
    of_list_ = 0;
  }
  items_ += items;
  total_ = total.value_or(0);
  of_list_ |= of_page_;
  of_page_ = 0;
  if (mapping_.answers || mapping_.may_lack_its_end || (of_earlier_lists_ & of_list_) == 0) return {};
  return fail(Code::kInvalid,
              "two lists hold things of the same kind, and nothing tells that there is no third: say in the mapping "
              "how many there are, such as answers = 2");
}

Status Lists::end_list() const {
  if (items_ >= total_) return {};
  return fail(Code::kInvalid, fmt::format("a list holds {} of its {} items: what is missing would be taken for what is "
                                          "so no more; deliver all of its pages in one file",
                                          items_, total_));
}

Status Lists::end() const {
  WEERBAAR_TRY(end_list());
  if (lists_ == 0 && !mapping_.may_lack_its_end) {
    return fail(Code::kInvalid, "it holds no list: deliver what the interface answered");
  }
  if (!mapping_.answers || *mapping_.answers == lists_) return {};
  return fail(Code::kInvalid, fmt::format("it holds {} lists, and the mapping says answers = {}: deliver all of them "
                                          "in one file",
                                          lists_, *mapping_.answers));
}

}  // namespace weerbaar::facts
