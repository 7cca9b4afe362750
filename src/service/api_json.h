// JSON in requests and answers of the API for people.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "people/accounts.h"
#include "service/json_log.h"

namespace weerbaar::service {

inline constexpr size_t kItemsOfPage = 100;
inline constexpr size_t kItemsOfPageMax = 1'000;

http::Response json_answer(int status, const nlohmann::ordered_json& json);

// The texts of an object that has exactly these members, each a text. kInvalid names what is wrong, and repeats nothing
// of it.
Result<std::map<std::string, std::string, std::less<>>> read_texts(std::string_view body,
                                                                   std::span<const std::string_view> names);

// 400, 403, 404 or 409 with the text of the error; 503 without it for what is wrong with the machine.
http::Response failure(const Error& error);
// The same; the log tells why, when it is not for who asked to mend.
http::Response failure(const Error& error, JsonLog& log);

// 503, whatever the error: what is not on record does not happen.
http::Response unrecorded(const Error& error, JsonLog& log);

// {"name", "employee", "roles", "disabled", "must_renew"}: what an account is, without what is its owner's.
nlohmann::ordered_json account_json(const people::Account& account);

// Decimal digits and nothing else; nothing when it is no number, or too large a one.
std::optional<uint64_t> whole_number(std::string_view text);

// Which part of a list is asked for: `cursor` and `limit` of the query.
struct PageAsked {
  uint64_t before = UINT64_MAX;  // numbers below it, the highest first
  size_t limit = kItemsOfPage;
};
Result<PageAsked> read_page(std::string_view query);
// Of those only the limit, where a cursor is no number.
Result<size_t> read_limit(std::string_view query);

// Under a body {"justified": true or false, "remark": text}, with which a person judges what a machine said.
struct Judged {
  bool justified = false;
  std::string remark;
};
Result<Judged> read_judged(std::string_view body);

}  // namespace weerbaar::service
