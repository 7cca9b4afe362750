#include "ingest/sources/syslog/content.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/utf8.h"

namespace weerbaar::ingest::syslog {
namespace {

constexpr std::string_view kCookie = "@cee:";
constexpr std::string_view kLabel = "Label";

std::unexpected<Error> twice() {
  return fail(Code::kInvalid, "it comes twice in the message, which has no one meaning then: correct the sender");
}

// The one pair whose first is `key`.
template <class All>
Status find_one(const All& all, std::string_view key, std::string& to) {
  const std::string* found = nullptr;
  for (const auto& [name, value] : all) {
    if (name != key) continue;
    if (found != nullptr) return twice();
    found = &value;
  }
  if (found != nullptr) to = *found;
  return {};
}

Status find_parameter(const Message& message, std::string_view wanted, std::string& to) {
  bool found = false;
  for (const Parameter& parameter : message.parameters) {
    const bool is_it = wanted.size() == parameter.id.size() + 1 + parameter.name.size() &&
                       wanted.starts_with(parameter.id) && wanted[parameter.id.size()] == '.' &&
                       wanted.ends_with(parameter.name);
    if (!is_it) continue;
    if (found) return twice();
    found = true;
    unescape_value(parameter.value, to);
  }
  return {};
}

// The value of the key K for which K + "Label" has the value `label`.
Status find_labelled(const Cef& cef, std::string_view label, std::string& to) {
  std::optional<std::string_view> key;
  for (const auto& [name, value] : cef.extension) {
    if (value != label || name.size() <= kLabel.size() || !name.ends_with(kLabel)) continue;
    if (key) return twice();
    key = std::string_view(name).substr(0, name.size() - kLabel.size());
  }
  return key ? find_one(cef.extension, *key, to) : Status{};
}

// The member of that name; nothing, or an error when there are two.
Result<std::optional<simdjson::dom::element>> member_of(const simdjson::dom::object& object, std::string_view name) {
  std::optional<simdjson::dom::element> found;
  for (const auto& [key, value] : object) {
    if (key != name) continue;
    if (found) return twice();
    found = value;
  }
  return found;
}

}  // namespace

void Wanted::add(Part part) {
  cef = cef || part == Part::kCefHeader || part == Part::kCefExtension || part == Part::kCefLabel;
  json = json || part == Part::kJson;
  pairs = pairs || part == Part::kPair;
}

Status Content::read(const Message& message, const Wanted& wanted) {
  message_ = &message;
  is_cef_ = is_json_ = false;
  pairs_.clear();
  std::string_view text = message.content;
  if (text.starts_with(kCookie)) text.remove_prefix(kCookie.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (wanted.pairs) parse_pairs(text, pairs_);
  if (wanted.cef && text.starts_with(kCefMark)) {
    is_cef_ = true;
    return parse_cef(text, cef_);
  }
  if (wanted.json && text.starts_with('{')) {
    if (parser_.parse(text.data(), text.size()).get(root_) != simdjson::SUCCESS) {
      return fail(Code::kInvalid, "the message begins as JSON and is none: correct the sender");
    }
    is_json_ = true;
  }
  return {};
}

Status Content::text(const Column& column, std::string& to) const {
  to.clear();
  switch (column.part) {
    case Part::kFacility:
    case Part::kSeverity:
      if (message_->priority < 0) return {};
      to = std::to_string(column.part == Part::kFacility ? message_->priority / 8 : message_->priority % 8);
      return {};
    case Part::kTime:
      return {};
    case Part::kHost:
      to = message_->host;
      break;
    case Part::kApp:
      to = message_->app;
      break;
    case Part::kProcid:
      to = message_->procid;
      break;
    case Part::kMsgid:
      to = message_->msgid;
      break;
    case Part::kContent:
      to = message_->content;
      break;
    case Part::kStructuredData:
      WEERBAAR_TRY(find_parameter(*message_, column.name, to));
      break;
    case Part::kCefHeader:
      if (is_cef_) to = cef_.header[column.cef_header];
      break;
    case Part::kCefExtension:
      if (is_cef_) WEERBAAR_TRY(find_one(cef_.extension, column.name, to));
      break;
    case Part::kCefLabel:
      if (is_cef_) WEERBAAR_TRY(find_labelled(cef_, column.name, to));
      break;
    case Part::kJson:
      if (is_json_) WEERBAAR_TRY(json_text(column, to));
      break;
    case Part::kPair:
      WEERBAAR_TRY(find_one(pairs_, column.name, to));
      break;
  }
  if (!is_utf8(to)) return fail(Code::kInvalid, "it is not UTF-8: correct the sender");
  return {};
}

// Texts as they are, everything else as JSON; null is an empty text.
Status Content::json_text(const Column& column, std::string& to) const {
  simdjson::dom::element at = root_;
  for (const std::string& step : column.path) {
    simdjson::dom::object object;
    simdjson::dom::array array;
    if (at.get(object) == simdjson::SUCCESS) {
      WEERBAAR_ASSIGN(const auto member, member_of(object, step));
      if (!member) return {};
      at = *member;
    } else if (at.get(array) == simdjson::SUCCESS) {
      size_t index = 0;
      const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
      if (error != std::errc{} || end != step.data() + step.size()) return {};
      if (array.at(index).get(at) != simdjson::SUCCESS) return {};
    } else {
      return {};
    }
  }
  std::string_view text;
  if (at.is_null()) return {};
  if (at.get(text) == simdjson::SUCCESS) {
    to = text;
  } else {
    to = simdjson::minify(at);
  }
  return {};
}

}  // namespace weerbaar::ingest::syslog
