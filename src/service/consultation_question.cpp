#include "service/consultation_question.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "service/api_json.h"

namespace weerbaar::service {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kOf = "of";
constexpr const char* kBy = "by";
constexpr const char* kFrom = "from";
constexpr const char* kTo = "to";
constexpr const char* kLimit = "limit";
constexpr const char* kCursor = "cursor";
constexpr const char* kReveal = "reveal";

std::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return fail(Code::kInvalid, fmt::format("{} {}", member, what));
}

Result<std::string> text_of(const Json& value, std::string_view member) {
  if (!value.is_string()) return wrong(member, "is a text");
  return value.get<std::string>();
}

Status read_whom(const std::string& name, const Json& value, ConsultationQuestion& question) {
  WEERBAAR_ASSIGN(const std::string text, text_of(value, name));
  auto whom = name == kOf ? trail::parse_subject(text) : trail::parse_actor(text);
  if (!whom) return fail_in(name, whom.error());
  question.whom = std::move(*whom);
  question.text = fmt::format("{} {}", name, text);
  return {};
}

Result<Time> moment_of(const Json& value, std::string_view member) {
  WEERBAAR_ASSIGN(const std::string text, text_of(value, member));
  const auto time = parse_time_or_date(text);
  if (!time) return fail_in(member, time.error());
  return *time;
}

Result<size_t> limit_of(const Json& value) {
  const bool is_right =
      value.is_number_unsigned() && value.get<uint64_t>() >= 1 && value.get<uint64_t>() <= kHitsOfPageMax;
  if (!is_right) return wrong(kLimit, fmt::format("is a whole number, 1 to {}", kHitsOfPageMax));
  return value.get<size_t>();
}

Status read_member(const std::string& name, const Json& value, ConsultationQuestion& question) {
  if (name == kOf || name == kBy) return read_whom(name, value, question);
  if (name == kFrom) {
    WEERBAAR_ASSIGN(question.range.from, moment_of(value, name));
  } else if (name == kTo) {
    WEERBAAR_ASSIGN(question.range.to, moment_of(value, name));
  } else if (name == kLimit) {
    WEERBAAR_ASSIGN(question.limit, limit_of(value));
  } else if (name == kCursor) {
    WEERBAAR_ASSIGN(const std::string text, text_of(value, name));
    WEERBAAR_ASSIGN(question.after, parse_cursor(text));
  } else if (name == kReveal) {
    if (!value.is_boolean()) return wrong(name, "is true or false");
    question.reveal = value.get<bool>();
  } else {
    static constexpr const char* kKnown[] = {kOf, kBy, kFrom, kTo, kLimit, kCursor, kReveal};
    return fail(Code::kInvalid, fmt::format("the members are {}, and no others", fmt::join(kKnown, ", ")));
  }
  return {};
}

}  // namespace

Result<ConsultationQuestion> read_consultation_question(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return fail(Code::kInvalid, "the body is to be an object in JSON");
  if (json.contains(kOf) == json.contains(kBy)) {
    return fail(Code::kInvalid,
                R"(say whose consultations: "of": "TYPE:ID" (a person) or "by": "EMPLOYEE", one of the )"
                "two");
  }
  ConsultationQuestion question;
  for (const auto& [name, value] : json.items()) WEERBAAR_TRY(read_member(name, value, question));
  if (question.range.from && question.range.to && *question.range.from >= *question.range.to) {
    return wrong(kTo, "must be later than from: it is the first moment that is left out");
  }
  return question;
}

std::string cursor_of(const trail::Hit& hit) {
  return fmt::format("{}.{}.{}", hit.time.micros, hit.time.nanos, hit.index.value());
}

Result<trail::Hit> parse_cursor(std::string_view text) {
  const size_t first = text.find('.');
  const size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  const auto no_cursor = [] { return wrong(kCursor, "is what the page before gave as next"); };
  if (second == std::string_view::npos) return no_cursor();
  const bool negative = text.starts_with('-');
  const auto micros = whole_number(text.substr(negative ? 1 : 0, first - (negative ? 1 : 0)));
  const auto nanos = whole_number(text.substr(first + 1, second - first - 1));
  const auto index = whole_number(text.substr(second + 1));
  if (!micros || *micros > INT64_MAX || !nanos || *nanos > 999 || !index) return no_cursor();
  const auto signed_micros = static_cast<int64_t>(*micros);
  return trail::Hit{EntryIndex(*index), Time{negative ? -signed_micros : signed_micros, static_cast<uint16_t>(*nanos)}};
}

}  // namespace weerbaar::service
