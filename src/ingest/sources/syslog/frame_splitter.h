// Cuts a byte stream into syslog messages: by a count of octets before each, or by line ends.
//
// Source: RFC 6587 section 3.4. The first byte of each frame decides: digits and a space are a count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weerbaar::ingest::syslog {

enum class FrameFault : uint8_t {
  kNone,
  kTooLong,   // it had more than kLineBytesMax bytes; the rest of it was skipped
  kCutShort,  // the input ended within it: fewer octets than counted, or no line end
};

struct Frame {
  uint64_t number;        // from 1
  std::string_view text;  // without count or line end (LF, CRLF); the first kLineBytesMax bytes of one that is too long
  FrameFault fault;
  bool counted;  // by octets: a line end at its end is part of it
};

// Frames do not depend on the cuts; one that lies in one piece is not copied. Line ends and NUL between frames are
// skipped. Holds at most one frame of kLineBytesMax bytes.
class FrameSplitter {
 public:
  // Digits that a count may have: 9,999,999 octets are skipped at most for one frame that is too long.
  static constexpr size_t kCountDigitsMax = 7;

  // Takes the next piece. Call next() until it gives nothing before the next call; `bytes` must stay until then.
  void feed(std::string_view bytes) { rest_ = bytes; }
  // The input has ended: next() also gives a frame that is not complete.
  void finish() { finished_ = true; }

  // The next frame, or nothing when more input is needed. Its text lives until the next call.
  std::optional<Frame> next();

  // Bytes of a frame that is not complete are held.
  [[nodiscard]] bool amid_frame() const { return state_ != State::kBetween; }

 private:
  enum class State : uint8_t { kBetween, kCount, kOctets, kLine };

  void read_count();
  std::optional<Frame> read_octets();
  std::optional<Frame> read_line();
  std::optional<Frame> end_of_input();
  void hold(std::string_view piece);
  Frame deliver(std::string_view text, FrameFault fault, bool counted);

  State state_ = State::kBetween;
  std::string_view rest_;  // of the piece: not yet looked at
  std::string held_;       // start of the frame, when it began in an earlier piece; in kCount its digits
  std::string count_;      // of octets, as it came: all there is of a frame that is cut short behind it
  size_t missing_ = 0;     // octets that the count promises still
  bool too_long_ = false;  // more came than held_ keeps
  bool finished_ = false;
  uint64_t number_ = 0;
};

}  // namespace weerbaar::ingest::syslog
