#include "ingest/sources/otlp/item_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "domain/access_event.h"

namespace weerbaar::ingest::otlp {
namespace {

namespace dom = simdjson::dom;

// A key of ours can be shown; another could be anything.
std::string shown(std::string_view key, Field field) {
  return field == Field::kNone ? std::string("an attribute") : std::string(key);
}

bool is_compound(dom::element value, bool is_any_value) {
  if (!is_any_value) return value.is_array() || value.is_object();
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return false;
  return std::ranges::any_of(object, [](const auto& member) { return member.value.is_object(); });
}

bool tells(const Meaning& meaning) {
  return meaning.field != Field::kNone && (meaning.field != Field::kQuery || meaning.rank == 0);
}

bool is_fit_for_component(std::string_view name) {
  return name.size() <= kTextBytesMax &&
         std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

void ItemList::clear() {
  items_.clear();
  ranks_.clear();
  texts_.release();
  tells_of_access_ = false;
}

bool ItemList::mentions_access(dom::array pairs) const {
  for (const dom::element pair : pairs) {
    std::string_view key;
    if (pair.is_object() && pair["key"].get(key) == simdjson::SUCCESS && tells(meaning_of(key, mapping_))) return true;
  }
  return false;
}

bool ItemList::mentions_access(dom::object object) const {
  for (const dom::key_value_pair member : object) {
    if (tells(meaning_of(member.key, mapping_))) return true;
  }
  return false;
}

Status ItemList::add_key_values(dom::array pairs) {
  for (const dom::element pair : pairs) {
    std::string_view key;
    dom::element value;
    if (!pair.is_object() || pair["key"].get(key) != simdjson::SUCCESS) {
      return fail(Code::kInvalid, "an attribute has no key: write {\"key\": …, \"value\": …}");
    }
    if (pair["value"].get(value) != simdjson::SUCCESS) continue;
    WEERBAAR_TRY(add_attribute(key, value, Form::kAnyValue));
  }
  return {};
}

Status ItemList::add_members(dom::object object) {
  for (const auto& [key, value] : object) WEERBAAR_TRY(add_attribute(key, value, Form::kPlain));
  return {};
}

Status ItemList::add_attribute(std::string_view key, dom::element value, Form form) {
  if (key.size() > kKeyBytesMax) {
    return fail(Code::kInvalid,
                fmt::format("the key of an attribute is longer than {} bytes: shorten it at the source", kKeyBytesMax));
  }
  const Meaning meaning = meaning_of(key, mapping_);
  if (std::ranges::find(items_, key, &Item::key) != items_.end()) {
    return fail(Code::kInvalid, fmt::format("{} comes twice: send each once", shown(key, meaning.field)));
  }
  if (meaning.field == Field::kData) return add_data(key, value, form);
  if (meaning.field != Field::kNone && is_compound(value, form == Form::kAnyValue)) {
    // LDV: at most one data subject per line. The same goes for every field of an event but `data`.
    return fail(Code::kInvalid,
                fmt::format("{} must be one value: for more data subjects, send a child span each", key));
  }
  auto scalar = form == Form::kAnyValue ? read_any_value(value) : read_plain_value(value);
  if (!scalar) return fail_in(shown(key, meaning.field), scalar.error());
  // An empty text is the same as none.
  if (!*scalar || (meaning.field != Field::kNone && (*scalar)->text.empty())) return {};
  return add_item(key, meaning, **scalar);
}

Status ItemList::add_data(std::string_view key, dom::element value, Form form) {
  std::optional<dom::array> array;
  dom::array plain;
  if (form == Form::kAnyValue) {
    array = array_of_any_value(value);
  } else if (value.get(plain) == simdjson::SUCCESS) {
    array = plain;
  }
  const auto add_one = [&](dom::element item) -> Status {
    auto scalar = form == Form::kAnyValue ? read_any_value(item) : read_plain_value(item);
    if (!scalar) return fail_in(key, scalar.error());
    if (!*scalar || (*scalar)->text.empty()) return {};
    if (!(*scalar)->is_text || is_compound(item, form == Form::kAnyValue)) {
      return fail(Code::kInvalid, fmt::format("{} must be a text or an array of texts: mend it at the source", key));
    }
    return add_item(key, {Field::kData}, **scalar);
  };
  if (!array) return add_one(value);
  for (const dom::element item : *array) WEERBAAR_TRY(add_one(item));
  return {};
}

Status ItemList::add_item(std::string_view key, Meaning meaning, const Scalar& value) {
  if (items_.size() >= kRecordItemsMax) {
    return fail(Code::kInvalid, fmt::format("it has more than {} attributes: send fewer", kRecordItemsMax));
  }
  const bool is_single = meaning.field != Field::kNone && meaning.field != Field::kData;
  if (is_single) {
    // Another attribute may mean the same: the one with the lower rank keeps the meaning.
    const auto other = std::ranges::find(items_, meaning.field, &Item::field);
    if (other != items_.end()) {
      const uint8_t rank = ranks_[static_cast<size_t>(other - items_.begin())];
      if (rank == meaning.rank) return fail(Code::kInvalid, fmt::format("{} comes twice: send each once", key));
      (rank < meaning.rank ? meaning.field : other->field) = Field::kNone;
    }
  }
  tells_of_access_ = tells_of_access_ || tells(meaning);
  items_.push_back({meaning.field, value.is_text, key, keep(value.text)});
  ranks_.push_back(meaning.rank);
  return {};
}

void ItemList::add(Field field, std::string_view key, const Scalar& value) {
  if (value.text.empty()) return;
  items_.push_back({field, value.is_text, key, keep(value.text)});
  ranks_.push_back(0);
}

Status ItemList::check_size() const {
  size_t bytes = 0;
  for (const Item& item : items_) bytes += json_bytes(item);
  if (bytes <= kRecordBytesMax) return {};
  return fail(Code::kInvalid, fmt::format("its attributes take more than {} bytes: send less", kRecordBytesMax));
}

void ItemList::keep_name_and_status() {
  std::erase_if(items_, [](const Item& item) {
    return item.field != Field::kStatus && (item.field != Field::kName || !is_fit_for_component(item.value));
  });
}

std::string_view ItemList::keep(std::string_view text) {
  if (text.empty()) return {};
  auto* copy = static_cast<char*>(texts_.allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

}  // namespace weerbaar::ingest::otlp
