#include "ingest/line_splitter.h"

#include <algorithm>

#include "domain/access_event.h"

namespace weerbaar::ingest {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// Room for a byte order mark and a CR, which do not count as bytes of the line.
constexpr size_t kHeldBytesMax = kLineBytesMax + kByteOrderMark.size() + 1;

}  // namespace

void LineSplitter::hold(std::string_view piece) {
  if (!line_begun_) {
    line_begun_ = true;
    held_cut_ = false;
    held_.clear();
  }
  const size_t room = kHeldBytesMax - held_.size();
  held_cut_ = held_cut_ || piece.size() > room;
  held_ += piece.substr(0, room);
}

Line LineSplitter::deliver(std::string_view text, bool cut) {
  ++number_;
  if (number_ == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (!cut && text.ends_with('\r')) text.remove_suffix(1);
  return {number_, text.substr(0, kLineBytesMax), cut || text.size() > kLineBytesMax};
}

std::optional<Line> LineSplitter::next() {
  const size_t end = rest_.find('\n');
  if (end == std::string_view::npos) {
    if (!rest_.empty()) hold(rest_);
    rest_ = {};
    if (!finished_ || !line_begun_) return std::nullopt;
    line_begun_ = false;
    return deliver(held_, held_cut_);
  }
  const std::string_view piece = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  if (!line_begun_) return deliver(piece, false);
  hold(piece);
  line_begun_ = false;
  return deliver(held_, held_cut_);
}

}  // namespace weerbaar::ingest
