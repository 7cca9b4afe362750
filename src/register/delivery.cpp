#include "register/delivery.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "domain/access_event.h"
#include "domain/identifiers.h"

namespace weerbaar::facts {
namespace {

constexpr size_t kCellBytesMax = 1'024;
constexpr unsigned kPartBits = 20;
static_assert(kPartsMax == (uint64_t{1} << kPartBits) - 1);

Status check_row(const FactRow& row) {
  for (size_t i = 0; i < row.cells.size(); ++i) {
    const Column& column = row.table->columns[i];
    // A case that is referred to is filled in later.
    if (column.kind == Kind::kCase && row.cells[i].empty() && !row.reference.empty()) continue;
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
