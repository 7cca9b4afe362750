#include "register/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/utf8.h"
#include "domain/access_event.h"
#include "domain/identifiers.h"

namespace weerbaar::facts {
namespace {

constexpr size_t kCellBytesMax = 1'024;  // of what no access event says
constexpr unsigned kPartBits = 20;
static_assert(kPartsMax == (uint64_t{1} << kPartBits) - 1);

// As domain/access_event.h limits them; nothing where an access event says nothing of the kind.
std::optional<size_t> event_bytes_max(Kind kind) {
  switch (kind) {
    case Kind::kEmployee:
    case Kind::kAccount:
    case Kind::kSystem:
    case Kind::kData:
      return kNameBytesMax;
    case Kind::kUnit:
    case Kind::kFunction:
    case Kind::kActivity:
    case Kind::kCase:
      return kTextBytesMax;
    default:
      return std::nullopt;
  }
}

// What stands in the text of an access event, of at most so many bytes.
Status check_event_text(std::string_view text, size_t bytes_max) {
  if (text.size() > bytes_max) {
    return fail(Code::kInvalid,
                fmt::format("it is {} bytes long, and an access can name at most {}", text.size(), bytes_max));
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(text, is_control)) {
    return fail(Code::kInvalid, "it holds a control character, which an access cannot name");
  }
  return {};
}

Status check_no_pseudonym(std::string_view text) {
  if (!text.starts_with(kPseudonymMark)) return {};
  return fail(Code::kInvalid, fmt::format("it begins with \"{}\", by which pseudonyms are known", kPseudonymMark));
}

Status check_row(const FactRow& row) {
  for (size_t i = 0; i < row.cells.size(); ++i) {
    const Column& column = row.table->columns[i];
    // A case that is referred to is filled in later.
    if (column.kind == Kind::kCase && row.cells[i].empty() && !row.reference.empty()) continue;
    if (row.withdraws && i >= row.table->key && row.cells[i].empty()) continue;
    if (const Status status = check_cell(column, row.cells[i]); !status) {
      return fail_in(fmt::format("column \"{}\"", column.name), status.error());
    }
  }
  if (row.valid_from < row.valid_to) return {};
  return fail(Code::kInvalid, fmt::format("{} does not lie behind {}: a fact is true from the one until the other",
                                          kValidTo, kValidFrom));
}

}  // namespace

uint64_t item_place(uint64_t item, uint64_t part) {
  return item << kPartBits | std::min(part, kPartsMax);
}

std::string name_place(std::string_view format, uint64_t place) {
  if (format != "scim" && format != "zgw") return fmt::format("line {}", place);
  const uint64_t item = place >> kPartBits;
  const uint64_t part = place & kPartsMax;
  return part == 0 ? fmt::format("item {}", item) : fmt::format("item {}, part {}", item, part);
}

Status check_subject(std::string_view text) {
  const size_t colon = text.find(':');
  const auto type = parse_subject_type(text.substr(0, colon));
  if (colon == std::string_view::npos || !type || colon + 1 == text.size()) {
    return fail(
        Code::kInvalid,
        "it is not written as TYPE:ID, with one of the types bsn, rsin, kvk, vehicle, address, employee, other");
  }
  const std::string_view id = text.substr(colon + 1);
  WEERBAAR_TRY(check_event_text(id, kSubjectIdBytesMax));
  WEERBAAR_TRY(check_no_pseudonym(id));
  if ((*type == SubjectType::kBsn || *type == SubjectType::kRsin) && !is_bsn(id)) {
    return fail(Code::kInvalid, "the number has not nine digits that pass the 11-test; a leading zero is a digit");
  }
  return {};
}

Status check_cell(const Column& column, std::string_view value) {
  if (value.empty()) {
    return column.required ? Status(fail(Code::kInvalid, "it is empty, and must not be")) : Status();
  }
  if (!is_utf8(value)) return fail(Code::kInvalid, "it is no text in UTF-8");
  if (value.find('\0') != std::string_view::npos) return fail(Code::kInvalid, "it holds a zero byte");
  if (value.size() > kCellBytesMax) return fail(Code::kInvalid, "it is longer than 1,024 bytes");
  if (const auto bytes_max = event_bytes_max(column.kind)) WEERBAAR_TRY(check_event_text(value, *bytes_max));
  if (column.kind == Kind::kEmployee || column.kind == Kind::kAccount) WEERBAAR_TRY(check_no_pseudonym(value));
  if (column.kind == Kind::kSubject) return check_subject(value);
  if (column.kind == Kind::kWord && std::ranges::find(column.words, value) == column.words.end()) {
    return fail(Code::kInvalid, fmt::format("it is none of {}", fmt::join(column.words, ", ")));
  }
  return {};
}

Status offer(const FactRow& row, const Delivery::Take& take, const Delivery::Refuse& refuse) {
  Status right = check_row(row);
  if (right) return take(row);
  refuse({row.place, std::move(right.error().text), row.table});
  return {};
}

}  // namespace weerbaar::facts
