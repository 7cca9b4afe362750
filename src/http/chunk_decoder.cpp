#include "http/chunk_decoder.h"

#include <algorithm>

namespace weerbaar::http {
namespace {

constexpr unsigned kDigitsMax = 16;

// -1 for what is no hexadecimal digit.
int digit_of(unsigned char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

}  // namespace

ChunkDecoder::Piece ChunkDecoder::read(std::string_view bytes) {
  size_t used = 0;
  while (used < bytes.size() && state_ != State::kData && state_ != State::kDone && state_ != State::kBad) {
    state_ = next(static_cast<unsigned char>(bytes[used]));
    if (state_ != State::kBad) ++used;
  }
  if (state_ != State::kData) return {used, {}};
  const std::string_view data = bytes.substr(used, static_cast<size_t>(std::min<uint64_t>(size_, bytes.size() - used)));
  size_ -= data.size();
  if (size_ == 0) state_ = State::kDataCr;
  return {used + data.size(), data};
}

ChunkDecoder::State ChunkDecoder::next_of_size(unsigned char byte) {
  const int digit = digit_of(byte);
  if (digit >= 0) {
    if (++digits_ > kDigitsMax) return State::kBad;
    size_ = size_ << 4U | static_cast<unsigned>(digit);
    return State::kSize;
  }
  if (digits_ == 0) return State::kBad;
  line_bytes_ = 0;
  if (byte == ';') return State::kExtension;
  return byte == '\r' ? State::kSizeEnd : State::kBad;
}

ChunkDecoder::State ChunkDecoder::next_of_line(unsigned char byte, State same, State at_end) {
  if (++line_bytes_ > line_bytes_max_) return State::kBad;
  if (byte == '\r') return at_end;
  return (byte < 0x20 && byte != '\t') || byte == 0x7F ? State::kBad : same;
}

ChunkDecoder::State ChunkDecoder::next(unsigned char byte) {
  switch (state_) {
    case State::kSize:
      return next_of_size(byte);
    case State::kExtension:
      return next_of_line(byte, State::kExtension, State::kSizeEnd);
    case State::kSizeEnd:
      digits_ = 0;
      line_bytes_ = 0;
      if (byte != '\n') return State::kBad;
      return size_ == 0 ? State::kTrailerBegin : State::kData;
    case State::kDataCr:
      return byte == '\r' ? State::kDataLf : State::kBad;
    case State::kDataLf:
      return byte == '\n' ? State::kSize : State::kBad;
    case State::kTrailerBegin:
      if (byte == '\r') return State::kLastLf;
      [[fallthrough]];
    case State::kTrailer:
      return next_of_line(byte, State::kTrailer, State::kTrailerLf);
    case State::kTrailerLf:
      return byte == '\n' ? State::kTrailerBegin : State::kBad;
    case State::kLastLf:
      return byte == '\n' ? State::kDone : State::kBad;
    case State::kData:
    case State::kDone:
    case State::kBad:
      break;
  }
  return State::kBad;
}

}  // namespace weerbaar::http
