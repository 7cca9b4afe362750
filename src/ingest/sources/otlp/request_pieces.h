// Cuts an OTLP request in JSON that is too large to be parsed at once, or nests too deep, into requests of a bounded
// size, so that parsing takes memory for a piece and not for the whole, and what nests too deep takes nothing else
// along.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weerbaar::ingest::otlp {

// A request goes on in another one after so many bytes: those of one record and of its resource come on top.
inline constexpr size_t kRequestPieceBytes = size_t{4} << 20U;
// What stands beside a list of scopes, and beside one of records, is in each piece: at most so much each.
inline constexpr size_t kAroundBytesMax = size_t{64} << 10U;
// Deepest nesting of a record in a request. What stands beside a list may also be as deep as kJsonDepthMax allows.
inline constexpr size_t kRecordDepthMax = 58;
inline constexpr std::string_view kRecordTooDeep = "it nests too deep: flatten its attributes";

// Is given requests in JSON; the text holds during the call.
using UseJson = std::function<void(std::string_view json)>;
// Is given a record that is not taken, and why.
using RefuseJson = std::function<void(std::string_view reason, std::string_view json)>;

// Writes a request, list by list, as one or more of about `piece_bytes`: what is open is closed where one ends, and
// opened again in the next.
class RequestPieces {
 public:
  RequestPieces(size_t piece_bytes, const UseJson& use) : piece_bytes_(piece_bytes), use_(use) {}

  // An object up to the bracket that opens its list, as `{"spans":[`. What it holds is in each piece.
  void open(std::string opening);
  // Ends the list, and its object.
  void close();
  // Adds to the list that was opened last.
  void add(std::string_view json);
  // Closes all, and gives what there is.
  void finish();

 private:
  void separate();
  void give_when_full();

  const size_t piece_bytes_;
  const UseJson& use_;
  std::string text_;
  std::vector<std::string> open_;
  bool is_first_ = true;        // of its list
  bool has_something_ = false;  // besides what is open
};

// Calls `use` with requests that hold the records of `object` in their order, each with its resource and scope as they
// were written, and `refuse` with those that nest too deep; a resource that does is no object in the pieces. `object`
// has balanced brackets; what else is wrong in it is as wrong in its piece. False, and nothing was called, when it is
// not one list of spans or of log records, or when something but a list of records is too large.
bool cut_request(std::string_view object, size_t piece_bytes, const UseJson& use, const RefuseJson& refuse);

// Whether `object`, which has balanced brackets, may be more than one record: it has a list of some, or one cannot
// tell.
bool may_hold_records(std::string_view object);

}  // namespace weerbaar::ingest::otlp
