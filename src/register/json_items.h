// JSON as interfaces deliver it: objects one after another (JSON Lines), an array of them, or pages of a list.
//
// The file is cut into items without parsing it as a whole, so that only one item at a time takes memory beyond it.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weerbaar::facts {

inline constexpr size_t kItemBytesMax = size_t{16} << 20U;
inline constexpr size_t kItemDepthMax = 64;

struct JsonItem {
  uint64_t number = 0;    // from 1, over the whole file
  std::string_view text;  // of one value with balanced brackets, into the file: the parser judges the rest
  bool is_loose = false;  // it stands in no array and on no page
};

// What a page says beside its items.
struct JsonPage {
  struct Member {
    std::string_view name;
    std::string_view value;  // as it is written: a text has its quotes
  };
  std::vector<Member> members;  // whose values are no arrays or objects
  uint64_t items = 0;

  // Empty when it has no such member, or it is null. Letters count alike in either case.
  [[nodiscard]] std::string_view find(std::string_view name) const;
  // The member as a count. Nothing when there is none; kInvalid when it is no count.
  [[nodiscard]] Result<std::optional<uint64_t>> find_count(std::string_view name) const;
};

// An object with an array named `list` is a page, of which the elements are items; any other object is an item. An
// array in no object is a page without members. Calls take(item) for each, and end_page(page) behind the last item of a
// page. kInvalid with item and line where the brackets do not fit, nest deeper than kItemDepthMax, or the file breaks
// off. Errors of both end it.
Status cut_json(std::string_view file, std::string_view list, const std::function<Status(const JsonItem&)>& take,
                const std::function<Status(const JsonPage&)>& end_page);

// Reads one item after another. What it gives lives until the next one.
class ItemParser {
 public:
  // kInvalid for what is no object, larger than kItemBytesMax, or no JSON.
  Result<simdjson::dom::object> parse(std::string_view text);

 private:
  simdjson::dom::parser parser_;
  std::string padded_;
};

// The member of that name, letters of either case alike; nothing when it is absent or null. kInvalid when it is there
// twice.
Result<std::optional<simdjson::dom::element>> find_member(simdjson::dom::object object, std::string_view name);
// The same for members that must be of a kind. Texts: empty when there is none.
Result<std::string_view> find_text(simdjson::dom::object object, std::string_view name);
Result<std::optional<simdjson::dom::object>> find_object(simdjson::dom::object object, std::string_view name);
Result<std::optional<simdjson::dom::array>> find_array(simdjson::dom::object object, std::string_view name);

}  // namespace weerbaar::facts
