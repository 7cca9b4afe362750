#include "csv/record_splitter.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "domain/access_event.h"

namespace weerbaar::csv {
namespace {

// A record of the largest size and its CR and LF.
constexpr size_t kWindow = kLineBytesMax + 2;

size_t find_line_end(std::string_view bytes, const Dialect& dialect) {
  if (dialect.line_ends[0] == dialect.line_ends[1]) return bytes.find(dialect.line_ends[0]);
  const auto* const found =
      std::find_if(bytes.begin(), bytes.end(), [&](char byte) { return dialect.is_line_end(byte); });
  return found == bytes.end() ? std::string_view::npos : static_cast<size_t>(found - bytes.begin());
}

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

RecordSplitter::RecordSplitter(Dialect dialect) : dialect_(std::move(dialect)), lines_to_drop_(dialect_.skip_lines) {}

void RecordSplitter::feed(std::string_view bytes) {
  buffer_.erase(0, start_);
  start_ = 0;
  buffer_ += bytes;
}

bool RecordSplitter::next(Record& record) {
  if (at_input_start_ && !drop_mark()) return false;
  while (lines_to_drop_ > 0) {
    if (!drop_line()) return false;
  }
  const std::string_view rest = std::string_view(buffer_).substr(start_);
  if (rest.empty()) return false;
  const Scan found = scan(rest);
  if (found == Scan::kMore) return false;
  if (found == Scan::kRecord && take(rest, record)) return true;
  take_line(rest, state_ == State::kQuoted ? RecordFault::kOpenQuote : RecordFault::kTooLong, record);
  return true;
}

// False while it cannot be known yet.
bool RecordSplitter::drop_mark() {
  const std::string_view begin = std::string_view(buffer_).substr(0, dialect_.mark.size());
  if (!ended_ && begin.size() < dialect_.mark.size() && dialect_.mark.starts_with(begin)) return false;
  if (begin == dialect_.mark) start_ = dialect_.mark.size();
  at_input_start_ = false;
  return true;
}

bool RecordSplitter::drop_line() {
  const size_t end = find_line_end(std::string_view(buffer_).substr(start_), dialect_);
  if (end == std::string_view::npos) {
    start_ = buffer_.size();
    return false;
  }
  advance(end + 1, 1);
  --lines_to_drop_;
  return true;
}

// Leaves scanned_ behind the line end, or at the end of the input.
RecordSplitter::Scan RecordSplitter::scan(std::string_view rest) {
  const size_t window = std::min(rest.size(), kWindow);
  if (scanned_ == 0) {
    // Most records hold no quote and lie in one piece.
    const size_t end = find_line_end(rest.substr(0, window), dialect_);
    if (end != std::string_view::npos &&
        (!dialect_.quote || rest.substr(0, end).find(*dialect_.quote) == std::string_view::npos)) {
      scanned_ = end + 1;
      return Scan::kRecord;
    }
  }
  while (scanned_ < window) {
    const char c = rest[scanned_++];
    if (state_ == State::kQuoted) {
      if (c == *dialect_.quote) {
        state_ = State::kQuoteInQuoted;
      } else if (dialect_.is_line_end(c)) {
        ++line_ends_seen_;
      }
    } else if ((state_ == State::kQuoteInQuoted || state_ == State::kCellStart) && c == dialect_.quote) {
      state_ = State::kQuoted;
    } else if (dialect_.is_line_end(c)) {
      return Scan::kRecord;
    } else {
      const bool cell_ended = rest.substr(0, scanned_).ends_with(dialect_.delimiter);
      state_ = cell_ended ? State::kCellStart : State::kPlain;
    }
  }
  if (window == kWindow) return Scan::kNoEnd;
  return ended_ ? Scan::kRecord : Scan::kMore;
}

// False when the record that was found is too long.
bool RecordSplitter::take(std::string_view rest, Record& record) {
  const bool open_quote = state_ == State::kQuoted;
  const bool at_line_end = !open_quote && dialect_.is_line_end(rest[scanned_ - 1]);
  const std::string_view bytes = at_line_end ? without_return(rest.substr(0, scanned_ - 1)) : rest.substr(0, scanned_);
  if (bytes.size() > kLineBytesMax) return false;
  RecordFault fault = RecordFault::kNone;
  if (open_quote) {
    fault = RecordFault::kOpenQuote;
  } else if (!at_line_end && !dialect_.last_line_may_lack_its_end) {
    fault = RecordFault::kNoLineEnd;
  }
  record = {line_, bytes, fault};
  advance(scanned_, line_ends_seen_ + (at_line_end ? 1 : 0));
  return true;
}

// Gives up the first line of the record only: what follows it may be whole records.
void RecordSplitter::take_line(std::string_view rest, RecordFault fault, Record& record) {
  const size_t end = find_line_end(rest.substr(0, kWindow), dialect_);
  const std::string_view line = end == std::string_view::npos ? rest : without_return(rest.substr(0, end));
  record = {line_, line.substr(0, kLineBytesMax), fault};
  if (end == std::string_view::npos) {
    lines_to_drop_ = 1;
    advance(record.bytes.size(), 0);
  } else {
    advance(end + 1, 1);
  }
}

void RecordSplitter::advance(size_t bytes, uint64_t lines) {
  start_ += bytes;
  line_ += lines;
  scanned_ = 0;
  line_ends_seen_ = 0;
  state_ = State::kCellStart;
}

void BlockSplitter::feed(std::string_view bytes) {
  buffer_.erase(0, start_);
  start_ = 0;
  buffer_ += bytes;
}

bool BlockSplitter::next(Record& record) {
  const std::string_view rest = std::string_view(buffer_).substr(start_);
  if (rest.empty() || (rest.size() < length_ && !ended_)) return false;
  const std::string_view bytes = rest.substr(0, length_);
  record = {number_++, bytes, bytes.size() < length_ ? RecordFault::kCutShort : RecordFault::kNone};
  start_ += bytes.size();
  return true;
}

}  // namespace weerbaar::csv
