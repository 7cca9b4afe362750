// JSON on one line: the form of records, answers and logs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace weerbaar {

// Bytes that are no UTF-8, as names of files may hold, come out as U+FFFD.
std::string to_line(const nlohmann::ordered_json& json);

}  // namespace weerbaar
