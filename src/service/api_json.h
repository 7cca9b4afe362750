// JSON in requests and answers of the API for people.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace weerbaar::service {

http::Response json_answer(int status, const nlohmann::ordered_json& json);

// The texts of an object that has exactly these members, each a text. kInvalid names what is wrong, and repeats nothing
// of it.
Result<std::map<std::string, std::string, std::less<>>> read_texts(std::string_view body,
                                                                   std::span<const std::string_view> names);

// 400, 403, 404 or 409 with the text of the error; 503 without it for what is wrong with the machine.
http::Response failure(const Error& error);

}  // namespace weerbaar::service
