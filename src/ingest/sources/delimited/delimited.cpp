#include "ingest/sources/delimited/delimited.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/utf8.h"
#include "csv/cells.h"
#include "csv/record_splitter.h"
#include "ingest/sources/delimited/event_maker.h"
#include "ingest/sources/delimited/mapping.h"

namespace weerbaar::ingest {
namespace delimited {
namespace {

using csv::BlockSplitter;
using csv::Cell;
using csv::cut_csv;
using csv::Dialect;
using csv::Record;
using csv::RecordFault;
using csv::RecordSplitter;

// So much of the input is copied at a time.
constexpr size_t kSliceBytes = 64 * 1024;
// Names of columns in an error text.
constexpr size_t kNamesShownMax = 50;

// What both formats share: records out of bytes, cells into texts, texts into an event.
class DelimitedSource : public Source {
 public:
  explicit DelimitedSource(Mapping mapping) : mapping_(std::move(mapping)), maker_(mapping_) {}

 protected:
  [[nodiscard]] const Mapping& mapping() const { return mapping_; }

  // Decodes and trims the cells of Mapping::columns, in their order: cell i stands in texts_ from cell_ends_[i - 1].
  void start_cells() {
    texts_.clear();
    cell_ends_.clear();
  }
  Status add_cell(std::string_view bytes) {
    const size_t start = texts_.size();
    if (!mapping_.code_page->decode(bytes, texts_)) {
      return fail(Code::kInvalid,
                  fmt::format("column \"{}\" holds bytes that are not {}: check code_page in the mapping",
                              mapping_.columns[cell_ends_.size()].name, mapping_.code_page->name()));
    }
    trim_from(start);
    cell_ends_.push_back(texts_.size());
    return {};
  }

  void make_event(const Record& record, Output& output) {
    const std::string_view kept = output.events.keep(texts_);
    cells_.clear();
    size_t start = 0;
    for (const size_t end : cell_ends_) {
      cells_.push_back(kept.substr(start, end - start));
      start = end;
    }
    const auto event = maker_.make(record.bytes, cells_, output.events);
    if (!event) return output.refuse(record.line, event.error().text, record.bytes);
    output.accept(*event, record.line, record.bytes);
  }

 private:
  // NUL is what COBOL calls low-values: a column that nobody filled.
  void trim_from(size_t start) {
    if (mapping_.trim == Trim::kNone) return;
    constexpr std::string_view kBlanks("\0 ", 2);
    const size_t last = texts_.find_last_not_of(kBlanks);
    texts_.resize(last == std::string::npos ? start : std::max(start, last + 1));
    if (mapping_.trim == Trim::kRight) return;
    const size_t first = texts_.find_first_not_of(' ', start);
    texts_.erase(start, std::min(first, texts_.size()) - start);
  }

  const Mapping mapping_;
  EventMaker maker_;
  std::string texts_;
  std::vector<size_t> cell_ends_;
  std::vector<std::string_view> cells_;
};

template <class Splitter, class Take>
void feed_slices(Splitter& splitter, std::string_view bytes, Take&& take) {
  Record record;
  while (!bytes.empty()) {
    const std::string_view slice = bytes.substr(0, kSliceBytes);
    bytes.remove_prefix(slice.size());
    splitter.feed(slice);
    while (splitter.next(record)) take(record);
  }
}

std::string reason_of(RecordFault fault) {
  if (fault == RecordFault::kOpenQuote) {
    return fmt::format(
        "nothing closes a quote of this record before the end of the input or within {} bytes: correct "
        "the export",
        kLineBytesMax);
  }
  if (fault == RecordFault::kNoLineEnd) {
    return "the last line has no end, so it may be cut short: send the whole file, end its last line, or say "
           "last_line_may_lack_its_end = true in the mapping";
  }
  return fmt::format("the record is longer than {} bytes: check the mapping, or split it at the source", kLineBytesMax);
}

class CsvSource final : public DelimitedSource {
 public:
  explicit CsvSource(Mapping mapping) : DelimitedSource(std::move(mapping)), splitter_(this->mapping().dialect) {
    if (this->mapping().header) return;
    cells_expected_ = this->mapping().columns.size();
    for (size_t i = 0; i < cells_expected_; ++i) positions_.push_back(i);
    ready_ = true;
  }

  void feed(std::string_view bytes, Output& output) override {
    feed_slices(splitter_, bytes, [&](const Record& record) { take(record, output); });
  }

  void finish(Output& output) override {
    splitter_.finish();
    Record record;
    while (splitter_.next(record)) take(record, output);
  }

 private:
  void take(const Record& record, Output& output) {
    if (record.fault == RecordFault::kNone && record.bytes.empty()) return;
    const Status status = !ready_ ? take_header(record) : take_record(record, output);
    if (!status) output.refuse(record.line, status.error().text, record.bytes);
  }

  Status take_header(const Record& record) {
    if (header_line_ != 0) {
      return fail(Code::kInvalid,
                  fmt::format("the header in line {} does not fit the mapping: see there", header_line_));
    }
    header_line_ = record.line;
    WEERBAAR_TRY(cut(record));
    std::vector<std::string> names;
    for (const Cell& cell : raw_) {
      std::string name;
      if (!mapping().code_page->decode(unquoted(cell), name)) {
        return fail(Code::kInvalid,
                    fmt::format("the header holds bytes that are not {}: check code_page in the mapping",
                                mapping().code_page->name()));
      }
      const size_t first = std::min(name.find_first_not_of(' '), name.size());
      names.push_back(name.substr(first, name.find_last_not_of(' ') + 1 - first));
    }
    WEERBAAR_TRY(bind(names));
    cells_expected_ = names.size();
    ready_ = true;
    return {};
  }

  // Finds the columns of the mapping in the header.
  Status bind(const std::vector<std::string>& names) {
    std::vector<std::string_view> missing;
    for (const Column& column : mapping().columns) {
      const auto found = std::find(names.begin(), names.end(), column.name);
      if (found == names.end()) {
        missing.push_back(column.name);
        continue;
      }
      if (std::find(found + 1, names.end(), column.name) != names.end()) {
        return fail(Code::kInvalid,
                    fmt::format("the header has column \"{}\" twice: rename one at the source", column.name));
      }
      positions_.push_back(static_cast<size_t>(found - names.begin()));
    }
    if (missing.empty()) return {};
    // Where no name is known, this may be no header but a record, whose content is nobody's business.
    if (missing.size() == mapping().columns.size()) {
      return fail(Code::kInvalid,
                  "this line has none of the columns of the mapping: check delimiter, code_page and "
                  "skip_lines, or say header = false and list the columns");
    }
    // A record may share a name with the mapping by chance: of what this line holds nothing is shown.
    const auto shown = std::span(missing).first(std::min(missing.size(), kNamesShownMax));
    return fail(Code::kInvalid,
                fmt::format("the header lacks column \"{}\"{} of the mapping; it has {} columns: correct {}",
                            fmt::join(shown, "\", \""), shown.size() < missing.size() ? ", …" : "", names.size(),
                            mapping().name));
  }

  Status take_record(const Record& record, Output& output) {
    WEERBAAR_TRY(cut(record));
    if (raw_.size() != cells_expected_) {
      return fail(Code::kInvalid, fmt::format("the record has {} columns, {} are expected: correct the export",
                                              raw_.size(), cells_expected_));
    }
    start_cells();
    for (const size_t position : positions_) WEERBAAR_TRY(add_cell(unquoted(raw_[position])));
    make_event(record, output);
    return {};
  }

  Status cut(const Record& record) {
    if (record.fault != RecordFault::kNone) return fail(Code::kInvalid, reason_of(record.fault));
    if (cut_csv(record.bytes, mapping().dialect, raw_)) return {};
    return fail(Code::kInvalid, fmt::format("text follows the closing quote of column {}: quotes inside quotes must be "
                                            "doubled",
                                            raw_.size()));
  }

  // The bytes of a cell; lives until the next call or as long as the record.
  std::string_view unquoted(const Cell& cell) {
    const std::optional<char> quote = mapping().dialect.quote;
    if (!cell.quotes_doubled || !quote) return cell.bytes;
    unquoted_.clear();
    cell.append_to(unquoted_, *quote);
    return unquoted_;
  }

  RecordSplitter splitter_;
  bool ready_ = false;        // the columns are known
  uint64_t header_line_ = 0;  // 0: not met yet
  size_t cells_expected_ = 0;
  std::vector<size_t> positions_;  // of Mapping::columns in a record
  std::vector<Cell> raw_;
  std::string unquoted_;
};

class FixedSource final : public DelimitedSource {
 public:
  explicit FixedSource(Mapping mapping) : DelimitedSource(std::move(mapping)) {
    if (this->mapping().record_length != 0) {
      splitter_.emplace<BlockSplitter>(this->mapping().record_length);
    } else {
      splitter_.emplace<RecordSplitter>(this->mapping().dialect);
    }
    for (const Column& column : this->mapping().columns) width_ = std::max(width_, column.start + column.length);
  }

  void feed(std::string_view bytes, Output& output) override {
    std::visit(
        [&](auto& splitter) { feed_slices(splitter, bytes, [&](const Record& record) { take(record, output); }); },
        splitter_);
  }

  void finish(Output& output) override {
    std::visit(
        [&](auto& splitter) {
          splitter.finish();
          Record record;
          while (splitter.next(record)) take(record, output);
        },
        splitter_);
  }

 private:
  void take(const Record& record, Output& output) {
    if (record.fault == RecordFault::kNone && record.bytes.empty()) return;
    const Status status = cut(record);
    if (!status) return output.refuse(record.line, status.error().text, record.bytes);
    make_event(record, output);
  }

  Status cut(const Record& record) {
    if (record.fault == RecordFault::kCutShort) {
      return fail(Code::kInvalid,
                  fmt::format("the input ends {} bytes into a record of {}: check record_length, or send "
                              "the whole file",
                              record.bytes.size(), mapping().record_length));
    }
    if (record.fault != RecordFault::kNone) return fail(Code::kInvalid, reason_of(record.fault));
    WEERBAAR_TRY(find_characters(record.bytes));
    const size_t characters = starts_.empty() ? record.bytes.size() : starts_.size() - 1;
    if (characters < width_ && !mapping().pad_short_lines) {
      return fail(Code::kInvalid, fmt::format("the record is {} characters long, the columns reach to {}: correct the "
                                              "mapping, or say pad_short_lines = true",
                                              characters, width_));
    }
    start_cells();
    for (const Column& column : mapping().columns) {
      const size_t begin = offset_of(std::min(column.start, characters));
      const size_t end = offset_of(std::min(column.start + column.length, characters));
      WEERBAAR_TRY(add_cell(record.bytes.substr(begin, end - begin)));
    }
    return {};
  }

  // Fills starts_ where a character may have more than one byte.
  Status find_characters(std::string_view bytes) {
    starts_.clear();
    const auto is_plain = [](char c) { return static_cast<uint8_t>(c) < 0x80; };
    if (!mapping().code_page->is_multibyte() || std::all_of(bytes.begin(), bytes.end(), is_plain)) return {};
    if (!is_utf8(bytes)) {
      return fail(Code::kInvalid,
                  "the record holds bytes that are not utf-8, so its columns cannot be counted: check "
                  "code_page in the mapping");
    }
    for (size_t at = 0; at < bytes.size(); ++at) {
      if ((static_cast<uint8_t>(bytes[at]) & 0xC0U) != 0x80U) starts_.push_back(at);
    }
    starts_.push_back(bytes.size());
    return {};
  }

  [[nodiscard]] size_t offset_of(size_t character) const { return starts_.empty() ? character : starts_[character]; }

  // Blocks, or lines that no quote joins: the dialect of a fixed mapping has none.
  std::variant<RecordSplitter, BlockSplitter> splitter_{RecordSplitter(Dialect{})};
  size_t width_ = 0;            // characters that the columns need
  std::vector<size_t> starts_;  // of the characters in the record, and its end; empty: a byte is a character
};

}  // namespace
}  // namespace delimited

Result<std::unique_ptr<Source>> create_csv(const SourceOptions& options) {
  WEERBAAR_ASSIGN(auto mapping, delimited::read_mapping(options, delimited::Format::kCsv, os::real_file_system()));
  return std::make_unique<delimited::CsvSource>(std::move(mapping));
}

Result<std::unique_ptr<Source>> create_fixed(const SourceOptions& options) {
  WEERBAAR_ASSIGN(auto mapping, delimited::read_mapping(options, delimited::Format::kFixed, os::real_file_system()));
  return std::make_unique<delimited::FixedSource>(std::move(mapping));
}

}  // namespace weerbaar::ingest
