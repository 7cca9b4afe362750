// Cuts an OTLP request in JSON that is too large to be parsed at once into requests of a bounded size, so that parsing
// takes memory for a piece and not for the whole.
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

// Is given requests in JSON; the text holds during the call.
using UseJson = std::function<void(std::string_view json)>;

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
// were written. `object` has balanced brackets; what is wrong in it is as wrong in its piece. False, and nothing was
// called, when it is not one list of spans or of log records, or when something but a list of records is too large.
bool cut_request(std::string_view object, size_t piece_bytes, const UseJson& use);

}  // namespace weerbaar::ingest::otlp
