#include "ingest/sources/syslog/frame_splitter.h"

#include <algorithm>
#include <charconv>

#include "domain/access_event.h"

namespace weerbaar::ingest::syslog {
namespace {

constexpr std::string_view kBetweenFrames("\r\n\0", 3);
// Room for a CR, which is no byte of the line.
constexpr size_t kHeldBytesMax = kLineBytesMax + 1;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void FrameSplitter::hold(std::string_view piece) {
  const size_t room = kHeldBytesMax - held_.size();
  too_long_ = too_long_ || piece.size() > room;
  held_ += piece.substr(0, room);
}

Frame FrameSplitter::deliver(std::string_view text, FrameFault fault, bool counted) {
  state_ = State::kBetween;
  if (!counted && fault == FrameFault::kNone && text.ends_with('\r')) text.remove_suffix(1);
  if (text.size() > kLineBytesMax && fault == FrameFault::kNone) fault = FrameFault::kTooLong;
  return {++number_, text.substr(0, kLineBytesMax), fault, counted};
}

std::optional<Frame> FrameSplitter::next() {
  while (!rest_.empty()) {
    if (state_ == State::kBetween) {
      rest_.remove_prefix(std::min(rest_.find_first_not_of(kBetweenFrames), rest_.size()));
      if (rest_.empty()) break;
      held_.clear();
      too_long_ = false;
      state_ = rest_.front() >= '1' && rest_.front() <= '9' ? State::kCount : State::kLine;
    }
    if (state_ == State::kCount) read_count();
    std::optional<Frame> frame;
    if (state_ == State::kOctets) frame = read_octets();
    if (state_ == State::kLine && !frame) frame = read_line();
    if (frame) return frame;
  }
  return finished_ ? end_of_input() : std::nullopt;
}

// Digits that no space follows begin a line.
void FrameSplitter::read_count() {
  size_t digits = 0;
  while (digits < rest_.size() && is_digit(rest_[digits]) && held_.size() + digits <= kCountDigitsMax) ++digits;
  held_ += rest_.substr(0, digits);
  rest_.remove_prefix(digits);
  if (rest_.empty()) return;
  if (rest_.front() != ' ' || held_.size() > kCountDigitsMax) {
    state_ = State::kLine;
    return;
  }
  rest_.remove_prefix(1);
  std::from_chars(held_.data(), held_.data() + held_.size(), missing_);
  count_ = held_;
  held_.clear();
  state_ = State::kOctets;
}

std::optional<Frame> FrameSplitter::read_octets() {
  const std::string_view piece = rest_.substr(0, missing_);
  rest_.remove_prefix(piece.size());
  missing_ -= piece.size();
  if (missing_ == 0 && held_.empty() && !too_long_) return deliver(piece, FrameFault::kNone, true);
  hold(piece);
  if (missing_ > 0) return std::nullopt;
  return deliver(held_, too_long_ ? FrameFault::kTooLong : FrameFault::kNone, true);
}

std::optional<Frame> FrameSplitter::read_line() {
  const size_t end = rest_.find('\n');
  const std::string_view piece = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  if (end != std::string_view::npos && held_.empty()) return deliver(piece, FrameFault::kNone, false);
  hold(piece);
  if (end == std::string_view::npos) return std::nullopt;
  return deliver(held_, too_long_ ? FrameFault::kTooLong : FrameFault::kNone, false);
}

std::optional<Frame> FrameSplitter::end_of_input() {
  if (state_ == State::kBetween) return std::nullopt;
  if (state_ == State::kLine && held_.ends_with('\r')) held_.pop_back();
  if (state_ == State::kOctets && held_.empty()) held_ = count_;
  return deliver(held_, too_long_ ? FrameFault::kTooLong : FrameFault::kCutShort, state_ != State::kLine);
}

}  // namespace weerbaar::ingest::syslog
