#include "register/fact_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/time.h"
#include "base/utf8.h"
#include "csv/cells.h"
#include "csv/record_splitter.h"
#include "domain/access_event.h"
#include "domain/identifiers.h"

namespace weerbaar::facts {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kCellBytesMax = 1'024;

std::string names_of(const Table& table) {
  std::vector<std::string_view> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return fmt::format("{}, {}, {}", fmt::join(names, ", "), kValidFrom, kValidTo);
}

// The separator that the first line uses.
char separator_of(std::string_view file) {
  const std::string_view line = file.substr(0, file.find('\n'));
  return line.find(';') != std::string_view::npos && line.find(',') == std::string_view::npos ? ';' : ',';
}

// Where each column of the table stands in the file.
struct Layout {
  std::vector<std::optional<size_t>> of_column;
  std::optional<size_t> valid_from;
  std::optional<size_t> valid_to;
  size_t cells = 0;
};

Result<Layout> layout_of(const Table& table, const std::vector<std::string>& names) {
  Layout layout;
  layout.of_column.resize(table.columns.size());
  layout.cells = names.size();
  for (size_t cell = 0; cell < names.size(); ++cell) {
    const auto column = std::ranges::find(table.columns, std::string_view(names[cell]), &Column::name);
    std::optional<size_t>* place = nullptr;
    if (names[cell] == kValidFrom) {
      place = &layout.valid_from;
    } else if (names[cell] == kValidTo) {
      place = &layout.valid_to;
    } else if (column != table.columns.end()) {
      place = &layout.of_column[static_cast<size_t>(column - table.columns.begin())];
    }
    if (place == nullptr) {
      return fail(Code::kInvalid, fmt::format("line 1, column {}: the table \"{}\" has no such column; it has {}",
                                              cell + 1, table.name, names_of(table)));
    }
    if (*place) {
      return fail(Code::kInvalid, fmt::format("line 1, column {}: it is the same as column {}", cell + 1, **place + 1));
    }
    *place = cell;
  }
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].required || layout.of_column[i]) continue;
    return fail(Code::kInvalid,
                fmt::format("line 1: the column \"{}\" is missing, which the table \"{}\" cannot do without",
                            table.columns[i].name, table.name));
  }
  return layout;
}

std::string_view reason_of(csv::RecordFault fault) {
  switch (fault) {
    case csv::RecordFault::kTooLong:
      return "the line is longer than 65,536 bytes";
    case csv::RecordFault::kOpenQuote:
      return "nothing closes a quote";
    case csv::RecordFault::kNoLineEnd:
      return "the last line has no end: it may be cut short; end it";
    default:
      return "the line is cut short";
  }
}

// Reads one record after another, of which the first names the columns.
class Reader {
 public:
  Reader(const Table& table, char separator) : table_(table) {
    dialect_.delimiter = separator;
    dialect_.quote = '"';
    dialect_.mark = kByteOrderMark;
  }
  [[nodiscard]] const csv::Dialect& dialect() const { return dialect_; }

  Status read_names(const csv::Record& record) {
    WEERBAAR_TRY(cut(record));
    WEERBAAR_ASSIGN(layout_, layout_of(table_, cells_));
    return {};
  }

  Status read(const csv::Record& record) {
    WEERBAAR_TRY(cut(record));
    if (cells_.size() != layout_.cells) {
      return fail(Code::kInvalid,
                  fmt::format("there are {} values, and line 1 names {} columns", cells_.size(), layout_.cells));
    }
    row_.line = record.line;
    row_.cells.clear();
    for (size_t i = 0; i < table_.columns.size(); ++i) {
      const auto& place = layout_.of_column[i];
      row_.cells.push_back(place ? std::string_view(cells_[*place]) : std::string_view());
      if (Status status = check(table_.columns[i], row_.cells.back()); !status) {
        return fail_in(fmt::format("column \"{}\"", table_.columns[i].name), status.error());
      }
    }
    WEERBAAR_ASSIGN(row_.valid_from, moment(layout_.valid_from, kValidFrom, kAlways));
    WEERBAAR_ASSIGN(row_.valid_to, moment(layout_.valid_to, kValidTo, kUntilFurtherNotice));
    if (row_.valid_from < row_.valid_to) return {};
    return fail(Code::kInvalid, fmt::format("{} does not lie behind {}: a fact is true from the one until the other",
                                            kValidTo, kValidFrom));
  }
  [[nodiscard]] const FactRow& row() const { return row_; }

 private:
  Status cut(const csv::Record& record) {
    if (record.fault != csv::RecordFault::kNone) return fail(Code::kInvalid, std::string(reason_of(record.fault)));
    if (!csv::cut_csv(record.bytes, dialect_, raw_)) {
      return fail(Code::kInvalid, fmt::format("text follows the closing quote of value {}: quotes inside quotes must "
                                              "be doubled",
                                              raw_.size()));
    }
    cells_.resize(raw_.size());
    for (size_t i = 0; i < raw_.size(); ++i) {
      cells_[i].clear();
      raw_[i].append_to(cells_[i], *dialect_.quote);
    }
    return {};
  }

  static Status check(const Column& column, std::string_view value) {
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

  [[nodiscard]] Result<int64_t> moment(const std::optional<size_t>& place, std::string_view name,
                                       int64_t otherwise) const {
    if (!place || cells_[*place].empty()) return otherwise;
    const auto time = parse_time_or_date(cells_[*place]);
    if (!time) return fail_in(fmt::format("column \"{}\"", name), time.error());
    return time->micros;
  }

  const Table& table_;
  csv::Dialect dialect_;
  Layout layout_;
  std::vector<csv::Cell> raw_;
  std::vector<std::string> cells_;
  FactRow row_;
};

}  // namespace

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

Status read_facts(const Table& table, std::string_view file, const std::function<Status(const FactRow&)>& take,
                  const std::function<void(Refusal)>& refuse) {
  constexpr size_t kSliceBytes = size_t{1} << 16U;
  Reader reader(table, separator_of(file));
  csv::RecordSplitter splitter(reader.dialect());
  bool has_names = false;
  for (size_t at = 0;; at += kSliceBytes) {
    if (at < file.size()) {
      splitter.feed(file.substr(at, kSliceBytes));
    } else {
      splitter.finish();
    }
    for (csv::Record record; splitter.next(record);) {
      if (record.bytes.empty() && record.fault == csv::RecordFault::kNone) continue;
      if (!has_names) {
        if (Status names = reader.read_names(record); !names) return names;
        has_names = true;
        continue;
      }
      if (Status read = reader.read(record); !read) {
        refuse({record.line, std::move(read.error().text)});
      } else {
        WEERBAAR_TRY(take(reader.row()));
      }
    }
    if (at >= file.size()) break;
  }
  return has_names ? Status() : fail(Code::kInvalid, "the file is empty: its first line names the columns");
}

}  // namespace weerbaar::facts
