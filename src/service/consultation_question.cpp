#include "service/consultation_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "service/json_body.h"

namespace weerbaar::service {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kOf = "of";
constexpr const char* kBy = "by";
constexpr const char* kCursor = "cursor";
constexpr const char* kReveal = "reveal";
constexpr std::array<std::string_view, 7> kMembers = {kOf, kBy, "from", "to", "limit", kCursor, kReveal};

std::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return fail(Code::kInvalid, fmt::format("{} {}", member, what));
}

Status read_whom(const Json& body, ConsultationQuestion& question) {
  if (body.contains(kOf) == body.contains(kBy)) {
    return fail(Code::kInvalid,
                R"(say whose consultations: "of": "TYPE:ID" (a person) or "by": "EMPLOYEE", one of the two)");
  }
  const char* const name = body.contains(kOf) ? kOf : kBy;
  WEERBAAR_ASSIGN(const std::string text, text_in(body, name, kTextBytesMax));
  auto whom = name == kOf ? trail::parse_subject(text) : trail::parse_actor(text);
  if (!whom) return fail_in(name, whom.error());
  question.whom = std::move(*whom);
  question.text = fmt::format("{} {}", name, text);
  return {};
}

}  // namespace

Result<ConsultationQuestion> read_consultation_question(std::string_view body) {
  WEERBAAR_ASSIGN(const Json json, parse_body(body, kMembers));
  ConsultationQuestion question;
  WEERBAAR_TRY(read_whom(json, question));
  WEERBAAR_ASSIGN(question.range, range_in(json));
  WEERBAAR_ASSIGN(question.limit, limit_in(json));
  if (json.contains(kCursor)) {
    WEERBAAR_ASSIGN(const std::string text, text_in(json, kCursor, kNameBytesMax));
    WEERBAAR_ASSIGN(question.after, parse_cursor(text));
  }
  if (const auto reveal = json.find(kReveal); reveal != json.end()) {
    if (!reveal->is_boolean()) return wrong(kReveal, "is true or false");
    question.reveal = reveal->get<bool>();
  }
  return question;
}

std::string cursor_of(const HitCursor& cursor) {
  const trail::Hit& hit = cursor.hit;
  return fmt::format("{}.{}.{}.{}", hit.time.micros, hit.time.nanos, hit.index.value(), cursor.size);
}

Result<HitCursor> parse_cursor(std::string_view text) {
  constexpr size_t kParts = 4;
  constexpr uint64_t kNanosMax = 999;
  const auto no_cursor = [] { return wrong(kCursor, "is what the page before gave as next"); };
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::array<uint64_t, kParts> parts{};
  for (size_t i = 0; i < kParts; ++i) {
    const size_t end = i + 1 < kParts ? text.find('.') : text.size();
    if (end == std::string_view::npos) return no_cursor();
    const auto number = whole_number(text.substr(0, end));
    if (!number) return no_cursor();
    parts[i] = *number;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const auto [micros, nanos, index, size] = parts;
  if (micros > INT64_MAX || nanos > kNanosMax) return no_cursor();
  const auto signed_micros = static_cast<int64_t>(micros);
  const Time time{negative ? -signed_micros : signed_micros, static_cast<uint16_t>(nanos)};
  return HitCursor{{EntryIndex(index), time}, size};
}

}  // namespace weerbaar::service
