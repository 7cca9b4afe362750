#include "register/fact_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/time.h"
#include "csv/cells.h"
#include "csv/record_splitter.h"

namespace weerbaar::facts {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string names_of(const Table& table) {
  std::vector<std::string_view> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return fmt::format("{}, {}, {}, {}", fmt::join(names, ", "), kValidFrom, kValidTo, kWithdrawn);
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
  std::optional<size_t> withdrawn;
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
    } else if (names[cell] == kWithdrawn) {
      place = &layout.withdrawn;
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
    // A file that only withdraws needs the key.
    const bool is_needed = table.columns[i].required && (i < table.key || !layout.withdrawn);
    if (!is_needed || layout.of_column[i]) continue;
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

class FactFile final : public Delivery {
 public:
  FactFile(const Table& table, std::string_view file) : file_(file) {
    tables_[0] = &table;
    dialect_.delimiter = separator_of(file);
    dialect_.quote = '"';
    dialect_.mark = kByteOrderMark;
  }

  [[nodiscard]] std::string_view format() const override { return "csv"; }
  [[nodiscard]] std::span<const Table* const> tables() const override { return tables_; }
  [[nodiscard]] bool knows(const Table& table, size_t column) const override {
    return &table == tables_[0] && layout_.of_column[column].has_value();
  }

  Status read_names() {
    bool has_names = false;
    const Status status = for_each_record([&](const csv::Record& record) -> Result<bool> {
      WEERBAAR_TRY(cut(record));
      WEERBAAR_ASSIGN(layout_, layout_of(*tables_[0], cells_));
      has_names = true;
      return false;
    });
    if (!status) return status;
    return has_names ? Status() : fail(Code::kInvalid, "the file is empty: its first line names the columns");
  }

  Status read(const Take& take, const Refuse& refuse) override {
    bool is_first = true;
    return for_each_record([&](const csv::Record& record) -> Result<bool> {
      if (is_first) {
        is_first = false;
        return true;
      }
      if (Status row = read_row(record); !row) {
        refuse({record.line, std::move(row.error().text), tables_[0]});
      } else {
        WEERBAAR_TRY(offer(row_, take, refuse));
      }
      return true;
    });
  }

 private:
  static constexpr size_t kSliceBytes = size_t{1} << 16U;

  // Those that are not blank, until `take` says no.
  Status for_each_record(const std::function<Result<bool>(const csv::Record&)>& take) const {
    csv::RecordSplitter splitter(dialect_);
    for (size_t at = 0;; at += kSliceBytes) {
      if (at < file_.size()) {
        splitter.feed(file_.substr(at, kSliceBytes));
      } else {
        splitter.finish();
      }
      for (csv::Record record; splitter.next(record);) {
        if (record.bytes.empty() && record.fault == csv::RecordFault::kNone) continue;
        WEERBAAR_ASSIGN(const bool goes_on, take(record));
        if (!goes_on) return {};
      }
      if (at >= file_.size()) return {};
    }
  }

  Status read_row(const csv::Record& record) {
    WEERBAAR_TRY(cut(record));
    if (cells_.size() != layout_.cells) {
      return fail(Code::kInvalid,
                  fmt::format("there are {} values, and line 1 names {} columns", cells_.size(), layout_.cells));
    }
    row_.place = record.line;
    row_.table = tables_[0];
    row_.cells.clear();
    for (const auto& place : layout_.of_column) {
      row_.cells.push_back(place ? std::string_view(cells_[*place]) : std::string_view());
    }
    WEERBAAR_ASSIGN(row_.withdraws, withdraws());
    WEERBAAR_ASSIGN(row_.valid_from, moment(layout_.valid_from, kValidFrom, kAlways));
    WEERBAAR_ASSIGN(row_.valid_to, moment(layout_.valid_to, kValidTo, kUntilFurtherNotice));
    return {};
  }

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

  [[nodiscard]] Result<bool> withdraws() const {
    const std::string_view word = layout_.withdrawn ? std::string_view(cells_[*layout_.withdrawn]) : "";
    if (word == "yes") return true;
    if (word.empty() || word == "no") return false;
    return fail(Code::kInvalid, fmt::format("column \"{}\": it is neither yes nor no", kWithdrawn));
  }

  [[nodiscard]] Result<int64_t> moment(const std::optional<size_t>& place, std::string_view name,
                                       int64_t otherwise) const {
    if (!place || cells_[*place].empty()) return otherwise;
    const auto time = parse_time_or_date(cells_[*place]);
    if (!time) return fail_in(fmt::format("column \"{}\"", name), time.error());
    return time->micros;
  }

  std::string_view file_;
  const Table* tables_[1] = {};
  csv::Dialect dialect_;
  Layout layout_;
  std::vector<csv::Cell> raw_;
  std::vector<std::string> cells_;
  FactRow row_;
};

}  // namespace

Result<std::unique_ptr<Delivery>> open_fact_file(const Table& table, std::string_view file) {
  auto opened = std::make_unique<FactFile>(table, file);
  WEERBAAR_TRY(opened->read_names());
  return opened;
}

}  // namespace weerbaar::facts
