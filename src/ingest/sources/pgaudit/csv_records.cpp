#include "ingest/sources/pgaudit/csv_records.h"

#include <algorithm>
#include <cstring>

#include "domain/access_event.h"

namespace weerbaar::ingest::pgaudit {
namespace {

// How every record starts: its log_time.
constexpr std::string_view kRecordStart = "dddd-dd-dd dd:dd:dd";

constexpr std::string_view kTooLong =
    "record: longer than 1 MiB or its quotes never close: mend the file, or split the statement at the source";
constexpr std::string_view kBadQuote =
    "record: a quote stands where csvlog writes none, so the file is torn here: deliver the whole file again";
// PostgreSQL ends every record: where no end is, a name or a number may be cut short, and then mean another.
constexpr std::string_view kCutOff = "record: the input ends amid it: deliver the whole file";

bool continues_start(std::string_view seen, char c) {
  const char expected = kRecordStart[seen.size()];
  return expected == 'd' ? c >= '0' && c <= '9' : c == expected;
}

std::string_view without_carriage_return(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

void CsvRecordReader::feed(std::string_view bytes) {
  input_ = bytes;
  at_ = 0;
  begin_ = 0;
}

std::optional<CsvRecord> CsvRecordReader::next() {
  if (carried_done_) {
    carried_.clear();
    carried_done_ = false;
  }
  while (at_ < input_.size()) {
    const bool ready = state_ == State::kSkipping ? skip_damage() : scan_record();
    if (!ready) continue;
    if (!ready_.problem.empty() || !ready_.text.empty()) return ready_;
    carried_.clear();
    carried_done_ = false;
  }
  if (state_ != State::kSkipping && begin_ < input_.size()) {
    carried_ += input_.substr(begin_);
    begin_ = input_.size();
  }
  return std::nullopt;
}

bool CsvRecordReader::scan_record() {
  // Past this many bytes of the input the record is too long.
  const size_t limit = begin_ + (kRecordBytesMax - std::min(kRecordBytesMax, carried_.size()));
  const size_t stop = std::min(input_.size(), limit + 1);
  while (at_ < stop) {
    const char c = input_[at_];
    if (state_ == State::kQuoted) {
      const auto* quote = static_cast<const char*>(std::memchr(input_.data() + at_, '"', stop - at_));
      const size_t to = quote == nullptr ? stop : static_cast<size_t>(quote - input_.data());
      line_ += static_cast<uint64_t>(std::count(input_.data() + at_, input_.data() + to, '\n'));
      at_ = to;
      if (quote == nullptr) break;
      state_ = State::kQuoteSeen;
    } else if (c == '\n') {
      end_record();
      return true;
    } else if (c == ',') {
      state_ = State::kFieldStart;
    } else if (c == '"' && state_ != State::kPlain) {
      state_ = State::kQuoted;
    } else if (c == '"' || (state_ == State::kQuoteSeen && c != '\r')) {
      start_skipping(kBadQuote);
      return false;
    } else {
      state_ = State::kPlain;
    }
    ++at_;
  }
  if (at_ > limit) start_skipping(kTooLong);
  return false;
}

void CsvRecordReader::end_record() {
  const std::string_view here = input_.substr(begin_, at_ - begin_);
  if (carried_.empty()) {
    ready_ = {record_line_, without_carriage_return(here), {}};
  } else {
    carried_ += here;
    ready_ = {record_line_, without_carriage_return(carried_), {}};
    carried_done_ = true;
  }
  ++at_;
  begin_ = at_;
  record_line_ = ++line_;
  state_ = State::kFieldStart;
}

void CsvRecordReader::start_skipping(std::string_view problem) {
  damaged_ = carried_.substr(0, kLineBytesMax);
  damaged_ += input_.substr(begin_, std::min(at_ - begin_, kLineBytesMax - damaged_.size()));
  carried_.clear();
  problem_ = problem;
  state_ = State::kSkipping;
  at_line_start_ = false;
  start_seen_.clear();
}

bool CsvRecordReader::skip_damage() {
  for (; at_ < input_.size(); ++at_) {
    const char c = input_[at_];
    if (at_line_start_ && continues_start(start_seen_, c)) {
      start_seen_ += c;
      if (start_seen_.size() < kRecordStart.size()) continue;
      ready_ = {record_line_, damaged_, problem_};
      carried_ = start_seen_;
      record_line_ = line_;
      begin_ = ++at_;
      state_ = State::kPlain;
      return true;
    }
    if (damaged_.size() + start_seen_.size() < kLineBytesMax) {
      damaged_ += start_seen_;
      damaged_ += c;
    }
    start_seen_.clear();
    at_line_start_ = c == '\n';
    if (at_line_start_) ++line_;
  }
  begin_ = at_;
  return false;
}

std::optional<CsvRecord> CsvRecordReader::finish() {
  const State state = state_;
  state_ = State::kFieldStart;
  if (state == State::kSkipping) {
    damaged_ += start_seen_;
    start_seen_.clear();
    return CsvRecord{record_line_, damaged_, problem_};
  }
  if (carried_.empty()) return std::nullopt;
  carried_done_ = true;
  return CsvRecord{record_line_, std::string_view(carried_).substr(0, kLineBytesMax), kCutOff};
}

std::optional<size_t> split_csv(std::string_view record, std::span<std::string_view> fields) {
  size_t count = 0;
  size_t at = 0;
  while (count < fields.size()) {
    const size_t begin = at;
    if (at < record.size() && record[at] == '"') {
      for (++at;; at += 2) {
        at = record.find('"', at);
        if (at == std::string_view::npos) return std::nullopt;
        if (at + 1 >= record.size() || record[at + 1] != '"') break;
      }
      ++at;
      if (at < record.size() && record[at] != ',') return std::nullopt;
    } else {
      at = std::min(record.find(',', at), record.size());
      if (record.substr(begin, at - begin).find('"') != std::string_view::npos) return std::nullopt;
    }
    fields[count++] = record.substr(begin, at - begin);
    if (at == record.size()) return count;
    ++at;
  }
  return std::nullopt;
}

std::string_view unquote_csv(std::string_view field, std::string& scratch) {
  if (field.size() < 2 || field.front() != '"') return field;
  field = field.substr(1, field.size() - 2);
  size_t quote = field.find('"');
  if (quote == std::string_view::npos) return field;
  scratch.clear();
  size_t begin = 0;
  for (; quote != std::string_view::npos; quote = field.find('"', begin)) {
    scratch += field.substr(begin, quote + 1 - begin);
    begin = std::min(quote + 2, field.size());
  }
  scratch += field.substr(begin);
  return scratch;
}

}  // namespace weerbaar::ingest::pgaudit
