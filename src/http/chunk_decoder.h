// The body of a request in chunks (RFC 9112, section 7.1): finds the data among the lines around it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weerbaar::http {

// Stricter than the standard where programs are known to differ: every line ends in CRLF, a size has at most 16 digits
// and no blank behind it, and neither extensions nor trailers hold control characters. Both are left out. Keeps nothing
// of the body.
class ChunkDecoder {
 public:
  // Of an extension, and of the whole trailer, in bytes.
  explicit ChunkDecoder(size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  struct Piece {
    size_t used;            // bytes from the front of what was given
    std::string_view data;  // among them; may be empty
  };
  // Takes some of the bytes: at least one, unless it is done or the body is bad. Results do not depend on the cuts.
  Piece read(std::string_view bytes);

  [[nodiscard]] bool done() const { return state_ == State::kDone; }
  [[nodiscard]] bool bad() const { return state_ == State::kBad; }

 private:
  enum class State : uint8_t {
    kSize,
    kExtension,
    kSizeEnd,  // the LF behind a size
    kData,
    kDataCr,
    kDataLf,
    kTrailerBegin,  // of a line
    kTrailer,
    kTrailerLf,
    kLastLf,
    kDone,
    kBad,
  };

  State next(unsigned char byte);
  State next_of_size(unsigned char byte);
  State next_of_line(unsigned char byte, State same, State at_end);

  size_t line_bytes_max_;
  State state_ = State::kSize;
  uint64_t size_ = 0;  // of the chunk; what is left of it
  unsigned digits_ = 0;
  size_t line_bytes_ = 0;
};

}  // namespace weerbaar::http
