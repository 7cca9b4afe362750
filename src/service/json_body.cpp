#include "service/json_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/strict_json.h"
#include "base/utf8.h"
#include "domain/access_event.h"
#include "service/api_json.h"

namespace weerbaar::service {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kNestingMax = 4;

std::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return fail(Code::kInvalid, fmt::format("{} {}", member, what));
}

bool has_control(std::string_view text) {
  constexpr unsigned char kFirstPrintable = 0x20;
  constexpr unsigned char kDelete = 0x7f;
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < kFirstPrintable || byte == kDelete;
  });
}

}  // namespace

Result<Json> parse_object(std::string_view body) {
  auto parsed = parse_strictly<Json>(body, kNestingMax);
  if (!parsed.value.is_object() || parsed.is_too_deep) {
    return fail(Code::kInvalid, "the body is to be an object in JSON");
  }
  if (parsed.has_double) return fail(Code::kInvalid, "the body has a member twice: readers would differ about it");
  return std::move(parsed.value);
}

Result<Json> parse_body(std::string_view body, std::span<const std::string_view> members) {
  WEERBAAR_ASSIGN(Json json, parse_object(body));
  for (const auto& [name, value] : json.items()) {
    if (std::ranges::find(members, name) != members.end()) continue;
    return fail(Code::kInvalid, fmt::format("the members are {}, and no others", fmt::join(members, ", ")));
  }
  return json;
}

Result<std::string> text_in(const Json& body, const char* member, size_t bytes_max) {
  const auto found = body.find(member);
  const bool is_right = found != body.end() && found->is_string() && !is_blank(found->get_ref<const std::string&>()) &&
                        found->get_ref<const std::string&>().size() <= bytes_max &&
                        !has_control(found->get_ref<const std::string&>());
  if (!is_right)
    return wrong(member,
                 fmt::format("is a text of 1 to {} bytes, not blank and without control characters", bytes_max));
  return found->get<std::string>();
}

Result<std::string> text_if_any(const Json& body, const char* member, size_t bytes_max) {
  if (!body.contains(member)) return std::string();
  return text_in(body, member, bytes_max);
}

Result<std::optional<Time>> moment_in(const Json& body, const char* member) {
  WEERBAAR_ASSIGN(const std::string text, text_if_any(body, member, kNameBytesMax));
  if (text.empty()) return std::nullopt;
  const auto time = parse_time_or_date(text);
  if (!time) return fail_in(member, time.error());
  return *time;
}

Result<trail::TimeRange> range_in(const Json& body) {
  trail::TimeRange range;
  WEERBAAR_ASSIGN(range.from, moment_in(body, "from"));
  WEERBAAR_ASSIGN(range.to, moment_in(body, "to"));
  if (range.from && range.to && *range.from >= *range.to) {
    return wrong("to", "must be later than from: it is the first moment that is left out");
  }
  return range;
}

Result<size_t> limit_in(const Json& body) {
  const auto found = body.find("limit");
  if (found == body.end()) return kItemsOfPage;
  const bool is_right =
      found->is_number_unsigned() && found->get<uint64_t>() >= 1 && found->get<uint64_t>() <= kItemsOfPageMax;
  if (!is_right) return wrong("limit", fmt::format("is 1 to {}", kItemsOfPageMax));
  return found->get<size_t>();
}

std::string to_string(const ListCursor& cursor) {
  return fmt::format("{}.{}", cursor.of, cursor.passed);
}

Result<std::optional<ListCursor>> cursor_in(const Json& body) {
  WEERBAAR_ASSIGN(const std::string text, text_if_any(body, "cursor", kNameBytesMax));
  if (text.empty()) return std::nullopt;
  const size_t dot = std::min(text.find('.'), text.size() - 1);
  const auto of = whole_number(std::string_view(text).substr(0, dot));
  const auto passed = whole_number(std::string_view(text).substr(dot + 1));
  if (!of || !passed) return wrong("cursor", "is what the page before gave as next");
  return ListCursor{*of, *passed};
}

}  // namespace weerbaar::service
