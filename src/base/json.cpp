#include "base/json.h"

#include <nlohmann/json.hpp>

namespace weerbaar {

std::string to_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace weerbaar
