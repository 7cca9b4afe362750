#include "ingest/sources/otlp/json_splitter.h"

#include <algorithm>

#include "domain/access_event.h"

namespace weerbaar::ingest::otlp {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr std::string_view kNoObject =
    "this is not a JSON object: deliver OTLP requests or LDV lines, and nothing else";
constexpr std::string_view kOpenArray =
    "the input ends inside an array: it was cut off, so deliver it again when it is complete";
constexpr std::string_view kOpenObject =
    "the input ends inside a JSON object: it was cut off, so deliver it again when it is complete";
constexpr std::string_view kTooLarge = "the JSON object is larger than 16 MiB: send smaller batches";
constexpr std::string_view kOpenString = "a JSON string does not end on its line: the object was cut off or is broken";
constexpr std::string_view kMisplaced = "the JSON is broken: a bracket stands where none can stand";
static_assert(kJsonBytesMax == 16 * 1024 * 1024, "the texts above name the limit");

}  // namespace

void JsonSplitter::feed(std::string_view bytes) {
  bytes_.erase(0, head_);
  at_ -= std::min(at_, head_);
  head_ = 0;
  bytes_ += bytes;
}

std::optional<JsonPiece> JsonSplitter::next() {
  if (state_ == State::kBetween && !find_object()) {
    if (!ended_ || !in_array_ || head_ < bytes_.size()) return std::nullopt;
    in_array_ = false;
    if (array_is_broken_) return std::nullopt;
    return JsonPiece{line_, "[", kOpenArray};
  }
  switch (state_) {
    case State::kObject:
      return next_of_object();
    case State::kTooLarge:
      return next_of_too_large();
    default:
      return next_of_broken();
  }
}

// Moves head_ to the next object, or to something that cannot be there, and enters the state for it.
bool JsonSplitter::find_object() {
  if (at_start_) {
    const auto mark = std::string_view(bytes_).substr(head_, kByteOrderMark.size());
    if (!ended_ && mark.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(mark)) return false;
    at_start_ = false;
    if (mark == kByteOrderMark) head_ += kByteOrderMark.size();
  }
  for (; head_ < bytes_.size(); ++head_) {
    const char c = bytes_[head_];
    if (c == '\n') {
      ++line_;
      line_is_blank_ = true;
      blanks_ = 0;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++blanks_;
    } else if (c == '{') {
      begin_object();
      return true;
    } else if (c == '[' && (!in_array_ || array_is_broken_)) {
      in_array_ = true;
      array_is_broken_ = false;
      line_is_blank_ = false;
    } else if (in_array_ && (c == ']' || c == ',')) {
      in_array_ = c == ',';
      line_is_blank_ = false;
    } else {
      indentation_ = line_is_blank_ ? blanks_ : 0;
      begin_broken(kNoObject);
      return true;
    }
  }
  return false;
}

void JsonSplitter::begin_object() {
  indentation_ = line_is_blank_ ? blanks_ : 0;
  state_ = State::kObject;
  at_ = head_;
  levels_.clear();
  deepest_ = 0;
  previous_ = 0;
  in_string_ = false;
  escaped_ = false;
}

std::optional<JsonPiece> JsonSplitter::next_of_object() {
  const size_t limit = head_ + bytes_max_;
  const Scan result = scan(std::min(bytes_.size(), limit));
  if (result == Scan::kDone) {
    const JsonPiece piece{line_, std::string_view(bytes_).substr(head_, at_ - head_), {}, false, deepest_};
    state_ = State::kBetween;
    line_is_blank_ = false;
    consume(at_);
    return piece;
  }
  if (result == Scan::kBad) {
    begin_broken(fault_);
    return next_of_broken();
  }
  if (at_ == limit) {
    begin_broken(kTooLarge);
    state_ = State::kTooLarge;
    return next_of_too_large();
  }
  if (!ended_) return std::nullopt;
  begin_broken(kOpenObject);
  return next_of_broken();
}

std::optional<JsonPiece> JsonSplitter::next_of_too_large() {
  const Scan result = scan(bytes_.size());
  discard(at_);
  if (result == Scan::kMore && !ended_) return std::nullopt;
  if (result == Scan::kBad) {
    state_ = State::kBroken;
    return next_of_broken();
  }
  state_ = State::kBetween;
  line_is_blank_ = false;
  return broken_piece();
}

// Drops at least the rest of the first line, then line after line until the input makes sense again.
std::optional<JsonPiece> JsonSplitter::next_of_broken() {
  while (head_ < bytes_.size()) {
    const size_t newline = bytes_.find('\n', head_);
    if (newline == std::string::npos) {
      discard(bytes_.size());
      break;
    }
    // The beginning of the line behind must be in sight before this one goes.
    const size_t seen = bytes_.size() - (newline + 1);
    if (seen <= indentation_ && !ended_) {
      discard(newline);
      return std::nullopt;
    }
    discard(newline + 1);
    if (!resumes_here()) continue;
    state_ = State::kBetween;
    line_is_blank_ = true;
    blanks_ = 0;
    return broken_piece();
  }
  if (!ended_) return std::nullopt;
  state_ = State::kBetween;
  return broken_piece();
}

// Whether the line at head_ begins like one that can start an object, or end the array that it is in.
bool JsonSplitter::resumes_here() {
  const std::string_view rest = std::string_view(bytes_).substr(head_);
  const size_t first = rest.find_first_not_of(" \t\r");
  if (first == std::string_view::npos || first > indentation_) return false;
  // The end of the array may be indented less than the objects in it.
  if (rest[first] == ']') return in_array_;
  return first == indentation_ && (rest[first] == '{' || rest[first] == '[');
}

// Reads on from at_ to `end`; at kDone it stands behind the last bracket.
JsonSplitter::Scan JsonSplitter::scan(size_t end) {
  while (at_ < end) {
    if (in_string_) {
      if (!skip_string(end)) return Scan::kBad;
      continue;
    }
    const char c = bytes_[at_++];
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        continue;
      case '"':
        in_string_ = true;
        break;
      case '{':
      case '[':
        if (!open(c)) return Scan::kBad;
        break;
      case '}':
      case ']':
        if (!close(c)) return Scan::kBad;
        if (levels_.empty()) return Scan::kDone;
        break;
      default:
        break;
    }
    previous_ = c;
  }
  return Scan::kMore;
}

// False when the string cannot end: JSON has no line breaks inside strings.
bool JsonSplitter::skip_string(size_t end) {
  while (at_ < end) {
    const char c = bytes_[at_++];
    if (c == '\n') {
      fault_ = kOpenString;
      return false;
    }
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
      return true;
    }
  }
  return true;
}

bool JsonSplitter::open(char bracket) {
  if (!levels_.empty()) {
    if (levels_.back() ? previous_ != ':' : previous_ != '[' && previous_ != ',') {
      fault_ = kMisplaced;
      return false;
    }
  }
  levels_.push_back(bracket == '{');
  deepest_ = std::max(deepest_, levels_.size());
  return true;
}

bool JsonSplitter::close(char bracket) {
  if (levels_.back() != (bracket == '}')) {
    fault_ = kMisplaced;
    return false;
  }
  levels_.pop_back();
  return true;
}

void JsonSplitter::begin_broken(std::string_view problem) {
  state_ = State::kBroken;
  array_is_broken_ = true;
  problem_ = problem;
  broken_line_ = line_;
  raw_.clear();
  raw_is_cut_ = false;
}

void JsonSplitter::consume(size_t to) {
  line_ += static_cast<uint64_t>(
      std::count(bytes_.begin() + static_cast<ptrdiff_t>(head_), bytes_.begin() + static_cast<ptrdiff_t>(to), '\n'));
  head_ = to;
}

// Consumes, and keeps what fits for the quarantine.
void JsonSplitter::discard(size_t to) {
  const size_t room = kLineBytesMax - raw_.size();
  raw_is_cut_ = raw_is_cut_ || to - head_ > room;
  raw_.append(bytes_, head_, std::min(to - head_, room));
  consume(to);
}

JsonPiece JsonSplitter::broken_piece() {
  while (raw_.ends_with('\n') || raw_.ends_with('\r')) raw_.pop_back();
  return {broken_line_, raw_, problem_, raw_is_cut_};
}

}  // namespace weerbaar::ingest::otlp
