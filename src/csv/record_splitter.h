// Cuts the bytes of an input into records: lines, lines that quotes may join (CSV), or blocks of one length.
//
// Pull interface: feed() what came, then next() until it says no. What comes out does not depend on how the input was
// cut.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weerbaar::csv {

enum class RecordFault : uint8_t {
  kNone,
  kTooLong,    // more than kLineBytesMax bytes; `bytes` holds the first of them
  kOpenQuote,  // nothing closes a quote within kLineBytesMax: `bytes` is the first line only; or before the end of the
               // input: `bytes` is all that was left
  kCutShort,   // the input ends inside a block
  kNoLineEnd,  // the input ends where a line end should be: nobody can tell whether the line was cut short
};

struct Record {
  uint64_t line = 0;       // of its first byte, from 1; of blocks: the number of the block
  std::string_view bytes;  // without the line end; valid until the next feed()
  RecordFault fault = RecordFault::kNone;
};

// What separates, in the bytes of the code page.
struct Dialect {
  std::array<char, 2> line_ends = {'\n', '\n'};
  std::string delimiter;                    // of cells: one character, so one to four bytes
  std::optional<char> quote;                // nothing: quotes are ordinary characters and never join lines
  std::string_view mark;                    // byte order mark to drop at the very start
  uint64_t skip_lines = 0;                  // lines to drop at the start
  bool last_line_may_lack_its_end = false;  // else what is left is kNoLineEnd

  [[nodiscard]] bool is_line_end(char byte) const { return byte == line_ends[0] || byte == line_ends[1]; }
};

// Records that end at a line end outside quotes. A quote counts where a cell starts; elsewhere it is a character.
// After a fault the next record starts on the next line, so that a stray quote costs one line. Known hole: whoever can
// put more than kLineBytesMax bytes with line ends into one cell can make what looks like records.
class RecordSplitter {
 public:
  explicit RecordSplitter(Dialect dialect);

  void feed(std::string_view bytes);
  // The input has ended: the next calls to next() give what was held back.
  void finish() { ended_ = true; }
  // False: more input is needed, or there is none left.
  bool next(Record& record);

  [[nodiscard]] const Dialect& dialect() const { return dialect_; }

 private:
  enum class State : uint8_t { kCellStart, kPlain, kQuoted, kQuoteInQuoted };
  enum class Scan : uint8_t { kRecord, kMore, kNoEnd };

  bool drop_mark();
  bool drop_line();
  Scan scan(std::string_view rest);
  bool take(std::string_view rest, Record& record);
  void take_line(std::string_view rest, RecordFault fault, Record& record);
  void advance(size_t bytes, uint64_t lines);

  Dialect dialect_;
  std::string buffer_;
  size_t start_ = 0;  // of the record at hand, in buffer_
  uint64_t line_ = 1;
  uint64_t lines_to_drop_;
  bool at_input_start_ = true;
  bool ended_ = false;
  // How far the record at hand was scanned, so that no byte is scanned again when more input comes.
  size_t scanned_ = 0;
  uint64_t line_ends_seen_ = 0;
  State state_ = State::kCellStart;
};

// Records of exactly `length` bytes, as a mainframe stores them.
class BlockSplitter {
 public:
  explicit BlockSplitter(size_t length) : length_(length) {}

  void feed(std::string_view bytes);
  void finish() { ended_ = true; }
  bool next(Record& record);

 private:
  size_t length_;
  std::string buffer_;
  size_t start_ = 0;
  uint64_t number_ = 1;
  bool ended_ = false;
};

}  // namespace weerbaar::csv
