// The body of a request for people: an object in JSON of which the members are known. Each error is kInvalid, names the
// member and the remedy, and repeats nothing that was sent.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "trail/store/search.h"

namespace weerbaar::service {

// An object that has none but these members, and none twice.
Result<nlohmann::ordered_json> parse_body(std::string_view body, std::span<const std::string_view> members);

// The object that a body is, whatever its members: none of them twice.
Result<nlohmann::ordered_json> parse_object(std::string_view body);

// The text of a member, in UTF-8: 1 to `bytes_max` bytes, not blank and without control characters.
Result<std::string> text_in(const nlohmann::ordered_json& body, const char* member, size_t bytes_max);
// The same where it may be absent: empty then.
Result<std::string> text_if_any(const nlohmann::ordered_json& body, const char* member, size_t bytes_max);
// A moment or a date.
Result<std::optional<Time>> moment_in(const nlohmann::ordered_json& body, const char* member);
// The members "from" and "to", of which the second is later.
Result<trail::TimeRange> range_in(const nlohmann::ordered_json& body);
// The member "limit": 1 to kItemsOfPageMax, else kItemsOfPage (api_json.h).
Result<size_t> limit_in(const nlohmann::ordered_json& body);

// A place in a list that stays what it is: of the list as it was when its first page was given, which `of` tells, how
// many items came before. Written "OF.PASSED"; it says nothing about any item.
struct ListCursor {
  uint64_t of = 0;
  uint64_t passed = 0;
};
std::string to_string(const ListCursor& cursor);
// The member "cursor"; nothing when it is absent.
Result<std::optional<ListCursor>> cursor_in(const nlohmann::ordered_json& body);

}  // namespace weerbaar::service
