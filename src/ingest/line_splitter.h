// Cuts a byte stream into lines, for sources that are made of lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weerbaar::ingest {

struct Line {
  uint64_t number;        // from 1
  std::string_view text;  // without its end (LF or CRLF); the first kLineBytesMax bytes of a line that is too long
  bool too_long;          // it had more than kLineBytesMax bytes; the rest of it was skipped
};

// A UTF-8 byte order mark at the start of the input is skipped. The lines do not depend on the cuts; a line that lies
// in one piece is not copied. Holds at most one line of kLineBytesMax bytes.
class LineSplitter {
 public:
  // Takes the next piece. Call next() until it gives nothing before the next call; `bytes` must stay until then.
  void feed(std::string_view bytes) { rest_ = bytes; }
  // The input has ended: next() also gives a last line without line end.
  void finish() { finished_ = true; }

  // The next line, or nothing when more input is needed. Its text lives until the next call.
  std::optional<Line> next();

 private:
  void hold(std::string_view piece);
  Line deliver(std::string_view text, bool cut);

  std::string_view rest_;    // of the piece: not yet looked at
  std::string held_;         // start of the line that the last pieces ended in
  bool line_begun_ = false;  // held_ and held_cut_ belong to an unfinished line
  bool held_cut_ = false;    // more came than held_ keeps
  bool finished_ = false;
  uint64_t number_ = 0;
};

}  // namespace weerbaar::ingest
