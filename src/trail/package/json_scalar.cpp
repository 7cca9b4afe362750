#include "trail/package/json_scalar.h"

#include <nlohmann/json.hpp>

#include "domain/access_event_json.h"

namespace weerbaar::trail {

Result<std::string> parse_json_string(std::string_view json) {
  // Only a string begins so: whatever else could nest without bound.
  if (!json.starts_with('"')) return fail(Code::kInvalid, "it is not a JSON string");
  const auto value = nlohmann::json::parse(json, nullptr, false);
  if (!value.is_string()) return fail(Code::kInvalid, "it is not a JSON string");
  std::string text = value.get<std::string>();
  std::string again;
  append_json_string(again, text);
  if (again != json) return fail(Code::kInvalid, "it is a JSON string with other escapes than we write");
  return text;
}

bool is_json_string_or_number(std::string_view json) {
  if (json.empty() || (json[0] != '"' && json[0] != '-' && (json[0] < '0' || json[0] > '9'))) return false;
  return nlohmann::json::accept(json);
}

}  // namespace weerbaar::trail
