// The records of a PostgreSQL csvlog (RFC 4180 with line feeds), out of bytes that are cut anywhere.
//
// A line feed inside quotes belongs to the record: whoever writes SQL can put there whatever looks like a log line, so
// a record never ends inside quotes. After damage (a torn record, one that is too long) the reader goes on at the next
// line that starts like a record; everything from the damage to there is one refusal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weerbaar::ingest::pgaudit {

// Statements can be long; PostgreSQL itself allows 1 GiB.
inline constexpr size_t kRecordBytesMax = 1 << 20;

struct CsvRecord {
  uint64_t line = 0;         // number of its first line, from 1
  std::string_view text;     // without the line end; of damaged bytes at most kLineBytesMax
  std::string_view problem;  // empty, or why these bytes are no record and what to do
};

class CsvRecordReader {
 public:
  // `bytes` must live until next() has returned nothing.
  void feed(std::string_view bytes);
  // The next whole record, blank lines left out; it lives until the next call of anything here. Nothing when more bytes
  // are needed.
  std::optional<CsvRecord> next();
  // After the last next(): what remains of the input. It lacks its end, and is refused.
  std::optional<CsvRecord> finish();

 private:
  enum class State : uint8_t { kFieldStart, kPlain, kQuoted, kQuoteSeen, kSkipping };

  // Both return true when a record is ready in `ready_`.
  bool scan_record();
  bool skip_damage();
  void start_skipping(std::string_view problem);
  void end_record();

  std::string_view input_;
  size_t at_ = 0;     // next byte of input_
  size_t begin_ = 0;  // first byte of the record in input_, as far as it is not in carried_
  State state_ = State::kFieldStart;
  uint64_t line_ = 1;
  uint64_t record_line_ = 1;
  std::string carried_;  // start of the record, from earlier input
  bool carried_done_ = false;
  CsvRecord ready_;

  std::string damaged_;
  std::string_view problem_;
  std::string start_seen_;  // what of a record's start has been recognised while skipping
  bool at_line_start_ = false;
};

// The fields as written, quotes included, into `fields`; how many, or nothing when a quote stands where none may or
// when there are more than fields.size().
std::optional<size_t> split_csv(std::string_view record, std::span<std::string_view> fields);

// The value of one field. A view of `field`, or of `scratch` when doubled quotes had to be undone.
std::string_view unquote_csv(std::string_view field, std::string& scratch);

}  // namespace weerbaar::ingest::pgaudit
