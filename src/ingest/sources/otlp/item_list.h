// The items of one record while its JSON is read.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/sources/otlp/json_value.h"
#include "ingest/sources/otlp/mapping.h"
#include "ingest/sources/otlp/record.h"

namespace weerbaar::ingest::otlp {

// Reused from record to record. Its items view the JSON document and texts of its own, until clear().
class ItemList {
 public:
  // `mapping` must outlive it.
  explicit ItemList(const Mapping& mapping) : mapping_(mapping) {}
  ItemList(const ItemList&) = delete;
  ItemList& operator=(const ItemList&) = delete;

  void clear();

  // Whether some key has a meaning for an access event. Database statements alone do not count: most spans have them.
  [[nodiscard]] bool mentions_access(simdjson::dom::array pairs) const;
  [[nodiscard]] bool mentions_access(simdjson::dom::object object) const;

  // Attributes in the form of OTLP ([{"key": …, "value": {"stringValue": …}}]), and plain ({"key": value}). kInvalid
  // when a key comes twice or is too long, when a field with a meaning is not a scalar, when there are too many.
  Status add_key_values(simdjson::dom::array pairs);
  Status add_members(simdjson::dom::object object);
  // What stands beside the attributes: a name, a time, a body.
  void add(Field field, std::string_view key, const Scalar& value);

  [[nodiscard]] std::span<const Item> items() const { return items_; }
  // Some attribute that was added has such a meaning, and a value.
  [[nodiscard]] bool tells_of_access() const { return tells_of_access_; }
  // kInvalid when the items take more than kRecordBytesMax.
  [[nodiscard]] Status check_size() const;
  // For a span that tells of no access: others may need its name, when that is fit for one, and its status.
  void keep_name_and_status();

 private:
  enum class Form : uint8_t { kAnyValue, kPlain };

  Status add_attribute(std::string_view key, simdjson::dom::element value, Form form);
  Status add_data(std::string_view key, simdjson::dom::element value, Form form);
  Status add_item(std::string_view key, Meaning meaning, const Scalar& value);
  std::string_view keep(std::string_view text);

  const Mapping& mapping_;
  std::vector<Item> items_;
  std::vector<uint8_t> ranks_;  // of the items
  std::array<std::byte, 8 * 1024> first_texts_;
  std::pmr::monotonic_buffer_resource texts_{first_texts_.data(), first_texts_.size()};
  bool tells_of_access_ = false;
};

}  // namespace weerbaar::ingest::otlp
