// JSON of which no two readers can think differently: names that stand in an object twice, of which some take the first
// and some the last, are found out (RFC 7493, 2.3).
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weerbaar {

template <class Json>
struct StrictJson {
  Json value;               // discarded when it is no JSON
  bool has_double = false;  // an object has a member twice
  bool is_too_deep = false;
};

// `nesting_max`: of objects and arrays in each other.
template <class Json>
StrictJson<Json> parse_strictly(std::string_view text, size_t nesting_max) {
  StrictJson<Json> parsed;
  std::vector<std::set<std::string>> names;
  const std::function<bool(int, typename Json::parse_event_t, Json&)> see =
      [&](int depth, typename Json::parse_event_t event, Json& at) {
        switch (event) {
          case Json::parse_event_t::object_start:
            names.emplace_back();
            [[fallthrough]];
          case Json::parse_event_t::array_start:
            parsed.is_too_deep = parsed.is_too_deep || static_cast<size_t>(depth) >= nesting_max;
            break;
          case Json::parse_event_t::key:
            parsed.has_double = parsed.has_double || !names.back().insert(at.template get<std::string>()).second;
            break;
          case Json::parse_event_t::object_end:
            names.pop_back();
            break;
          default:
            break;
        }
        return true;
      };
  parsed.value = Json::parse(text.begin(), text.end(), see, false);
  return parsed;
}

}  // namespace weerbaar
