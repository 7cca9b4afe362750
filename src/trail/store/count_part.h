// What a part of the events brings into the groups of a count: numbers for its distinct values, so that counting itself
// compares numbers only.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trail/store/count.h"
#include "trail/store/value_table.h"

namespace weerbaar::trail {

// Where the value of a field comes from: the time of an event, the application or the operation in its shape, its
// actor, or the event itself.
enum class Origin : uint8_t { kTime, kApplication, kOperation, kActor, kEvent };
inline constexpr size_t kOrigins = 5;

Origin origin_of(CountField field);
// Of a field of the time; `hours` since 1970, floored.
std::string time_value(CountField field, int64_t hours);
// Of a field of the application or the operation, or of the actor.
std::string_view value_of(CountField field, const StoredShape& shape);
std::string_view value_of(CountField field, const StoredActor& actor);

// The values of the fields of one origin: as many numbers as there are combinations of them in the groups.
class CountPart {
 public:
  // Stands for what the conditions exclude.
  static constexpr uint32_t kLeftOut = UINT32_MAX;

  // `query` must outlive it.
  CountPart(const CountQuery& query, Origin origin);

  // False when every event has the number 0.
  [[nodiscard]] bool is_asked() const { return !fields_.empty(); }
  // Each once: those of the groups and those of the conditions.
  [[nodiscard]] std::span<const CountField> fields() const { return fields_; }
  // `values`: of fields().
  uint32_t number(std::span<const std::string_view> values);
  // Numbers given so far, without kLeftOut.
  [[nodiscard]] size_t numbers() const { return groups_.size(); }
  // Of the field of this origin that comes at this place among those of the groups.
  [[nodiscard]] const std::string& value(uint32_t number, size_t place) const { return groups_[number][place]; }
  // Gives the numbers of another part for the same values here, by their numbers there.
  std::vector<uint32_t> take(const CountPart& other);

 private:
  uint32_t group_number(std::vector<std::string> group);

  const CountQuery& query_;
  const Origin origin_;
  std::vector<CountField> fields_;
  std::string key_;
  TextTable combinations_;         // the values of all fields, one behind the other with their lengths
  std::vector<uint32_t> numbers_;  // by code
  std::map<std::vector<std::string>, uint32_t> by_group_;
  std::vector<std::vector<std::string>> groups_;
};

}  // namespace weerbaar::trail
